"""Stays in hospital: admitted, changed, charged, discharged, settled, and all of it undone (2301 to 2305, 2401 to 2405)."""

from __future__ import annotations

from gateway import settling, visits
from gateway.call import Call, Output, Refused, Transaction
from gateway.codes import DSCG_WAY, FLAG, MED_TYPE
from gateway.fee_lines import ALL, add_lines, undo_lines
from gateway.fields import day, moment, node, number, text
from gateway.models.visits import lines_of
from gateway.outpatients import (
    BILL,
    BIRTH,
    CERTIFICATE,
    DIAGNOSIS,
    DISEASE,
    INSUTYPE,
    LINE,
    PARTS,
    PERSON,
    REVERSAL,
    VISIT,
    figures,
)  # fmt: skip
from gateway.proof import Proof

OWN_NUMBER = ("ipt_otp_no",)
OPERATION = (text("oprn_oprt_code", "手术操作代码", 30), text("oprn_oprt_name", "手术操作名称", 500))
CHILDBIRTH = (
    text("fpsc_no", "计划生育服务证号", 50), text("latechb_flag", "晚育标志", 3), number("fetts", "胎次", 3, 0),
    number("fetus_cnt", "胎儿数", 3, 0), text("pret_flag", "早产标志", 3), *BIRTH,
)  # fmt: skip
STAY = (
    text("coner_name", "联系人姓名", 50), text("tel", "联系电话", 50), text("medrcdno", "病历号", 30),
    text("main_cond_dscr", "主要病情描述", 1000), *DISEASE, *OPERATION, *CHILDBIRTH,
    text("dise_type_code", "病种类型", 30),
)  # fmt: skip
STAY_DIAGNOSIS = (
    *DIAGNOSIS, text("maindiag_flag*", "主诊断标志", 3, FLAG), text("adm_cond", "入院病情", 500),
    text("vali_flag", "有效标志", 3, FLAG),
)  # fmt: skip

ADMISSION = (
    node(
        "mdtrtinfo*",
        PERSON, INSUTYPE, moment("begntime*", "开始时间"), *CERTIFICATE, text("med_type*", "医疗类别", 6, MED_TYPE),
        text("ipt_no*", "住院号", 30, also=OWN_NUMBER), text("atddr_no*", "主治医生编码", 30),
        text("chfpdr_name*", "主诊医师姓名", 50), text("adm_diag_dscr*", "入院诊断描述", 200),
        text("adm_dept_codg*", "入院科室编码", 30), text("adm_dept_name*", "入院科室名称", 100),
        text("adm_bed*", "入院床位", 30), text("dscg_maindiag_code*", "住院主诊断代码", 20),
        text("dscg_maindiag_name*", "住院主诊断名称", 300), *STAY,
    ),
    node("diseinfo", PERSON, *STAY_DIAGNOSIS, many=True),
)  # fmt: skip
CHANGE = (
    node(
        "adminfo*",
        VISIT, PERSON, text("insutype", "险种类型", 6), moment("begntime", "开始时间"), moment("endtime", "结束时间"),
        text("med_type", "医疗类别", 6, MED_TYPE), text("ipt_no", "住院号", 30, also=OWN_NUMBER),
        text("atddr_no", "主治医生编码", 30), text("chfpdr_name", "主诊医师姓名", 50),
        text("adm_diag_dscr", "入院诊断描述", 200), text("adm_dept_codg", "入院科室编码", 30),
        text("adm_dept_name", "入院科室名称", 100), text("adm_bed", "入院床位", 30),
        text("dscg_maindiag_code", "住院主诊断代码", 20), text("dscg_maindiag_name", "住院主诊断名称", 300), *STAY,
    ),
    node("diseinfo", *STAY_DIAGNOSIS, many=True),
)  # fmt: skip
DISCHARGE = (
    node(
        "dscginfo*",
        VISIT, PERSON, INSUTYPE, moment("endtime*", "结束时间"), *DISEASE, *OPERATION, *CHILDBIRTH,
        text("cop_flag", "伴有并发症标志", 3), text("dscg_dept_codg*", "出院科室编码", 30),
        text("dscg_dept_name*", "出院科室名称", 100), text("dscg_bed", "出院床位", 30),
        text("dscg_way*", "离院方式", 3, DSCG_WAY), day("die_date", "死亡日期"),
    ),
    node("diseinfo", *STAY_DIAGNOSIS, many=True),
)  # fmt: skip
UNDOING = (node("data*", VISIT, PERSON),)
CHARGES = (
    node(
        "feedetail*",
        *LINE, *figures(signed=True), text("init_feedetl_sn", "原费用流水号", 30), text("drord_no", "医嘱号", 30),
        text("med_type*", "医疗类别", 6, MED_TYPE), text("memo", "备注", 500),
        many=True,
    ),
)  # fmt: skip
UNCHARGING = (node("data*", text("feedetl_sn*", "费用明细流水号", 30), VISIT, PERSON, many=True),)
STAY_BILL = (
    node(
        "data*",
        *BILL, text("acct_used_flag", "个人账户使用标志", 3, FLAG), *PARTS,
        text("mid_setl_flag*", "中途结算标志", 3, FLAG), moment("dscgtime", "出院时间"),
        text("med_type", "医疗类别", 6, MED_TYPE),
    ),
)  # fmt: skip


