"""The hospital's referrals in the admin, and the reviewers' pages."""

import pytest
from django.test import Client
from django.urls import reverse

from core.ids import new_id
from referrals import services
from referrals.models import Referral
from reviews.services import Actor, reject, return_for_correction
from tests import factories as make
from tests.monday import at
from tests.referrals.issuing import SHANGHAI, TAIYUAN, clerk, hospital, in_review, insured, issued, taiyuan

pytestmark = pytest.mark.usefixtures("monday")

LIST, ISSUE = reverse("admin:referrals_referral_changelist"), reverse("admin:issue_referral")


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(referral):
    return reverse("admin:referrals_referral_change", args=[referral.pk])


def filled(patient, **fields):
    make.area(make.BEIJING)
    return {
        "key": str(new_id()),
        "name": patient.name,
        "id_number": patient.id_number,
        "diagnosis": "C34.9 支气管或肺恶性肿瘤",
        "reason": "needs_specialty",
        "summary": "右上肺占位",
        "destination": "110000 北京市",
        "receiver": "",
        "doctor_name": "赵明",
        "doctor_rank": "chief",
        "issued_on": "",
        **fields,
    }


def test_the_hospital_issues_and_prints():
    client, patient = signed_in(clerk()), insured(make.CHONGQING)

    assert client.get(ISSUE).status_code == 200

    answer = client.post(ISSUE, filled(patient))

    referral = Referral.objects.get()

    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(referral))

    page = client.get(page_of(referral)).content.decode()
    assert "打印转诊证明" in page
    assert "撤销转诊" in page

    pdf = client.get(reverse("admin:referral_certificate", args=[referral.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert referral.number in client.get(LIST).content.decode()


def test_names_alone_do_too():
    client, patient = signed_in(clerk()), insured(make.CHONGQING)
    make.institution("H11010100001", place=make.BEIJING, name="北京示范医院")
    client.post(ISSUE, filled(patient, diagnosis="帕金森病", destination="北京市", receiver="北京示范医院"))

    referral = Referral.objects.get()

    assert (referral.diagnosis_code, referral.destination_id, referral.receiver_id) == (
        "G20",
        make.BEIJING,
        "H11010100001",
    )


def test_a_second_click_issues_nothing_more():
    client, patient = signed_in(clerk()), insured(make.CHONGQING)
    sent = filled(patient)

    first, second = client.post(ISSUE, sent), client.post(ISSUE, sent)

    assert first.headers["Location"] == second.headers["Location"]
    assert Referral.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"issued_on": "2026-03-03"}, "开具日期不能晚于今天"),
        ({"diagnosis": "怪病"}, "诊断不在常用目录中"),
        ({"id_number": "123"}, "身份证"),
        ({"name": "别人"}, "没有查到参保信息"),
        ({"summary": ""}, "不能为空"),
        ({"destination": "月球"}, "没有找到这个地区"),
        ({"key": "x"}, "页面已过期"),
    ],
)
def test_what_is_wrong_stands_in_the_form_and_what_was_typed_stays(fields, said):
    client, patient = signed_in(clerk()), insured(make.CHONGQING)
    answer = client.post(ISSUE, filled(patient, **fields))

    page = answer.content.decode()

    assert answer.status_code == 400
    assert said in page
    assert "赵明" in page
    assert not Referral.objects.exists()


def test_two_enrolments_are_chosen_between():
    client, patient = signed_in(clerk()), insured(make.CHONGQING, make.BEIJING)
    make.area(SHANGHAI)

    sent = filled(patient, destination=SHANGHAI)

    assert "insured_area=500000" in client.post(ISSUE, sent).content.decode()
    assert client.post(ISSUE, {**sent, "insured": "500000 重庆市", "insurance": "employee"}).status_code == 302


def test_the_hospital_revokes_with_a_reason():
    client, referral = signed_in(clerk()), issued(insured(make.CHONGQING))

    assert (
        "请写明撤销转诊的原因" in client.post(page_of(referral), {"action": "revoke", "reason": " "}).content.decode()
    )

    client.post(page_of(referral), {"action": "revoke", "reason": "患者留在本地"})
    referral.refresh_from_db()

    assert referral.status == "revoked"
    assert "患者留在本地" in client.get(page_of(referral)).content.decode()
    assert client.get(reverse("admin:referral_certificate", args=[referral.pk])).status_code == 302


def test_the_hospital_mends_what_was_returned():
    issuing_clerk = taiyuan()
    client, referral = signed_in(issuing_clerk), in_review(by=issuing_clerk)
    return_for_correction(referral, reviewer=make.reviewer(TAIYUAN), reason="摘要不清", fields=["summary", "doctor"])

    mend = reverse("admin:mend_referral", args=[referral.pk])

    assert "摘要不清" in client.get(page_of(referral)).content.decode()

    form = client.get(mend).content.decode()
    assert "右上肺占位，拟行手术。" in form
    assert "退回原因：摘要不清" in form
    assert "请核对：病情摘要、医师" in form

    client.post(mend, filled(referral.person, summary="补充摘要"))
    referral.refresh_from_db()

    assert (referral.status, referral.summary, referral.round) == ("submitted", "补充摘要", 2)


