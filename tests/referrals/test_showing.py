"""Who sees a referral, the certificate, and what the public verification says."""

import re
from datetime import date

import pypdfium2
import pytest
from django.conf import settings as django_settings

from referrals import services
from referrals.models import Referral
from reviews import queue
from reviews.lifecycle import LIFECYCLES
from reviews.services import Actor, approve, withdraw
from tests import factories as make
from tests.monday import at, sweep_until
from tests.referrals.issuing import TAIYUAN, clerk, hospital, in_review, insured, issued

pytestmark = pytest.mark.usefixtures("monday")


def pdf_text(answer):
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 1
    return re.sub(r"\s", "", document[0].get_textpage().get_text_range())


def certificate(account, referral):
    return make.api(account).get(
        f"/api/v1/referrals/{referral.pk}/certificate.pdf", headers={"Accept": "application/pdf"}
    )


def verify(code):
    return make.api().get(f"/api/v1/referrals/verify/{code}/")


def test_each_sees_what_is_theirs():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    mine = issued(patient, issuing_clerk)
    other = issued(insured(make.CHONGQING), clerk(hospital("H50000000002", name="另一医院")))
    in_review()

    def seen(account):
        return {row["id"] for row in make.api(account).get("/api/v1/referrals/").json()["results"]}

    assert seen(issuing_clerk) == {str(mine.pk)}
    assert seen(make.citizen(patient)) == {str(mine.pk)}
    assert seen(make.reviewer()) == {str(mine.pk), str(other.pk)}
    assert seen(make.citizen()) == set()
    assert make.api(issuing_clerk).get(f"/api/v1/referrals/{other.pk}/").status_code == 404


def test_the_illness_is_for_patient_hospital_and_reviewer():
    referral = issued(insured(make.CHONGQING))
    for account in (make.citizen(referral.person), clerk(), make.reviewer()):
        shown = make.api(account).get(f"/api/v1/referrals/{referral.pk}/").json()
        assert (shown["diagnosis"]["code"], shown["person_name"]) == ("C34.9", "王*兰")

    hidden = make.api(make.staff("admin")).get(f"/api/v1/referrals/{referral.pk}/").json()

    assert (hidden["diagnosis"], hidden["summary"]) == (None, "")


def test_the_certificate_says_all_and_renders_rare_characters():
    patient = insured(make.CHONGQING, name="王㐂𠮷")
    receiver = make.institution("H11010100001", place=make.BEIJING, name="北京示范医院")
    referral = issued(patient, receiving_institution=receiver.code)

    answer = certificate(make.citizen(patient), referral)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")

    text = pdf_text(answer)
    for said in (
        "转诊转院证明", referral.number, "王㐂𠮷", patient.id_number, "支气管或肺恶性肿瘤（C34.9）", "需专科诊治",
        "北京示范医院", "重医附一院", "赵明（主任医师）", "2026年3月2日至2026年6月1日", "70岁"
    ):  # fmt: skip
        assert said in text, said


def test_no_certificate_before_it_stands_nor_after_it_fell():
    waiting = in_review()

    assert certificate(make.citizen(waiting.person), waiting).json()["errors"][0]["code"] == "no_certificate"

    referral = issued(insured(make.CHONGQING))
    services.revoke(referral, actor=Actor(referral.applicant), reason="误开")

    assert certificate(clerk(), referral).status_code == 409


def test_strangers_get_no_certificate():
    referral = issued(insured(make.CHONGQING))

    assert certificate(make.citizen(), referral).status_code == 404
    assert make.api().get(f"/api/v1/referrals/{referral.pk}/certificate.pdf").status_code == 401


def test_whoever_holds_the_code_may_verify_and_learns_no_illness():
    referral = issued(insured(make.CHONGQING))

    shown = verify(referral.verification_code).json()

    assert shown == {
        "valid": True,
        "status": "approved",
        "status_label": "有效",
        "number": referral.number,
        "patient": "王*兰",
        "issuer": "重医附一院",
        "receiver": None,
        "destination": "北京市",
        "issued_on": "2026-03-02",
        "valid_until": "2026-06-01",
    }

    code = referral.verification_code.lower()
    assert verify(f"{code[:4]}-{code[4:]}").json()["valid"]


