"""What a clerk enters for somebody at the counter or on the telephone: by the person's own rules, and somebody else decides it."""

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import chronic.services
import claims.services
import filings.services
from accounts import registry
from accounts.models import Message, Role
from accounts.registry import RegisterRecord, as_registered
from chronic.bodies import RecognitionInput
from claims.bodies import ClaimInput
from claims.models import Claim
from core import clock
from core.errors import Forbidden, Invalid, Refusal, WrongState
from filings.models import Filing
from reviews import history, materials, services
from reviews.models import Channel, Material, PersonLookup, Submission
from reviews.queue import simulated_reviewer
from reviews.services import at_counter
from tests import factories as make
from tests.monday import sweep_until, verbs
from tests.reviews.material_files import jpeg
from tests.rivals import split, together

pytestmark = pytest.mark.usefixtures("monday")
CHONGQING, GUIYANG, CHENGDU, SHIJIAZHUANG, WUHAN = "500000", "520100", "510100", "130100", "420100"
OWN = "identity-of-the-clerk"


@pytest.fixture
def clerk():
    return make.reviewer(GUIYANG, name="张敏", identity_hash=OWN)


@pytest.fixture
def colleague():
    return make.reviewer(GUIYANG, name="李强")


@pytest.fixture
def enrolled():
    return make.enrollment(make.person("王秀兰"), code=GUIYANG)


def filing(clerk, of, channel=Channel.COUNTER, **fields):
    notice = make.current_notice(of.area_id, fields.get("filing_type", "other"))
    content = make.asked(notice=notice, **{"to": make.BEIJING, **fields})
    return filings.services.file(clerk, of, content, entering=channel).submission


def recognition(clerk, of, channel=Channel.COUNTER):
    make.diseases()
    hospital = make.institution("H52010000001", place=GUIYANG)
    kinds = ("discharge_record", "test_report")
    papers = [str(make.material(clerk, kind).pk) for kind in kinds]
    body = RecognitionInput.of(
        {
            "enrollment": str(of.pk), "disease": "M01600", "diagnosed_on": "2025-12-01",
            "diagnosing_institution": hospital.pk, "materials": papers,
        }
    )  # fmt: skip
    return chronic.services.apply(clerk, of, body, entering=channel).submission


def claim(clerk, of, channel=Channel.COUNTER):
    make.institution()
    body = ClaimInput.of(
        {
            "enrollment": str(of.pk), "care": "inpatient", "institution": "H11010100001", "admitted_on": "2026-02-01",
            "discharged_on": "2026-02-10", "invoice_code": "11060126", "invoice_number": "0012345678",
            "cost": {"total": "20000.00"}, "bank_account": "6222020200112233446", "reason": "没有备案",
            "materials": [str(make.material(clerk, kind).pk) for kind in make.CLAIM_PAPERS],
        }
    )  # fmt: skip
    return claims.services.apply(clerk, of, body, entering=channel).submission


KINDS = [filing, recognition, claim]


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def refused(error, verb, *args, **given):
    with pytest.raises(error) as refusal:
        verb(*args, **given)
    return refusal.value.code


# On record


@pytest.mark.parametrize("channel", [Channel.COUNTER, Channel.TELEPHONE])
def test_it_is_on_record_how_it_came_and_who_entered_it(clerk, enrolled, channel):
    entered = filing(clerk, enrolled, channel)

    kept = Submission.objects.get(pk=entered.pk)
    assert (kept.status, kept.channel, kept.applicant, kept.mandate) == ("submitted", channel, clerk, None)
    event = kept.events.first()
    assert (event.verb, event.actor, event.data) == ("create", clerk, {"channel": channel})


def test_what_people_and_hospitals_submit_says_so(enrolled):
    of_person = make.filed(enrolled)

    assert of_person.channel == "online"
    shown = make.api(of_person.applicant).get(f"/api/v1/filings/{of_person.pk}/").json()
    assert shown["channel"] == "online"


