"""Policies as versions: what the services allow, and what the database refuses whoever asks."""

from datetime import date

import pghistory
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from core.errors import Forbidden, Invalid, WrongState
from policies import published, publishing
from policies.language.filing_rules import rules_for
from policies.language.terms import Span
from policies.language.text import PolicyError
from policies.models import PolicyVersion
from policies.publishing import ExamplesFail
from tests.policies.policy_texts import keeper, policy_text
from tests.rivals import split, together
from tests.roles import as_owner

DAY = date(2026, 3, 2)


def publish(text, people):
    return publishing.publish(publishing.upload(text, by=people[0]), by=people[1])


def test_a_second_account_of_the_same_person_publishes_nothing(people):
    first, second = people
    for account in people:
        account.identify("110101195503070028")
        account.save()
    draft = publishing.upload(policy_text(), by=first)

    with pytest.raises(Forbidden) as refused:
        publishing.publish(draft, by=second)

    assert refused.value.code == "same_eyes"
    assert PolicyVersion.objects.get(pk=draft.pk).status == "draft"


def test_a_draft_counts_for_nothing_until_somebody_else_publishes_it(
    draft, people, django_capture_on_commit_callbacks, django_assert_num_queries
):
    uploader, other = people

    assert published.refresh().by_id.get("510100-2026-01-01") is None

    with pytest.raises(Forbidden) as refused:
        publishing.publish(draft, by=uploader)

    assert refused.value.code == "same_eyes"

    with django_capture_on_commit_callbacks(execute=True):
        done = publishing.publish(draft, by=other)

    assert (done.slug, done.revision, done.status) == ("510100-2026-01-01", 1, "published")
    assert (done.uploaded_by, done.published_by) == (uploader, other)

    with django_assert_num_queries(0):  # at once in this process
        assert published.in_force("510100", DAY).id == "510100-2026-01-01"


def test_the_shipped_files_of_the_area_are_kept_as_its_first_versions(draft, people):
    publishing.publish(draft, by=people[1])

    rows = PolicyVersion.objects.published().order_by("effective_from").values_list("slug", "closed_on", "uploaded_by")

    assert list(rows) == [
        ("510100-chengdu-2023", date(2026, 1, 1), None),
        ("510100-2026-01-01", None, people[0].pk),
    ]

    published.refresh()

    assert published.in_force("510100", date(2025, 12, 31)).id == "510100-chengdu-2023"


def test_a_published_filing_section_counts_for_filings(people):
    assert rules_for("510100", DAY).claim.deadline == Span(3, "months")

    filing = "filing: {claim: {deadline: {value: 4 months, source: S1}}}\n"
    publish(policy_text() + filing, people)
    published.refresh()

    assert rules_for("510100", DAY).claim.deadline == Span(4, "months")
    assert rules_for("510100", date(2025, 12, 31)).claim.deadline == Span(3, "months")


def test_a_revision_counts_for_later_bills_and_the_earlier_text_stays_readable(people):
    first = publish(policy_text(), people)

    second = publish(policy_text(deductible="900", pooled="8415"), people)

    assert (second.slug, second.revision) == ("510100-2026-01-01-r2", 2)

    published.refresh()

    assert published.in_force("510100", DAY).sha256 == second.sha256
    assert published.by_id("510100-2026-01-01").sha256 == first.sha256
    assert published.text_of(published.by_id("510100-2026-01-01")) == first.text

    again = publish(policy_text(), people)  # a correction may be taken back
    assert (again.slug, again.sha256) == ("510100-2026-01-01-r3", first.sha256)


def test_another_process_counts_by_it_when_it_asks_again(people, monkeypatch, django_assert_num_queries):
    publish(policy_text(), people)

    assert published.in_force("510100", DAY).id == "510100-chengdu-2023"  # what was published committed nothing yet

    monkeypatch.setattr(published, "REVALIDATE_SECONDS", 0.0)

    assert published.in_force("510100", DAY).id == "510100-2026-01-01"

    with django_assert_num_queries(1):
        published.in_force("510100", DAY)


@pytest.mark.parametrize(
    ("text", "refusal", "code"),
    [
        (policy_text(pooled="8499.99"), ExamplesFail, "examples_fail"),
        (policy_text(area="999999"), Invalid, "area_unknown"),
        (policy_text(area="500000"), Forbidden, "not_yours"),
        ("  \n", Invalid, "required"),
        (policy_text().partition("examples:")[0], Invalid, "examples_missing"),
    ],
)
def test_what_cannot_be_a_draft(people, text, refusal, code):
    with pytest.raises(refusal) as refused:
        publishing.upload(text, by=people[0])

    assert refused.value.code == code
    assert PolicyVersion.objects.count() == 0


def test_a_text_with_mistakes_is_refused_by_line(people):
    with pytest.raises(PolicyError) as refused:
        publishing.upload(policy_text() + "colour: red\n", by=people[0])

    assert [(problem.line, problem.code) for problem in refused.value.problems] == [(17, "key_unknown")]


def test_the_same_text_is_not_kept_twice(draft, people):
    with pytest.raises(WrongState) as refused:
        publishing.upload(policy_text(), by=people[1])

    assert refused.value.code == "policy_waiting"

    publishing.publish(draft, by=people[1])

    with pytest.raises(WrongState) as refused:
        publishing.upload(policy_text(), by=people[1])

    assert refused.value.code == "policy_unchanged"


