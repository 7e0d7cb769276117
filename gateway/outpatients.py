"""Outpatients' visits: registered, described, charged, settled batch by batch (2201 to 2208)."""

from __future__ import annotations

from gateway import settling, visits
from gateway.call import Call, Output, Refused, Transaction
from gateway.codes import DIAG_TYPE, FLAG, MED_TYPE, PSN_SETLWAY
from gateway.fee_lines import ALL, add_lines, undo_lines
from gateway.fields import Field, day, moment, node, number, text
from gateway.models.visits import lines_of
from gateway.proof import Proof

PERSON = text("psn_no*", "人员编号", 30)
VISIT = text("mdtrt_id*", "就诊ID", 30)
CERTIFICATE = (text("mdtrt_cert_type*", "就诊凭证类型", 3), text("mdtrt_cert_no*", "就诊凭证编号", 50))
INSUTYPE = text("insutype*", "险种类型", 6)
DISEASE = (text("dise_codg", "病种编码", 30), text("dise_name", "病种名称", 500))
BIRTH = (
    text("birctrl_type", "计划生育手术类别", 6), day("birctrl_matn_date", "计划生育手术或生育日期"),
    text("matn_type", "生育类别", 6), number("geso_val", "孕周数", 2, 0),
)  # fmt: skip
DIAGNOSIS = (
    text("diag_type*", "诊断类别", 3, DIAG_TYPE), number("diag_srt_no*", "诊断排序号", 2, 0),
    text("diag_code*", "诊断代码", 20), text("diag_name*", "诊断名称", 100), text("diag_dept*", "诊断科室", 50),
    text("dise_dor_no*", "诊断医生编码", 30), text("dise_dor_name*", "诊断医生姓名", 50), moment("diag_time*", "诊断时间"),
)  # fmt: skip

LINE = (
    text("feedetl_sn*", "费用明细流水号", 30), VISIT, PERSON, moment("fee_ocur_time*", "费用发生时间"),
    text("med_list_codg*", "医疗目录编码", 50), text("medins_list_codg*", "医药机构目录编码", 150),
    text("bilg_dept_codg*", "开单科室编码", 30), text("bilg_dept_name*", "开单科室名称", 100),
    text("bilg_dr_codg*", "开单医生编码", 30), text("bilg_dr_name*", "开单医师姓名", 50),
    text("acord_dept_codg", "受单科室编码", 30), text("acord_dept_name", "受单科室名称", 100),
    text("orders_dr_codg", "受单医生编码", 30, also=("orders_dr_code",)), text("orders_dr_name", "受单医生姓名", 50),
    text("hosp_appr_flag", "医院审批标志", 3), text("tcmdrug_used_way", "中药使用方式", 6),
    text("etip_flag", "外检标志", 3), text("etip_hosp_code", "外检医院编码", 30),
    text("dscg_tkdrug_flag", "出院带药标志", 3), text("matn_fee_flag", "生育费用标志", 6),
)  # fmt: skip


def figures(*, signed: bool) -> tuple[Field, ...]:
    """What a line counts: negative only where it gives another back."""
    return (
        number("cnt*", "数量", 16, 4, signed=signed),
        number("pric*", "单价", 16, 6),
        number("det_item_fee_sumamt*", "明细项目费用总额", signed=signed),
    )


BILL = (
    PERSON, *CERTIFICATE, number("medfee_sumamt*", "医疗费总额"), text("psn_setlway*", "个人结算方式", 6, PSN_SETLWAY),
    VISIT, INSUTYPE,
)  # fmt: skip
PARTS = (
    text("invono", "发票号", 20), number("fulamt_ownpay_amt", "全自费金额"), number("overlmt_selfpay", "超限价自费费用"),
    number("preselfpay_amt", "先行自付金额"), number("inscp_scp_amt", "符合政策范围金额"),
)  # fmt: skip
BATCH = text("chrg_bchno*", "收费批次号", 30)
OUTPATIENT_BILL = (
    *BILL, text("med_type*", "医疗类别", 6, MED_TYPE), BATCH,
    text("acct_used_flag*", "个人账户使用标志", 3, FLAG),
)  # fmt: skip