def test_the_person_sees_it_and_where_it_was_entered(clerk, enrolled):
    citizen = make.citizen(enrolled.person)
    entered = filing(clerk, enrolled)

    shown = make.api(citizen).get(f"/api/v1/filings/{entered.pk}/").json()

    assert (shown["channel"], shown["status"], shown["actions"]) == ("counter", "submitted", ["withdraw"])
    assert shown["events"][0]["actor"] == "经办机构"
    assert shown["events"][0]["detail"] == "填写申请（窗口）"


def test_the_person_and_everybody_with_a_mandate_is_told_and_no_clerk(clerk, enrolled):
    herself, son, former = make.citizen(enrolled.person), make.citizen(), make.citizen()
    make.mandate(son, enrolled.person)
    make.mandate(former, enrolled.person, status="ended", ended_at=clock.now())

    entered = filing(clerk, enrolled)

    told = Message.objects.filter(submission=entered.pk, kind="entered")
    assert set(told.values_list("account", flat=True)) == {herself.pk, son.pk}


@pytest.mark.parametrize("who", ["elsewhere", "hospital", "admin", "citizen", "switched off"])
def test_only_clerks_of_the_insured_area_enter(enrolled, who):
    accounts = {
        "elsewhere": lambda: make.reviewer(CHENGDU),
        "hospital": lambda: make.staff(Role.HOSPITAL, institution=make.institution()),
        "admin": lambda: make.staff(Role.ADMIN),
        "citizen": lambda: make.citizen(enrolled.person),
        "switched off": lambda: make.reviewer(GUIYANG, is_active=False),
    }

    assert refused(Forbidden, filing, accounts[who](), enrolled) == "other_area"
    assert not Filing.objects.exists()


# The rules are the person's own


def test_the_same_checks_refuse(clerk, enrolled):
    assert refused(Invalid, filing, clerk, enrolled, contact_phone="12") == "contact_unreachable"
    assert refused(Invalid, filing, clerk, enrolled, to=GUIYANG) is not None


def test_nothing_a_clerk_enters_takes_the_instant_lane():
    on_line, by_clerk = (make.enrollment(code=SHIJIAZHUANG) for _person in range(2))  # at once, where people file

    assert make.filed(on_line, to=CHENGDU).status == "approved"
    assert filing(make.reviewer(SHIJIAZHUANG), by_clerk, to=CHENGDU).status == "submitted"


def test_nothing_a_clerk_entered_is_approved_by_itself(settings, monkeypatch, clerk, enrolled):
    settings.REVIEW_MODE = "human"
    monkeypatch.setattr("reviews.lifecycle.Lifecycle.approves_itself", lambda lifecycle, row: True)
    entered, by_person = filing(clerk, enrolled), make.filed(make.enrollment(code=GUIYANG))

    sweep_until("2026-03-04 17:00")

    assert [Submission.objects.get(pk=row.pk).status for row in (entered, by_person)] == ["submitted", "approved"]
    assert verbs(entered)[-1] == "escalate"


def test_the_simulated_reviewers_are_somebody_else(clerk, enrolled):
    entered = filing(clerk, enrolled)

    services.approve(entered, reviewer=simulated_reviewer(1))

    assert Submission.objects.get(pk=entered.pk).status == "approved"


# Somebody else decides


@pytest.mark.parametrize("enter", KINDS)
def test_who_entered_it_decides_no_stage_of_it_from_no_account(enter):
    clerk, twin = make.reviewer(CHONGQING, identity_hash=OWN), make.supervisor(CHONGQING, identity_hash=OWN)
    entered, colleague = enter(clerk, make.enrollment(code=CHONGQING)), make.reviewer(CHONGQING)
    for stage in range(entered.stages):
        for own in (clerk, twin):
            assert refused(Forbidden, services.approve, entered, reviewer=own) == "entered_it"
            assert refused(Forbidden, services.reject, entered, reviewer=own, reason="不符") == "entered_it"
            assert refused(Forbidden, services.assign, entered, reviewer=own) == "entered_it"
        if stage + 1 < entered.stages:
            services.approve(entered, reviewer=colleague)

    services.approve(entered, reviewer=make.reviewer(CHONGQING))

    assert Submission.objects.get(pk=entered.pk).status == "approved"