def test_the_list_says_what_came_back_and_what_was_refused_lately():
    issuing_clerk = taiyuan()
    client, reviewer = signed_in(issuing_clerk), make.reviewer(TAIYUAN)
    patient = insured(TAIYUAN)
    returned = in_review(patient, issuing_clerk)

    rejected = in_review(patient, issuing_clerk, diagnosis={"code": "G20"})

    assert "yd-hint" not in client.get(LIST).content.decode()

    return_for_correction(returned, reviewer=reviewer, reason="摘要不清")
    reject(rejected, reviewer=reviewer, reason="病情不符")

    page = client.get(LIST).content.decode()

    assert "1份转诊被参保地退回，最早的请在4月1日前补正" in page
    assert "近7天有1份转诊未通过参保地审核" in page

    only = client.get(LIST, {"status__exact": "returned"}).content.decode()
    assert returned.number in only
    assert rejected.number not in only
    with at("2026-03-09 18:00"):
        assert "未通过参保地审核" not in client.get(LIST).content.decode()

    elsewhere = signed_in(clerk(hospital("H50000000002", name="另一医院")))
    assert "yd-hint" not in elsewhere.get(LIST).content.decode()


def test_the_hospital_withdraws_what_waits():
    issuing_clerk = taiyuan()
    referral = in_review(by=issuing_clerk)
    signed_in(issuing_clerk).post(page_of(referral), {"action": "withdraw"})

    referral.refresh_from_db()

    assert referral.status == "withdrawn"


def test_other_hospitals_see_nothing_of_it():
    referral = issued(insured(make.CHONGQING))

    client = signed_in(clerk(hospital("H50000000002", name="另一医院")))

    assert referral.number not in client.get(LIST).content.decode()
    assert client.get(page_of(referral)).status_code == 302
    assert client.get(reverse("admin:mend_referral", args=[referral.pk])).status_code == 404
    assert client.get(reverse("admin:referral_certificate", args=[referral.pk])).status_code == 404


def test_reviewers_find_it_and_decide_on_the_case_page():
    referral, reviewer = in_review(), make.reviewer(TAIYUAN)

    client = signed_in(reviewer)

    assert referral.number in client.get(LIST).content.decode()

    case = reverse("admin:reviews_submission_change", args=[referral.pk])
    assert client.get(page_of(referral)).headers["Location"] == case

    page = client.get(case).content.decode()
    assert "支气管或肺恶性肿瘤（C34.9）" in page
    assert client.get(ISSUE).status_code == 403

    client.post(case, {"action": "approve", "version": Referral.objects.get().version})
    referral.refresh_from_db()

    assert referral.status == "approved"


def test_the_list_is_searched_by_id_number_and_filtered(privacy):
    issuing_clerk = clerk()
    client = signed_in(issuing_clerk)
    one, other = issued(insured(make.CHONGQING), issuing_clerk), issued(insured(make.CHONGQING), issuing_clerk)
    services.revoke(other, actor=Actor(issuing_clerk), reason="误开")

    with privacy.expecting():  # the number is typed into the address
        found = client.get(LIST, {"q": one.person.id_number}, follow=True).content.decode()

    assert one.number in found
    assert other.number not in found
    assert other.number in client.get(LIST, {"status__exact": "revoked"}).content.decode()


def test_citizens_stay_out():
    referral = issued(insured(make.CHONGQING))

    assert signed_in(make.citizen(referral.person)).get(LIST).status_code == 302


def test_a_second_one_for_the_illness_is_issued_once_the_hospital_knows_what_it_replaces():
    client, patient = signed_in(clerk()), insured(make.CHONGQING)
    client.post(ISSUE, filled(patient))
    first = Referral.objects.get()
    again = filled(patient, key=str(new_id()))

    asked = client.post(ISSUE, again)

    assert f"已有生效的转诊（受理编号{first.number}），这份转诊生效后将替代它" in asked.content.decode()
    assert Referral.objects.get().status == "approved"

    client.post(ISSUE, again | {"replacing": "1"})

    assert [row.status for row in Referral.objects.order_by("pk")] == ["superseded", "approved"]


def test_the_id_of_what_another_hospital_issued_is_no_id_for_ones_own():
    theirs, patient = issued(insured(make.CHONGQING)), insured(make.CHONGQING)
    other = clerk(hospital("H50010100002"))

    page = signed_in(other).post(ISSUE, filled(patient, key=str(theirs.pk))).content.decode()

    assert "页面已过期，请刷新后重新填写。" in page
    assert theirs.number not in page
    assert Referral.objects.get() == theirs
