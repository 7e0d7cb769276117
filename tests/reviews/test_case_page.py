"""The case on one page: whose data stand in full to whom, what was before, what was decided."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reviews import effects, services
from reviews.effects import Effect
from reviews.models import Event
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")
REASON = "起止日期与材料不符。"


@pytest.fixture
def zhang():
    return make.reviewer(name="张敏")


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(case):
    return reverse("admin:reviews_submission_change", args=[case.pk])


def looks(case):
    return list(Event.objects.filter(submission=case, verb="unmask").values_list("actor", flat=True))


# Who sees the person in full


def test_the_assignee_sees_the_person_in_full_and_each_sitting_is_on_record_once(zhang):
    case = make.submitted()
    services.assign(case, reviewer=zhang)
    morning, afternoon = signed_in(zhang), signed_in(zhang)

    for client in (morning, morning, afternoon):
        assert case.person.id_number in client.get(page_of(case)).content.decode()

    assert looks(case) == [zhang.pk] * 2


def test_each_case_of_a_sitting_is_on_record(zhang):
    client, cases = signed_in(zhang), [make.submitted(), make.submitted()]
    for case in cases:
        services.assign(case, reviewer=zhang)
        client.get(page_of(case))

    assert [looks(case) for case in cases] == [[zhang.pk]] * 2


def test_the_person_is_told_of_a_look_that_was_asked_for_not_of_the_work_itself(zhang):
    enrolled = make.enrollment()
    account = make.citizen(enrolled.person)
    case = make.submitted(enrolled, account=account)
    services.assign(case, reviewer=zhang)
    signed_in(zhang).get(page_of(case))

    def verbs():
        return [event["verb"] for event in make.api(account).get(f"/api/v1/filings/{case.pk}/").json()["events"]]

    assert verbs() == ["create", "submit", "claim"]

    signed_in(make.supervisor()).post(page_of(case), {"unmask": "1"})

    assert verbs() == ["create", "submit", "claim", "unmask"]


@pytest.mark.parametrize("assignee", ["nobody", "a colleague"])
def test_opening_alone_shows_masked_data_and_leaves_no_look(zhang, assignee):
    case = make.submitted()
    if assignee == "a colleague":
        services.assign(case, reviewer=make.reviewer())

    shown = signed_in(zhang).get(page_of(case)).content.decode()

    assert case.person.id_number not in shown
    assert "查看完整信息" in shown
    assert "data-open" not in shown
    assert looks(case) == []


def test_taking_the_case_shows_in_full_and_writes_the_look(zhang):
    case = make.submitted()

    shown = signed_in(zhang).post(page_of(case), {"action": "claim", "version": case.version}, follow=True)

    assert case.person.id_number in shown.content.decode()
    assert "data-open" in shown.content.decode()
    assert looks(case) == [zhang.pk]


def test_who_gave_the_case_back_sees_it_masked_again(zhang):
    case = make.submitted()
    services.assign(case, reviewer=zhang)
    client = signed_in(zhang)
    client.get(page_of(case))
    services.release(case, reviewer=zhang)

    assert case.person.id_number not in client.get(page_of(case)).content.decode()


def test_a_refusal_shows_the_assignee_the_same_page(zhang):
    case = make.submitted()
    services.assign(case, reviewer=zhang)

    answer = signed_in(zhang).post(page_of(case), {"action": "reject", "version": case.version + 1, "reason": ""})

    assert answer.status_code == 400
    assert case.person.id_number in answer.content.decode()
    assert looks(case) == [zhang.pk]


# What was before


def test_what_the_person_submitted_before_stands_with_place_outcome_and_reason(zhang):
    enrolled = make.enrollment()
    account = make.citizen(enrolled.person)
    before = make.submitted(enrolled, account=account, to="310000")
    services.reject(before, reviewer=make.reviewer(), reason=REASON)
    case = make.submitted(enrolled, account=account)

    (row,) = signed_in(zhang).get(page_of(case)).context["history"].rows

    assert (row.submission.number, row.outcome, row.reason) == (before.number, "未通过", REASON)
    assert row.matter == "上海市 · 其他临时外出就医人员 · 2026年3月2日 起"


def test_each_kind_says_what_it_was_about(zhang, db):
    enrolled = make.enrollment()
    account = make.citizen(enrolled.person)
    for draft in (make.recognition_draft(enrolled, account=account), make.claim_draft(enrolled, account=account)):
        services.submit(draft, actor=services.Actor.of(account, enrolled.person))
    case = make.submitted(enrolled, account=account)

    rows = signed_in(zhang).get(page_of(case)).context["history"].rows

    assert {row.submission.kind: row.matter for row in rows} == {
        "recognition": "糖尿病（M01600）",
        "claim": "示范医院 · 住院 · 20,000.00 元",
    }


def test_what_another_area_was_handed_is_not_shown(zhang):
    person = make.person()
    make.submitted(make.enrollment(person, code="510100"), to="110000")
    case = make.submitted(make.enrollment(person))

    assert signed_in(zhang).get(page_of(case)).context["history"].rows == []


def test_more_than_eight_lead_to_the_persons_list_without_the_number_in_the_address(zhang):
    enrolled = make.enrollment()
    account = make.citizen(enrolled.person)
    for _time in range(9):
        services.reject(make.submitted(enrolled, account=account), reviewer=zhang, reason=REASON)
    case, client = make.submitted(enrolled, account=account), signed_in(zhang)
    make.submitted()

    history = client.get(page_of(case)).context["history"]

    assert (len(history.rows), history.more) == (8, True)
    assert enrolled.person.id_number not in history.link
    assert client.get(history.link).context["cl"].result_count == 10


def test_the_number_of_queries_stays_however_much_was_before(zhang):
    enrolled = make.enrollment()
    account, client = make.citizen(enrolled.person), signed_in(zhang)

    def asked(count):
        for _time in range(count):
            services.reject(make.submitted(enrolled, account=account), reviewer=zhang, reason=REASON)
        case = make.submitted(enrolled, account=account)
        client.get(page_of(case))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(case))
        services.withdraw(case, actor=services.Actor.of(account, enrolled.person))
        return len(queries)

    assert asked(1) == asked(10)


# What was decided


def test_a_return_says_who_when_why_what_was_marked_and_until_when(zhang):
    case = make.submitted()
    services.return_for_correction(case, reviewer=zhang, reason=REASON, fields=["starts_on", "ends_on"])

    page = signed_in(make.reviewer()).get(page_of(case))

    (decision,) = page.context["decided"]
    assert (decision["outcome"], str(decision["by"]), decision["reason"]) == ("退回补正", "张敏", REASON)
    assert decision["fields"] == ["开始日期", "结束日期"]
    said = page.content.decode()
    assert "2026-03-02 10:00" in said
    assert "申请人须在 2026-04-01 前补正" in said


def test_the_decision_of_an_earlier_round_stands_beside_the_new_one(zhang):
    case = make.submitted()
    services.return_for_correction(case, reviewer=zhang, reason=REASON, fields=["starts_on"])
    services.resubmit(case, actor=services.Actor(case.applicant, case.mandate))

    page = signed_in(make.reviewer()).get(page_of(case))

    assert "此前的决定" in page.content.decode()
    (decision,) = page.context["decided"]
    assert (decision["part"], decision["correct_by"]) == ("第 1 轮", None)


def test_both_stages_stand_with_who_decided_them(zhang, two_stages):
    case, li = make.submitted(), make.reviewer(name="李强")
    services.approve(case, reviewer=zhang)
    services.approve(case, reviewer=li, reason="同意")

    decided = signed_in(make.reviewer()).get(page_of(case)).context["decided"]

    assert [(row["part"], str(row["by"]), row["reason"]) for row in decided] == [
        ("第 2 阶段", "李强", "同意"),
        ("第 1 阶段", "张敏", ""),
    ]


# What it changes in money


def test_a_fault_in_the_estimate_does_not_break_the_page(zhang, monkeypatch):
    def fault(row):
        raise ZeroDivisionError

    monkeypatch.setattr(effects, "approval", fault)

    page = signed_in(zhang).get(page_of(make.submitted()))

    assert page.status_code == 200
    assert page.context["effect"] == Effect(problem="暂时无法测算，不影响审核。")
    assert "暂时无法测算" in page.content.decode()


@pytest.mark.parametrize(("role", "linked"), [("reviewer", False), ("supervisor", True), ("admin", True)])
def test_who_reads_the_audit_is_led_to_what_is_on_record_of_the_case(role, linked):
    filing = make.submitted()
    client = signed_in(make.staff(role, code=filing.area_id))

    page = client.get(reverse("admin:reviews_submission_change", args=[filing.pk])).content.decode()

    audit = f"{reverse('admin:audit')}?number={filing.number}"
    assert (audit in page) is linked
    if linked:
        lines = client.get(audit).context_data["lines"]
        assert {line.submission.pk for line in lines} == {filing.pk}