def test_who_mended_it_at_the_counter_decides_it_neither(clerk, colleague, enrolled):
    entered, third = filing(clerk, enrolled), make.reviewer(GUIYANG, identity_hash="third")
    services.return_for_correction(entered, reviewer=third, reason="请补材料", fields=["materials"])

    mended = at_counter.hand_in(
        entered, clerk=colleague, channel=Channel.COUNTER, materials=[make.material(colleague).pk]
    )

    assert (mended.status, mended.round) == ("submitted", 2)
    assert refused(Forbidden, services.approve, entered, reviewer=colleague) == "entered_it"
    services.approve(entered, reviewer=third)


def test_what_came_on_line_is_not_handed_in_at_the_counter(clerk, colleague, enrolled):
    online = make.filed(enrolled)
    services.return_for_correction(online, reviewer=colleague, reason="请补材料", fields=["materials"])

    assert (
        refused(Forbidden, at_counter.hand_in, online, clerk=clerk, channel=Channel.COUNTER, materials=[])
        == "not_yours"
    )


def test_the_case_offers_no_decision_to_who_entered_it(clerk, colleague, enrolled):
    entered = filing(clerk, enrolled)
    page = reverse("admin:reviews_submission_change", args=[entered.pk])

    own, other = (signed_in(each).get(page).content.decode() for each in (clerk, colleague))

    assert "须由其他审核员办理" in own
    assert 'value="approve"' not in own
    assert 'value="approve"' in other
    assert "录入人 张敏" in other


# Races


@pytest.mark.django_db(transaction=True)
def test_two_clerks_enter_the_same_at_once(clerk, colleague, enrolled):
    notice = make.current_notice(GUIYANG, "other")
    asked = make.asked(notice=notice)

    won, lost = split(
        together(
            *(
                lambda each=each: filings.services.file(each, enrolled, asked, entering=Channel.COUNTER)
                for each in (clerk, colleague)
            )
        )
    )

    assert (len(won), [refusal.code for refusal in lost]) == (1, ["filing_overlaps"])
    assert Filing.objects.count() == 1


# The pages


FOUND = reverse("admin:counter")


def registered(of):
    person = of.person
    registry.store(RegisterRecord(person.name, person.id_number, person.phone, enrollments=(as_registered(of),)))
    return person


def test_a_person_is_found_by_the_number_in_a_body_and_the_look_up_is_on_record(clerk, enrolled):
    person = registered(enrolled)

    answer = signed_in(clerk).post(FOUND, {"id_number": person.id_number})

    assert reverse("admin:enter_filing", args=[enrolled.pk]) in answer.content.decode()
    assert person.id_number not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
    look = PersonLookup.objects.get()
    assert (look.account, look.person, look.area_id) == (clerk, person, GUIYANG)


def test_somebody_insured_elsewhere_is_not_found_and_nothing_is_said_of_them(clerk):
    person = registered(make.enrollment(code=CHENGDU))

    answer = signed_in(clerk).post(FOUND, {"id_number": person.id_number})

    assert answer.status_code == 404
    assert "没有查到此人在本统筹区的参保信息" in answer.content.decode()
    assert person.masked_name not in answer.content.decode()
    assert not PersonLookup.objects.exists()


def test_who_guesses_numbers_is_stopped(clerk):
    said = [refused(Refusal, at_counter.look_up, clerk, make.id_number()) for _guess in range(11)]

    assert said == [*["not_registered"] * 10, "throttled"]


FORMS = ["enter_filing", "enter_emergency", "enter_recognition", "enter_claim"]


