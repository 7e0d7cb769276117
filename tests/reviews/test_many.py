"""Many cases at once: what is all green is approved together, cases are handed on among colleagues; each case by itself."""

from datetime import timedelta

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core import clock
from core.errors import Forbidden, WrongState
from reviews import services
from reviews.models import Absence, Submission
from reviews.services.many import colleagues, levelled, open_of
from tests import factories as make
from tests.rivals import split, together

pytestmark = pytest.mark.django_db
WORKLIST = "admin:reviews_submission_changelist"
AREA = "520100"


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def filing():
    return make.submitted(make.enrollment(code=AREA))


def select(client, action, rows):
    return client.post(reverse(WORKLIST), {"action": action, ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows]})


def confirm(client, page, action, **given):
    """Press the button of a preview page: what it holds is sent."""
    cases = [line.key for line in page.context_data["lines"] if line.good]
    return client.post(reverse(f"admin:{action}"), {"case": cases, **given})


def said(page):
    return [(line.good, line.said) for line in page.context_data["lines"]]


def status(row):
    return Submission.objects.get(pk=row.pk).status


# Approving


def test_what_is_all_green_is_approved_together_one_event_and_one_decision_each():
    reviewer, rows = make.reviewer(AREA), [filing() for _ in range(3)]
    client = site(reviewer)
    preview = select(client, "approve_selected", rows)
    assert said(preview) == [(True, "可以通过")] * 3
    assert {status(row) for row in rows} == {"submitted"}

    result = confirm(client, preview, "approve_selected")

    assert said(result) == [(True, "已通过")] * 3
    for row in rows:
        assert row.decisions.get().reviewer == reviewer
        assert row.events.filter(verb="approve").count() == 1
    assert "共 3 件，3 件已办理" in result.content.decode()


def test_sent_twice_it_is_done_once():
    client, row = site(make.reviewer(AREA)), filing()
    preview = select(client, "approve_selected", [row])
    confirm(client, preview, "approve_selected")

    again = confirm(client, preview, "approve_selected")

    assert [good for good, _text in said(again)] == [False]
    assert row.decisions.count() == 1


def test_what_is_not_green_is_left_out_and_says_why(monkeypatch):
    client, row = site(make.reviewer(AREA)), filing()
    doubtful(monkeypatch)

    preview = select(client, "approve_selected", [row])

    ((good, text),) = said(preview)
    assert not good
    assert "住址与就医地不符" in text
    assert "确认（" not in preview.content.decode()


def doubtful(monkeypatch):
    from filings.lifecycle import FilingLifecycle
    from reviews.checks import warning

    monkeypatch.setattr(
        FilingLifecycle, "findings", lambda self, cases: [[warning("address", "住址与就医地不符")] for _ in cases]
    )


def test_what_is_no_longer_green_when_one_confirms_is_not_approved(monkeypatch):
    client, row = site(make.reviewer(AREA)), filing()
    preview = select(client, "approve_selected", [row])
    doubtful(monkeypatch)

    result = confirm(client, preview, "approve_selected")

    assert [good for good, _text in said(result)] == [False]
    assert status(row) == "submitted"


def test_a_rivals_decision_is_respected():
    client, rows = site(make.reviewer(AREA)), [filing(), filing()]
    preview = select(client, "approve_selected", rows)
    services.reject(rows[0], reviewer=make.reviewer(AREA), reason="未参保")

    result = confirm(client, preview, "approve_selected")

    assert {line.row.pk: line.good for line in result.context_data["lines"]} == {rows[0].pk: False, rows[1].pk: True}
    assert (status(rows[0]), status(rows[1])) == ("rejected", "approved")


def test_what_a_colleague_has_in_hand_is_left_out():
    client, row = site(make.reviewer(AREA)), filing()
    services.assign(row, reviewer=make.reviewer(AREA, name="张敏"))

    assert said(select(client, "approve_selected", [row])) == [(False, "由张敏承办")]


