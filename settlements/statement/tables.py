"""The tables of the statement: who, where and when, the sums in the words people know (RULES.md §5.1 item 10), the items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.clock import SHANGHAI
from core.printing import Joined, Kept, as_text
from policies.catalogue.items import UNLISTED, CodedItem
from policies.engine import Case
from policies.engine.bill import exact, item_parts
from policies.language.examples import Item
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS
from policies.language.wording import FUND_LABELS, LEVEL_LABELS, day, value_text
from settlements.models import FUNDS, Channel, Settlement
from settlements.presenting import disease_names

# Who, where, when and by which policy

Pairs = list[list[str]]
SHA_SHOWN = 12
NONE = "—"


def moment(at: datetime) -> str:
    """2026年11月20日 14:05."""
    local = at.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def basics(settlement: Settlement, case: Case) -> Pairs:
    """Label and value, side by side two by two."""
    pairs = [*_who(settlement, case), *_where(settlement), *_when(settlement), *_how(settlement)]
    return [[label, as_text(value)] for label, value in pairs]


def wide(settlement: Settlement, policy: Mapping[str, Any]) -> Pairs:
    """Label and value of what needs a whole line."""
    return [[_("医疗机构"), _institution(settlement)], [_("待遇政策"), _policy(settlement, policy)]]


def _who(settlement: Settlement, case: Case) -> Iterator[tuple[str, Any]]:
    yield _("姓名"), Kept(settlement.person.name)
    yield _("证件号码"), settlement.person.id_number
    yield _("参保地"), Kept(settlement.area.name)
    yield _("险种"), settlement.get_insurance_display()
    yield _("人员类别"), value_text("person", case.facts["person"]) if "person" in case.facts else NONE


def _where(settlement: Settlement) -> Iterator[tuple[str, Any]]:
    yield _("就医地"), Kept(settlement.care_area.name) if settlement.care_area else NONE
    yield _("就医类别"), _care(settlement)
    if settlement.disease:
        yield _("病种"), _disease(settlement.disease)


def _when(settlement: Settlement) -> Iterator[tuple[str, Any]]:
    if settlement.care == "inpatient":
        yield _("入院日期"), day(settlement.admitted_on)
        yield _("出院日期"), day(settlement.discharged_on) if settlement.discharged_on else NONE
    else:
        yield _("就诊日期"), day(settlement.admitted_on)


def _how(settlement: Settlement) -> Iterator[tuple[str, Any]]:
    yield _("就医类型"), TRAVEL_LABELS[settlement.travel]  # type: ignore[index]
    yield _("备案受理编号"), settlement.filing.number if settlement.filing else NONE
    if settlement.continues:
        yield _("接续的住院"), settlement.continues.number
    yield _("票据号码") if settlement.channel == Channel.MANUAL else _("账单号"), settlement.bill_number or NONE
    yield _("结算方式"), settlement.get_channel_display()


def _institution(settlement: Settlement) -> str:
    level = LEVEL_LABELS.get(settlement.level) if settlement.level is not None else None
    name = Kept(settlement.institution_name)
    return Joined(name, f"（{level}）") if level else name


def _care(settlement: Settlement) -> str:
    care = CARE_LABELS[settlement.care]  # type: ignore[index]
    return _("%(care)s（急诊）") % {"care": care} if settlement.emergency else care


def _disease(code: str) -> str:
    name = disease_names().get(code)
    return Kept(f"{name}（{code}）" if name else code)


def _policy(settlement: Settlement, policy: Mapping[str, Any]) -> str:
    """Its name, which version, and the beginning of the fingerprint by which the very text can be known again."""
    mark = _("指纹 %s") % settlement.policy_sha256[:SHA_SHOWN]
    if "name" not in policy:
        return f"{settlement.policy}，{mark}"
    text = _("%(name)s（%(start)s起执行），版本 %(id)s，%(mark)s")
    return text % {**policy, "start": day(policy["effective_from"]), "mark": mark}


# Sums

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


ABOVE = " 以上"


def _band(line: Mapping[str, Any]) -> list[str]:
    reach = line["label"].partition("（")[2].rstrip("）")
    if reach.endswith(ABOVE):
        reach = f"{reach.removesuffix(ABOVE)} 以上"
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


# Items

MOST = 200
CLASSES = {"A": "甲类", "B": "乙类", "C": "自费"}


def items(rows: Sequence[Item]) -> list[list[str]]:
    """Number, name, class, amount, first copay, over the limit, excluded; none where there are too many."""
    if len(rows) > MOST:
        return []
    with exact():
        return [_cells(place, item) for place, item in enumerate(rows, 1)]


def _cells(place: int, item: Item) -> list[str]:
    parts = item_parts(item)
    amounts = (item.amount, parts.first_copay, parts.over_limit, parts.excluded)
    return [str(place), Kept(_named(item)), CLASSES[item.catalogue], *(f"{amount:.2f}" for amount in amounts)]


def _named(item: Item) -> str:
    """The name, with the code it was looked up by, and what is to be said of that."""
    if not isinstance(item, CodedItem):
        return item.name or "—"
    return f"{item.name} {item.code}".strip() + ("" if item.listed else f"（{UNLISTED}）")


def items_note(rows: Sequence[Item]) -> str:
    """What is said of the items beside the table, or instead of it."""
    if not rows:
        return ""
    if len(rows) > MOST:
        return _("本次费用按%d条明细结算，明细较多，未列出；请向医疗机构索取费用清单。") % len(rows)
    return _("本次费用按%d条明细结算。") % len(rows)