@pytest.mark.parametrize("page", FORMS)
@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("supervisor", 200), ("elsewhere", 404), ("admin", 403), ("hospital", 403)]
)
def test_who_sees_the_forms(enrolled, page, who, status):
    make.diseases()
    accounts = {
        "reviewer": lambda: make.reviewer(GUIYANG),
        "supervisor": lambda: make.supervisor(GUIYANG),
        "elsewhere": lambda: make.reviewer(CHENGDU),
        "admin": lambda: make.staff(Role.ADMIN),
        "hospital": lambda: make.staff(Role.HOSPITAL, institution=make.institution()),
    }

    assert signed_in(accounts[who]()).get(reverse(f"admin:{page}", args=[enrolled.pk])).status_code == status


TYPED = {
    "channel": "counter", "type": "other", "destination": CHENGDU, "starts_on": "2026-03-02", "contact_name": "王秀兰",
    "contact_phone": "13900000001", "notice_read": "on",
}  # fmt: skip


def test_the_form_of_a_filing_enters_it(clerk, enrolled):
    make.area(CHENGDU)

    answer = signed_in(clerk).post(reverse("admin:enter_filing", args=[enrolled.pk]), TYPED)

    entered = Filing.objects.get()
    assert answer["Location"] == reverse("admin:reviews_submission_change", args=[entered.pk])
    assert (entered.status, entered.channel, entered.contact_phone) == ("submitted", "counter", "13900000001")


def test_what_is_refused_stands_beside_its_field_and_nothing_typed_is_lost(clerk, enrolled):
    make.area(CHENGDU)
    scan = make.material(clerk)
    typed = {**TYPED, "contact_phone": "12", "starts_on": "", "scans": [scan.pk], "materials": [scan.pk]}

    answer = signed_in(clerk).post(reverse("admin:enter_filing", args=[enrolled.pk]), typed)

    assert answer.status_code == 400
    form = answer.context["form"]
    assert form.errors == {"starts_on": ["请填写此项。"]}
    assert 'value="12"' in answer.content.decode()
    assert f'value="{scan.pk}"' in answer.content.decode()


def test_every_finding_is_said_beside_its_field(clerk, enrolled):
    make.area(CHENGDU)
    typed = {**TYPED, "contact_phone": "12", "notice_read": ""}

    form = signed_in(clerk).post(reverse("admin:enter_filing", args=[enrolled.pk]), typed).context["form"]

    assert set(form.errors) == {"contact_phone", "notice_read"}


def test_scans_go_through_the_same_pipeline_and_wait_for_it(clerk, enrolled):
    make.area(CHENGDU)
    client, page = signed_in(clerk), reverse("admin:enter_filing", args=[enrolled.pk])
    file = SimpleUploadedFile("居住证.jpg", jpeg(), "image/jpeg")

    first = client.post(page, {**TYPED, "type": "resident", "scan-residence_permit": file})

    scan = Material.objects.get()
    assert (first.status_code, "data-again" in first.content.decode()) == (200, True)
    assert (scan.kind, scan.account, scan.status) == ("residence_permit", clerk, "processing")

    materials.process(scan.pk)
    client.post(page, {**TYPED, "type": "resident", "scans": [scan.pk], "materials": [scan.pk]})

    scan.refresh_from_db()
    assert (scan.status, scan.submission_id) == ("ready", Submission.objects.get().pk)


def test_a_file_that_is_none_is_refused_and_the_rest_stays(clerk, enrolled):
    file = SimpleUploadedFile("居住证.jpg", b"no picture", "image/jpeg")

    answer = signed_in(clerk).post(
        reverse("admin:enter_filing", args=[enrolled.pk]), {**TYPED, "scan-residence_permit": file}
    )

    assert answer.status_code == 400
    assert "只能上传" in answer.content.decode()
    assert not Submission.objects.exists()


def test_a_call_brings_no_scans_but_a_commitment(clerk, enrolled):
    make.area(CHENGDU)
    client, page = signed_in(clerk), reverse("admin:enter_filing", args=[enrolled.pk])
    called = {**TYPED, "channel": "telephone", "type": "resident"}
    scan = make.material(clerk)

    with_scan = client.post(page, {**called, "scans": [scan.pk], "materials": [scan.pk]})
    assert "channel" in with_scan.context["form"].errors
    client.post(page, {**called, "promise": "residence_permit", "signed_name": "王秀兰"})

    entered = Filing.objects.get()
    assert (entered.channel, entered.filed_by, entered.status) == ("telephone", "commitment", "submitted")


