"""2501, 2502 and 5304: a hospital's referral to another place (转院备案), taken back, and found.

The interface names no doctor and no rank: the operator is put down as the doctor, with the rank of the setting
GATEWAY_DOCTOR_RANK, which hospitals that refer through the interface have agreed to (docs/hospitals.md).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Enrollment
from accounts.services import ambiguous
from core import clock
from gateway.benefits import proved_person
from gateway.call import IN_PARTS, MOST, Call, Output, Refused, Transaction, whole
from gateway.care import INSUTYPE as CODE_OF
from gateway.care import insurance_of, insured_in
from gateway.codes import FLAG, INSUTYPE
from gateway.fields import day, moment, node, text
from gateway.models import KnownPerson
from gateway.persons import known_person, person_shown, require_proof
from gateway.transfers import left_stay, note_transfer
from referrals.bodies import AmendReferral
from referrals.models import Reason, Referral
from referrals.services import issue_for, revoke
from regions.models import Area
from reviews.lifecycle import Actor
from reviews.models import Status
from reviews.services import withdraw

REFER = (
    node(
        "refmedin*",
        text("psn_no*", "人员编号", 30),
        text("insutype", "险种类型", 6, INSUTYPE),
        text("tel", "联系电话", 50),
        text("addr", "联系地址", 200),
        text("insu_optins", "参保机构医保区划", 6),
        text("diag_code*", "诊断代码", 20),
        text("diag_name*", "诊断名称", 100),
        text("dise_cond_dscr", "疾病病情描述", 2000),
        text("reflin_medins_no*", "转往定点医药机构编号", 12),
        text("reflin_medins_name*", "转往医院名称", 200),
        text("mdtrtarea_admdvs*", "就医地行政区划", 6),
        text("hosp_agre_refl_flag", "医院同意转院标志", 3, FLAG),
        text("refl_type*", "转院类型", 30),
        day("refl_date*", "转院日期"),
        text("refl_rea*", "转院原因", 100),
        text("refl_opnn*", "转院意见", 200),
        day("begndate", "开始日期"),
        day("enddate", "结束日期"),
        text("refl_old_mdtrt_id", "转诊前就诊编号", 30),
    ),
)
UNDO = (
    node(
        "data*",
        text("trt_dcla_detl_sn*", "待遇申报明细流水号", 30),
        text("psn_no*", "人员编号", 30),
        text("memo", "备注", 500),
    ),
)
FIND = (node("data*", text("psn_no", "人员编号", 30), moment("begntime*", "开始时间"), moment("endtime", "结束时间")),)
UNDER_REVIEW = (Status.SUBMITTED, Status.RETURNED)
UNDONE = "医院通过国家平台接口撤销转院备案（2502）"


# 2501


def refer(call: Call) -> Output:
    """Issue a referral for somebody who proved there who they are. Raises Refused; what `issue_for` raises."""
    said = call.given["refmedin"]
    known = known_person(call.institution, said["psn_no"])
    require_proof(known)
    if said["hosp_agre_refl_flag"] == "0":
        raise Refused("医院不同意转院（hosp_agre_refl_flag为0），不能备案", code="not_agreed")
    stay = left_stay(call, said["refl_old_mdtrt_id"], known.psn_no)
    case = issue_for(call.account, _insured(known, said, call), _content(call, said))
    number = case.submission.number
    if stay is not None:
        note_transfer(call, stay, said["reflin_medins_no"], number)
    return {"result": {"trt_dcla_detl_sn": number}}


def _insured(known: KnownPerson, said: dict[str, Any], call: Call) -> Enrollment:
    """The enrolment that is meant: in force today, of the insurance and area that are named. Raises Refused, WrongState."""
    rows = Enrollment.objects.in_force(clock.today()).filter(person=known.person_id)
    meant = list(rows.select_related("person", "area__parent").order_by("area_id", "insurance"))
    if said["insutype"]:
        meant = [row for row in meant if row.insurance == insurance_of(said["insutype"])]
    area = insured_in(said["insu_optins"] or call.insuplc_admdvs, [row.area_id for row in meant])
    meant = [row for row in meant if row.area_id == area] or meant
    if not meant:
        raise Refused("没有查到该人员有效的参保关系，请核对险种和参保地", code="not_insured")
    if len(meant) > 1:
        raise ambiguous(meant)
    return meant[0]


def _content(call: Call, said: dict[str, Any]) -> AmendReferral:
    """What the hospital said, as a referral says it. Raises Refused, Invalid."""
    if not settings.GATEWAY_DOCTOR_RANK:
        raise Refused("本系统未设置接口转诊的医师职称，请在医院端页面开具转诊", code="rank_unknown")
    if not call.opter_name:
        raise Refused("转院备案须填写经办人姓名（opter_name），作为开具医师", code="required")
    return AmendReferral.of(
        {
            "diagnosis": {"code": said["diag_code"], "name": said["diag_name"][:80]},
            "reason": Reason.OTHER.value,
            "summary": said["dise_cond_dscr"] or said["refl_rea"],
            "destination": _destination(said["mdtrtarea_admdvs"]),
            "receiving_institution": said["reflin_medins_no"],
            "doctor": {"name": call.opter_name, "rank": settings.GATEWAY_DOCTOR_RANK},
            "issued_on": said["refl_date"].isoformat(),
        }
    )


def _destination(code: str) -> str:
    """The area that a code means: itself, its city, its province."""
    known = Area.objects.filter(code__in=(code, f"{code[:4]}00", f"{code[:2]}0000")).values_list("code", flat=True)
    return insured_in(code, list(known)) or code


# 2502


def undo(call: Call) -> Output:
    """Take back what stands, or is still under review."""
    said = call.given["data"]
    known = known_person(call.institution, said["psn_no"])
    rows = Referral.objects.visible_to(call.account).filter(person=known.person_id)
    referral = rows.filter(number=said["trt_dcla_detl_sn"]).first()
    if referral is None:
        raise Refused("没有查到该待遇申报明细流水号，请核对转院备案（2501）的返回", code="referral_unknown")
    if referral.status in UNDER_REVIEW:
        withdraw(referral, actor=Actor(call.account))
    else:
        revoke(referral, actor=Actor(call.account), reason=said["memo"][:300] or UNDONE)
    return None


# 5304


def find(call: Call) -> Output:
    """The referrals that count within a time: a person's, or without a person those that the hospital issued."""
    said = call.given["data"]
    since = said["begntime"].date()
    until = said["endtime"].date() if said["endtime"] else clock.today()
    known = proved_person(call) if said["psn_no"] else None
    mine: Any = Referral.objects.visible_to(call.account)
    if known is not None:
        mine = Referral.objects.filter(person=known.person_id)
    rows = mine.filter(status=Status.APPROVED, valid_from__lte=until, valid_until__gte=since)
    who = person_shown(known, None, clock.today()) if known is not None else {}
    return {"refmedin": [{**_shown(row), **who} for row in whole(_joined(rows), MOST, IN_PARTS)]}


