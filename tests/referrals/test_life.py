"""What becomes of a referral: reviewed, superseded, revoked, expired, ended with the enrolment; and of the filing it made."""

from datetime import date

import pytest

from accounts import registry
from accounts.models import Message
from accounts.registry import RegisteredEnrollment, RegisterRecord
from accounts.rotation import rehash
from core.errors import Forbidden, Invalid, WrongState
from filings import services as filing_services
from filings.models import Filing
from referrals import services
from referrals.bodies import AmendReferral
from referrals.facts import referred
from referrals.models import Referral
from reviews import queue
from reviews.history import disagreements
from reviews.models import Decision, Event
from reviews.services import Actor, approve, reject, resubmit, return_for_correction
from tests import factories as make
from tests.monday import at, sweep_until
from tests.referrals.issuing import (
    SHANGHAI,
    TAIYUAN,
    XINING,
    clerk,
    hospital,
    in_review,
    insured,
    issued,
    taiyuan,
    the_enrollment,
)

pytestmark = pytest.mark.usefixtures("monday")


def told(account):
    return list(Message.objects.filter(account=account).order_by("created_at", "pk").values_list("kind", flat=True))


def revoked(referral, reason="患者决定在本地治疗"):
    return services.revoke(referral, actor=Actor(referral.applicant), reason=reason)


def verbs(row):
    return list(Event.objects.filter(submission=row.pk).order_by("id").values_list("verb", flat=True))


def test_approval_makes_the_filing_in_the_same_moment():
    patient = insured(TAIYUAN)
    citizen = make.citizen(patient)
    referral = in_review(patient)
    with at("2026-03-03 11:00"):
        approve(referral, reviewer=make.reviewer(TAIYUAN))

    referral.refresh_from_db()

    filing = Filing.objects.get()

    assert (referral.status, referral.made_filing_id) == ("approved", filing.pk)
    assert (filing.status, filing.lane, filing.valid_from, filing.valid_until) == (
        "approved", "referral", date(2026, 3, 2), date(2026, 9, 1),
    )  # fmt: skip
    assert filing.decided_at == referral.decided_at
    assert told(citizen) == ["referral_approved"]

    text = Message.objects.get(account=citizen).text
    assert "转往北京市的转诊" in text
    assert "有效期至2026年6月1日。" in text
    assert f"已同时办理到北京市的异地就医备案（受理编号{filing.number}，有效期至2026年9月1日）" in text
    assert disagreements() == (2, [])


def test_a_rejected_one_makes_nothing_and_the_patient_is_told():
    patient = insured(TAIYUAN)
    citizen = make.citizen(patient)

    reject(in_review(patient), reviewer=make.reviewer(TAIYUAN), reason="病情不符")

    assert not Filing.objects.exists()
    assert told(citizen) == ["referral_rejected"]


def test_what_is_returned_the_hospital_mends_and_the_patient_need_not():
    patient = insured(TAIYUAN)
    citizen, issuing_clerk = make.citizen(patient), taiyuan()
    referral = in_review(patient, issuing_clerk)

    return_for_correction(referral, reviewer=make.reviewer(TAIYUAN), reason="摘要不清", fields=["summary"])

    assert "您无需办理" in Message.objects.get(account=citizen).text

    services.amend(referral, AmendReferral.model_construct(summary="补充：增强CT示占位。"), actor=Actor(issuing_clerk))
    mended = resubmit(referral, actor=Actor(issuing_clerk))

    assert (mended.status, mended.round, mended.summary) == ("submitted", 2, "补充：增强CT示占位。")
    assert verbs(referral) == ["create", "submit", "return_for_correction", "amend", "resubmit"]


def test_what_nobody_mends_counts_as_withdrawn_and_the_patient_is_sent_to_the_hospital():
    patient = insured(TAIYUAN)
    citizen, referral = make.citizen(patient), in_review(patient)
    return_for_correction(referral, reviewer=make.reviewer(TAIYUAN), reason="摘要不清")
    sweep_until("2026-04-02 10:00")

    referral.refresh_from_db()

    assert referral.status == "withdrawn"
    assert "请联系开具医院" in Message.objects.get(account=citizen, kind="lapsed").text