def test_days_of_another_closed_file_cannot_be_taken(people):
    publish(policy_text(since="2026-01-01", until="2027-01-01"), people)

    draft = publishing.upload(policy_text(since="2026-06-01", name="成都市新办法"), by=people[0])

    assert "落在 510100-2026-01-01.yaml 的有效期内" in publishing.outlook(draft).refused

    with pytest.raises(WrongState) as refused:
        publishing.publish(draft, by=people[1])

    assert refused.value.code == "policy_overlaps"


def test_what_publishing_would_do_is_said_before(people):
    first = publish(policy_text(), people)
    later = publishing.upload(policy_text(since="2026-07-01", name="成都市新办法"), by=people[0])

    outlook = publishing.outlook(later)

    assert [(row.slug, end) for row, end in outlook.closes] == [(first.slug, date(2026, 7, 1))]
    assert (outlook.end, outlook.replaces, outlook.refused) == (None, None, "")

    correction = publishing.upload(policy_text(deductible="900", pooled="8415"), by=people[0])
    assert publishing.outlook(correction).replaces == first


def test_a_draft_is_given_up_once(draft, people):
    with pghistory.context(user=str(people[0].pk)):
        publishing.withdraw(draft, by=people[0])
    for verb in (publishing.withdraw, publishing.publish):
        with pytest.raises(WrongState) as refused:
            verb(draft, by=people[1])
        assert refused.value.code == "wrong_state"

    event = draft.events.order_by("-pgh_id").first()

    assert (event.status, event.pgh_context.metadata["user"]) == ("withdrawn", str(people[0].pk))


@pytest.mark.parametrize("role", ["reviewer", "hospital", "citizen"])
def test_nobody_else_keeps_policies(draft, role):
    stranger = keeper(number=9)
    stranger.role = role

    with pytest.raises(Forbidden):
        publishing.publish(draft, by=stranger)


@pytest.mark.parametrize(
    "change",
    [
        {"text": "x"}, {"sha256": "0"}, {"area": "500000"}, {"effective_from": date(2025, 1, 1)},
        {"effective_until": date(2027, 1, 1)}, {"name": "x"}, {"uploaded_by": None},
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", ["draft", "published"])
def test_the_database_keeps_what_a_version_says(draft, people, change, state):
    if state == "published":
        publishing.publish(draft, by=people[1])

    with pytest.raises(ProgrammingError), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft.pk).update(**change)


@pytest.mark.parametrize("change", [{"status": "draft"}, {"status": "withdrawn"}, {"slug": "x"}, {"revision": 7}])
def test_the_database_keeps_the_record_of_publication(draft, people, change):
    publishing.publish(draft, by=people[1])

    with pytest.raises(ProgrammingError), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft.pk).update(**change)


def test_the_database_refuses_to_delete_or_empty_what_is_published(draft, people):
    publishing.publish(draft, by=people[1])

    with pytest.raises(ProgrammingError), transaction.atomic():
        PolicyVersion.objects.filter(pk=draft.pk).delete()

    with pytest.raises(ProgrammingError), transaction.atomic():
        empty_the_table()


def empty_the_table():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE policies_policyversion CASCADE")


def test_the_database_asks_for_four_eyes(draft, people):
    for publisher in (people[0], None):
        with pytest.raises(IntegrityError, match="policy_four_eyes"), transaction.atomic():
            PolicyVersion.objects.filter(pk=draft.pk).update(
                status="published", revision=1, slug="x", published_by=publisher, published_at=draft.uploaded_at
            )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told(two_areas):
    first, second, third = (keeper(number=number) for number in (1, 2, 3))
    draft = publishing.upload(policy_text(), by=first)

    winners, refused = split(
        together(lambda: publishing.publish(draft, by=second), lambda: publishing.publish(draft, by=third))
    )

    assert [winner.revision for winner in winners] == [1]
    assert [refusal.code for refusal in refused] == ["wrong_state"]


@pytest.mark.django_db(transaction=True)
def test_two_files_published_at_once_never_cover_the_same_day(two_areas):
    first, second = keeper(number=1), keeper(number=2)
    year = publishing.upload(policy_text(until="2027-01-01"), by=first)
    summer = publishing.upload(policy_text(since="2026-07-01", name="成都市新办法"), by=first)

    winners, refused = split(
        together(lambda: publishing.publish(year, by=second), lambda: publishing.publish(summer, by=second))
    )

    assert len(winners) == 1
    assert [refusal.code for refusal in refused] == ["policy_overlaps"]


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_are_two_revisions(two_areas):
    first, second = keeper(number=1), keeper(number=2)
    texts = (policy_text(), policy_text(deductible="900", pooled="8415"))
    one, two = (publishing.upload(text, by=first) for text in texts)

    winners, _ = split(together(lambda: publishing.publish(one, by=second), lambda: publishing.publish(two, by=second)))

    assert sorted(winner.slug for winner in winners) == ["510100-2026-01-01", "510100-2026-01-01-r2"]


def test_a_version_that_this_release_cannot_read_takes_no_other_area_along(draft, caplog):
    unread = "area: 新格式"
    PolicyVersion.objects.create(
        area="510100", name="新格式", effective_from=date(2026, 1, 1), file="new.yaml", sha256="0" * 64, text=unread,
        status="published", revision=1, slug="510100-2026-01-01", uploaded_at=draft.uploaded_at,
        published_at=draft.uploaded_at,
    )  # fmt: skip

    published.refresh()

    assert published.in_force("510100", DAY) is None
    assert published.in_force("500000", DAY).id == "500000-chongqing-2025"
    assert "policy_unreadable" in caplog.text
