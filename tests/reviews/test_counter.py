"""What a clerk enters for somebody at the counter or on the telephone: by the person's own rules, and somebody else decides it."""

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
from core import clock
from core.errors import Forbidden, Invalid, Refusal, WrongState
from filings.models import Filing
from reviews import materials, services
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
    without = client.post(page, called)
    assert without.status_code == 400
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
