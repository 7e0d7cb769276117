"""Issuing: what stands at once, what waits, what is refused, each with its code (DESIGN.md §6, RULES.md §1.2)."""

from datetime import date

import pytest

from accounts.models import Message
from filings.models import Filing
from referrals.models import Referral
from reviews.models import Event
from tests import factories as make
from tests.referrals.issuing import HANGZHOU, NINGBO, SHANGHAI, TAIYUAN, body, clerk, hospital, insured, taiyuan

pytestmark = pytest.mark.usefixtures("monday")


def post(account, sent, **headers):
    return make.api(account).post("/api/v1/referrals/", sent, headers=headers)


def refusal(answer):
    error = answer.json()["errors"][0]
    return answer.status_code, error["code"], error["attr"]


def test_where_the_area_does_not_review_it_stands_at_once_and_makes_the_filing():
    patient = insured(make.CHONGQING)

    answer = post(clerk(), body(patient))

    shown = answer.json()

    assert answer.status_code == 201, shown
    assert (shown["status"], shown["issued_on"], shown["valid_from"], shown["valid_until"]) == (
        "approved", "2026-03-02", "2026-03-02", "2026-06-01",
    )  # fmt: skip
    assert shown["diagnosis"] == {"code": "C34.9", "name": "支气管或肺恶性肿瘤"}
    assert len(shown["verification_code"]) == 19

    filing = Filing.objects.get()
    assert shown["filing"] == str(filing.pk)
    assert (filing.type, filing.destination_id, filing.status, filing.travel) == (
        "referral", make.BEIJING, "approved", "referral",
    )  # fmt: skip
    assert (filing.valid_from, filing.valid_until) == (date(2026, 3, 2), date(2026, 9, 1))
    assert shown["benefit"]["travel_label"] == "异地转诊"


def test_where_the_area_reviews_it_waits_two_working_days_and_files_nothing_yet():
    answer = post(taiyuan(), body(insured(TAIYUAN)))

    shown = answer.json()

    assert (answer.status_code, shown["status"], shown["due_at"]) == (201, "submitted", "2026-03-04T17:00:00+08:00")
    assert (shown["filing"], shown["benefit"], shown["actions"]) == (None, None, ["withdraw"])
    assert not Filing.objects.exists()


def test_a_diagnosis_is_named_by_its_chinese_name_too():
    shown = post(clerk(), body(insured(make.CHONGQING), diagnosis={"name": "帕金森病"})).json()

    assert shown["diagnosis"] == {"code": "G20", "name": "帕金森病"}


def test_a_code_is_kept_as_the_list_spells_it_under_the_hospitals_own_name():
    sent = {"code": "c34.900x001", "name": "肺癌"}

    shown = post(clerk(), body(insured(make.CHONGQING), diagnosis=sent)).json()

    assert shown["diagnosis"] == {"code": "C34.900x001", "name": "肺癌"}


def test_what_is_personal_is_sealed():
    post(clerk(), body(insured(make.CHONGQING)))

    row = Referral.objects.values("diagnosis_code", "diagnosis_name", "summary", "doctor_name").get()

    assert all("肺" not in repr(cell) and b"C34" not in cell for cell in row.values())