REGISTRATION = (
    node(
        "data*",
        PERSON, INSUTYPE, moment("begntime*", "开始时间"), *CERTIFICATE,
        text("ipt_otp_no*", "住院/门诊号", 30, also=("ipt_no",)), text("atddr_no*", "医师编码", 30),
        text("dr_name*", "医师姓名", 50), text("dept_code*", "科室编码", 30), text("dept_name*", "科室名称", 100),
        text("caty*", "科别", 6), text("med_type", "医疗类别", 6, MED_TYPE),
    ),
)  # fmt: skip
CANCELLATION = (node("data*", PERSON, VISIT, text("ipt_otp_no*", "住院/门诊号", 30, also=("ipt_no",))),)
DESCRIPTION = (
    node(
        "mdtrtinfo*",
        VISIT, PERSON, text("med_type*", "医疗类别", 6, MED_TYPE), moment("begntime*", "开始时间"),
        text("main_cond_dscr", "主要病情描述", 1000), *DISEASE, *BIRTH,
    ),
    node(
        "diseinfo", *DIAGNOSIS, text("vali_flag*", "有效标志", 3, FLAG), text("maindiag_flag", "主诊断标志", 3, FLAG),
        many=True,
    ),
)  # fmt: skip
CHARGES = (
    node(
        "feedetail*",
        *LINE, *figures(signed=False), BATCH, text("dise_codg", "病种编码", 30), text("rxno", "处方号", 30),
        text("rx_circ_flag*", "外购处方标志", 3), text("sin_dos_dscr", "单次剂量描述", 200),
        text("used_frqu_dscr", "使用频次描述", 200), number("prd_days", "周期天数", 4, 2),
        text("medc_way_dscr", "用药途径描述", 200),
        many=True,
    ),
)  # fmt: skip
UNDOING = (node("data*", VISIT, BATCH, PERSON),)
QUOTE = (node("data*", *OUTPATIENT_BILL),)
SETTLEMENT = (node("data*", *OUTPATIENT_BILL, *PARTS),)
REVERSAL = (node("data*", text("setl_id*", "结算ID", 30), VISIT, PERSON),)


def prove(call: Call) -> Proof:
    """Before 2201: who is registered; nobody is asked again where the same call opened the visit already."""
    return visits.proved(call, call.given["data"], call.given["data"]["ipt_otp_no"])


def register(call: Call) -> Output:
    """2201."""
    said = call.given["data"]
    visit = visits.opened(call, said, own_number=said["ipt_otp_no"], inpatient=False)
    return {"data": {"mdtrt_id": visit.number, "psn_no": said["psn_no"], "ipt_otp_no": said["ipt_otp_no"]}}


def cancel(call: Call) -> Output:
    """2202."""
    said = call.given["data"]
    visit = visits.live_visit(call, said, inpatient=False)
    if visits.own_hash(said["ipt_otp_no"]) != visit.own_number_hash:
        raise Refused("门诊号与挂号时不一致，请核对", code="own_number_differs")
    visits.cancel(call, visit)
    return None


def describe(call: Call) -> Output:
    """2203."""
    said = call.given["mdtrtinfo"]
    visits.describe(call, visits.live_visit(call, said, inpatient=False), said, call.given["diseinfo"])
    return None


def charge(call: Call) -> Output:
    """2204."""
    rows = call.given["feedetail"]
    visit = visits.live_visit(call, visits.one_visit(rows), inpatient=False)
    return {"result": add_lines(call, visit, rows)}


def uncharge(call: Call) -> Output:
    """2205: a batch, or all that is not settled."""
    said = call.given["data"]
    visit = visits.live_visit(call, said, inpatient=False)
    lines, batch = lines_of(visit=visit.pk), said["chrg_bchno"]
    if batch == ALL:
        undo_lines(call, visit, [line for line in lines if not line.is_settled])
        return None
    chosen = [line for line in lines if line.batch == batch]
    if not chosen:
        raise Refused(f"没有查到收费批次{batch}的费用明细，可能已经撤销，请核对", code="lines_unknown")
    undo_lines(call, visit, chosen)
    return None


def quote(call: Call) -> Output:
    """2206."""
    return settling.quote(call, inpatient=False)


def settle(call: Call) -> Output:
    """2207."""
    return settling.settle(call, inpatient=False)


TRANSACTIONS = (
    Transaction("2201", "门诊挂号", REGISTRATION, register, before=prove),
    Transaction("2202", "门诊挂号撤销", CANCELLATION, cancel),
    Transaction("2203", "门诊就诊信息上传", DESCRIPTION, describe),
    Transaction("2204", "门诊费用明细上传", CHARGES, charge),
    Transaction("2205", "门诊费用明细撤销", UNDOING, uncharge),
    Transaction("2206", "门诊预结算", QUOTE, quote),
    Transaction("2207", "门诊结算", SETTLEMENT, settle, reversible=True),
    Transaction("2208", "门诊结算撤销", REVERSAL, settling.reverse, reversible=True),
)