@pytest.mark.parametrize("kind", ["claim", "recognition"])
def test_claims_and_recognitions_are_never_approved_in_bulk(kind):
    from chronic.lifecycle import RecognitionLifecycle
    from claims.lifecycle import ClaimLifecycle
    from filings.lifecycle import FilingLifecycle

    assert {"claim": ClaimLifecycle, "recognition": RecognitionLifecycle}[kind].in_bulk is False
    assert FilingLifecycle.in_bulk is True


def test_a_kind_left_out_is_refused_by_the_service(monkeypatch):
    from filings.lifecycle import FilingLifecycle

    monkeypatch.setattr(FilingLifecycle, "in_bulk", False)

    with pytest.raises(WrongState) as refused:
        services.approve_clean(filing(), reviewer=make.reviewer(AREA))

    assert refused.value.code == "not_in_bulk"


def test_of_another_area_nothing_is_shown_or_done():
    other = make.submitted(make.enrollment(code=make.CHONGQING))
    client = site(make.reviewer(AREA))

    result = client.post(
        reverse("admin:approve_selected"), {"case": [f"{other.pk}:{other.version}", "nonsense", "a:b"]}
    )

    assert said(result) == []
    assert status(other) == "submitted"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.HOSPITAL])
def test_who_decides_nothing_approves_nothing(role):
    place = make.institution() if role == Role.HOSPITAL else None
    row = filing()

    answer = site(make.staff(role, institution=place)).post(
        reverse("admin:approve_selected"), {"case": [f"{row.pk}:{row.version}"]}
    )

    assert answer.status_code == 403
    assert status(row) == "submitted"


@pytest.mark.django_db(transaction=True)
def test_two_approve_the_same_at_once():
    make.working_calendar()
    row = filing()
    one, other = make.reviewer(AREA), make.reviewer(AREA)

    winners, refused = split(together(*(lambda by=by: services.approve_clean(row, reviewer=by) for by in (one, other))))

    assert (len(winners), len(refused)) == (1, 1)
    assert row.decisions.count() == 1


# Handing on


def test_a_supervisor_gives_cases_to_a_colleague():
    supervisor, colleague, rows = make.supervisor(AREA), make.reviewer(AREA, name="张敏"), [filing() for _ in range(3)]
    services.assign(rows[0], reviewer=make.reviewer(AREA))
    client = site(supervisor)
    preview = select(client, "hand_on_selected", rows)

    result = confirm(client, preview, "hand_on_selected", to=str(colleague.pk))

    assert said(result) == [(True, "已分配给张敏")] * 3
    assert {Submission.objects.get(pk=row.pk).assignee for row in rows} == {colleague}
    assert all(row.events.filter(verb="hand_on", actor=supervisor).count() == 1 for row in rows)


def test_cases_are_shared_out_so_that_loads_are_level():
    supervisor = make.supervisor(AREA)
    busy, idle = make.reviewer(AREA), make.reviewer(AREA)
    for _ in range(3):
        services.assign(filing(), reviewer=busy)
    services.assign(filing(), reviewer=supervisor)
    rows = [filing() for _ in range(5)]  # 1, 3 and 0 in hand: nine in all, three each
    client = site(supervisor)

    confirm(client, select(client, "hand_on_selected", rows), "hand_on_selected", to="level")

    loads = open_of([supervisor.pk, busy.pk, idle.pk])
    assert [loads[row.pk]["open"] for row in (supervisor, busy, idle)] == [3, 3, 3]


def test_levelling_gives_each_to_whoever_has_fewest_then():
    one, other = make.reviewer(AREA), make.reviewer(AREA)
    one.open_cases, other.open_cases = 0, 2

    assert [to for _case, to in levelled("abcd", [one, other])] == [one, one, one, other]


def test_back_to_all():
    supervisor, row = make.supervisor(AREA), filing()
    services.assign(row, reviewer=make.reviewer(AREA))
    client = site(supervisor)

    confirm(client, select(client, "hand_on_selected", [row]), "hand_on_selected", to="none")

    assert Submission.objects.get(pk=row.pk).assignee is None