@pytest.mark.parametrize("how", ["revoked", "superseded", "expired", "cancelled", "withdrawn", "submitted"])
def test_what_does_not_stand_says_so(how):
    waiting = how in ("withdrawn", "submitted")
    referral = in_review() if waiting else issued(insured(make.CHONGQING))
    match how:
        case "withdrawn":
            withdraw(referral, actor=Actor(referral.applicant))
        case "revoked":
            services.revoke(referral, actor=Actor(referral.applicant), reason="误开")
        case "superseded":
            issued(referral.person)
        case "expired":
            sweep_until("2026-06-02 12:00")
        case "cancelled":
            enrolled = referral.enrollment
            enrolled.valid_until = date(2026, 3, 5)
            enrolled.save()
            Referral.objects.filter(pk=referral.pk).update(wake_at=make.clock.now())
            with at("2026-03-06 10:00"):
                queue.drain()

    with at("2026-06-03 10:00" if how == "expired" else "2026-03-06 11:00"):
        shown = verify(referral.verification_code).json()

    assert (shown["valid"], shown["status"]) == (False, how)


def test_past_its_last_day_it_does_not_count_even_before_the_sweep():
    referral = issued(insured(make.CHONGQING))

    with at("2026-06-02 00:30"):
        shown = verify(referral.verification_code).json()

    assert (shown["valid"], shown["status"], shown["status_label"]) == (False, "approved", "已到期")


def test_an_unknown_code_and_too_many_tries(settings):
    settings.LIMITS = {**django_settings.LIMITS, "verify": "2/min"}

    assert [verify("NONESUCH").status_code for _try in range(3)] == [404, 404, 429]


def test_codes_cannot_be_guessed():
    codes = {issued(insured(make.CHONGQING)).verification_code for _each in range(5)}

    assert len(codes) == 5
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{16}", code) for code in codes)


def test_the_page_behind_the_code(client):
    referral = issued(insured(make.CHONGQING))

    page = client.get(f"/r/{referral.verification_code}/")

    assert page.status_code == 200
    assert "本转诊证明真实有效" in page.content.decode()
    assert "有效期至" in page.content.decode()
    assert "肺" not in page.content.decode()

    services.revoke(referral, actor=Actor(referral.applicant), reason="误开")
    page = client.get(f"/r/{referral.verification_code}/").content.decode()

    assert "已撤销" in page
    assert "不能使用" in page
    assert "有效期至" not in page  # revoked on its first day, it never counted

    lost = client.get("/r/NONESUCH/")
    assert (lost.status_code, "没有这个验证码" in lost.content.decode()) == (404, True)
    assert client.get("/r/?code=abcd-efgh").headers["Location"] == "/r/ABCDEFGH/"


def test_lists_cost_the_same_however_long(django_assert_num_queries):
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    client = make.api(issuing_clerk)
    for code in ("C34.9", "G20", "I10"):
        issued(patient, issuing_clerk, diagnosis={"code": code})

    # the token with its account, rows, decisions; what fits a page is not counted
    with django_assert_num_queries(3):
        rows = client.get("/api/v1/referrals/?status=approved&destination=110000&ordering=-issued_on").json()["results"]

    assert len(rows) == 3


def test_filters_and_order():
    patient, issuing_clerk = insured(make.CHONGQING), clerk()
    referral = issued(patient, issuing_clerk)

    client = make.api(issuing_clerk)

    assert client.get("/api/v1/referrals/?status=revoked").json()["count"] == 0
    assert client.get(f"/api/v1/referrals/?q={referral.number}").json()["count"] == 1
    assert client.get("/api/v1/referrals/?destination=x").json()["count"] == 0
    assert client.get("/api/v1/referrals/?ordering=number").status_code == 400


def test_the_reviewers_case_page_tells_the_matter():
    referral = in_review()

    facts = dict(LIFECYCLES[referral.kind].described(referral))

    assert facts["诊断"] == "支气管或肺恶性肿瘤（C34.9）"
    assert facts["医师"] == "赵*（主任医师）"

    approve(referral, reviewer=make.reviewer(TAIYUAN))
