"""What a hospital asks of its own visits: visits, diagnoses, settlements, lines, who lies in hospital (5201 to 5204, 5303)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from core.clock import SHANGHAI
from gateway import amounts, visits
from gateway.call import IN_PARTS, MOST, Call, Output, Refused, Transaction, whole
from gateway.care import INSUTYPE
from gateway.codes import MED_TYPE
from gateway.fee_lines import answer, record_of
from gateway.fields import moment, node, text
from gateway.models import FeeLine, Visit, VisitBill, VisitStatus
from gateway.outpatients import PERSON, VISIT
from gateway.persons import known_person, person_shown
from settlements.models import Settlement, Status

FROM, UNTIL = moment("begntime*", "开始时间"), moment("endtime*", "结束时间")
SETTLEMENT = text("setl_id*", "结算ID", 30)
STATES: Mapping[str, str] = {VisitStatus.OPEN: "1", VisitStatus.DISCHARGED: "2"}


def visits_asked(call: Call) -> Output:
    """5201: the hospital's visits of a person that began in a time."""
    said = call.given["data"]
    known = known_person(call.institution, said["psn_no"])
    rows = _own(call).filter(known=known, began_at__range=(said["begntime"], said["endtime"]))
    if said["mdtrt_id"]:
        rows = rows.filter(number=said["mdtrt_id"])
    return {
        "mdtrtinfo": [_visit_row(visit) for visit in whole(rows.filter(_of_type(said["med_type"])), MOST, IN_PARTS)]
    }


def _own(call: Call) -> QuerySet[Visit]:
    rows = Visit.objects.visible_to(call.account).exclude(status=VisitStatus.CANCELLED)
    return rows.select_related("known", "person").order_by("-began_at", "-pk")


def _of_type(med_type: str) -> Q:
    """The category that is asked for; a visit that has none yet is not left out."""
    return Q(med_type=med_type) | Q(med_type="")


def _visit_row(visit: Visit) -> dict[str, Any]:
    said = visits.said_of(visit)
    ended_on = visit.ended_at or visit.changed_at
    days = (ended_on.astimezone(SHANGHAI).date() - visit.began_at.astimezone(SHANGHAI).date()).days
    return {
        **_who(visit),
        "insu_optins": visit.insured_area or None,
        "mdtrt_id": visit.number,
        "insutype": INSUTYPE[visit.insurance],
        "begntime": visit.began_at,
        "endtime": visit.ended_at,
        "med_type": visit.med_type or None,
        "ipt_otp_no": visits.own_number(visit) or None,
        "atddr_no": said.get("atddr_no"),
        "chfpdr_name": said.get("chfpdr_name") or said.get("dr_name"),
        "adm_dept_codg": said.get("adm_dept_codg") or said.get("dept_code"),
        "adm_dept_name": said.get("adm_dept_name") or said.get("dept_name"),
        **{name: said.get(name) for name in SAID},
        "inhosp_stas": STATES.get(visit.status, "0") if visit.inpatient else None,
        "ipt_days": max(1, days) if visit.inpatient and visit.ended_at else None,
    }


SAID = (
    "medrcdno", "adm_bed", "adm_diag_dscr", "dscg_dept_codg", "dscg_dept_name", "dscg_bed", "dscg_maindiag_code",
    "dscg_maindiag_name", "main_cond_dscr", "dise_codg", "dise_name", "oprn_oprt_code", "oprn_oprt_name", "dscg_way",
    "die_date",
)  # fmt: skip


def _who(visit: Visit) -> dict[str, Any]:
    return person_shown(visit.known, None, visit.began_at.astimezone(SHANGHAI).date())


def diagnoses(call: Call) -> Output:
    """5202."""
    visit = visits.visit_for(call, call.given["data"])
    return {"diseinfo": [{"mdtrt_id": visit.number, **row} for row in visits.diagnoses_of(visit)]}


def settlement(call: Call) -> Output:
    """5203: one settlement of a visit, also one that was reversed, or its reversal (amounts negative)."""
    said = call.given["data"]
    visit = visits.visit_for(call, said)
    number = amounts.number_of(said["setl_id"])
    bill = _bills(visit).filter(Q(settlement__number=number) | Q(settlement__reversal__number=number)).first()
    if bill is None:
        raise Refused("没有查到该结算（setl_id），请先办理结算或核对编号", code="settlement_unknown")
    entry = bill.settlement if bill.settlement.number == number else bill.settlement.reversal
    return {"setlinfo": _settlement_row(call, visit, bill, entry), "setldetail": amounts.setldetail(entry)}


