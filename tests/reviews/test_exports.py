"""Every list of the staff's site is taken away as it is filtered and shown: as CSV and XLSX, on record, of one's own area."""

import csv
import io
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role
from core import admin as core_admin
from core.admin import Exported, shown
from reviews.models import Export
from tests import factories as make
from tests.reviews.test_worklist_queries import queue_up
from tests.roles import as_owner

pytestmark = pytest.mark.django_db

OWN_PAGES = {
    "settlements.reconciliation",  # a day and a month, with exports of their own
    "settlements.clearing",
    "gateway.gatewaykey",  # keys are not handed out
}
WORKLIST = "admin:reviews_submission_changelist"


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(answer):
    """The rows of an exported file, the header first, as people see them in a spreadsheet."""
    content = b"".join(answer.streaming_content)
    if answer["Content-Type"].startswith("text/csv"):
        assert content.startswith("\ufeff".encode())
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(content)).active
    return [["" if value is None else value for value in row] for row in sheet.iter_rows(values_only=True)]


def export(client, page=WORKLIST, form="csv", **filters):
    return client.post(reverse(page, query=filters), {"_export": form})


def test_every_list_offers_it():
    lists = {model._meta.label_lower: page for model, page in admin.site._registry.items()}

    assert [label for label, page in lists.items() if not isinstance(page, Exported)] == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_list_of_an_administrator_is_read_again_with_its_header_and_rows(form):
    queue_up(3)
    make.working_calendar()
    client = site(make.staff(Role.ADMIN))
    for model in admin.site._registry:
        if model._meta.label_lower in OWN_PAGES:
            continue
        page = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        listed = client.get(reverse(page)).context_data["cl"]

        header, *rows = read(export(client, page, form))

        assert len(header) == len([name for name in listed.list_display if name != "action_checkbox"]), page
        assert len(rows) == listed.result_count + (model is Export), page  # itself included


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_worklist_as_it_is_filtered_and_masked(form):
    queue_up(3)
    other = make.submitted(make.enrollment(code="510100"))
    client = site(make.reviewer("520100"))

    rows = read(export(client, form=form, kind__exact="filing"))

    text = str(rows)
    assert len(rows) == 1 + 3
    assert other.number not in text
    assert other.person.id_number not in text
    assert len(read(export(client, form=form, kind__exact="claim"))) == 1


def test_rows_are_those_of_the_list():
    queue_up(3)
    client = site(make.reviewer("520100"))
    listed = client.get(reverse(WORKLIST)).context_data["cl"].result_list

    rows = read(export(client))[1:]

    assert [row[0] for row in rows] == [row.number for row in listed]
    assert {row[2] for row in rows} == {f"{row.person.masked_name} {row.person.masked_id_number}" for row in listed}


def test_it_is_on_record_without_what_was_searched_for(privacy):
    pattern = queue_up(2)
    supervisor = make.supervisor("520100")
    client = site(supervisor)

    with privacy.expecting():  # the number is typed into the address
        read(export(client, form="xlsx", q=pattern.person.id_number, status__exact="submitted"))

    kept = Export.objects.get()
    assert (kept.account, kept.area_id, kept.page, kept.rows, kept.form) == (
        supervisor,
        "520100",
        "reviews.submission",
        2,
        "xlsx",
    )
    assert kept.filters == {"status__exact": ["submitted"]}
    page = client.get(reverse("admin:reviews_export_changelist")).content.decode()
    assert "status__exact=submitted" in page
    assert (
        site(make.supervisor("510100")).get(reverse("admin:reviews_export_changelist")).context_data["cl"].result_count
        == 0
    )
    assert site(make.reviewer("520100")).get(reverse("admin:reviews_export_changelist")).status_code == 403


@pytest.mark.parametrize(
    "change", ["UPDATE reviews_export SET rows = 0", "DELETE FROM reviews_export", "TRUNCATE reviews_export"]
)
def test_the_record_never_changes(change):
    queue_up(1)
    export(site(make.reviewer("520100")))

    refused = pytest.raises(DatabaseError, match=r"pgtrigger|pending trigger events")
    with as_owner(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_list_that_is_too_long_is_refused_and_nothing_recorded(monkeypatch):
    queue_up(3)
    monkeypatch.setattr(core_admin, "MOST", 2)
    client = site(make.reviewer("520100"))

    answer = export(client)

    assert answer.status_code == 302
    assert "超过 2 条" in client.get(answer.url).content.decode()
    assert not Export.objects.exists()


def test_nobody_exports_what_they_may_not_see():
    assert export(site(make.staff(Role.HOSPITAL, institution=make.institution()))).status_code == 403
    assert export(site(make.reviewer()), "admin:accounts_person_changelist").status_code == 403
    assert not Export.objects.exists()


def test_it_asks_the_same_number_of_questions_however_long_it_is():
    client = site(make.reviewer("520100"))
    queue_up(10)
    export(client)
    with CaptureQueriesContext(connection) as few:
        assert len(read(export(client))) == 11

    queue_up(989)

    with CaptureQueriesContext(connection) as many:
        assert len(read(export(client))) == 1000
    assert len(many) == len(few), many.captured_queries[-2]["sql"]


def test_values_as_people_read_them():
    assert [shown(value) for value in (None, True, False, 7, Decimal("1.50"), "=1+1")] == [
        "",
        "是",
        "否",
        7,
        Decimal("1.50"),
        "=1+1",
    ]


def test_text_that_looks_like_a_formula_or_a_number_stays_text():
    rows = [["=1+1", "0012", "6222020000000000000", Decimal("1.50"), 7]]

    answer = core_admin.workbook("a.xlsx", ["a"] * 5, rows)
    with answer.file_to_stream as file:
        sheet = load_workbook(io.BytesIO(file.read())).active

    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("=1+1", "s"), ("0012", "s"), ("6222020000000000000", "s"), (1.5, "n"), (7, "n"),
    ]  # fmt: skip