def test_a_second_referral_for_the_illness_supersedes_the_first_and_its_filing():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    first = issued(patient, issuing_clerk)
    with at("2026-04-10 10:00"):
        second = issued(patient, issuing_clerk, diagnosis={"code": "C34.1"})

    first.refresh_from_db()

    assert (first.status, first.valid_until) == ("superseded", date(2026, 4, 9))
    assert (second.status, second.predecessor_id, second.valid_until) == ("approved", first.pk, date(2026, 7, 9))

    old, new = Filing.objects.order_by("created_at")
    assert (old.status, old.valid_until) == ("superseded", date(2026, 4, 9))
    assert (new.status, new.valid_from, new.pk) == ("approved", date(2026, 4, 10), second.made_filing_id)


def test_to_another_place_the_filing_of_the_first_ends_with_it():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    first = issued(patient, issuing_clerk)

    with at("2026-04-10 10:00"):
        issued(patient, issuing_clerk, to=SHANGHAI)
        old = Filing.objects.get(pk=first.made_filing_id)

    assert (old.status, old.valid_until) == ("cancelled", date(2026, 4, 9))
    assert list(Filing.objects.filter(status="approved").values_list("destination_id", flat=True)) == [SHANGHAI]


def test_a_successor_under_review_leaves_the_first_as_it_is():
    patient, issuing_clerk = insured(TAIYUAN), taiyuan()
    first = in_review(patient, issuing_clerk)
    approve(first, reviewer=make.reviewer(TAIYUAN))
    second = in_review(patient, issuing_clerk)

    first.refresh_from_db()

    assert (first.status, second.status, second.live_key) == ("approved", "submitted", f"after:{first.pk}")

    with pytest.raises(WrongState) as refused:
        in_review(patient, issuing_clerk, to=SHANGHAI)

    assert refused.value.code == "referral_overlaps"
    assert second.number in refused.value.detail

    reject(second, reviewer=make.reviewer(TAIYUAN), reason="不符")
    first.refresh_from_db()

    assert first.status == "approved"


def test_another_illness_stands_beside_and_a_longer_filing_is_not_cut():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    own = make.filed(the_enrollment(patient), make.citizen(patient), to=make.BEIJING, filing_type="other")
    first = issued(patient, issuing_clerk)
    second = issued(patient, issuing_clerk, diagnosis={"code": "G20"}, issued_on=date(2026, 2, 27))

    first.refresh_from_db()

    assert (first.status, second.status) == ("approved", "approved")

    # The filing of the second would end a few days before that of the first.
    filing = Filing.objects.get(pk=second.made_filing_id)
    assert (filing.valid_from, filing.valid_until) == (date(2026, 2, 27), date(2026, 9, 1))

    own.refresh_from_db()

    assert own.status != "superseded"


@pytest.mark.parametrize(
    ("area", "diagnosis", "until"),
    [
        (XINING, "C34.9", date(2027, 3, 1)),  # a malignant tumour: twelve months (青海, notice of 2022)
        (XINING, "N18.9", date(2027, 3, 1)),
        (XINING, "Z94.0", date(2027, 3, 1)),
        (XINING, "D66", date(2027, 3, 1)),
        (XINING, "G20", date(2026, 9, 1)),
        (make.CHONGQING, "C34.9", date(2026, 9, 1)),
    ],
)
def test_a_referral_for_some_diseases_files_for_longer(area, diagnosis, until):
    patient = insured(area)
    desk = clerk(hospital(f"H{area}00009", place=area))
    referral = issued(patient, desk, diagnosis={"code": diagnosis})
    if referral.status == "submitted":
        approve(referral, reviewer=make.reviewer(area))

    referral.refresh_from_db()

    filing = Filing.objects.get(pk=referral.made_filing_id)
    assert (filing.valid_from, filing.valid_until) == (date(2026, 3, 2), until)


def test_a_citizen_who_names_the_referral_has_the_longer_term_too():
    patient = insured(XINING)
    citizen = make.citizen(patient)
    referral = issued(patient, clerk(hospital("H63010000009", place=XINING)))
    approve(referral, reviewer=make.reviewer(XINING))
    made = Filing.objects.get(pk=Referral.objects.get(pk=referral.pk).made_filing_id)
    filing_services.cancel(made, actor=Actor.of(citizen, patient))

    again = make.filed(
        the_enrollment(patient), citizen, to=make.BEIJING, filing_type="referral", referral=str(referral.pk)
    )
    approve(again, reviewer=make.reviewer(XINING))

    again.refresh_from_db()

    assert again.valid_until == date(2027, 3, 1)


