"""Who stands there (1101), what counts for them (2001, 5301, 5302), and which institutions there are (1201)."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import registry
from accounts.models import Message
from accounts.services import vouchers
from chronic.models import Recognition
from core import clock
from gateway.models import KnownPerson
from regions.models import Disease
from settlements.models import IdentityLookup
from tests import factories as make
from tests.gateway.hospital import Hospital
from tests.settlements.till import SIMPLE, policies

CODE = "H11010100001"


@pytest.fixture
def place(db):
    return make.institution(CODE, outpatient=True, chronic=["M03900"], name="示范医院")


@pytest.fixture
def patient(place):
    return make.enrollment(
        make.person("示例甲", born=date(1960, 1, 1)), category="retired", account_balance=Decimal("321.50")
    )


@pytest.fixture
def registered(patient):
    """The insured register knows the patient."""
    person = patient.person
    registry.store(
        registry.RegisterRecord(person.name, person.id_number, enrollments=(registry.as_registered(patient),))
    )


@pytest.fixture
def hospital(place):
    with clock.standing_at(make.moment("2026-11-20 09:00")), policies(SIMPLE):
        yield Hospital(CODE)


def by_code(patient):
    token = vouchers.issue(make.citizen(patient.person), patient.person_id).token
    return {
        "data": {
            "mdtrt_cert_type": "01", "mdtrt_cert_no": token, "card_sn": "", "begntime": "", "psn_cert_type": "01",
            "certno": "", "psn_name": "",
        }
    }  # fmt: skip


def by_number(patient, name="示例甲"):
    number = patient.person.id_number
    return {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": number, "psn_cert_type": "01", "psn_name": name}}


def check(known, **otherwise):
    return {
        "data": {
            "psn_no": known, "insutype": "310", "fixmedins_code": CODE, "med_type": "21",
            "begntime": "2026-11-20 00:00:00", **otherwise,
        }
    }  # fmt: skip


def test_who_shows_a_code_is_told_in_full_and_keeps_a_number_of_this_hospital(hospital, patient):
    first, second = (hospital.output("1101", by_code(patient)) for _each in range(2))
    elsewhere = make.institution("H11010100002")
    other = Hospital(elsewhere.code).output("1101", by_code(patient))

    base = first["baseinfo"]
    assert base == {
        "psn_no": base["psn_no"], "psn_cert_type": "01", "certno": patient.person.id_number, "psn_name": "示例甲",
        "gend": base["gend"], "naty": None, "brdy": "1960-01-01", "age": Decimal("66.00"), "exp_content": None,
    }  # fmt: skip
    assert first["insuinfo"] == [
        {
            "balc": Decimal("321.50"), "insutype": "310", "psn_type": "1201", "cvlserv_flag": "0", "psn_insu_stas": "1",
            "psn_insu_date": "2015-01-01", "paus_insu_date": None, "insuplc_admdvs": "500000", "emp_name": None,
        }
    ]  # fmt: skip
    assert first["idetinfo"] == []
    assert second["baseinfo"]["psn_no"] == base["psn_no"] != other["baseinfo"]["psn_no"]
    assert not IdentityLookup.objects.exists()


def test_who_is_found_by_name_and_number_is_on_record_and_told(hospital, patient, registered):
    make.citizen(patient.person)

    found = hospital.output("1101", by_number(patient))

    assert found["baseinfo"]["psn_name"] == "示例甲"
    assert IdentityLookup.objects.get().institution_id == CODE
    assert Message.objects.get(kind="looked_up").text.startswith("示范医院未扫医保码")


def test_a_number_without_a_name_and_a_card_are_refused_and_a_wrong_name_is_a_guess(hospital, patient):
    nameless = hospital.refusal("1101", by_number(patient, name=""))
    card = hospital.refusal("1101", {"data": {"mdtrt_cert_type": "03", "mdtrt_cert_no": "A1"}})
    wrong = [hospital.refusal("1101", by_number(patient, name="示例乙")) for _each in range(11)]

    assert nameless == "用证件号码办理须填写人员姓名（psn_name），或请患者出示医保码"
    assert card == "请扫医保码，或用身份证号码办理"
    assert wrong[0] == "没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。"
    assert wrong[-1] == "操作过于频繁，请稍后再试。"
    assert not KnownPerson.objects.exists()


def test_too_often_is_no_answer_for_good(hospital, patient, registered, settings):
    message, rates = hospital.message("1101", by_number(patient)), settings.LIMITS
    settings.LIMITS = {**rates, "identify-operator": "0/hour"}

    too_often = json.loads(hospital.post(message).content)
    settings.LIMITS = rates
    later = json.loads(hospital.post(message).content)

    assert (too_often["infcode"], too_often["err_msg"]) == (-1, "操作过于频繁，请稍后再试。")
    assert later["output"]["baseinfo"]["psn_name"] == "示例甲"


def test_a_code_another_hospital_read_is_refused(hospital, patient):
    sent = by_code(patient)
    Hospital(make.institution("H11010100002").code).output("1101", sent)

    assert "医保码已由其他医疗机构读取" in hospital.refusal("1101", sent)


def test_benefits_are_told_with_every_reason_against_them(hospital, patient):
    psn_no = hospital.output("1101", by_code(patient))["baseinfo"]["psn_no"]

    (told,) = hospital.output("2001", check(psn_no))["trtinfo"]
    (emergency,) = hospital.output("2001", check(psn_no, med_type="24"))["trtinfo"]

    assert (told["trt_enjymnt_flag"], told["fund_pay_type"], told["begndate"]) == ("0", "310100", "2026-11-20")
    assert "备案" in told["trt_chk_rslt"]
    assert emergency["trt_enjymnt_flag"] == "1", emergency["trt_chk_rslt"]
    assert emergency["trt_chk_rslt"] is None


@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [
        ({"insutype": "340"}, "险种340不支持异地直接结算"),
        ({"med_type": "52"}, "该医疗类别不支持异地直接结算"),
        ({"med_type": "14"}, "门诊慢特病须填写病种编码"),
        ({"fixmedins_code": "H11010100002"}, "定点医药机构编号与登录账户不符"),
        ({"insutype": "390"}, "没有查到该人员在此险种的参保关系"),
        ({"psn_no": "1"}, "没有查到该人员编号"),
    ],
)
def test_what_cannot_be_checked_is_refused(hospital, patient, otherwise, sentence):
    psn_no = hospital.output("1101", by_code(patient))["baseinfo"]["psn_no"]

    assert hospital.refusal("2001", check(psn_no, **otherwise)).startswith(sentence)


def test_what_is_somebodys_own_needs_a_proof_of_this_day(hospital, patient):
    psn_no = hospital.output("1101", by_code(patient))["baseinfo"]["psn_no"]
    KnownPerson.objects.update(proved_at=timezone.now() - timedelta(hours=25))

    for infno, sent in (
        ("2001", check(psn_no)),
        ("5301", {"data": {"psn_no": psn_no}}),
        ("5302", {"data": {"psn_no": psn_no, "biz_appy_type": "01"}}),
    ):
        assert hospital.refusal(infno, sent) == "该人员的身份核实已超过24小时，请先读取人员信息（1101）"


def test_recognised_diseases_and_their_institutions_are_listed(hospital, patient, place):
    Disease.objects.create(code="M03900", name="高血压", since=2022)
    row = make.recognition_draft(patient, "M03900", account=make.citizen(patient.person))
    row.institutions.set([place])
    Recognition.objects.update(
        status="approved", submitted_at=clock.now(), due_at=clock.now(), valid_from=date(2026, 1, 1)
    )
    psn_no = hospital.output("1101", by_code(patient))["baseinfo"]["psn_no"]

    listed = hospital.output("5301", {"data": {"psn_no": psn_no}})["feedetail"]
    chosen = hospital.output("5302", {"data": {"psn_no": psn_no, "biz_appy_type": "01"}})["psnfixmedin"]

    assert [(each["opsp_dise_code"], each["opsp_dise_name"]) for each in listed] == [("M03900", "高血压")]
    assert [(each["fixmedins_code"], each["insutype"], each["memo"]) for each in chosen] == [(CODE, "310", "高血压")]


def test_institutions_are_found_by_code_by_name_or_are_the_hospital_itself(hospital, place):
    make.institution("H11010100002", name="另一医院")

    def found(**said):
        rows = hospital.output("1201", {"medinsInfo": {"fixmedins_type": "1", **said}})["medinsinfo"]
        return [row["fixmedins_code"] for row in rows]

    assert found(fixmedins_code="H11010100002") == ["H11010100002"]
    assert found(fixmedins_name="另一") == ["H11010100002"]
    assert found() == [CODE]
    assert found(fixmedins_code="H99") == []


def test_more_institutions_than_one_answer_holds_are_asked_for_by_more_of_their_name(hospital, place, monkeypatch):
    monkeypatch.setattr("gateway.institutions.MOST", 1)
    make.institution("H11010100002", name="另一医院")

    refused = hospital.refusal("1201", {"medinsInfo": {"fixmedins_type": "1", "fixmedins_name": "医院"}})

    assert refused == "查询结果超过1条，请写全机构名称，或按机构编号查询"