def prove(call: Call) -> Proof:
    """Before 2401: who is admitted."""
    return visits.proved(call, call.given["mdtrtinfo"], call.given["mdtrtinfo"]["ipt_no"])


def admit(call: Call) -> Output:
    """2401."""
    said = call.given["mdtrtinfo"]
    visit = visits.opened(call, said, own_number=said["ipt_no"], inpatient=True)
    return {"result": {"mdtrt_id": visit.number}}


def change(call: Call) -> Output:
    """2403."""
    said = call.given["adminfo"]
    visits.change_stay(call, visits.live_visit(call, said, inpatient=True), said, call.given["diseinfo"])
    return None


def discharge(call: Call) -> Output:
    """2402."""
    said = call.given["dscginfo"]
    visits.discharge(call, visits.live_visit(call, said, inpatient=True), said, call.given["diseinfo"])
    return None


def cancel(call: Call) -> Output:
    """2404."""
    visits.cancel(call, visits.live_visit(call, call.given["data"], inpatient=True))
    return None


def undo_discharge(call: Call) -> Output:
    """2405."""
    visits.undo_discharge(call, visits.live_visit(call, call.given["data"], inpatient=True))
    return None


def charge(call: Call) -> Output:
    """2301."""
    rows = call.given["feedetail"]
    visit = visits.live_visit(call, visits.one_visit(rows), inpatient=True)
    return {"result": add_lines(call, visit, rows)}


def uncharge(call: Call) -> Output:
    """2302: the lines that are named, or all."""
    rows = call.given["data"]
    visit = visits.live_visit(call, visits.one_visit(rows), inpatient=True)
    lines, named = lines_of(visit=visit.pk), {row["feedetl_sn"] for row in rows}
    chosen = [line for line in lines if ALL in named or line.sequence in named]
    unknown = named - {line.sequence for line in chosen} - {ALL}
    if unknown:
        raise Refused(f"没有查到费用明细{min(unknown)}，可能已经撤销，请核对", code="lines_unknown")
    undo_lines(call, visit, chosen)
    return None


def quote(call: Call) -> Output:
    """2303."""
    return settling.quote(call, inpatient=True)


def settle(call: Call) -> Output:
    """2304."""
    return settling.settle(call, inpatient=True)


TRANSACTIONS = (
    Transaction("2301", "住院费用明细上传", CHARGES, charge),
    Transaction("2302", "住院费用明细撤销", UNCHARGING, uncharge),
    Transaction("2303", "住院预结算", STAY_BILL, quote),
    Transaction("2304", "住院结算", STAY_BILL, settle, reversible=True),
    Transaction("2305", "住院结算撤销", REVERSAL, settling.reverse, reversible=True),
    Transaction("2401", "入院办理", ADMISSION, admit, before=prove, reversible=True),
    Transaction("2402", "出院办理", DISCHARGE, discharge),
    Transaction("2403", "住院信息变更", CHANGE, change),
    Transaction("2404", "入院撤销", UNDOING, cancel),
    Transaction("2405", "出院撤销", UNDOING, undo_discharge),
)