def test_the_hospital_revokes_with_a_reason_and_the_filing_ends():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    citizen = make.citizen(patient)
    referral = issued(patient, issuing_clerk)
    with at("2026-03-10 09:00"):
        with pytest.raises(Invalid) as refused:
            revoked(referral, "  ")
        assert refused.value.code == "reason_required"
        revoked(referral)

    referral.refresh_from_db()

    filing = Filing.objects.get()

    assert (referral.status, referral.valid_until) == ("revoked", date(2026, 3, 9))
    assert (filing.status, filing.valid_until) == ("cancelled", date(2026, 3, 9))
    assert {"referral_revoked", "filing_ended"} <= set(told(citizen))
    assert referral.notes.get().text == "患者决定在本地治疗"
    assert disagreements() == (2, [])


def test_revoking_one_of_two_leaves_the_other_with_a_filing_of_its_own():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    citizen = make.citizen(patient)
    first = issued(patient, issuing_clerk)
    second = issued(patient, issuing_clerk, diagnosis={"code": "G20"})
    revoked(second)

    first.refresh_from_db()

    assert sorted(told(citizen)[2:]) == ["approved", "filing_ended", "referral_revoked"]

    filing = Filing.objects.get(status="approved")
    assert (first.status, first.made_filing_id, filing.destination_id) == ("approved", filing.pk, make.BEIJING)


def test_a_citizens_own_filing_under_review_gives_way():
    patient = insured(TAIYUAN)
    account = make.citizen(patient)
    paper = make.material(account, "referral_certificate")
    own = make.filed(the_enrollment(patient), account, to=make.BEIJING, filing_type="referral", materials=[paper.pk])
    referral = in_review(patient)
    approve(referral, reviewer=make.reviewer(TAIYUAN))

    own.refresh_from_db()

    assert (own.status, Filing.objects.get(status="approved").lane) == ("cancelled", "referral")


def test_only_the_issuing_hospital_revokes():
    referral = issued(insured(make.CHONGQING))
    other = clerk(hospital("H50000000002", name="另一医院"))
    colleague = clerk()

    for account in (other, make.reviewer(), make.citizen(referral.person)):
        with pytest.raises(Forbidden):
            services.revoke(referral, actor=Actor(account), reason="试试")

    assert services.revoke(referral, actor=Actor(colleague), reason="误开").status == "revoked"


def test_it_reminds_and_expires_by_itself_and_the_filing_goes_on():
    patient = insured(make.CHONGQING)
    citizen = make.citizen(patient)
    referral = issued(patient)
    sweep_until("2026-06-02 12:00")

    referral.refresh_from_db()

    assert (referral.status, referral.valid_until) == ("expired", date(2026, 6, 1))

    events = list(Event.objects.filter(submission=referral.pk).order_by("id").values_list("verb", "at"))
    assert [(verb, f"{moment.astimezone(make.clock.SHANGHAI):%m-%d %H:%M}") for verb, moment in events[-2:]] == [
        ("remind", "05-25 09:00"), ("expire", "06-02 00:00"),
    ]  # fmt: skip
    assert {"referral_expiring", "referral_expired"} <= set(told(citizen))
    assert Filing.objects.get().status == "approved"


def test_it_ends_with_the_enrolment():
    patient = insured(make.CHONGQING)
    citizen = make.citizen(patient)
    referral = issued(patient)
    gone = RegisteredEnrollment(make.CHONGQING, "employee", "active", date(2015, 1, 1), date(2026, 3, 1))
    registry.store(RegisterRecord(patient.name, patient.id_number, enrollments=(gone,)))

    referral.refresh_from_db()

    assert (referral.status, Filing.objects.get().status) == ("cancelled", "cancelled")
    assert told(citizen).count("enrollment_ended") == 2


def test_a_month_of_simulation_decides_it_within_its_time(settings):
    settings.REVIEW_MODE = "simulated"
    referral = in_review()
    sweep_until("2026-03-04 17:00")

    referral.refresh_from_db()

    assert referral.status == "approved"
    assert referral.decided_at < referral.due_at
    assert Decision.objects.filter(submission=referral.pk).count() == 1


def test_a_missed_deadline_is_escalated_where_people_decide(settings):
    settings.REVIEW_MODE = "human"
    referral = in_review()
    with at("2026-03-04 17:01"):
        queue.drain()

    referral.refresh_from_db()

    assert (referral.status, referral.escalated_at) == ("submitted", make.moment("2026-03-04 17:01"))