def _bills(visit: Visit) -> QuerySet[VisitBill]:
    return VisitBill.objects.filter(visit=visit).select_related("settlement__enrollment", "settlement__year")


def _settlement_row(call: Call, visit: Visit, bill: VisitBill, entry: Settlement) -> dict[str, Any]:
    kept, said = json.loads(bill.record), visits.said_of(visit)
    info = amounts.setlinfo(
        entry, number=visit.number, med_type=bill.med_type, msgid=bill.msgid, certificate=kept["cert"]
    )
    return {
        **person_shown(visit.known, entry.enrollment, entry.settled_on),
        **info,
        "balc": entry.enrollment.account_left,
        "psn_pay": info["psn_part_amt"],
        "cash_payamt": info["psn_cash_pay"],
        "flxempe_flag": "0",
        "nwb_flag": "0",
        "insu_optins": entry.area_id,
        "emp_name": None,
        "pay_loc": "2",
        "fixmedins_code": call.institution.code,
        "fixmedins_name": entry.institution_name,
        "hosp_lv": str(entry.level) if entry.level else None,
        "fixmedins_poolarea": entry.care_area_id,
        "lmtpric_hosp_lv": None,
        "dedc_hosp_lv": str(entry.level) if entry.level else None,
        "begndate": entry.admitted_on,
        "enddate": entry.discharged_on or entry.admitted_on,
        "refd_setl_flag": "0" if entry.status == Status.SETTLED else "1",
        "year": f"{entry.year.starts_on:%Y}",
        "dise_codg": entry.disease or said.get("dise_codg"),
        "dise_name": said.get("dise_name"),
        "invono": kept.get("invono"),
        "opter_id": kept["opter"],
        "opter_name": kept["opter_name"],
        "opt_time": entry.settled_at,
    }


def lines(call: Call) -> Output:
    """5204: the lines of a visit, or of one settlement of it, as they were sent and as they were answered."""
    said = call.given["data"]
    visit = visits.visit_for(call, said)
    rows = FeeLine.objects.filter(visit=visit).select_related("bill__settlement").order_by("ordinal")
    if said["setl_id"]:
        rows = rows.filter(bill__settlement__number=amounts.number_of(said["setl_id"]))
    return {"feedetail": [*_line_rows(visit, rows)]}


def _line_rows(visit: Visit, rows: QuerySet[FeeLine]) -> Iterator[dict[str, Any]]:
    for line in rows:
        of = line.bill.settlement if line.bill and line.is_settled else None
        kept = record_of(line)
        yield {
            **kept["sent"],
            **answer(line, kept),
            "mdtrt_id": visit.number,
            "psn_no": visit.known.psn_no,
            "setl_id": amounts.setl_id_of(of) if of else None,
        }


def in_hospital(call: Call) -> Output:
    """5303: who lies in this hospital, admitted in a time."""
    said = call.given["data"]
    rows = _own(call).filter(inpatient=True, status=VisitStatus.OPEN)
    rows = rows.filter(began_at__range=(said["begntime"], said["endtime"]))
    if said["psn_no"]:
        rows = rows.filter(known=known_person(call.institution, said["psn_no"]))
    return {"data": [_in_hospital_row(visit) for visit in whole(rows, MOST, IN_PARTS)]}


def _in_hospital_row(visit: Visit) -> dict[str, Any]:
    return {
        "mdtrt_id": visit.number,
        **_who(visit),
        "insutype": INSUTYPE[visit.insurance],
        "begndate": visit.began_at.astimezone(SHANGHAI).date(),
        "med_type": visit.med_type,
        "ipt_otp_no": visits.own_number(visit) or None,
        "out_flag": "1",
    }


def _query(infno: str, name: str, table: Any, handle: Any) -> Transaction:
    return Transaction(infno, name, (node("data*", *table),), handle, once=False)


TRANSACTIONS = (
    _query(
        "5201", "就诊信息查询",
        (PERSON, FROM, UNTIL, text("med_type*", "医疗类别", 6, MED_TYPE), text("mdtrt_id", "就诊ID", 30)), visits_asked,
    ),
    _query("5202", "诊断信息查询", (VISIT, PERSON), diagnoses),
    _query("5203", "结算信息查询", (PERSON, SETTLEMENT, VISIT), settlement),
    _query("5204", "费用明细查询", (PERSON, text("setl_id", "结算ID", 30), VISIT), lines),
    _query("5303", "在院信息查询", (text("psn_no", "人员编号", 30), FROM, UNTIL), in_hospital),
)  # fmt: skip