def test_a_clerks_scans_are_no_other_clerks(clerk, colleague, enrolled):
    make.area(CHENGDU)
    scan = make.material(colleague)
    typed = {**TYPED, "scans": [scan.pk], "materials": [scan.pk]}

    signed_in(clerk).post(reverse("admin:enter_filing", args=[enrolled.pk]), typed)

    scan.refresh_from_db()
    assert scan.submission_id is None


def test_an_emergency_is_reported_by_telephone():
    of, client = make.enrollment(code=WUHAN), signed_in(make.reviewer(WUHAN))
    make.area(CHENGDU)
    typed = {**TYPED, "type": "emergency", "channel": "telephone"}

    client.post(reverse("admin:enter_emergency", args=[of.pk]), typed)

    entered = Filing.objects.get()
    assert (entered.type, entered.channel, entered.status) == ("emergency", "telephone", "submitted")


def test_a_recognition_and_a_claim_are_entered_by_their_forms(clerk, enrolled):
    make.diseases(), make.institution("H52010000001", place=GUIYANG), make.institution()
    client = signed_in(clerk)
    recognised = [make.material(clerk, name).pk for name in ("discharge_record", "test_report")]
    claimed = [make.material(clerk, name).pk for name in make.CLAIM_PAPERS]
    application = {
        "channel": "counter", "disease": "M01600", "diagnosed_on": "2025-12-01", "diagnosed_at": "H52010000001 示范医院",
        "scans": recognised, "materials": recognised,
    }  # fmt: skip
    bill = {
        "channel": "counter", "care": "inpatient", "hospital": "H11010100001 示范医院", "admitted_on": "2026-02-01",
        "discharged_on": "2026-02-10", "invoice_code": "11060126", "invoice_number": "0012345678", "total": "20000.00",
        "bank_account": "6222020200112233446", "reason": "没有备案", "scans": claimed, "materials": claimed,
    }  # fmt: skip

    client.post(reverse("admin:enter_recognition", args=[enrolled.pk]), application)
    client.post(reverse("admin:enter_claim", args=[enrolled.pk]), bill)

    kinds = Submission.objects.order_by("kind").values_list("kind", "channel", "status")
    assert list(kinds) == [("claim", "counter", "submitted"), ("recognition", "counter", "submitted")]


