"""The reviewers' site: what each sees, what a decision on the case page does, and what the loser of a race is told."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from reviews import services
from reviews.locking import simulated_moment
from reviews.models import Event, ReasonTemplate, Status, Submission
from tests.factories import (
    CHENGDU,
    CHONGQING,
    citizen,
    enrollment,
    moment,
    reviewer,
    staff,
    submitted,
    supervisor,
    working_calendar,
)

WORKLIST = reverse("admin:reviews_submission_changelist")
MONDAY = moment("2026-03-02 10:00")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning():
    working_calendar()
    with clock.standing_at(MONDAY):
        yield


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(submission):
    return reverse("admin:reviews_submission_change", args=[submission.pk])


def decide(client, submission, action, **given):
    return client.post(page_of(submission), {"action": action, "version": submission.version, **given})


def test_a_reviewer_sees_the_area_and_nothing_else():
    here, elsewhere = submitted(), submitted(enrollment(code=CHENGDU))
    client = signed_in(reviewer())

    listed = client.get(WORKLIST).content.decode()

    assert here.number in listed
    assert elsewhere.number not in listed
    assert client.get(page_of(here)).status_code == 200
    assert client.get(page_of(elsewhere)).status_code == 302  # as if it did not exist: back to the index


@pytest.mark.parametrize("role", ["hospital", "citizen"])
def test_others_do_not_get_in(role):
    here = submitted()
    account = citizen() if role == "citizen" else staff("hospital", institution=_hospital())

    answer = signed_in(account).get(page_of(here))

    assert answer.status_code in (302, 403)
    assert here.number not in answer.content.decode()


def _hospital():
    from tests.factories import institution

    return institution()


def test_drafts_are_nobodys_business():
    from tests.factories import draft

    number = draft().number

    assert number not in signed_in(supervisor()).get(WORKLIST, {"queue": "all"}).content.decode()


def test_approving_on_the_page_takes_effect_and_says_so():
    filing, colleague = submitted(), reviewer()

    answer = decide(signed_in(colleague), filing, "approve")

    assert answer.status_code == 302

    filing.refresh_from_db()

    assert filing.status == Status.APPROVED
    assert list(filing.decisions.values_list("reviewer", "outcome")) == [(colleague.pk, "approved")]


def test_returning_marks_the_fields_and_keeps_the_reason():
    filing = submitted()
    decide(
        signed_in(reviewer()), filing, "return_for_correction",
        reason="材料模糊", code="material_unreadable", fields=["materials", "starts_on"],
    )  # fmt: skip
    filing.refresh_from_db()

    decision = filing.decisions.get()

    assert (filing.status, decision.code, decision.fields) == (
        "returned",
        "material_unreadable",
        ["materials", "starts_on"],
    )
    assert decision.reason.text == "材料模糊"


def test_rejecting_without_a_reason_is_refused_and_loses_nothing():
    filing = submitted()

    answer = decide(signed_in(reviewer()), filing, "reject", reason="  ", code="wrong_type")

    assert answer.status_code == 400
    assert "请写明理由" in answer.content.decode()
    assert 'value="wrong_type"' in answer.content.decode()

    filing.refresh_from_db()

    assert filing.status == Status.SUBMITTED


@pytest.mark.parametrize(
    "given",
    [
        {"code": "dates_unclear", "reason": "已核对"},
        {"reason": "起止日期与材料不符，请按实际居住或就医时间重新填写。"},
    ],
    ids=["its code", "its text"],
)
def test_a_reason_prepared_for_a_return_is_not_sent_with_an_approval(given):
    filing = submitted()

    answer = decide(signed_in(reviewer()), filing, "approve", **given)

    assert answer.status_code == 400
    assert "为“退回补正”准备的" in answer.content.decode()
    assert not filing.decisions.exists()


def test_the_second_of_two_reviewers_is_told_and_keeps_the_typed_reason():
    filing, first, second = submitted(), reviewer(), reviewer()
    services.approve(filing, reviewer=first)

    answer = decide(signed_in(second), filing, "reject", reason="材料不符")

    assert answer.status_code == 412

    said = answer.content.decode()
    assert "已有新的变化" in said
    assert [str(row.outcome) for row in filing.decisions.all()] == ["approved"]


def test_a_double_click_decides_once():
    filing, client = submitted(), signed_in(reviewer())

    assert decide(client, filing, "approve").status_code == 302
    assert decide(client, filing, "approve").status_code == 412
    assert filing.decisions.count() == 1


def test_claim_release_and_take_over():
    filing, first, second = submitted(), reviewer(), reviewer()
    decide(signed_in(first), filing, "claim")

    filing.refresh_from_db()

    assert filing.assignee == first

    decide(signed_in(second), filing, "take_over")
    filing.refresh_from_db()

    assert filing.assignee == second

    decide(signed_in(second), filing, "release")
    filing.refresh_from_db()

    assert filing.assignee is None
    assert list(filing.events.values_list("verb", flat=True)) == ["create", "submit", "claim", "take_over", "release"]


def test_opening_the_persons_data_is_on_record():
    filing, colleague = submitted(), reviewer()

    client, person = signed_in(colleague), filing.person

    assert person.id_number not in client.get(page_of(filing)).content.decode()
    # asking for it by the address alone shows nothing
    assert person.id_number not in client.get(page_of(filing) + "?unmasked=1").content.decode()

    opened = client.post(page_of(filing), {"unmask": "1"})
    assert person.id_number in opened.content.decode()
    assert Event.objects.get(submission=filing, verb="unmask").actor == colleague


def test_every_look_is_on_record_and_opens_what_reaches_people_too():
    filing = submitted(contact_phone="13912345678", address="成都市武侯区人民南路1号")
    client, hidden = signed_in(reviewer()), [filing.person.id_number, "13912345678", "人民南路"]

    for looks in (1, 2):
        opened = client.post(page_of(filing), {"unmask": "1"}).content.decode()
        afterwards = client.get(page_of(filing)).content.decode()
        assert [text in opened for text in hidden] == [True] * 3
        assert [text in afterwards for text in hidden] == [False] * 3
        assert Event.objects.filter(submission=filing, verb="unmask").count() == looks


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"action": "bogus"}, 400),
        ({"action": "claim", "version": "9" * 5000}, 412),
        ({"action": "claim", "version": "x"}, 412),
    ],
    ids=["no such action", "no such version", "no version"],
)
def test_a_form_that_was_tampered_with_does_nothing(given, status):
    filing = submitted()

    assert signed_in(reviewer()).post(page_of(filing), given).status_code == status
    assert Submission.objects.get(pk=filing.pk).assignee is None


def test_a_code_no_template_has_is_cut_to_what_is_stored():
    filing = submitted()

    answer = decide(signed_in(reviewer()), filing, "reject", reason="材料不清", code="c" * 60)

    assert (answer.status_code, filing.decisions.get().code) == (302, "c" * 40)


def test_every_page_has_the_side_bar_of_who_looks_with_its_own_entry_open():
    case = submitted()
    pages = {WORKLIST: "待办", reverse("admin:reviews_submission_change", args=[case.pk]): "待办", "/admin/": "首页"}
    for account, more, less in (
        (reviewer(), "窗口/电话录入", "接口报文"),
        (staff("admin"), "接口报文", "窗口/电话录入"),
    ):
        for page, entry in pages.items():
            shown = signed_in(account).get(page).content.decode()
            bar = shown[shown.index('id="nav-sidebar-apps"') : shown.index('id="main"')]
            opened = [link.split("</a>")[0] for link in bar.split("<a ")[1:] if " active" in link.split(">")[0]]

            assert f"<span>{more}</span>" in bar
            assert less not in bar
            assert [entry in link for link in opened] == [True]


def test_the_log_says_in_chinese_what_was_done():
    case, colleague = submitted(), reviewer()
    services.approve(case, reviewer=colleague)
    client, event = signed_in(colleague), Event.objects.get(verb="approve")

    rows = client.get(reverse("admin:reviews_event_changelist"), {"verb": "approve"})
    page = client.get(reverse("admin:reviews_event_change", args=[event.pk])).content.decode()

    assert [row.pk for row in rows.context["cl"].result_list] == [event.pk]
    assert all(text in page for text in ("审核通过", "审核中", "已通过", "2026-03-02 10:00"))
    assert "approve" not in page


def test_the_tabs_hold_what_they_say():
    mine, free = submitted(), submitted()
    late = submitted()
    Submission.objects.filter(pk=late.pk).update(due_at=moment("2026-02-27 17:00"))
    today = submitted()
    Submission.objects.filter(pk=today.pk).update(due_at=moment("2026-03-02 17:00"))
    colleague = reviewer()
    services.assign(mine, reviewer=colleague)
    client = signed_in(colleague)

    def numbers(queue):
        rows = client.get(WORKLIST, {"queue": queue}).context["cl"].queryset
        return {row.pk for row in rows}

    everything = {mine.pk, free.pk, late.pk, today.pk}

    assert numbers("open") == everything
    assert numbers("mine") == {mine.pk}
    assert numbers("unassigned") == everything - {mine.pk}
    assert numbers("today") == {today.pk}
    assert numbers("overdue") == {late.pk}


def listed(client, **query):
    return {row.pk for row in client.get(WORKLIST, query).context["cl"].queryset}


def test_a_status_is_found_whatever_tab_is_open():
    waiting, decided = submitted(), submitted()
    services.approve(decided, reviewer=reviewer())
    client = signed_in(reviewer())

    assert listed(client, status__exact="approved") == {decided.pk}
    assert listed(client, status__exact="approved", queue="open") == {decided.pk}
    assert listed(client, status__exact="submitted") == {waiting.pk}


def test_a_search_looks_everywhere_and_a_tab_narrows_it():
    decided, waiting = submitted(), submitted()
    services.approve(decided, reviewer=reviewer())
    client, everyone = signed_in(reviewer()), decided.number[:9]

    assert listed(client, q=decided.number) == {decided.pk}
    assert listed(client, q=everyone) == {decided.pk, waiting.pk}
    assert listed(client, q=everyone, queue="open") == {waiting.pk}


def test_tabs_and_clearing_the_filters_keep_what_is_searched_for():
    submitted()
    client = signed_in(reviewer())

    page = client.get(WORKLIST, {"q": "20260302", "queue": "open", "kind__exact": "filing", "p": "1"})

    assert {tab["href"].partition("queue=")[0] for tab in page.context["tabs"]} == {"?q=20260302&kind__exact=filing&"}
    assert page.context["cl"].clear_all_filters_qs == "?q=20260302&queue=open"
    assert 'name="queue"' not in page.content.decode().partition('id="changelist-search"')[2].partition("</form>")[0]


def test_found_by_whole_id_number_only(privacy):
    filing = submitted()
    client = signed_in(reviewer())

    number = filing.person.id_number
    with privacy.expecting() as leaks:  # somebody types it into the address
        found = client.get(WORKLIST, {"q": number}, follow=True)

    assert filing.number in found.content.decode()
    assert {leak.where for leak in leaks} == {f"asked for {WORKLIST}"}
    assert number not in found.redirect_chain[0][0]
    assert filing.number not in client.get(WORKLIST, {"q": number[:10]}).content.decode()


def test_reasons_are_kept_by_supervisors():
    url = reverse("admin:reviews_reasontemplate_add")

    assert signed_in(reviewer()).get(url).status_code == 403

    given = {"kind": "filing", "outcome": "rejected", "code": "new", "text": "请改选备案类型", "area": CHONGQING}
    assert signed_in(supervisor()).post(url, given).status_code == 302
    assert ReasonTemplate.objects.get(code="new").text == "请改选备案类型"


def test_the_clock_bar_moves_time_to_what_is_due_next():
    with clock.standing_at(clock.simulated_now()):
        filing = submitted()
    drawn = simulated_moment(filing)

    answer = signed_in(reviewer()).post(reverse("admin:move_clock"), {"by": "next", "back": WORKLIST})

    assert (answer.status_code, answer["Location"]) == (302, WORKLIST)

    filing.refresh_from_db()

    assert (filing.status, filing.decided_at) == (Status.APPROVED, drawn)


def test_refused_pages_of_the_site_are_in_chinese_and_lead_on(settings):
    hospital = signed_in(staff("hospital", institution=_hospital()))
    clerk = signed_in(reviewer())

    answers = {
        403: hospital.get(WORKLIST),
        404: clerk.get("/admin/none/here/"),
    }

    assert {status: answer.status_code for status, answer in answers.items()} == {403: 403, 404: 404}
    assert "没有办理此事项的权限" in answers[403].content.decode()
    assert "没有找到" in answers[404].content.decode()


def test_a_form_without_its_token_is_told_how_to_go_on():
    client = Client(enforce_csrf_checks=True)
    client.force_login(reviewer(), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(page_of(submitted()), {"action": "approve"})

    assert answer.status_code == 403
    assert "刷新后重新提交" in answer.content.decode()


def test_whoever_is_locked_out_at_the_sign_in_page_reads_for_how_long(settings):
    settings.AXES_FAILURE_LIMIT = 2
    client = Client()

    for _attempt in range(3):
        answer = client.post("/admin/login/", {"username": "nobody", "password": "wrong"})

    assert answer.status_code == 429
    assert 20 <= int(answer["Retry-After"]) <= 30
    assert f"请 {answer['Retry-After']} 秒后再试" in answer.content.decode()


def test_the_next_of_the_list_is_taken_and_what_a_rival_has_is_passed_over():
    first, second = submitted(), submitted()
    services.assign(first, reviewer=reviewer())
    colleague = reviewer()

    answer = signed_in(colleague).post(reverse("admin:next_case") + "?_changelist_filters=queue%3Dopen")

    assert (answer.status_code, answer["Location"]) == (302, page_of(second) + "?_changelist_filters=queue%3Dopen")
    second.refresh_from_db()
    assert second.assignee == colleague


def test_the_next_stays_within_the_filter_and_says_when_none_is_left():
    submitted()
    client = signed_in(reviewer())

    answer = client.post(reverse("admin:next_case") + "?_changelist_filters=kind__exact%3Dclaim", follow=True)

    assert answer.redirect_chain[-1][0] == WORKLIST + "?kind__exact=claim"
    assert "没有可以办理的申请了" in answer.content.decode()
    assert not Submission.objects.filter(assignee__isnull=False).exists()


@pytest.mark.parametrize(
    ("filters", "position"), [("bogus=1", 1), ("e=1", 1), ("queue=none", 1), ("kind__exact=claim", 0)]
)
def test_filters_that_mean_nothing_open_the_case_all_the_same(filters, position):
    filing = submitted()

    answer = signed_in(reviewer()).get(page_of(filing), {"_changelist_filters": filters})

    assert answer.status_code == 200
    assert answer.context["place"].position == position


@pytest.mark.parametrize(
    ("filters", "listed"),
    [
        ("queue=open", [0, 1, 2]),
        ("queue=mine&p=2", [0, 2]),
        ("queue=unassigned", [1]),
        ("queue=mine&kind__exact=filing", [0, 2]),
        ("queue=all", [0, 1, 2]),
        ("queue=overdue", []),
    ],
)
def test_a_case_stands_between_those_of_the_tab_one_came_from(filters, listed):
    """By a kept query where nothing but the tab narrows the list, else as the list itself finds them; by who is due first."""
    cases, mine = [submitted(), submitted(), submitted()], reviewer()
    for at in (0, 2):
        services.assign(cases[at], reviewer=mine)

    answer = signed_in(mine).get(page_of(cases[2]), {"_changelist_filters": filters})
    place, suffix = answer.context["place"], "?" + urlencode({"_changelist_filters": filters})

    assert (place.position, place.total) == (listed.index(2) + 1 if 2 in listed else 0, len(listed))
    before = {(0, 2): cases[0], (0, 1, 2): cases[1]}.get(tuple(listed))
    assert (place.before, place.after) == (page_of(before) + suffix if before else "", "")