def test_whoever_had_it_in_hand_is_told_who_has_it_now_or_that_nobody_has():
    supervisor, former, colleague = make.supervisor(AREA), make.reviewer(AREA), make.reviewer(AREA, name="张敏")
    handed, given_back = filing(), filing()
    for row in (handed, given_back):
        services.assign(row, reviewer=former)

    services.hand_on(handed, by=supervisor, to=colleague)
    services.hand_on(given_back, by=supervisor, to=None)

    texts = {message.submission: message.text for message in former.messages.filter(kind="taken_over")}
    assert "张敏已接手" in texts[handed.pk]
    assert "退回待分配" in texts[given_back.pk]


def test_nobody_absent_is_given_anything():
    supervisor, away = make.supervisor(AREA), make.reviewer(AREA)
    services.enter_absence(away, by=supervisor, first_day=clock.today(), last_day=clock.today(), reason="leave")

    assert away not in colleagues(AREA)
    with pytest.raises(WrongState) as refused:
        services.hand_on(filing(), by=supervisor, to=away)
    assert refused.value.code == "assignee_absent"


def test_an_absence_ends_with_its_last_day():
    supervisor, back = make.supervisor(AREA), make.reviewer(AREA)
    yesterday = clock.today() - timedelta(days=1)
    services.enter_absence(back, by=back, first_day=yesterday, last_day=yesterday, reason="leave")

    services.hand_on(filing(), by=supervisor, to=back)

    assert back in colleagues(AREA)


def test_an_absence_is_entered_by_oneself_or_by_ones_supervisor():
    person, today = make.reviewer(AREA), clock.today()

    with pytest.raises(Forbidden):
        services.enter_absence(person, by=make.supervisor("510100"), first_day=today, last_day=today, reason="leave")
    with pytest.raises(Forbidden):
        services.enter_absence(person, by=make.reviewer(AREA), first_day=today, last_day=today, reason="leave")
    with pytest.raises(WrongState) as refused:
        services.enter_absence(person, by=person, first_day=today, last_day=today - timedelta(days=1), reason="leave")

    assert refused.value.code == "days_reversed"
    assert not Absence.objects.exists()


def test_a_party_to_the_case_is_not_given_it():
    supervisor, row = make.supervisor(AREA), filing()
    patient = make.reviewer(AREA)
    patient.identify(row.person.id_number)
    patient.save()

    with pytest.raises(Forbidden) as refused:
        services.hand_on(row, by=supervisor, to=patient)

    assert refused.value.code == "party"


@pytest.mark.parametrize("by", ["reviewer", "other_area"])
def test_only_the_areas_supervisor_hands_on(by):
    account = make.reviewer(AREA) if by == "reviewer" else make.supervisor("510100")

    with pytest.raises(Forbidden):
        services.hand_on(filing(), by=account, to=make.reviewer(AREA))


def test_a_reviewer_has_no_such_button():
    filing()

    page = site(make.reviewer(AREA)).get(reverse(WORKLIST)).content.decode()

    assert "批量通过" in page
    assert "分配承办人" not in page


def test_without_a_choice_nothing_is_done():
    client, row = site(make.supervisor(AREA)), filing()

    result = confirm(client, select(client, "hand_on_selected", [row]), "hand_on_selected")

    assert said(result) == [(False, "请选择要分配给谁。")]
    assert Submission.objects.get(pk=row.pk).assignee is None


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_hand_on_the_same_case_at_once():
    make.working_calendar()
    row, one, other = filing(), make.reviewer(AREA), make.reviewer(AREA)
    supervisors = [make.supervisor(AREA), make.supervisor(AREA)]
    version = Submission.objects.get(pk=row.pk).version

    winners, refused = split(
        together(
            *(
                lambda by=by, to=to: services.hand_on(row, by=by, to=to, version=version)
                for by, to in zip(supervisors, (one, other), strict=True)
            )
        )
    )

    assert (len(winners), len(refused)) == (1, 1)
    assert row.events.filter(verb="hand_on").count() == 1