def _joined(rows: QuerySet[Referral]) -> QuerySet[Referral]:
    return rows.select_related("enrollment", "receiver", "issuer", "person").order_by("-issued_on", "-id")


def _shown(row: Referral) -> dict[str, Any]:
    ends: date | None = row.valid_until
    return {
        "insutype": CODE_OF[row.enrollment.insurance],
        "dcla_souc": "01",
        "psn_name": row.person.name,
        "diag_code": row.diagnosis_code,
        "diag_name": row.diagnosis_name,
        "reflin_medins_no": row.receiver.code if row.receiver else None,
        "reflin_medins_name": row.receiver.name if row.receiver else None,
        "mdtrtarea_admdvs": row.destination_id,
        "out_flag": "1",
        "refl_date": row.issued_on,
        "refl_rea": row.get_reason_display(),
        "begndate": row.valid_from,
        "enddate": ends,
        "hosp_agre_refl_flag": "1",
        "opter_name": row.doctor_name,
        "fixmedins_code": row.issuer.code,
        "fixmedins_name": row.issuer.name,
    }


TRANSACTIONS = (
    Transaction("2501", "转院备案", REFER, refer),
    Transaction("2502", "转院备案撤销", UNDO, undo),
    Transaction("5304", "转院信息查询", FIND, find),
)