def test_a_referral_home_makes_care_there_referred():
    patient = insured(make.CHONGQING)
    big, other = hospital(), hospital("H50000000002", name="另一医院")
    county = clerk(hospital("H50000000099", name="区医院", level=2))
    issued(patient, county, to=make.CHONGQING, receiving_institution=big.code)

    enrolled = the_enrollment(patient)

    assert referred(enrolled, big, date(2026, 3, 2))
    assert referred(enrolled, big, date(2026, 6, 1))
    assert not referred(enrolled, big, date(2026, 6, 2))
    assert not referred(enrolled, other, date(2026, 3, 2))


def test_a_citizen_names_it_when_filing_again_after_cancelling():
    patient = insured(TAIYUAN)
    account = make.citizen(patient)
    referral = in_review(patient)
    approve(referral, reviewer=make.reviewer(TAIYUAN))
    made = Filing.objects.get()
    filing_services.cancel(made, actor=Actor.of(account, patient))

    again = make.filed(
        the_enrollment(patient), account, to=make.BEIJING, filing_type="referral", referral=referral.verification_code
    )

    assert again.status == "submitted"

    revoked(referral)

    with pytest.raises(Invalid) as refused:
        make.filed(the_enrollment(patient), account, to=SHANGHAI, filing_type="referral", referral=referral.number)

    assert "referral_expired" in {problem.code for problem in refused.value.problems}


def test_a_referral_that_was_named_can_be_taken_back_by_a_correction():
    patient = insured(TAIYUAN)
    account = make.citizen(patient)
    referral = in_review(patient)
    approve(referral, reviewer=make.reviewer(TAIYUAN))
    filing_services.cancel(Filing.objects.get(), actor=Actor.of(account, patient))
    again = make.filed(
        the_enrollment(patient), account, to=make.BEIJING, filing_type="referral", referral=referral.number, keep=True
    )
    phone, address = make.api(account), f"/api/v1/filings/{again.pk}/"

    before = phone.get(address).json()
    untouched = phone.patch(address, {"address": "北京市东城区"}, format="json").json()
    without = phone.patch(address, {"referral": None}, format="json").json()

    assert [answer["referral"] for answer in (before, untouched, without)] == [referral.number, referral.number, None]
    assert "documents_missing" not in [check["code"] for check in before["checks"]]
    assert "documents_missing" in [check["code"] for check in without["checks"]]


def test_another_persons_referral_is_unknown():
    referral = issued(insured(make.CHONGQING))
    other = insured(make.CHONGQING, name="李雷")

    with pytest.raises(Invalid) as refused:
        make.filed(the_enrollment(other), to=make.BEIJING, filing_type="referral", referral=referral.number)

    assert "referral_unknown" in {problem.code for problem in refused.value.problems}


def test_a_new_hash_key_keeps_illnesses_and_live_keys_together(settings):
    referral = issued(insured(make.CHONGQING))
    before = (referral.illness, referral.live_key)
    settings.HASH_KEY = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE="
    rehash()

    after = Referral.objects.get()

    assert after.illness != before[0]
    assert after.live_key == f"referral:{after.enrollment_id}:{after.illness}:{make.BEIJING}"


def test_a_season_of_simulated_time_as_calculated_by_hand(settings):
    """Four Mondays, one referral each: three months are over on 1, 8, 15 and 22 June, reminders a week before."""
    settings.REVIEW_MODE = "simulated"
    issuing_clerk = taiyuan()
    for day in ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"):
        sweep_until(f"{day} 10:00")
        with at(f"{day} 10:00"):
            in_review(insured(TAIYUAN), issuing_clerk)
    sweep_until("2026-06-10 00:00")

    rows = Referral.objects.order_by("issued_on")

    assert [(row.status, f"{row.valid_until:%m-%d}", row.reminded_at is not None) for row in rows] == [
        ("expired", "06-01", True), ("expired", "06-08", True), ("approved", "06-15", True), ("approved", "06-22", False),
    ]  # fmt: skip
    assert all(row.decided_at < row.due_at for row in rows)
    # Filed for six months from the day of issue: all four still count.
    assert [f"{row.valid_until:%m-%d}" for row in Filing.objects.order_by("valid_from")] == [
        "09-01",
        "09-08",
        "09-15",
        "09-22",
    ]
    assert set(Filing.objects.values_list("status", flat=True)) == {"approved"}
    assert disagreements() == (8, [])
