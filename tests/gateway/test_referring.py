"""Referrals through the interface (2501, 2502, 5304), and files (9101, 9102)."""

import base64
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core import clock
from gateway.models import GatewayFile, KnownPerson
from referrals.models import Referral
from reviews.models import Status
from tests import factories as make
from tests.gateway.hospital import BASE, Hospital

ISSUER, RECEIVER = "H50000000001", "H11010100001"


@pytest.fixture
def patient(db):
    make.working_calendar()
    return make.enrollment(make.person("示例甲"))


@pytest.fixture
def hospital(patient):
    make.institution(ISSUER, place=make.CHONGQING, issues_referrals=True)
    make.institution(RECEIVER)
    with clock.standing_at(make.moment("2026-11-20 09:00")):
        yield Hospital(ISSUER, "500000")


@pytest.fixture
def psn_no(hospital, patient):
    return KnownPerson.objects.create(
        institution_id=ISSUER, person=patient.person, psn_no="1" * 26, proved_at=timezone.now(), means="voucher"
    ).psn_no


def referring(psn_no, **otherwise):
    return {
        "refmedin": {
            "psn_no": psn_no, "insutype": "310", "tel": "", "addr": "", "insu_optins": "500000",
            "diag_code": "C34.900", "diag_name": "肺恶性肿瘤", "dise_cond_dscr": "需放射治疗", "reflin_medins_no": RECEIVER,
            "reflin_medins_name": "示例第一医院", "mdtrtarea_admdvs": "110000", "hosp_agre_refl_flag": "1",
            "refl_type": "1", "refl_date": "2026-11-01", "refl_rea": "本院不具备治疗条件", "refl_opnn": "同意转院",
            "begndate": "2026-11-01", "enddate": "", **otherwise,
        }
    }  # fmt: skip


def test_a_referral_is_issued_found_and_taken_back(hospital, psn_no):
    number = hospital.output("2501A", referring(psn_no))["result"]["trt_dcla_detl_sn"]
    row = Referral.objects.get(number=number)

    said = {"trt_dcla_detl_sn": number, "psn_no": psn_no, "memo": "患者改在本地治疗"}
    listed = hospital.output("5304", {"data": {"psn_no": psn_no, "begntime": "2026-11-20", "endtime": ""}})
    undone = hospital.output("2502", {"data": said})

    assert (row.diagnosis_code, row.diagnosis_name, row.summary) == ("C34.900", "肺恶性肿瘤", "需放射治疗")
    assert (row.doctor_name, row.doctor_rank, row.reason) == ("示例收费员", "attending", "other")
    assert (row.destination_id, row.receiver_id, str(row.issued_on)) == ("110000", RECEIVER, "2026-11-01")
    if row.status == Status.APPROVED:
        assert [each["diag_code"] for each in listed["refmedin"]] == ["C34.900"]
    assert undone is None
    row.refresh_from_db()
    assert row.status in (Status.REVOKED, Status.WITHDRAWN)
    assert hospital.send("2502", {"data": said})["infcode"] == -1


@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [
        ({"diag_code": "x"}, "诊断编码不符合ICD-10格式"),
        ({"insutype": "390"}, "没有查到该人员有效的参保关系"),
        ({"hosp_agre_refl_flag": "0"}, "医院不同意转院"),
        ({"refl_date": "2026-11-21"}, "开具日期不能晚于今天"),
        ({"mdtrtarea_admdvs": "999999"}, ""),
        ({"reflin_medins_no": "H99999999999"}, "没有找到所选的接收医院"),
    ],
)
def test_what_cannot_be_issued_is_refused_with_our_sentence(hospital, psn_no, otherwise, sentence):
    assert hospital.refusal("2501", referring(psn_no, **otherwise)).startswith(sentence)
    assert not Referral.objects.exists()


def test_more_referrals_than_one_answer_holds_are_asked_for_in_parts(hospital, psn_no, monkeypatch):
    monkeypatch.setattr("gateway.referring.MOST", 0)
    asked = {"data": {"psn_no": "", "begntime": "2026-11-01", "endtime": ""}}

    none = hospital.output("5304", asked)["refmedin"]
    hospital.output("2501", referring(psn_no))
    Referral.objects.update(status=Status.APPROVED, valid_from="2026-11-01", valid_until="2027-01-01")
    refused = hospital.refusal("5304", asked)

    assert none == []
    assert refused == "查询结果超过0条，请缩短开始时间和结束时间，分段查询"


def test_another_hospitals_referral_is_not_there(hospital, psn_no, patient):
    number = hospital.output("2501", referring(psn_no))["result"]["trt_dcla_detl_sn"]
    KnownPerson.objects.create(
        institution_id=RECEIVER, person=patient.person, psn_no="2" * 26, proved_at=timezone.now(), means="voucher"
    )
    other = Hospital(RECEIVER)

    refusal = other.refusal("2502", {"data": {"trt_dcla_detl_sn": number, "psn_no": "2" * 26}})

    assert refusal.startswith("没有查到该待遇申报明细流水号")


def test_a_setting_without_a_rank_leaves_referrals_to_the_page(hospital, psn_no, settings):
    settings.GATEWAY_DOCTOR_RANK = ""

    assert hospital.refusal("2501", referring(psn_no)).startswith("本系统未设置接口转诊的医师职称")


# Files


def upload(data, **otherwise):
    return {"fsUploadIn": {"in": data, "filename": "对账.zip", "fixmedins_code": ISSUER, **otherwise}}


def fetched(hospital, number):
    said = {"file_qury_no": number, "filename": "对账.zip", "fixmedins_code": ISSUER}
    return hospital.post(hospital.message("9102", {"fsDownloadIn": said}))


@pytest.mark.parametrize("data", [[80, 75, -1, 255, 0], base64.b64encode(b"PK\xff\xff\0").decode()])
def test_a_file_comes_back_as_it_went_in(hospital, data):
    told = hospital.output("9101", upload(data))

    answer = fetched(hospital, told["file_qury_no"])

    assert (told["filename"], told["fixmedins_code"], len(told["file_qury_no"])) == ("对账.zip", ISSUER, 30)
    assert answer.content == b"PK\xff\xff\0"
    assert answer["Content-Type"] == "application/octet-stream"
    assert fetched(hospital, told["file_qury_no"]).content == b"PK\xff\xff\0"


def test_a_file_may_come_as_a_form(hospital):
    message = hospital.message("9101", {"fsUploadIn": {"filename": "a.zip", "fixmedins_code": ISSUER}})
    form = {"jsonStr": json.dumps(message), "file": SimpleUploadedFile("a.zip", b"PK\x01")}

    told = hospital.client.post(BASE, form).json()

    assert told["infcode"] == 0, told
    assert fetched(hospital, told["output"]["file_qury_no"]).content == b"PK\x01"


def test_a_file_is_its_hospitals_alone_and_goes_after_a_week(hospital):
    number = hospital.output("9101", upload([1]))["file_qury_no"]
    said = {"file_qury_no": number, "filename": "x", "fixmedins_code": RECEIVER}
    elsewhere = Hospital(RECEIVER).refusal("9102", {"fsDownloadIn": said})
    GatewayFile.objects.update(created_at=timezone.now() - timedelta(days=8))

    assert elsewhere.startswith("没有查到该文件")
    assert json.loads(fetched(hospital, number).content)["err_msg"].startswith("没有查到该文件")


@pytest.mark.parametrize("data", ["", None, "不是", [1, 256], [1, "a"], [[1]], {"a": 1}, 7])
def test_what_is_no_file_is_refused(hospital, data):
    assert "文件数据（in）" in hospital.refusal("9101", upload(data))