def test_a_second_click_makes_no_second_one(clerk, enrolled):
    make.area(CHENGDU)
    client, page = signed_in(clerk), reverse("admin:enter_filing", args=[enrolled.pk])

    answers = [client.post(page, TYPED) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [302, 400]
    assert Filing.objects.count() == 1
    assert Filing.objects.get().number in answers[1].content.decode()


@pytest.mark.parametrize(
    ("page", "linked"),
    [("reviews_submission", True), ("filings_filing", True), ("claims_claim", True), ("filings_proof", False)],
)
def test_the_lists_lead_to_it(clerk, page, linked):
    shown = signed_in(clerk).get(reverse(f"admin:{page}_changelist")).content.decode()

    assert ("新增（窗口/电话）" in shown) is linked


def test_a_filing_that_lives_is_named(clerk, enrolled):
    first = filing(clerk, enrolled)

    with pytest.raises(WrongState) as refusal:
        filing(clerk, enrolled)

    assert first.number in refusal.value.detail


# Papers brought later


def test_papers_are_brought_to_the_counter_for_what_was_returned(clerk, colleague, enrolled):
    entered, scan = filing(clerk, enrolled), make.material(clerk)
    services.return_for_correction(entered, reviewer=colleague, reason="请补材料", fields=["materials"])
    client, page = signed_in(clerk), reverse("admin:take_in", args=[entered.pk])
    assert page in client.get(reverse("admin:reviews_submission_change", args=[entered.pk])).content.decode()

    answer = client.post(page, {"channel": "counter", "scans": [scan.pk], "materials": [scan.pk]})

    row = Submission.objects.get(pk=entered.pk)
    assert answer["Location"] == reverse("admin:reviews_submission_change", args=[entered.pk])
    assert (row.status, row.round, [material.pk for material in row.materials.all()]) == ("submitted", 2, [scan.pk])


def test_for_what_waits_came_on_line_or_is_of_another_area_there_is_no_such_page(clerk, colleague, enrolled):
    waiting, online = filing(clerk, enrolled), make.filed(make.enrollment(code=GUIYANG))
    services.return_for_correction(online, reviewer=colleague, reason="请补材料", fields=["materials"])
    returned = filing(clerk, make.enrollment(code=GUIYANG))
    services.return_for_correction(returned, reviewer=colleague, reason="请补材料", fields=["materials"])
    outsider = make.reviewer(CHONGQING)

    pages = [(clerk, waiting), (clerk, online), (outsider, returned)]

    assert [signed_in(by).get(reverse("admin:take_in", args=[row.pk])).status_code for by, row in pages] == [404] * 3


# Called without papers


CALLED = {**TYPED, "channel": "telephone", "type": "resident"}


def test_a_call_without_papers_is_taken_in_and_waits_for_them(clerk, enrolled):
    """The day of the call counts, the matter is held, and whoever acts for the person is told what to bring and by when."""
    make.area(CHENGDU)
    herself = make.citizen(enrolled.person)

    answer = signed_in(clerk).post(reverse("admin:enter_filing", args=[enrolled.pk]), CALLED, follow=True)

    entered = Filing.objects.get()
    assert (entered.status, entered.channel, entered.round, entered.assignee) == ("returned", "telephone", 1, None)
    assert (entered.submitted_at, entered.correct_by) == (clock.now(), make.moment("2026-04-01 10:00"))
    assert verbs(entered) == ["create", "submit", "return_for_correction"]
    decision = entered.decisions.get()
    assert (decision.reviewer, decision.code, decision.fields) == (None, "documents_missing", ["residence_permit"])
    told = Message.objects.get(account=herself, kind="returned")
    assert (told.note, "请补交：居住证" in decision.reason.text) == (decision.reason_id, True)
    said = answer.content.decode()
    assert "已登记，等待补交材料。请告知来电人：电话登记时未能提交材料，请补交：居住证" in said
    assert history.disagreements() == (1, [])
    again = {"to": CHENGDU, "filing_type": "resident"}
    assert refused(WrongState, filing, clerk, enrolled, Channel.TELEPHONE, **again) == "filing_overlaps"


def test_the_person_hands_in_on_the_phone_what_the_call_could_not_bring(clerk, colleague, enrolled):
    herself = make.citizen(enrolled.person)
    entered = filing(clerk, enrolled, Channel.TELEPHONE, filing_type="resident")
    api, paper = make.api(herself), make.material(herself, "residence_permit")

    shown = api.get(f"/api/v1/filings/{entered.pk}/").json()
    assert shown["decision"]["fields"] == ["residence_permit"]
    assert set(shown["actions"]) == {"resubmit", "withdraw"}
    api.patch(f"/api/v1/filings/{entered.pk}/", {"materials": [str(paper.pk)]}, format="json")
    answer = api.post(f"/api/v1/filings/{entered.pk}/resubmit/")

    assert (answer.status_code, answer.json()["status"]) == (200, "submitted")
    row = Submission.objects.get(pk=entered.pk)
    assert (row.round, row.due_at) == (2, make.moment("2026-03-04 17:00"))
    assert refused(Forbidden, services.approve, row, reviewer=clerk) == "entered_it"
    services.approve(row, reviewer=colleague)


def test_or_brings_it_to_the_counter(clerk, colleague, enrolled):
    entered = filing(clerk, enrolled, Channel.TELEPHONE, filing_type="resident")
    paper = make.material(colleague, "residence_permit")

    mended = at_counter.hand_in(entered, clerk=colleague, channel=Channel.COUNTER, materials=[paper.pk])

    assert (mended.status, mended.round) == ("submitted", 2)


def test_nobody_brings_it_and_it_lapses(clerk, enrolled):
    entered = filing(clerk, enrolled, Channel.TELEPHONE, filing_type="resident")

    sweep_until("2026-04-01 10:00")

    assert Submission.objects.get(pk=entered.pk).status == "withdrawn"


def test_whatever_else_is_wrong_refuses_a_call_and_the_counter_still_asks_for_papers(clerk, enrolled):
    called = {"filing_type": "resident", "contact_phone": "12"}

    assert refused(Invalid, filing, clerk, enrolled, Channel.TELEPHONE, **called) == "contact_unreachable"
    assert refused(Invalid, filing, clerk, enrolled, filing_type="resident") == "documents_missing"
    assert not Filing.objects.exists()


def test_no_papers_are_waited_for_twice(clerk, colleague, enrolled):
    entered = filing(clerk, enrolled, Channel.TELEPHONE, filing_type="resident")

    said = refused(Invalid, at_counter.hand_in, entered, clerk=colleague, channel=Channel.TELEPHONE, materials=[])

    assert said == "documents_missing"
    assert Submission.objects.get(pk=entered.pk).status == "returned"


def test_nobody_undoes_that_a_call_waits_for_papers(clerk, colleague, enrolled):
    entered = filing(clerk, enrolled, Channel.TELEPHONE, filing_type="resident")

    assert [refused(Forbidden, services.undo, entered, reviewer=each) for each in (clerk, colleague)] == [
        "undo_not_yours"
    ] * 2


def test_a_claim_by_telephone_waits_for_its_invoice(clerk, enrolled):
    make.institution()
    body = ClaimInput.of({**CLAIMED, "enrollment": str(enrolled.pk), "materials": []})

    entered = claims.services.apply(clerk, enrolled, body, entering=Channel.TELEPHONE).submission

    assert (entered.status, entered.total) == ("returned", Decimal("20000.00"))
    assert set(entered.decisions.get().fields) == set(make.CLAIM_PAPERS)


# A bill by its lines


CLAIMED = {
    "care": "inpatient", "institution": "H11010100001", "admitted_on": "2026-02-01", "discharged_on": "2026-02-10",
    "invoice_code": "11060126", "invoice_number": "0012345678", "cost": {"total": "20000.00"},
    "bank_account": "6222020200112233446", "reason": "没有备案",
}  # fmt: skip
LISTED = '项目名称,目录类别,金额（元）,先自付比例\n西药,甲类,"15,000.00",\n核磁共振,乙类,3000,10%\n陪护,丙类,2000,\n合计,,20000.00,\n'


@pytest.fixture
def bill(clerk, enrolled):
    """Send the claim's form; scans are there."""
    make.institution(), make.diseases()
    papers = [make.material(clerk, name).pk for name in make.CLAIM_PAPERS]
    typed = {**CLAIMED, "channel": "counter", "hospital": "H11010100001", "scans": papers, "materials": papers}
    client, page = signed_in(clerk), reverse("admin:enter_claim", args=[enrolled.pk])

    def send(**more):
        sent = {name: value for name, value in typed.items() if name not in ("cost", "institution")}
        return client.post(page, {**sent, **more})

    return send


def rows_of(answer):
    return [cells for _number, cells, _problems in answer.context["items"] if any(cells)]


def as_typed(rows):
    names = ("name", "class", "amount", "first_copay_ratio", "limit")
    return {f"item_{name}": [row[order] for row in rows] for order, name in enumerate(names)}


EXPECTED = [("西药", "A", "15000.00", "0"), ("核磁共振", "B", "3000", "0.1"), ("陪护", "C", "2000", "0")]


def entered_lines():
    return [
        (item.name, item.catalogue, str(item.amount), str(item.first_copay_ratio))
        for item in Claim.objects.get().cost.items
    ]


def spreadsheet(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


FILES = {
    "utf8": ("清单.csv", LISTED.encode("utf-8-sig")),
    "gbk": ("清单.csv", LISTED.encode("gb18030")),
    "xlsx": (
        "清单.xlsx",
        spreadsheet([
            ["费用名称", "规格", "金额", "医保类别", "先行自付比例"], ["西药", "盒", 15000, "甲", None],
            ["核磁共振", None, 3000.0, "乙", 0.1], ["陪护", None, 2000, "自费", None], ["合计", None, 20000, None, None],
        ]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FILES)
def test_the_hospitals_list_is_read_shown_and_then_entered(bill, form):
    name, content = FILES[form]

    shown = bill(lines=SimpleUploadedFile(name, content))

    assert (shown.status_code, Claim.objects.count()) == (200, 0)
    assert [cells[:2] for cells in rows_of(shown)] == [["西药", "A"], ["核磁共振", "B"], ["陪护", "C"]]
    assert shown.context["sums"][-1] == ("合计", 3, Decimal("20000.00"))

    answer = bill(seen=shown.context["seen"], total="20000.00", **as_typed(rows_of(shown)))

    assert answer.status_code == 302
    assert [(one[0], one[1], Decimal(one[2]), Decimal(one[3])) for one in entered_lines()] == [
        (one[0], one[1], Decimal(one[2]), Decimal(one[3])) for one in EXPECTED
    ]
    assert Claim.objects.get().total == Decimal("20000.00")


def test_a_pasted_table_without_a_head_goes_by_its_order(bill):
    pasted = "西药\t甲\t15000.00\n核磁共振\tB\t3000\t0.1\n陪护\t丙\t2000"

    shown = bill(pasted=pasted)
    bill(seen=shown.context["seen"], **as_typed(rows_of(shown)))

    assert entered_lines() == EXPECTED


def test_lines_are_typed_by_hand(bill):
    bill(
        **as_typed(
            [("西药", "A", "15000.00", "", ""), ("核磁共振", "B", "3000", "0.1", ""), ("陪护", "C", "2000", "", "")]
        )
    )

    assert entered_lines() == EXPECTED


def test_what_is_wrong_is_said_by_line_and_the_rest_stays(bill):
    answer = bill(pasted="西药\t甲\t一百\n核磁共振\t特需\t3000\n陪护\t丙\t2000")

    said = answer.content.decode()
    assert (answer.status_code, Claim.objects.count()) == (400, 0)
    assert "第 1 行：" in said
    assert "第 2 行：目录类别应为 A、B 或 C" in said
    assert "第 3 行：" not in said
    assert [cells[0] for cells in rows_of(answer)] == ["西药", "核磁共振", "陪护"]
    assert 'value="特需"' in said


def test_the_sum_of_the_lines_is_compared_with_what_was_typed(bill):
    shown = bill(pasted="西药\t甲\t15000\n陪护\t丙\t2000")

    answer = bill(seen=shown.context["seen"], total="20000", **as_typed(rows_of(shown)))

    assert (answer.status_code, Claim.objects.count()) == (400, 0)
    assert "明细合计" in answer.content.decode()


def test_so_many_lines_that_nobody_types_them_are_pasted_seen_and_entered(bill):
    pasted = "\n".join(f"药品{row}\tB\t10.00\t0.1" for row in range(400))

    shown = bill(pasted=pasted)
    assert (shown.status_code, shown.context["items"]) == (200, [])
    bill(pasted=shown.context["pasted"], seen=shown.context["seen"])

    assert len(Claim.objects.get().cost.items) == 400


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xff\xfe\x00\x81"])
def test_a_file_that_cannot_be_read_is_refused_and_what_was_typed_stays(bill, content):
    answer = bill(lines=SimpleUploadedFile("清单.xlsx", content), reason="没有备案")

    assert (answer.status_code, Claim.objects.count()) == (400, 0)
    assert "读不了这个文件" in answer.content.decode()
    assert "没有备案" in answer.content.decode()
