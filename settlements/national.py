"""How the national platform (医疗保障信息平台) names what this API names: the one table, for its document and docs/hospitals.md.

Fields and codes as RULES.md §3 states them; a name that no source states is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from policies.language.wording import AMOUNT_LABELS


class Name(NamedTuple):
    """One field: what it means, what the platform calls it, and where the two are not quite the same."""

    meaning: str
    national: str
    note: str = ""


AMOUNTS: Mapping[str, Name] = {
    "total": Name("医疗费总额", "medfee_sumamt"),
    "excluded": Name(AMOUNT_LABELS["excluded"], "fulamt_ownpay_amt"),
    "over_limit": Name(AMOUNT_LABELS["over_limit"], "overlmt_selfpay"),
    "first_copay": Name(AMOUNT_LABELS["first_copay"], "preselfpay_amt"),
    "scope": Name(AMOUNT_LABELS["scope"], "inscp_scp_amt"),
    "deductible": Name("实际支付起付线", "act_pay_dedc"),
    "pooled": Name(AMOUNT_LABELS["pooled"], "hifp_pay"),
    "large_amount": Name("职工大额医疗费用补助", "hifob_pay"),
    "serious_illness": Name("居民大病保险", "hifmi_pay", "职工参加的大病保险也记入此项"),
    "assistance": Name(AMOUNT_LABELS["assistance"], "maf_pay"),
    "civil_servant": Name(AMOUNT_LABELS["civil_servant"], "cvlserv_pay"),
    "enterprise": Name(AMOUNT_LABELS["enterprise"], "hifes_pay"),
    "fund": Name(
        AMOUNT_LABELS["fund"], "fund_pay_sumamt", "不含个人账户，与湖南口径相同；广东口径含个人账户，为 fund + account"
    ),
    "own": Name(AMOUNT_LABELS["own"], "psn_part_amt"),
    "account": Name(AMOUNT_LABELS["account"], "acct_pay"),
    "cash": Name(AMOUNT_LABELS["cash"], "psn_cash_pay"),
}
"""The amounts of an answer, and of `cost` in a request."""

FIELDS: Mapping[str, Name] = {
    "voucher": Name("医保码", "mdtrt_cert_type = 01"),
    "identity": Name("证件号码", "mdtrt_cert_type = 02"),
    "insured_area": Name("参保地", "insuplc_admdvs"),
    "insurance": Name("险种", "insutype", "employee 310，resident 390"),
    "care": Name("就医类别", "med_type", "outpatient 11（急诊 13），chronic 14，inpatient 21"),
    "disease": Name("门诊慢特病病种", "opsp_dise_code"),
    "institution": Name("医疗机构", "fixmedins_code"),
    "care_area": Name("就医地", "mdtrtarea_admdvs"),
    "continues": Name("接续的住院", "refl_old_mdtrt_id", "填写前一次结算的编号"),
}
"""The other fields of a request or an answer."""

FUND_TYPES: Mapping[str, str] = {
    "pooled": "310100（职工）、390100（居民）",
    "large_amount": "330100",
    "serious_illness": "390200",
    "assistance": "610100",
    "civil_servant": "320100",
    "enterprise": "370100",
    "account": "310200",
}
"""`fund_pay_type` of each part that is paid (RULES.md §3.4)."""

TRANSACTIONS: Mapping[str, Name] = {
    "POST settlements/quote/": Name("预结算", "2206、2303", "门诊、住院"),
    "POST settlements/": Name("结算", "2207、2304", "门诊、住院"),
    "POST settlements/{id}/reverse/": Name(
        "撤销结算、冲正", "2208、2305、2601", "2601 为超时后的冲正；用本 API 的，重发原请求即可"
    ),
    "GET settlements/": Name("结算信息查询", "5203"),
    "GET settlements/{id}/statement.pdf": Name("医疗费用结算单", "—", "每项金额附计算过程和依据"),
    "POST reconciliation/": Name("对账", "3201、3202", "合计与逐笔差异一次给出；清算（3203、3204）由经办机构办理"),
}
"""Endpoints and transactions (RULES.md §3.8)."""


def help_text(field: str) -> str:
    """What a field of the API document says: 医疗费总额，国家平台字段 medfee_sumamt."""
    name = AMOUNTS.get(field) or FIELDS.get(field)
    if name is None:
        return AMOUNT_LABELS.get(field, "")
    return f"{name.meaning}，国家平台字段 {name.national}" + (f"（{name.note}）" if name.note else "")
