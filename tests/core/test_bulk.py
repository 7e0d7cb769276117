"""Rows that travel as one JSON document arrive as Django would have written them."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy

from accounts.models import Message
from core import bulk
from filings.models import Filing
from reviews.models import Decision, Event, Note, Submission
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")

TEXT = "引号'\"，反斜杠\\，换行\n，表情🙂，百分号%s"


def stored(model, *names):
    return list(model.objects.order_by("pk").values_list(*names))


def test_inserted_rows_are_what_django_would_have_stored():
    filing = make.submitted()
    at = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)

    def rows():
        return [
            Event(submission=filing, at=at, verb="x", to_status="draft", data={"a": [1, None, TEXT], "b": {"c": "1.10"}}),
            Event(submission=filing, at=at, verb="y", to_status="draft", data={}, actor=filing.applicant),
        ]  # fmt: skip

    Event.objects.bulk_create(rows())
    bulk.insert(rows())

    names = [field.attname for field in Event._meta.concrete_fields if field.attname != "id"]

    *_history, first, second, third, fourth = stored(Event, *names)

    assert (first, second) == (third, fourth)
    assert third[names.index("data")] == {"a": [1, None, TEXT], "b": {"c": "1.10"}}


def test_sealed_and_lazy_texts():
    filing = make.submitted()

    bulk.insert([Note(submission=filing, text=TEXT), Note(submission=filing, text="")])

    assert sorted(note.text for note in Note.objects.all()) == ["", TEXT]

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reviews_note WHERE position('引号'::bytea in text) > 0")
        assert cursor.fetchone() == (0,)

    bulk.insert([Message(account=filing.applicant, key="k", kind="k", title=gettext_lazy("标题"), text=TEXT)])

    assert stored(Message, "title", "text") == [("标题", TEXT)]


def test_a_conflict_is_an_error_unless_it_is_to_be_ignored():
    account = make.citizen()
    message = {"account": account, "key": "k", "kind": "k", "title": "一", "text": "一"}
    bulk.insert([Message(**message)])

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        bulk.insert([Message(**message)])

    assert refusal.value.__cause__.diag.constraint_name == "message_once"

    bulk.insert([Message(**message), Message(**{**message, "key": "other"})], ignore_conflicts=True)

    assert sorted(Message.objects.values_list("key", flat=True)) == ["k", "other"]


def test_a_constraint_holds():
    filing = make.submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert([Decision(submission=filing, round=1, stage=1, outcome="approved", decided_at=None)])


def test_rows_of_several_tables_are_inserted_together():
    filing = make.submitted()
    message = {"account": filing.applicant, "key": "k", "kind": "k", "title": "一", "text": "一"}
    bulk.insert([Message(**message)])
    note = Note(submission=filing, text=TEXT)
    event = Event(submission=filing, at=filing.created_at, verb="x", to_status="draft", data={}, note=note)

    bulk.insert_all([event, Message(**message), note, Message(**{**message, "key": "l"})], ignore_conflicts=Message)

    assert Event.objects.get(verb="x").note.text == TEXT
    assert sorted(Message.objects.values_list("key", flat=True)) == ["k", "l"]
    assert not note._state.adding


def test_what_is_written_together_is_undone_together():
    filing = make.submitted()
    note = Note(submission=filing, text=TEXT)
    wrong = Decision(submission=filing, round=1, stage=1, outcome="approved", decided_at=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_all([note, wrong], ignore_conflicts=Message)

    assert not Note.objects.exists()


def test_updated_columns_of_both_tables_and_no_others():
    first, second, other = make.submitted(), make.submitted(), make.submitted()
    for row, day in ((first, 9), (second, 10)):
        row.starts_on, row.address, row.ends_on = date(2026, 3, day), f"地址{day}", None
        row.checks, row.assignee = [{"code": "x", "fields": ["a"]}], None
        row.version, row.contact_name = 7, "不写"

    bulk.update([first, second], ["starts_on", "address", "ends_on", "checks", "assignee", "version"])

    found = Filing.objects.in_bulk()

    assert [found[row.pk].starts_on.day for row in (first, second, other)] == [9, 10, 2]
    assert [found[row.pk].address for row in (first, second, other)] == ["地址9", "地址10", ""]
    assert [found[row.pk].contact_name for row in (first, second)] == ["测试员", "测试员"]
    assert found[first.pk].checks == [{"code": "x", "fields": ["a"]}]
    assert sorted(Submission.objects.values_list("version", flat=True)) == [2, 7, 7]


def test_a_row_of_two_tables_is_inserted_whole_unless_another_stands_in_its_way():
    filing = make.submitted()
    mine, rival = [copied(filing, number) for number in ("20260302-900001-0", "20260302-900002-0")]
    live = "(live_key) WHERE status IN ('submitted', 'returned', 'approved')"

    done = [bulk.insert_whole(row, unless=live) for row in (mine, rival)]

    assert done == [True, False]
    assert Filing.objects.get(pk=mine.pk).contact_phone == filing.contact_phone
    assert not Submission.objects.filter(pk=rival.pk).exists()


def copied(filing, number):
    """An unsaved filing for the same person, live under a key of its own."""
    same = ("person", "enrollment", "area", "destination", "applicant", "starts_on", "created_at", "contact_phone")
    row = Filing(kind="filing", type="other", number=number, **{name: getattr(filing, name) for name in same})
    row.pk = row.id
    row.status, row.live_key = "submitted", "filing:of:two"
    row.submitted_at = row.due_at = row.created_at
    return row
