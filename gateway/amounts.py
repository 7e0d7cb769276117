"""A settlement in the interface's words: setlinfo and setldetail (结算信息、基金分项), of a settlement or of what reverses one.

Every amount is one of the entry's own; what the interface has no field for is told in setl_proc_info. These hold to the fen:
medfee_sumamt = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_scp_amt = fund_pay_sumamt + psn_part_amt +
hosp_part_amt; fund_pay_sumamt is the sum of the funds; psn_part_amt = acct_pay + psn_cash_pay; the rows of setldetail come to
fund_pay_sumamt + acct_pay + hosp_part_amt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gateway.care import INSUTYPE
from settlements.models import Settlement
from settlements.models.years import FUNDS
from settlements.national import FUND_TYPES

ZERO = Decimal("0.00")
RATIO, LARGEST_SHARE = Decimal("0.0001"), Decimal("9.9999")
LONGEST_PROCESS = 4000
SERIAL = slice(8, -1)

COLUMNS: Mapping[str, str] = {
    "medfee_sumamt": "total",
    "fulamt_ownpay_amt": "excluded",
    "overlmt_selfpay": "over_limit",
    "preselfpay_amt": "first_copay",
    "inscp_scp_amt": "scope",
    "act_pay_dedc": "deductible",
    "hifp_pay": "pooled",
    "cvlserv_pay": "civil_servant",
    "hifes_pay": "enterprise",
    "hifmi_pay": "serious_illness",
    "hifob_pay": "large_amount",
    "maf_pay": "assistance",
    "fund_pay_sumamt": "fund",
    "psn_part_amt": "own",
    "acct_pay": "account",
    "psn_cash_pay": "cash",
    "pdn_cash_pay": "cash",
}
"""Each amount of the interface that is one of an entry's."""
NONE_OF_OURS = ("hifdm_pay", "oth_pay", "hosp_part_amt", "acct_mulaid_pay")

POOLED: Mapping[str, tuple[str, str]] = {
    "employee": ("310100", "职工基本医疗保险统筹基金"),
    "resident": ("390100", "城乡居民基本医疗保险统筹基金"),
}
PAYER_NAMES: Mapping[str, str] = {
    "large_amount": "职工大额医疗费用补助基金",
    "serious_illness": "大病保险资金",
    "assistance": "医疗救助基金",
    "civil_servant": "公务员医疗补助基金",
    "enterprise": "企业补充医疗保险基金",
    "account": "个人账户",
}


def setl_id_of(entry: Settlement) -> str:
    """The setl_id of an entry: the code of the place of care and the digits of its number, thirty in all."""
    digits = entry.number.removeprefix("J").replace("-", "")
    return f"{entry.care_area_id or '000000'}{digits:0>24}"


def number_of(setl_id: str) -> str:
    """The number of the entry with this setl_id; "" where it can be none."""
    digits = setl_id[6:].lstrip("0")
    if not setl_id.isascii() or not setl_id.isdecimal() or len(digits) < 17:
        return ""
    return f"J{digits[:8]}-{digits[SERIAL]}-{digits[-1]}"


def amounts(entry: Settlement) -> dict[str, Decimal]:
    """Every amount of setlinfo; of a reversal negative, but for the share of the pooled fund."""
    ours = {name: getattr(entry, column) + ZERO for name, column in COLUMNS.items()}
    return {**ours, **dict.fromkeys(NONE_OF_OURS, ZERO), "pool_prop_selfpay": pooled_share(entry)}


def pooled_share(entry: Settlement) -> Decimal:
    """What the pooled fund bears of the scope above the deductible; 0 where nothing is, above 1 where a policy has a floor."""
    above = entry.scope - entry.deductible
    share = entry.pooled / above if above else Decimal(0)
    return min(share.quantize(RATIO, ROUND_HALF_UP), LARGEST_SHARE)


def balance_after(entry: Settlement) -> Decimal:
    """What the personal account holds after an entry just made, whose enrolment was read before it was written."""
    of = entry.enrollment
    return max(ZERO, of.account_balance - of.account_spent - entry.account)


def setlinfo(entry: Settlement, *, number: str, med_type: str, msgid: str, certificate: str) -> dict[str, Any]:
    """The settlement itself, without the person; an entry that is not stored has no setl_id and no time."""
    stored = bool(entry.number)
    return {
        "mdtrt_id": number,
        "setl_id": setl_id_of(entry) if stored else None,
        "insutype": INSUTYPE[entry.insurance],
        "setl_time": entry.settled_at if stored else None,
        "mdtrt_cert_type": certificate or None,
        "med_type": med_type,
        **amounts(entry),
        "balc": balance_after(entry),
        "medins_setl_id": msgid,
        "clr_optins": entry.care_area_id if stored else None,
        "clr_way": "1" if stored else None,
        "clr_type": "21" if entry.care == "inpatient" else "11",
        "exp_content": None,
    }


def setldetail(entry: Settlement) -> list[dict[str, Any]]:
    """One row for every payer with an amount; where nobody pays, the pooled fund's, which says why."""
    rows = [_row(entry, payer) for payer in ("pooled", *FUNDS, "account") if getattr(entry, payer)]
    return rows or [_row(entry, "pooled")]


def _row(entry: Settlement, payer: str) -> dict[str, Any]:
    code, name = POOLED[entry.insurance] if payer == "pooled" else (FUND_TYPES[payer], PAYER_NAMES[payer])
    return {
        "fund_pay_type": code,
        "inscp_scp_amt": entry.scope + ZERO,
        "crt_payb_lmt_amt": None,
        "fund_payamt": getattr(entry, payer) + ZERO,
        "fund_pay_type_name": name,
        "setl_proc_info": process(entry, payer),
    }


def process(entry: Settlement, payer: str) -> str | None:
    """How it came about: of the pooled fund every step that led to it, of another payer its own; of a reversal the first's."""
    steps = [*_said(entry.reverses or entry, payer)]
    text = "；".join([*(["冲正"] if entry.reverses else []), *steps])
    return text[:LONGEST_PROCESS] or None


def _said(entry: Settlement, payer: str) -> Iterator[str]:
    if payer == "pooled":
        yield f"就医类型：{entry.get_travel_display()}"
    for step in entry.steps:
        of_another = step["step"] in (*FUNDS, "account")
        if step["step"] != payer and (payer != "pooled" or of_another or step["step"] in ENDS):
            continue
        formula, amount = step["formula"] or "", step["amount"]
        yield f"{step['label']}：{formula}" + ("" if formula.endswith(amount) else f"，{amount}")


ENDS = ("fund", "own", "cash")
