"""Daily reconciliation over the API: a hospital's day, its own list, and every kind of difference, by hand."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from settlements.models import Reconciliation, Settlement
from tests import factories as make
from tests.factories import api, moment
from tests.rivals import split, together
from tests.settlements.ledger import ALIKE, CHONGQING_HOSPITAL, HERE, clerk, row, settled, text, undo
from tests.settlements.till import policies

URL = "/api/v1/reconciliation/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with policies(HERE, *ALIKE), clock.standing_at(moment("2026-03-02 10:00")):
        yield


def compared(rows, *, by=None, on="2026-03-02", status=201):
    answer = api(by or clerk()).post(URL, {"on": on, "rows": rows}, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def upload(data, *, by=None, on="2026-03-02", name="list.csv"):
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data, "text/csv")
    return api(by or clerk()).post(URL, {"on": on, "file": file}, format="multipart")


def codes(answer):
    return [one["code"] for one in answer["differences"]]


def problems(answer):
    return [(one["code"], one["attr"]) for one in answer.json()["errors"]]


def test_a_day_is_the_sum_of_its_entries():
    """10 000 + 6 000 + 6 000 − 6 000: the fund 7 200 + 4 000, cash 2 800 + 2 000."""
    first, second = settled(), settled(total="6000.00")
    undone = settled(insured=make.CHENGDU, total="6000.00")
    opposite = undo(undone)
    settled(insured=make.BEIJING, institution=CHONGQING_HOSPITAL)  # another hospital's
    answer = api(clerk()).get(URL).json()

    entries = answer.pop("entries")

    assert answer == {
        "institution": "H11010100001", "institution_name": "110000示范医院", "on": "2026-03-02", "settlements": 3,
        "reversals": 1, "total": "16000.00", "fund": "11200.00", "account": "0.00", "cash": "4800.00",
    }  # fmt: skip
    assert [(one["number"], one["status"], one["fund"], one["reverses"]) for one in entries] == [
        (first.number, "settled", "7200.00", None),
        (second.number, "settled", "4000.00", None),
        (undone.number, "reversed", "4000.00", None),
        (opposite.number, "reversal", "-4000.00", undone.number),
    ]


def test_another_day_has_its_own_entries_and_an_empty_day_is_zero():
    entry = settled()
    with clock.standing_at(moment("2026-03-03 09:00")):
        undo(entry)

    day = {day: api(clerk()).get(f"{URL}?on={day}").json() for day in ("2026-03-01", "2026-03-02", "2026-03-03")}

    assert [(one["settlements"], one["reversals"], one["fund"]) for one in day.values()] == [
        (0, 0, "0.00"),
        (1, 0, "7200.00"),
        (0, 1, "-7200.00"),
    ]


def test_the_list_that_agrees_has_no_differences():
    one, two = settled(), settled(total="6000.00")

    answer = compared([row(one), row(two, number="")])

    assert (answer["agrees"], answer["differences"], answer["again"]) == (True, [], False)
    assert answer["sums"]["here"] == answer["sums"]["there"] == {"total": "16000.00", "fund": "11200.00", "cash": "4800.00"}  # fmt: skip


def test_every_kind_of_difference_with_both_figures():
    with clock.standing_at(moment("2026-02-27 10:00")):
        earlier = settled()
    agreed, dearer, renamed = settled(), settled(), settled()
    forgotten, undone, kept = settled(), settled(), settled()
    undo(undone)
    undo(earlier)

    answer = compared([
        row(agreed),
        row(dearer, fund="7100.00", cash="2900.00"),
        row(renamed, bill_number="OTHER"),
        {"bill_number": "GONE", "number": "", "total": "10.00", "fund": "0.00", "cash": "10.00", "status": "settled"},
        row(undone, status="settled"),
        row(kept, status="reversed"),
        row(earlier, status="reversed"),
    ])  # fmt: skip

    assert codes(answer) == [
        "amount_differs", "bill_differs", "missing_here", "reversed_here", "reversed_there", "other_day",
        "missing_there", "reversed_here",
    ]  # fmt: skip

    found = answer["differences"]
    day = {"settled_on": "2026-03-02"}
    agreed_on = {"total": "10000.00", "fund": "7200.00", "cash": "2800.00"}

    assert found[0] == {
        "code": "amount_differs", "message": "金额不一致", "number": dearer.number, "bill_number": dearer.bill_number,
        "line": 2, "here": {"status": "settled", **agreed_on, **day},
        "there": {"status": "settled", "total": "10000.00", "fund": "7100.00", "cash": "2900.00"},
    }  # fmt: skip
    assert (found[2]["here"], found[2]["there"]["cash"], found[2]["line"]) == (None, "10.00", 4)
    assert found[3]["here"] == {"status": "reversed", **agreed_on, **day}
    assert found[5]["here"]["settled_on"] == "2026-02-27"
    assert (found[6]["number"], found[6]["there"]) == (forgotten.number, None)
    assert found[7]["here"] == {
        "status": "reversal", "total": "-10000.00", "fund": "-7200.00", "cash": "-2800.00", **day,
    }  # fmt: skip


@pytest.mark.parametrize("way", ["one row", "two rows", "two rows, reversed by its number", "by bill number only"])
def test_a_reversal_of_the_same_day_may_stand_in_the_list_either_way(way):
    entry = settled()
    opposite = undo(entry)

    rows = {
        "one row": [row(entry, status="reversed")],
        "two rows": [row(entry, status="settled"), row(opposite)],
        "two rows, reversed by its number": [row(entry, status="settled"), row(opposite, number=entry.number)],
        "by bill number only": [row(entry, status="settled", number=""), row(opposite, number="")],
    }

    assert codes(compared(rows[way])) == []


def test_a_reversal_on_a_later_day_belongs_to_that_day():
    entry = settled()
    with clock.standing_at(moment("2026-03-03 09:00")):
        opposite = undo(entry)
        assert codes(compared([row(entry, status="settled")])) == []
        assert codes(compared([row(entry, status="reversed")])) == []  # printed after it was reversed
        assert codes(compared([row(opposite)], on="2026-03-03")) == []
        assert codes(compared([], on="2026-03-03")) == ["reversed_here"]


def test_a_reversal_that_only_the_hospital_made():
    entry = settled()

    made_up = row(entry, number="", total="-10000.00", fund="-7200.00", cash="-2800.00", status="reversal")

    assert codes(compared([row(entry), made_up])) == ["reversed_there"]


def test_a_corrected_bill_is_told_from_the_one_it_replaces_by_the_bill_number():
    patient = make.enrollment()
    wrong = settled(patient=patient, bill_number="B-7")
    opposite = undo(wrong)
    right = settled(patient=patient, bill_number="B-7", total="6000.00")

    rows = [row(right, number=""), row(wrong, number="", status="reversed"), row(opposite, number="")]

    assert codes(compared(rows)) == []
    assert codes(compared([*rows, rows[0]])) == ["missing_here"]  # once too often


def test_the_same_list_again_changes_nothing_and_a_changed_day_is_compared_anew():
    entry = settled()
    rows, by = [row(entry)], clerk()

    first, second = compared(rows, by=by), compared(rows, by=by)

    assert second == {**first, "again": True}

    settled(total="6000.00")
    third = compared(rows, by=by)

    assert (third["again"], codes(third), third["id"] == first["id"]) == (False, ["missing_there"], False)
    assert Reconciliation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_list_twice_at_once_is_one():
    entry, by = settled(), clerk()
    results = together(*[lambda: compared([row(entry)], by=by)] * 4)

    answers, refused = split(results)

    assert refused == []
    assert len({answer["id"] for answer in answers}) == Reconciliation.objects.count() == 1


def test_an_import_touches_no_settlement():
    entry = settled()
    before = Settlement.objects.values().get()

    compared([row(entry, status="reversed", fund="0.00")])

    assert Settlement.objects.values().get() == before


def test_a_hospital_has_only_its_own():
    settled(insured=make.BEIJING, institution=CHONGQING_HOSPITAL)
    theirs = Settlement.objects.get()

    by = clerk()

    assert api(by).get(URL).json()["entries"] == []
    assert codes(compared([row(theirs)], by=by)) == ["missing_here"]
    assert Reconciliation.objects.get().institution_id == by.institution_id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_in_any_script_of_the_trade_with_names_in_chinese(encoding):
    entry = settled(bill_number="住院-壹")
    file = text([row(entry, status="已结算")]).replace(
        "bill_number,number,total,fund,cash,status", "医院账单号,结算编号,费用总额,基金支付,现金,状态"
    )

    answer = upload(file.encode(encoding))

    assert answer.status_code == 201, answer.json()
    assert answer.json()["differences"] == []
    assert Reconciliation.objects.get().file_name == "list.csv"


HEADER = "bill_number,number,total,fund,cash,status\n"
WRONG = [
    ("", [("columns", "file")]),
    ("a,b\n1,2\n", [("columns", "file")]),
    (HEADER.replace("cash", "cash,cash"), [("columns", "file")]),
    (HEADER.replace("cash", "fund"), [("columns", "file")]),
    (HEADER + "B,,1.00,0.00\n", [("columns", "file.2")]),
    (HEADER + '"B,,1.00,0.00,1.00,settled\n', [("not_csv", "file")]),
    (HEADER + 'B"x",,1.00,0.00,1.00,settled\n"B"x,,1.00,0.00,1.00,settled\n', [("not_csv", "file")]),
    (b"PK\x03\x04xlsx", [("not_csv", "file")]),
    (b"a\0b", [("not_csv", "file")]),
    (b"\xff\xff\xff", [("encoding", "file")]),
    (HEADER + ",,1.00,0.00,1.00,settled\n", [("required", "file.2")]),
    (HEADER + "B,,1.001,x,-1,settled\n", [("money_invalid", "file.2"), ("money_invalid", "file.2"), ("money_sign", "file.2")]),
    (HEADER + 'B,,"1,000.00",0.00,１.00,settled\n', [("money_invalid", "file.2"), ("money_invalid", "file.2")]),
    (HEADER + "B,,1.00,0.00,1.00,paid\n", [("status_invalid", "file.2")]),
    (HEADER + "B,,1.00,0.00,1.00,reversal\n", [("money_sign", "file.2"), ("money_sign", "file.2")]),
    (HEADER + f"{'B' * 65},,1.00,0.00,1.00,settled\n", [("too_long", "file.2")]),
    (HEADER + "B,1,1.00,0.00,1.00,settled\n\nC,1,1.00,0.00,1.00,settled\n", [("repeated", "file.4")]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), WRONG)
def test_what_cannot_be_read_is_said_by_line_and_nothing_is_taken(data, expected):
    answer = upload(data)

    assert (answer.status_code, problems(answer)) == (400, expected)
    assert not Reconciliation.objects.exists()


def test_every_wrong_line_is_named_at_once_and_no_more_than_a_hundred():
    answer = upload(HEADER + "B,,x,0.00,1.00,settled\n" * 150)

    found = answer.json()["errors"]

    assert len(found) == 100
    assert found[0]["detail"] == "第 2 行：费用总额应为金额，最多两位小数，如 15260.80。"


def test_the_largest_list_is_taken_and_one_line_more_is_not():
    lines = "".join(f"B{number},,1.00,0.00,1.00,settled\n" for number in range(20_000))

    answer = upload(HEADER + lines)

    assert (answer.status_code, len(answer.json()["differences"])) == (201, 20_000)
    assert problems(upload(HEADER + lines + "B,,1.00,0.00,1.00,settled\n")) == [("too_many_rows", "file")]


def test_a_file_beyond_four_megabytes_is_refused():
    answer = upload(HEADER + " " * 4 * 1024 * 1024)

    assert (answer.status_code, problems(answer)) == (413, [("file_too_large", "file")])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"on": "2026-03-03", "rows": []}, [("day_ahead", "on")]),
        ({"rows": []}, [("required", "on")]),
        ({"on": "2026-03-02"}, [("required", "rows")]),
        ({"on": "2026-03-02", "rows": ["x"]}, None),
        ({"on": "2026-03-02", "rows": [{"total": 1.0}]}, [("invalid", "rows.1")]),
        ({"on": "2026-03-02", "rows": [{"more": "1"}]}, [("invalid", "rows.1")]),
        (
            {"on": "2026-03-02", "rows": [{"bill_number": "a\0", "total": "1.00", "fund": "0", "cash": "1", "status": "settled"}]},
            [("null_characters_not_allowed", "rows.0.bill_number")],
        ),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_taken(body, expected):
    answer = api(clerk()).post(URL, body, format="json")

    assert answer.status_code == 400
    assert expected is None or problems(answer) == expected


def test_an_account_compares_so_many_lists_an_hour(settings):
    settings.LIMITS = {**settings.LIMITS, "reconcile": "2/hour"}
    by = clerk()
    for number in ("1", "2"):
        compared([{"bill_number": number, "total": "0", "fund": "0", "cash": "0", "status": "settled"}], by=by)

    answer = api(by).post(URL, {"on": "2026-03-02", "rows": []}, format="json")

    assert (answer.status_code, problems(answer)) == (429, [("throttled", None)])


@pytest.mark.parametrize("role", ["admin", "reviewer", "supervisor"])
def test_only_hospitals_call_it(role):
    client = api(make.staff(role))

    assert client.get(URL).status_code == 403
    assert client.post(URL, {"on": "2026-03-02", "rows": []}, format="json").status_code == 403


def test_a_day_costs_the_same_number_of_queries_however_long_it_is(django_assert_num_queries):
    by = api(clerk())
    by.get(URL)
    for _ in range(2):
        settled()
        with django_assert_num_queries(3):  # token, hospital, entries
            by.get(URL)
