"""How the OpenAPI document describes settlements: a summary, an example and the refusals of every operation.

All persons are invented; the figures are 重庆's, worked by hand.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view

from core.http.schema import operation, query
from filings.examples import ENROLLMENT, ID, PERSON
from settlements.examples import SOURCE
from settlements.models import COUNTED, FUNDS
from settlements.till.serializers import (
    QuoteAnswer,
    QuoteInput,
    ReverseInput,
    SettleInput,
    SettlementDetail,
    SettlementRow,
)

# Examples

NUMBER = "J20261120-00000087-5"
ASKED: dict[str, Any] = {
    "voucher": "7F2K9QXWTR4PMD6HVA3C",
    "care": "inpatient",
    "admitted_on": "2026-11-10",
    "discharged_on": "2026-11-20",
    "emergency": True,
    "cost": {"total": "20000.00", "excluded": "1200.00", "over_limit": "0.00", "first_copay": "800.00"},
    "bill_number": "ZY20261120-0371",
}
BY_IDENTITY: dict[str, Any] = {
    **{name: value for name, value in ASKED.items() if name != "voucher"},
    "identity": {"name": "王秀兰", "id_number": "110101195503070028", "reason": "患者昏迷，未带手机"},
    "cost": {
        "items": [
            {"name": "西药费", "class": "A", "amount": "18000.00"},
            {"name": "进口敷料", "class": "B", "amount": "800.00", "first_copay_ratio": "1"},
            {"name": "陪护费", "class": "C", "amount": "1200.00"},
        ]
    },
}


def _line(step: str, label: str, formula: str, amount: str, source: str | None = None) -> dict[str, Any]:
    return {"step": step, "label": label, "formula": formula, "amount": amount, "source": source}


_ZERO = (
    *("over_limit", "travel_first_pay", "beyond", "large_amount", "serious_illness", "assistance", "civil_servant"),
    *("enterprise", "account"),
)
BILL: dict[str, Any] = {
    "person": PERSON,
    "person_name": "王*兰",
    "enrollment": ENROLLMENT,
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "insurance": "employee",
    "insurance_label": "职工基本医疗保险",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "care_area": "110000",
    "care_area_name": "北京市",
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "admitted_on": "2026-11-10",
    "discharged_on": "2026-11-20",
    "travel": "emergency",
    "travel_label": "异地急诊抢救",
    "emergency": True,
    "bill_number": "ZY20261120-0371",
    "year": "2026-01-01",
    "total": "20000.00",
    "fund": "16264.00",
    "own": "3736.00",
    "account": "0.00",
    "cash": "3736.00",
}
COMPUTED: dict[str, Any] = {
    "filing": ID,
    "policy": {
        "id": "500000-chongqing-2025",
        "area": "500000",
        "name": "重庆市基本医疗保险",
        "sha256": "5f3c…",
        "effective_from": "2025-01-01",
        "effective_until": None,
        "sources": [SOURCE],
    },
    "amounts": {
        **dict.fromkeys(_ZERO, "0.00"),
        "total": "20000.00",
        "excluded": "1200.00",
        "first_copay": "800.00",
        "scope": "18000.00",
        "eligible": "18000.00",
        "deductible": "880.00",
        "payable": "17120.00",
        "pooled": "16264.00",
        "burden": "1736.00",
        "fund": "16264.00",
        "own": "3736.00",
        "cash": "3736.00",
    },
    "lines": [
        _line("total", "费用总额", "20000.00", "20000.00"),
        _line("excluded", "全自费", "按就医地目录", "1200.00"),
        _line("first_copay", "先行自付", "按就医地目录", "800.00"),
        _line("scope", "符合政策范围", "20000.00 − 1200.00 − 800.00", "18000.00"),
        _line("deductible", "起付线", "880.00", "880.00", "CQ1"),
        _line("band", "统筹支付", "17120.00 × 95% = 16264.00", "16264.00", "CQ1"),
        _line("pooled", "统筹基金支付", "16264.00", "16264.00", "CQ1"),
        _line("fund", "基金支付合计", "16264.00", "16264.00"),
        _line("own", "个人负担", "20000.00 − 16264.00", "3736.00"),
        _line("cash", "个人现金支付", "3736.00", "3736.00"),
    ],
    "year_to_date": {
        **dict.fromkeys((*COUNTED, "burden", *FUNDS), "0.00"),
        "scope": "18000.00",
        "deductible": "880.00",
        "pooled": "16264.00",
        "burden": "1736.00",
    },
    "continues": None,
}
QUOTE: dict[str, Any] = {"id": None, "number": None, "status": "quoted", **BILL, **COMPUTED}
ROW: dict[str, Any] = {
    **BILL,
    "id": ID,
    "number": NUMBER,
    "status": "settled",
    "status_label": "已结算",
    "channel": "direct",
    "channel_label": "直接结算",
    "settled_at": "2026-11-20T14:05:12+08:00",
    "settled_on": "2026-11-20",
    "reversal": None,
    "actions": ["reverse"],
}
SETTLED: dict[str, Any] = {**ROW, **COMPUTED}
REVERSED: dict[str, Any] = {
    **SETTLED,
    "status": "reversed",
    "status_label": "已冲正",
    "reversal": {"number": "J20261124-00000091-9", "at": "2026-11-24T09:12:40+08:00", "reason": "漏录一笔材料费"},
    "actions": [],
}


# Operations

INVALID = {
    "required": "请填写此项。",
    "unknown_field": "没有这个字段，请核对字段名。",
    "text_invalid": "应为不超过规定长度的文字。",
    "choice_invalid": "不在可选的范围内，请核对。",
    "code_invalid": "请填写有效的编码。",
    "date_invalid": "请填写2000年至2100年之间的日期，如 2026-11-21。",
    "money_invalid": "请填写不小于0、不到一百亿元的金额，最多两位小数，如 15260.80。",
    "total_zero": "费用总额应大于0，请核对。",
    "total_too_large": "费用总额应不到一亿元，请核对。",
    "items_too_many": "明细最多5000条，请合并后再试。",
    "items_total": "明细合计 119.00 与填写的 120.00 不一致，请核对。",
    "scope_negative": "全自费、超限价与先行自付之和超过费用总额，请核对。",
    "admitted_in_future": "入院或就诊日期不能晚于今天，请核对。",
    "discharged_in_future": "出院日期不能晚于今天，请核对。",
    "discharge_before_admission": "出院日期早于入院日期，请核对。",
    "not_chronic": "普通门诊不填病种；按门诊慢特病结算请选择 care=chronic。",
    "not_a_stay": "门诊没有出院日期；住院请选择 care=inpatient。",
}
KEY = {"idempotency_key_required": "此操作须带 Idempotency-Key 请求头。"}
UNKNOWN = {
    "voucher_unknown": "没有查到这个医保码，请确认扫的是医保码，请患者刷新后重新出示，或改用姓名和身份证号码办理。",
    "not_registered": "没有查到参保信息，请核对姓名和身份证号码，或联系参保地经办机构。",
    "not_insured": "没有查到患者在该地的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。",
    "continues_unknown": "没有找到该患者这一编号的有效住院结算，请核对接续的结算编号。",
    "policy_unknown": "没有查到该参保地在这一天的待遇政策。请核对参保地和日期；如无误，请致电参保地经办机构或12393询问。",
}
WHOSE = {
    "enrollment_ambiguous": "患者有多个参保关系，请选择：重庆市 职工基本医疗保险（insured_area=500000，insurance=employee）。",
    "voucher_expired": "医保码已过期，请患者刷新后重新扫描。",
    "voucher_used": "医保码已使用，请患者刷新后重新扫描。",
    "voucher_elsewhere": "医保码已由其他医院读取，请患者刷新后重新扫描。",
}
CONDITIONS = {
    "enrollment": "重庆市的职工基本医疗保险只到2026年3月31日。请续保或补缴，或改用现在的参保关系。",
    "filing": "没有到北京市的备案。请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。",
    "destination": "备案的就医地是天津市，不是北京市。请变更备案，或另行备案到北京市。",
    "filing_type": "备案类型不包括门诊慢特病。请办理异地长期居住备案。",
    "institution": "北京示范医院尚未开通门诊慢特病异地直接结算。请改选已开通的医院。",
    "recognition": "没有查到参保地对“高血压”的门诊慢特病认定。请先向参保地申请认定。",
    "disease_listed": "病种M99900不在跨省直接结算的门诊慢特病范围内。请先自费就医，再回参保地申请手工报销。",
    "institution_disease": "北京示范医院没有开通“高血压”异地直接结算。请改选已开通的医院。",
    "covered": "没有找到重庆市职工医保普通门诊的待遇。请就医前询问重庆市医疗保障事务中心。",
    "certificate": "参保关系不在有效期内，医保码和社会保障卡不能用于结算。参保恢复后自动恢复使用。",
}
ONCE = {
    "bill_settled": "账单已经结算（结算编号J20261120-00000087-5）。如需更正，请先冲正该结算，再重新结算。",
    "invoice_paid": "该发票已经结算或报销，不能重复支付。",
    "invoice_claimed": "该发票正在申请手工报销，请患者先撤回报销申请。",
    "stay_overlaps": "住院时间与北京示范医院的住院（2026-11-10至2026-11-20，结算编号J20261120-00000087-5）重叠，请核对入出院日期。",
    "continues_taken": "该次住院已由结算J20261120-00000087-5接续，请填写最后一次住院的结算编号。",
    "continues_later": "接续的住院应在此次入院之前结束，请核对日期。",
    "in_progress": "相同的请求正在处理，请稍后用同一个 Idempotency-Key 重发。",
}
NOT_NOW = {
    "already_reversed": "该结算已经冲正，请勿重复操作。",
    "later_settlement_exists": "该参保人在此之后还有结算（J20261120-00000087-5，北京示范医院）。请先冲正后面的结算，或联系参保地经办机构更正。",
    "in_progress": ONCE["in_progress"],
}
OFTEN = {"throttled": "操作过于频繁，请稍后再试。"}
NOT_YOURS = {"not_yours": "只有办理该结算的医疗机构可以冲正；如需更正，请联系参保地经办机构。"}
NO_SETTLEMENT = {"not_found": "没有找到该结算，请核对结算编号。"}
FILTERS = [
    query("bill_number", "The hospital's bill number, exactly"),
    query("on", "Day of settlement (settled_on)", OpenApiTypes.DATE),
    query("insured_area", "Code of the insured area"),
    query("person", "Person id"),
    query("enrollment", "Enrolment id"),
    query("year", "First day of the insurance year", OpenApiTypes.DATE),
    query("care", "inpatient, outpatient, chronic; one or more, separated by commas, as the next three"),
    query("insurance", "employee, resident"),
    query("channel", "direct, manual"),
    query("status", "settled, reversed"),
    query("q", "Number, or how it begins"),
    query("ordering", "`-settled_at` (default), `admitted_on`, `total`, or `-` before one of them"),
]

STATEMENT = extend_schema(
    summary="医疗费用结算单（PDF）",
    responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="OK")},
)
OPERATIONS: dict[str, Any] = {
    "list": operation("结算记录", answer=SettlementRow(many=True), example=ROW, parameters=FILTERS),
    "retrieve": operation("结算详情", answer=SettlementDetail, example=SETTLED, refusals={404: NO_SETTLEMENT}),
    "create": operation(
        "结算（医疗机构）",
        request=SettleInput,
        sent=ASKED,
        answer=SettlementDetail,
        example=SETTLED,
        status=201,
        refusals={400: KEY | INVALID, 404: UNKNOWN, 409: WHOSE | CONDITIONS | ONCE, 429: OFTEN},
    ),
    "quote": operation(
        "预结算：算出各项金额，不作记录（医疗机构）",
        request=QuoteInput,
        sent=BY_IDENTITY,
        answer=QuoteAnswer,
        example=QUOTE,
        refusals={400: INVALID, 404: UNKNOWN, 409: WHOSE | CONDITIONS | ONCE, 429: OFTEN},
    ),
    "reverse": operation(
        "冲正，须说明原因（结算的医疗机构，或参保地经办机构的审核主管）",
        request=ReverseInput,
        sent={"reason": "漏录一笔材料费"},
        answer=SettlementDetail,
        example=REVERSED,
        refusals={400: KEY | {"required": "请填写冲正原因。"}, 403: NOT_YOURS, 404: NO_SETTLEMENT, 409: NOT_NOW},
    ),
}


def describe(view: Any) -> Any:
    """Class decorator: describe all operations of the settlements; `STATEMENT` goes above the statement's own method."""
    return extend_schema_view(**OPERATIONS)(view)