def test_the_same_key_and_body_issues_once_another_body_is_a_conflict():
    patient, account = insured(make.CHONGQING), clerk()
    client = make.api(account)
    first = client.post("/api/v1/referrals/", body(patient), headers={"Idempotency-Key": "k1"})
    again = client.post("/api/v1/referrals/", body(patient), headers={"Idempotency-Key": "k1"})

    other = client.post("/api/v1/referrals/", body(patient, SHANGHAI), headers={"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json()["id"] == again.json()["id"]
    assert refusal(other)[:2] == (409, "idempotency_conflict")
    assert Referral.objects.count() == 1


def level_two():
    return clerk(hospital("H50000000099", name="县医院", level=2))


REFUSED = {
    "a level-2 hospital where level 3 is required": (level_two, {}, 400, "issuer_level_too_low", "issuer"),
    "a hospital not entitled": (
        lambda: clerk(hospital("H50000000098", issues_referrals=False)), {}, 400, "issuer_not_entitled", "issuer",
    ),
    "a hospital of another area": (
        lambda: clerk(hospital("H51010000001", place=make.CHENGDU)), {}, 400, "issuer_elsewhere", "issuer",
    ),
    "a receiving hospital of a lower level": (
        clerk, {"receiving_institution": "H11000000002"}, 400, "receiver_level_lower", "receiving_institution",
    ),
    "a receiver outside the destination": (
        clerk, {"receiving_institution": "H31000000001"}, 400, "receiver_elsewhere", "receiving_institution",
    ),
    "a receiver nobody knows": (
        clerk, {"receiving_institution": "H99"}, 400, "institution_unknown", "receiving_institution",
    ),
    "a date in the future": (clerk, {"issued_on": "2026-03-03"}, 400, "issued_in_future", "issued_on"),
    "a paper that is over already": (clerk, {"issued_on": "2025-12-01"}, 400, "issued_too_long_ago", "issued_on"),
    "a whole province that pools by city": (clerk, {"destination": "330000"}, 400, "destination_granularity", "destination"),
    "a code that is none": (clerk, {"diagnosis": {"code": "癌"}}, 400, "diagnosis_code_invalid", "diagnosis.code"),
    "a name that is in no list, without a code": (
        clerk, {"diagnosis": {"name": "怪病"}}, 400, "diagnosis_unknown", "diagnosis",
    ),
    "the code of one illness with the name of another": (
        clerk, {"diagnosis": {"code": "I10", "name": "帕金森病"}}, 400, "diagnosis_mismatch", "diagnosis",
    ),
    "no diagnosis at all": (clerk, {"diagnosis": {}}, 400, "diagnosis_unknown", "diagnosis"),
    "a patient of another name": (
        clerk, {"patient": {"name": "别人", "id_number": "110101195503070028"}}, 404, "not_registered", None,
    ),
    "a place where they are not insured": (clerk, {"insured_area": TAIYUAN}, 404, "not_insured", "insured_area"),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_refusals(why):
    by, fields, status, code, attr = REFUSED[why]
    make.area("330000")
    make.institution("H11000000002", place=make.BEIJING, name="区医院", level=2)
    make.institution("H31000000001", place=SHANGHAI, name="中山医院")
    patient = insured(make.CHONGQING)

    answer = post(by(), body(patient, **fields) | fields)

    assert refusal(answer) == (status, code, attr), answer.json()
    assert (Referral.objects.count(), Event.objects.count()) == (0, 0)


def test_three_months_to_the_day_are_young_enough():
    answer = post(clerk(), body(insured(make.CHONGQING), issued_on="2025-12-03"))

    assert (answer.status_code, answer.json()["valid_until"]) == (201, "2026-03-02")


def test_somebody_whose_enrolment_ended_is_not_insured():
    answer = post(clerk(), body(insured(make.CHONGQING, until=date(2026, 2, 28))))

    assert refusal(answer) == (404, "not_insured", "patient")


def test_two_enrolments_are_told_apart():
    patient, account = insured(make.CHONGQING, make.BEIJING), clerk()

    answer = post(account, body(patient, SHANGHAI))

    errors = answer.json()["errors"]

    assert answer.status_code == 409
    assert [error["code"] for error in errors] == ["enrollment_ambiguous"] * 2
    assert "insured_area=110000，insurance=employee" in errors[0]["detail"]

    chosen = post(account, body(patient, SHANGHAI, insured_area=make.CHONGQING))
    assert (chosen.status_code, chosen.json()["insured_area"]) == (201, make.CHONGQING)


@pytest.mark.parametrize(("rank", "status"), [("attending", 400), ("associate_chief", 201), ("chief", 201)])
def test_ningbo_asks_for_an_associate_chief_physician(rank, status):
    at = hospital("H33020000001", place=NINGBO, name="宁波市示范医院")

    answer = post(clerk(at), body(insured(NINGBO), doctor={"name": "赵明", "rank": rank}))

    assert answer.status_code == status

    if status == 400:
        assert refusal(answer) == (400, "doctor_rank_too_low", "doctor.rank")


def test_at_home_a_small_hospital_sends_up_and_nothing_is_filed():
    county = hospital("H50000000099", name="区医院", level=2)
    big = hospital()
    patient = insured(make.CHONGQING)
    sent = body(patient, make.CHONGQING, receiving_institution=big.code, doctor={"name": "孙", "rank": "attending"})

    shown = post(clerk(county), sent).json()

    assert (shown["status"], shown["filing"], shown["benefit"]) == ("approved", None, None)
    assert not Filing.objects.exists()


def test_from_an_area_to_itself_nobody_is_referred():
    answer = post(clerk(), body(insured(make.CHONGQING), make.CHONGQING))

    assert refusal(answer) == (400, "referral_to_itself", "destination")
    assert not Referral.objects.exists()


def test_a_second_one_for_the_illness_says_that_it_replaces_the_first():
    patient, account = insured(make.CHONGQING), clerk()
    citizen = make.citizen(patient)
    first = post(account, body(patient)).json()
    second = post(account, body(patient)).json()

    assert [(found["code"], first["number"] in found["message"]) for found in second["checks"]] == [
        ("referral_replaces", True)
    ]

    told = Message.objects.filter(account=citizen, kind="referral_approved").order_by("pk")

    assert f"替代同一疾病此前的转诊（受理编号{first['number']}）" in told.last().text
    assert "替代" not in told.first().text


def test_where_care_is_free_of_filing_none_is_made():
    shown = post(clerk(), body(insured(make.CHONGQING), make.CHENGDU)).json()

    assert (shown["status"], shown["filing"]) == ("approved", None)


def test_others_do_not_issue():
    patient = insured(make.CHONGQING)

    for account in (make.citizen(patient), make.reviewer(), make.supervisor(), make.staff("admin")):
        assert refusal(post(account, body(patient)))[:2] == (403, "permission_denied")


def test_another_city_of_the_province_is_elsewhere_too():
    at = hospital("H33020000001", place=NINGBO, name="宁波市示范医院")

    shown = post(clerk(at), body(insured(NINGBO), HANGZHOU)).json()

    assert shown["status"] == "submitted"
