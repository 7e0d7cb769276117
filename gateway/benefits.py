"""What counts for a person who proved there who they are: 2001 benefits, 5301 chronic diseases, 5302 chosen institutions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import Enrollment
from accounts.models.insured import enrollments_with_agency
from chronic.standing import last_day, recognised
from core import clock
from gateway.call import Call, Output, Refused, Transaction
from gateway.care import INPATIENT, Kind, insurance_of, insured_in, kind_of
from gateway.codes import INSUTYPE, MED_TYPE
from gateway.fields import Field, moment, node, text
from gateway.models import KnownPerson
from gateway.persons import INSUTYPE as CODE_OF
from gateway.persons import known_person, require_proof
from policies.published import in_force
from regions.models import Institution
from settlements.eligibility.conditions import conditions
from settlements.eligibility.visit import Visit, visit_of

LONGEST_RESULT = 500
POOLED = {"employee": "310100", "resident": "390100"}
PSN_NO = text("psn_no*", "人员编号", 30)
CHECK = (
    node(
        "data*",
        PSN_NO,
        text("insutype*", "险种类型", 6, INSUTYPE),
        text("fixmedins_code*", "定点医药机构编号", 12),
        text("med_type*", "医疗类别", 6, MED_TYPE),
        moment("begntime*", "开始时间"),
        moment("endtime", "结束时间"),
        text("dise_codg", "病种编码", 30),
        text("dise_name", "病种名称", 500),
        text("oprn_oprt_code", "手术操作代码", 30),
        text("oprn_oprt_name", "手术操作名称", 500),
        text("matn_type", "生育类别", 6),
        text("birctrl_type", "计划生育手术类别", 6),
    ),
)


def _about(*more: Field) -> tuple[Any, ...]:
    return (node("data*", PSN_NO, *more),)


def proved_person(call: Call) -> KnownPerson:
    """The person a call is about, who proved there within a day who they are. Raises Refused."""
    known = known_person(call.institution, call.given["data"]["psn_no"])
    require_proof(known)
    return known


def _care(med_type: str) -> Kind:
    return kind_of(med_type, inpatient=med_type in INPATIENT)


def enrolled_as(known: KnownPerson, insurance: str, admdvs: str, on: date) -> Any:
    """The enrolment of an insurance, with its agency; of several the one in the area named, then the one in force.

    Raises Refused.
    """
    rows = [
        row
        for row in enrollments_with_agency(person=known.person_id, on=on, today=clock.today())
        if row.insurance == insurance
    ]
    if not rows:
        raise Refused("没有查到该人员在此险种的参保关系，请核对险种", code="not_insured")
    area = insured_in(admdvs, [row.area_id for row in rows])
    meant = [row for row in rows if row.area_id == area] or rows
    return next((row for row in meant if row.status_on(on) == "active"), meant[0])


def check(call: Call) -> Output:
    """2001: whether this care here is settled directly, and if not every reason with what to do about it."""
    known, said = proved_person(call), call.given["data"]
    if said["fixmedins_code"] != call.institution.code:
        raise Refused("定点医药机构编号与登录账户不符", code="not_yours")
    kind, on = _care(said["med_type"]), said["begntime"].date()
    if kind.care == "chronic" and not said["dise_codg"]:
        raise Refused("门诊慢特病须填写病种编码（dise_codg），如M03900", code="required")
    insured = enrolled_as(known, insurance_of(said["insutype"]), call.insuplc_admdvs, on)
    visit = _planned(insured, call.institution, kind, said["dise_codg"], on)
    return {"trtinfo": [{"psn_no": known.psn_no, **_treatment(visit)}]}


def _planned(insured: Enrollment, hospital: Institution, kind: Kind, disease: str, on: date) -> Visit:
    return visit_of(
        insured,
        hospital,
        care=kind.care,
        disease=disease if kind.care == "chronic" else "",
        on=on,
        emergency=kind.emergency,
        policy=in_force(insured.area_id, on),
    )


def _treatment(visit: Visit) -> Mapping[str, Any]:
    failed = [condition for condition in conditions(visit) if not condition.met]
    reasons = "；".join(f"{each.message}{each.remedy}" for each in failed)
    filing = visit.travel.filing
    return {
        "trt_chk_type": "01",
        "fund_pay_type": POOLED[visit.enrollment.insurance],
        "trt_enjymnt_flag": "0" if failed else "1",
        "begndate": visit.on,
        "enddate": filing.valid_until if filing and not failed else None,
        "trt_chk_rslt": reasons[:LONGEST_RESULT] or None,
    }


def _standing(known: KnownPerson) -> Any:
    today = clock.today()
    rows = Enrollment.objects.in_force(today).filter(person=known.person_id)
    return recognised([row.pk for row in rows], today)


def diseases(call: Call) -> Output:
    """5301: the chronic diseases that are recognised today."""
    return {
        "feedetail": [
            {
                "opsp_dise_code": row.disease_id,
                "opsp_dise_name": row.disease.name,
                "begndate": row.valid_from,
                "enddate": last_day(row),
            }
            for row in _standing(proved_person(call))
        ]
    }


def institutions(call: Call) -> Output:
    """5302: the institutions chosen for a chronic disease; none are listed where any may be gone to."""
    known = proved_person(call)
    chosen = [(row, place) for row in _standing(known) for place in row.institutions.order_by("code")]
    return {
        "psnfixmedin": [
            {
                "psn_no": known.psn_no,
                "insutype": CODE_OF[row.enrollment.insurance],
                "fix_srt_no": str(number),
                "fixmedins_code": place.code,
                "fixmedins_name": place.name,
                "begndate": row.valid_from,
                "enddate": last_day(row),
                "memo": row.disease.name,
            }
            for number, (row, place) in enumerate(chosen, 1)
        ]
    }


TRANSACTIONS = (
    Transaction("2001", "人员待遇享受检查", CHECK, check),
    Transaction("5301", "人员慢特病备案查询", _about(), diseases),
    Transaction("5302", "人员定点信息查询", _about(text("biz_appy_type*", "业务申请类型", 3)), institutions),
)
