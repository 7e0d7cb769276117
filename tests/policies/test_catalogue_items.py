"""Which row of the catalogue counts for a code, and what of a line it leaves to the patient."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from policies.catalogue.items import UNLISTED, CatalogueItem, find_charges, find_items, split_line
from policies.models import CatalogueEntry, CatalogueVersion
from tests.policies.cataloguing import listed
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def classes(area: str, *codes: str, on: date = DAY) -> list[str | None]:
    found = find_items(area, codes, on)
    return [found[code].item_class for code in codes]


def test_a_place_goes_by_its_own_row_then_its_citys_its_provinces_and_that_of_all():
    listed("X1 A", "510000 X1 B 0.05", "510100 X1 B 0.10", "510104 X1 C")

    assert classes("510104", "X1") == ["C"]
    assert find_items("510105", ["X1"], DAY)["X1"].first_copay_ratio == Decimal("0.1")
    assert find_items("511500", ["X1"], DAY)["X1"].first_copay_ratio == Decimal("0.05")
    assert classes("110000", "X1") == ["A"]


def test_a_row_counts_from_its_first_day_and_a_later_file_corrects_it():
    listed("X1 A - - 2026-01-01", "X1 C - - 2026-06-01", "110000 X1 B 0.10 - 2026-03-01")

    assert [classes("500000", "X1", on=day) for day in (date(2025, 12, 31), date(2026, 5, 31), date(2026, 6, 1))] == [
        ["C"],
        ["A"],
        ["C"],
    ]
    assert classes("110000", "X1", on=date(2026, 2, 28)) == ["A"]
    assert classes("110000", "X1", on=date(2026, 6, 1)) == ["B"]

    listed("X1 B 0.20 - 2026-06-01")
    assert find_items("500000", ["X1"], DAY)["X1"].first_copay_ratio == Decimal("0.2")
    assert classes("500000", "X1", on=date(2026, 5, 31)) == ["A"]


def test_only_what_no_list_has_is_class_c_with_a_remark():
    listed("X1 A", "X2 -", "X3 B", "X4 C")

    found = find_items("110000", ["X1", "X2", "X3", "X4", "x1", "X9"], DAY)
    told = {code: (item.item_class, item.listed, item.known, item.remark[:10]) for code, item in found.items()}
    assert told == {
        "X1": ("A", True, True, ""),
        "X2": (None, True, False, "X2（示例X2）在目"),
        "X3": ("B", True, False, "X3（示例X3）在目"),
        "X4": ("C", True, True, ""),
        "x1": ("A", True, True, ""),
        "X9": ("C", False, True, UNLISTED[:10]),
    }


def test_five_thousand_codes_of_many_days_are_found_with_one_statement(django_assert_num_queries):
    listed(*(f"X{number} B 0.{number % 9 + 1}" for number in range(3000)), "X7 C - - 2026-11-05")
    asked = [(f"X{number}", date(2026, 11, 1 + number % 28)) for number in range(5000)]

    with django_assert_num_queries(1):
        found = find_charges("110000", [*asked, ("X7", date(2026, 11, 4))])

    assert len(found) == 5001
    assert sum(item.listed for item in found.values()) == 3001
    assert found["X7", date(2026, 11, 8)].item_class == "C"
    assert found["X7", date(2026, 11, 4)].item_class == "B"
    with django_assert_num_queries(0):
        assert find_items("110000", [], DAY) == {}


SPLITS = [
    # class, ratio, limit a unit; amount, quantity → excluded, over limit, first copay, scope
    ("A", None, None, "100.00", "2", "0 0 0 100"),
    ("C", None, None, "100.00", "2", "100 0 0 0"),
    ("B", "0.1", None, "100.00", "2", "0 0 10 90"),
    ("B", "0.1", "40", "100.00", "2", "0 20 8 72"),
    ("A", None, "40", "79.99", "2", "0 0 0 79.99"),
    ("B", "0.0550", "3.3333", "10.00", "3", "0 0 0.55 9.45"),  # 9.9999 is 10.00 to the fen
    ("B", "0.05", None, "31.77", "1", "0 0 1.59 30.18"),  # 1.5885 half up
    ("B", "0.05", None, "-31.77", "-1", "0 0 -1.59 -30.18"),
    ("B", "0.1", "40", "-100.00", "-2", "0 -20 -8 -72"),
    ("C", None, None, "-100.00", "-2", "-100 0 0 0"),
    ("A", None, "0.5", "1.00", "0.5", "0 0.75 0 0.25"),
]


@pytest.mark.parametrize(("kind", "ratio", "limit", "amount", "quantity", "parts"), SPLITS)
def test_a_line_is_parted_to_the_fen_and_a_refund_undoes_it(kind, ratio, limit, amount, quantity, parts):
    item = CatalogueItem("X1", "", kind, ratio and Decimal(ratio), limit and Decimal(limit))

    split = split_line(item, Decimal(amount), Decimal(quantity))

    assert [*split] == [Decimal(part) for part in parts.split()]
    assert sum(split) == Decimal(amount)
    refund = split_line(item, -Decimal(amount), -Decimal(quantity))
    assert [one + other for one, other in zip(split, refund, strict=True)] == [0, 0, 0, 0]


def test_what_is_published_stays_as_it_was():
    version = listed("X1 A")
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    changes = [
        lambda: CatalogueEntry.objects.update(item_class="C"),
        lambda: CatalogueEntry.objects.all()._raw_delete("default"),
        lambda: CatalogueVersion.objects.filter(pk=version.pk).update(text="code"),
        lambda: CatalogueVersion.objects.filter(pk=version.pk).update(
            status="withdrawn", number=None, published_at=None
        ),
        lambda: CatalogueVersion.objects.filter(pk=version.pk)._raw_delete("default"),
        lambda: connection.cursor().execute("TRUNCATE policies_catalogueentry"),
    ]

    for change in changes:
        refused = pytest.raises(DatabaseError, match="pgtrigger: Cannot")
        with as_owner(), refused, transaction.atomic():
            change()
    assert classes("110000", "X1") == ["A"]


@pytest.mark.parametrize("row", ["X1 A 0.1", "X1 B 1.1", "X1 C - 5", "X1 A - 0", "X1 D"])
def test_the_database_refuses_rows_that_say_nothing_sensible(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        listed(row)
