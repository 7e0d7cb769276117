"""The sums of the statement, in the words people know from the real sheet (RULES.md §5.1 item 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from policies.language.wording import FUND_LABELS
from settlements.models import FUNDS, Settlement

Row = dict[str, Any]
TENTH = Decimal("0.1")
ZERO = Decimal("0.00")


def row(label: str, amount: Decimal, *, strong: bool = False) -> Row:
    return {"label": label, "amount": f"{amount:.2f}", "strong": strong}


def costs(bill: Settlement) -> list[Row]:
    """What the bill is made of: the four parts add up to the total."""
    return [
        row(_("全自费"), bill.excluded),
        row(_("超限价自费"), bill.over_limit),
        row(_("先行自付（部分自负）"), bill.first_copay),
        row(_("符合政策范围"), bill.scope),
        row(_("费用总额"), bill.total, strong=True),
    ]


def payments(bill: Settlement) -> list[Row]:
    """Who pays it: the funds, the personal account and cash add up to the total."""
    return [
        row(_("统筹基金支付"), bill.pooled),
        *(row(FUND_LABELS[name], getattr(bill, name)) for name in FUNDS),
        row(_("基金支付合计"), bill.fund, strong=True),
        row(_("个人账户支付"), bill.account),
        row(_("个人现金支付"), bill.cash, strong=True),
    ]


def rules(bill: Settlement) -> list[Row]:
    """From the scope to what the bands are laid along."""
    beyond = [row(_("超过年度封顶线的费用"), bill.beyond)] if bill.beyond else []
    return [
        row(_("异地就医首先自负金额"), bill.travel_first_pay),
        row(_("纳入报销的费用"), bill.eligible),
        row(_("起付线"), bill.deductible),
        row(_("起付线以上"), bill.payable),
        *beyond,
    ]


def bands(lines: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """From–to, amount, ratio and payment of every band the bill reached, as the calculation wrote them."""
    return [_band(line) for line in lines if line["step"] == "band"]


def _band(line: Mapping[str, Any]) -> list[str]:
    reach = line["label"].partition("（")[2].rstrip("）")
    amount, _by, rest = line["formula"].partition(" × ")
    return [reach or _("起付线以上"), amount, rest.rpartition(" = ")[0], str(line["amount"])]


def who_paid(bill: Settlement) -> list[Row]:
    """The parts of the picture that are not empty, with their share of the total in percent."""
    others = bill.fund - bill.pooled
    named = "、".join(FUND_LABELS[name] for name in FUNDS if getattr(bill, name))
    parts = [
        ("pooled", _("统筹基金"), bill.pooled),
        ("others", _("其他基金（%s）") % named, others),
        ("account", _("个人账户"), bill.account),
        ("cash", _("个人现金"), bill.cash),
    ]
    paid = [part for part in parts if part[2]]
    shares = percents([amount for _kind, _label, amount in paid], bill.total)
    return [
        {"kind": kind, "label": label, "amount": f"{amount:.2f}", "percent": str(share)}
        for (kind, label, amount), share in zip(paid, shares, strict=True)
    ]


def percents(parts: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """Shares in percent to one place, half-up; the largest takes what rounding leaves, so that they are a hundred."""
    shares = [(part * 100 / whole).quantize(TENTH, ROUND_HALF_UP) for part in parts]
    largest = shares.index(max(shares))
    shares[largest] += 100 - sum(shares)
    return shares


def year_so_far(year: Mapping[str, Decimal]) -> list[Row]:
    """The insurance year when this bill was settled, itself included; of the further funds those that have paid."""
    labels = {
        "scope": _("累计医保范围内金额"),
        "deductible": _("累计起付线"),
        "pooled": _("累计统筹基金支付"),
        "burden": _("累计政策范围内个人负担"),
    }
    funds = {name: _("累计%s支付") % FUND_LABELS[name] for name in FUNDS if year[name]}
    return [row(label, year[name]) for name, label in {**labels, **funds}.items()]
