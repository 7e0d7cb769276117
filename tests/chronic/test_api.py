"""Recognitions over HTTP: options, applying, mending, the printable form, refusals, and what lists cost."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from chronic.lifecycle import RecognitionLifecycle
from chronic.models import Recognition
from policies.language.terms import Span
from reviews import services as queue
from reviews.lifecycle import Case
from tests import factories as make
from tests.chronic.applying import AWAY, DIABETES, HOSPITAL, HYPERTENSION, TAIYUAN, applied, approved, at, body, papers

pytestmark = pytest.mark.usefixtures("human")
URL = "/api/v1/recognitions/"


@pytest.fixture
def client(account):
    return make.api(account)


def errors(answer):
    return answer.status_code, [(error["code"], error["attr"]) for error in answer.json()["errors"]]


def test_options_one_a_disease(client, account, enrolled):
    running = applied(account, enrolled)

    answer = client.get("/api/v1/recognition-options/", {"enrollment": str(enrolled.pk)}).json()

    assert len(answer) == 10

    diabetes = next(each for each in answer if each["disease"] == DIABETES)
    assert (diabetes["name"], diabetes["stages"], diabetes["working_days"]) == ("糖尿病", 2, [10, 10])
    assert (diabetes["starts"], diabetes["renewal_months"], diabetes["institutions"]) == ("next_month", None, None)
    assert (diabetes["running"], diabetes["running_status"], diabetes["recognised"]) == (
        str(running.pk), "submitted", True,
    )  # fmt: skip
    assert [(each["kind"], each["required"], each["alternatives"]) for each in diabetes["documents"]] == [
        ("chronic_form", False, []),
        ("discharge_record", True, ["outpatient_record"]),
        ("test_report", True, []),
    ]


def test_options_of_an_area_with_its_own_rules(client, enrolled, rules):
    rules(diseases=(DIABETES,), renewal=Span(3, "months"), institutions=2, starts="at_once")

    answer = client.get("/api/v1/recognition-options/", {"enrollment": str(enrolled.pk)}).json()

    assert [each["disease"] for each in answer if each["recognised"]] == [DIABETES] == [answer[0]["disease"]]
    assert (answer[0]["renewal_months"], answer[0]["institutions"], answer[0]["starts"]) == (3, 2, "at_once")


def test_applying_over_http(client, account, enrolled):
    answer = client.post(URL, body(account, enrolled, institutions=[AWAY]))

    shown = answer.json()

    assert answer.status_code == 201
    assert (shown["status"], shown["stage"], shown["disease_name"]) == ("submitted", 1, "糖尿病")
    assert shown["institutions"] == [{"code": AWAY, "name": "北京示范医院"}]
    assert shown["actions"] == ["withdraw"]
    assert (shown["valid_from"], shown["renew_by"], shown["renewing"]) == (None, None, False)


def test_all_that_is_wrong_is_said_at_once(client, account, enrolled):
    make.institution("H14010000009", place=TAIYUAN, level=1)
    wrong = {"diagnosed_on": "2026-03-03", "diagnosing_institution": "H14010000009", "materials": []}

    status, found = errors(client.post(URL, body(account, enrolled, **wrong)))

    assert status == 400
    assert found == [
        ("diagnosis_in_future", "diagnosed_on"),
        ("diagnosing_institution_level", "diagnosing_institution"),
        ("documents_missing", "materials"),
    ]
    assert Recognition.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"disease": "M99999"}, (400, [("does_not_exist", "disease")])),
        ({"diagnosing_institution": "H0"}, (400, [("does_not_exist", "diagnosing_institution")])),
        ({"diagnosed_on": None}, (400, [("required", "diagnosed_on")])),
        ({"institutions": ["H0"]}, (400, [("institution_unknown", "institutions")])),
    ],
)
def test_what_does_not_exist(client, account, enrolled, wrong, expected):
    assert errors(client.post(URL, body(account, enrolled, **wrong))) == expected


def test_one_that_runs_is_409_with_its_number(client, account, enrolled):
    running = applied(account, enrolled)

    answer = client.post(URL, body(account, enrolled))

    assert errors(answer) == (409, [("recognition_running", "disease")])
    assert running.number in answer.json()["errors"][0]["detail"]


def test_a_disease_the_area_does_not_recognise(client, account, enrolled, rules):
    rules(diseases=(HYPERTENSION,))

    assert errors(client.post(URL, body(account, enrolled))) == (400, [("disease_not_recognised", "disease")])


def test_an_enrolment_that_is_over(client, account, enrolled):
    enrolled.valid_until = date(2026, 2, 28)

    enrolled.save()

    assert errors(client.post(URL, body(account, enrolled))) == (400, [("enrollment_not_in_force", "enrollment")])


def test_a_draft_is_checked_amended_and_handed_in(client, account, enrolled):
    draft = client.post(URL, {"enrollment": str(enrolled.pk), "disease": DIABETES, "draft": True}).json()

    assert draft["status"] == "draft"
    assert {check["code"] for check in draft["checks"]} == {
        "diagnosis_missing", "diagnosing_institution_missing", "documents_missing",
    }  # fmt: skip

    more = {"diagnosed_on": "2026-01-12", "diagnosing_institution": HOSPITAL, "materials": papers(account)}
    mended = client.patch(f"{URL}{draft['id']}/", more).json()

    assert mended["checks"] == []
    assert client.post(f"{URL}{draft['id']}/submit/").json()["status"] == "submitted"


def test_returned_mended_and_reviewed_from_the_first_stage_again(client, account, enrolled):
    recognition = applied(account, enrolled)
    queue.approve(recognition, reviewer=make.reviewer(TAIYUAN))
    queue.return_for_correction(recognition, reviewer=make.reviewer(TAIYUAN), reason="请补充", fields=["test_report"])

    answer = client.post(f"{URL}{recognition.pk}/resubmit/").json()

    assert (answer["status"], answer["stage"]) == ("submitted", 1)


def test_renew_and_choose_over_http(client, account, enrolled, quarterly):
    recognition = approved(applied(account, enrolled))

    url = f"{URL}{recognition.pk}/"

    assert client.get(url).json()["actions"] == ["choose"]
    assert client.post(f"{url}choose/", {"institutions": [AWAY]}).json()["institutions"][0]["code"] == AWAY
    assert errors(client.post(f"{url}renew/", {"materials": papers(account)})) == (409, [("renewal_too_early", None)])

    with at("2026-06-01 10:00"):
        assert client.get(url).json()["actions"] == ["renew", "choose"]
        answer = client.post(f"{url}renew/", {"materials": papers(account)})
        assert (answer.status_code, answer.json()["predecessor"]) == (201, str(recognition.pk))
        shown = client.get(url).json()
        assert (shown["renewing"], shown["actions"]) == (True, ["choose"])


def test_the_form_is_filled_in_for_those_who_apply(client, account, enrolled):
    recognition = applied(account, enrolled)
    form = client.get(f"{URL}{recognition.pk}/form/").json()

    rows = {row["label"]: row["text"] for row in form["rows"]}

    assert form["title"] == "门诊特殊病种申请表"
    assert (rows["姓名"], rows["证件号码"]) == ("王秀兰", enrolled.person.id_number)
    assert (rows["申请病种"], rows["确诊日期"]) == ("糖尿病（M01600）", "2026年1月12日")
    assert rows["提交材料"] == "出院记录、检查检验报告"
    assert make.api(make.reviewer(TAIYUAN)).get(f"{URL}{recognition.pk}/form/").status_code == 403


def test_staff_do_not_apply(account, enrolled):
    for role in (Role.REVIEWER, Role.ADMIN):
        answer = make.api(make.staff(role, code=TAIYUAN)).post(URL, body(account, enrolled))
        assert answer.status_code == 403


def test_a_list_costs_the_same_for_one_and_for_six(client, account, enrolled):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(URL, {"page_size": 100})
        assert answer.status_code == 200
        return len(captured), answer.json()["count"]

    applied(account, enrolled)

    assert queries() == (4, 1)

    for disease in (HYPERTENSION, "M00500", "M07801", "M08300", "M05300"):
        applied(account, enrolled, disease)

    assert queries() == (4, 6)


def test_the_checks_of_many_cost_what_those_of_one_do(account, enrolled):
    for disease in (DIABETES, HYPERTENSION, "M00500"):
        applied(account, enrolled, disease, institutions=[HOSPITAL])
    rows = list(Recognition.objects.select_related(*RecognitionLifecycle.joins))
    with CaptureQueriesContext(connection) as one:
        RecognitionLifecycle().findings([Case(rows[0])])

    with CaptureQueriesContext(connection) as three:
        found = RecognitionLifecycle().findings([Case(row) for row in rows])

    assert (len(one), len(three), found) == (5, 5, [[], [], []])


def test_lists_are_narrowed_by_disease(client, account, enrolled):
    applied(account, enrolled)

    applied(account, enrolled, HYPERTENSION)

    assert [row["disease"] for row in client.get(URL, {"disease": DIABETES}).json()["results"]] == [DIABETES]


def test_the_expert_review_is_offered_to_others_only(account, enrolled):
    recognition, first, second = applied(account, enrolled), make.reviewer(TAIYUAN), make.reviewer(TAIYUAN)
    decisions = {"approve", "reject", "return_for_correction", "claim"}

    offered = make.api(first).get(f"{URL}{recognition.pk}/").json()["actions"]

    assert decisions <= set(offered)

    queue.approve(recognition, reviewer=first)

    assert make.api(first).get(f"{URL}{recognition.pk}/").json()["actions"] == []
    assert decisions <= set(make.api(second).get(f"{URL}{recognition.pk}/").json()["actions"])

    desk = Client()
    desk.force_login(first, backend="django.contrib.auth.backends.ModelBackend")
    page = desk.get(reverse("admin:reviews_submission_change", args=[recognition.pk])).content.decode()

    assert "须由其他审核员办理" in page
    assert 'value="approve"' not in page

    queue.return_for_correction(recognition, reviewer=second, reason="补交检查报告")
    queue.resubmit(recognition, actor=queue.Actor.of(account, enrolled.person))

    # a new round begins with a first review, which the same person may do again
    assert decisions <= set(make.api(first).get(f"{URL}{recognition.pk}/").json()["actions"])
