"""The calculation, one function a step (POLICY.md §2, "The order of the calculation").

Every step reads what earlier ones left on the bill, completes one or more named amounts, each rounded half-up to the fen
once, and adds the lines that explain them. Runs within `exact()`, where decimals neither round nor overflow.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

from policies.engine.case import Line, WrongInput
from policies.engine.plan import BandPlan, Ceiling, DeductiblePlan, Plan
from policies.engine.words import yuan
from policies.language.examples import Cost, Item, YearKey
from policies.language.wording import AMOUNT_LABELS

ZERO, FEN = Decimal(0), Decimal("0.01")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def exact() -> AbstractContextManager[Context]:
    """Sixty digits, half-up: products of amounts and ratios are exact, and a quotient's sixtieth digit is no fen."""
    return localcontext(_EXACT)


def fen(amount: Decimal) -> Decimal:
    """Rounded half-up to the fen."""
    return amount.quantize(FEN)


class Bill:
    """One bill on its way through the steps: the named amounts so far, and the lines."""

    __slots__ = (
        "beyond", "burden", "deductible", "eligible", "excluded", "first_copay", "funds", "lines", "over_limit",
        "payable", "plan", "pooled", "scope", "total", "travel_first_pay", "year",
    )  # fmt: skip
    total: Decimal
    excluded: Decimal
    over_limit: Decimal
    first_copay: Decimal
    scope: Decimal
    travel_first_pay: Decimal
    eligible: Decimal
    deductible: Decimal
    payable: Decimal
    pooled: Decimal
    burden: Decimal

    def __init__(self, plan: Plan, year: Mapping[YearKey, Decimal]) -> None:
        self.plan, self.year = plan, year
        self.lines: list[Line] = []
        self.funds: dict[str, Decimal] = {}
        self.beyond = ZERO

    def say(self, step: str, formula: str, amount: Decimal, source: str | None = None, label: str = "") -> None:
        self.lines.append(Line(step, label or AMOUNT_LABELS[step], formula, amount, source))

    def left(self, ceiling: Ceiling) -> Decimal:
        """What a cap or limit has left after the year (or month) so far."""
        return max(ZERO, ceiling.amount - self.year.get(ceiling.used, ZERO))


def take_costs(bill: Bill, cost: Cost) -> None:
    """Step 1: the bill, what the catalogue leaves to the patient, and the scope (符合政策范围).

    Raises WrongInput `items_total` (items do not add up to the total or to a sum given beside them), `scope_negative`.
    """
    if cost.items:
        _take_items(bill, cost)
    else:
        bill.total = fen(cost.total or ZERO)
        bill.excluded = fen(cost.excluded or ZERO)
        bill.over_limit = fen(cost.over_limit or ZERO)
        bill.first_copay = fen(cost.first_copay or ZERO)
    bill.scope = bill.total - bill.excluded - bill.over_limit - bill.first_copay
    if bill.scope < 0:
        raise WrongInput("scope_negative", "全自费、超限价与先行自付之和超过费用总额，请核对。")
    bill.say("total", yuan(bill.total), bill.total)
    formula = yuan(bill.total)
    for step, amount in (
        ("excluded", bill.excluded),
        ("over_limit", bill.over_limit),
        ("first_copay", bill.first_copay),
    ):
        if amount:
            bill.say(step, "按就医地目录", amount)
            formula += f" − {amount}"
    bill.say("scope", formula, bill.scope)


def _take_items(bill: Bill, cost: Cost) -> None:
    total = excluded = over_limit = first_copay = ZERO
    for item in cost.items:
        parts = item_parts(item)
        total += item.amount
        excluded += parts.excluded
        over_limit += parts.over_limit
        first_copay += parts.first_copay
    bill.total, bill.excluded, bill.over_limit, bill.first_copay = map(fen, (total, excluded, over_limit, first_copay))
    for given, found in (
        (cost.total, total),
        (cost.excluded, excluded),
        (cost.over_limit, over_limit),
        (cost.first_copay, first_copay),
    ):
        if given is not None and given != found:
            raise WrongInput("items_total", f"明细合计 {yuan(found)} 与填写的 {yuan(given)} 不一致，请核对。")


class ItemParts(NamedTuple):
    """What of one item the catalogue leaves to the patient."""

    excluded: Decimal
    over_limit: Decimal
    first_copay: Decimal


def item_parts(item: Item) -> ItemParts:
    """全自费 of class C; else what is over the price limit, and of the rest of class B the first copay, to the fen."""
    if item.catalogue == "C":
        return ItemParts(item.amount, ZERO, ZERO)
    over = max(ZERO, item.amount - item.limit) if item.limit is not None else ZERO
    if item.catalogue != "B":
        return ItemParts(ZERO, over, ZERO)
    return ItemParts(ZERO, over, fen((item.amount - over) * item.first_copay_ratio))


def take_first_pay(bill: Bill) -> None:
    """Step 2: what a traveller pays before anything else, then the year's cap and the limits of scope."""
    plan, scope = bill.plan, bill.scope
    bill.travel_first_pay = ZERO
    if plan.first_pay is not None:
        bill.travel_first_pay = fen(scope * plan.first_pay.value)
        formula = f"{scope} × {plan.first_pay.text}"
        bill.say("travel_first_pay", formula, bill.travel_first_pay, plan.first_pay.source)
    eligible = scope - bill.travel_first_pay
    formula = f"{scope} − {bill.travel_first_pay}" if bill.travel_first_pay else ""
    if plan.scope_cap is not None and eligible > (left := bill.left(plan.scope_cap)):
        bill.beyond = fen(eligible - left)
        formula = _ceiling_text(bill, plan.scope_cap, left)
        bill.say("beyond", f"{eligible} − {left}", bill.beyond, plan.scope_cap.source)
        eligible = left
    if plan.scope_limit is not None and eligible > (left := bill.left(plan.scope_limit)):
        formula = _ceiling_text(bill, plan.scope_limit, left)
        eligible = left
    bill.eligible = fen(eligible)
    if formula:
        source = plan.scope_limit or plan.scope_cap or plan.first_pay
        bill.say("eligible", formula, bill.eligible, source.source if source else None)


def _ceiling_text(bill: Bill, ceiling: Ceiling, left: Decimal) -> str:
    used = bill.year.get(ceiling.used, ZERO)
    return f"{ceiling.label} {yuan(ceiling.amount)} − 已用 {yuan(used)} = {yuan(left)}"


def take_deductible(bill: Bill) -> None:
    """Step 3: the deductible (起付线), at most what is eligible; what is above it is payable."""
    plan = bill.plan.deductible
    if plan is None:
        bill.deductible, bill.payable = ZERO.quantize(FEN), bill.eligible
        bill.say("deductible", "没有起付线", bill.deductible)
        return
    amount, formula = deductible_amount(bill.total, plan)
    for taken, text in _taken_before(bill, plan):
        amount = max(ZERO, amount - taken)
        formula += f" − {text} {yuan(taken)}"
    if plan.annual_max is not None and amount > (
        left := max(ZERO, plan.annual_max - bill.year.get("deductible", ZERO))
    ):
        amount = left
        formula += f"，全年累计不超过 {yuan(plan.annual_max)}，还剩 {yuan(left)}"
    if amount > bill.eligible:
        amount = bill.eligible
        formula += f"，不超过纳入报销的 {bill.eligible}"
    bill.deductible = fen(amount)
    bill.payable = bill.eligible - bill.deductible
    bill.say("deductible", formula, bill.deductible, plan.source)


def deductible_amount(total: Decimal, plan: DeductiblePlan) -> tuple[Decimal, str]:
    """The amount before the year counts: a sum or a share of the total within bounds, then adjusted, never below 0."""
    amount, text = plan.amount, f"{yuan(plan.amount)}{plan.text}"
    if plan.percent:
        amount = total * plan.amount
        text = f"{total} × {plan.amount * 100:f}%{plan.text}"
        for bound, name, chosen in ((plan.least, "最低", max), (plan.most, "最高", min)):
            if bound is not None and chosen(amount, bound) != amount:
                amount, text = bound, f"{text}，{name} {yuan(bound)}"
    summed = False
    for change in plan.changes:
        amount = amount * change.value if change.times else amount + change.value
        text = (f"({text})" if change.times and summed else text) + change.text
        summed = summed or not change.times
    return max(ZERO, amount), text


def _taken_before(bill: Bill, plan: DeductiblePlan) -> Iterator[tuple[Decimal, str]]:
    """What the stay this one continues, and the year or month so far, have already taken of the deductible."""
    if plan.linked and (taken := bill.year.get("linked_deductible", ZERO)):
        yield taken, "连续住院已付"
    if plan.used is not None and (taken := bill.year.get(plan.used, ZERO)):
        yield taken, "本年已付" if plan.used == "deductible" else "本月已付"


def pay_pooled(bill: Bill) -> None:
    """Step 4: payable laid along the bands, then the floor, the limits, and the year's cap of pooled payment."""
    plan, start = bill.plan, _start(bill)
    parts = list(lay(plan.bands, start, bill.payable))
    paid = ZERO
    formula = []
    for low, length, band in parts:
        share = length * band.ratio
        paid += share
        formula.append(yuan(share))
        label = "统筹支付" + (_band_text(low, band) if len(plan.bands) > 1 else "")
        bill.say("band", f"{yuan(length)} × {band.text} = {yuan(share)}", fen(share), band.source, label)
    pooled, text = paid, " + ".join(formula) or "0"
    source = plan.share_source or (parts[0][2].source if parts else None)
    if plan.floor is not None and (least := bill.eligible * plan.floor.value) > pooled:
        pooled, source = least, plan.floor.source
        text = f"保底：{bill.eligible} × {plan.floor.text} = {yuan(least)}"
    added = pooled - paid
    if plan.pooled_limit is not None and pooled > (left := bill.left(plan.pooled_limit)):
        pooled, source = left, plan.pooled_limit.source
        text = _ceiling_text(bill, plan.pooled_limit, left)
    if plan.pooled_cap is not None:
        left = bill.left(plan.pooled_cap)
        _note_beyond(bill, parts, paid, left, added)
        if pooled > left:
            pooled, source = left, plan.pooled_cap.source
            text = _ceiling_text(bill, plan.pooled_cap, left)
    bill.pooled = fen(pooled)
    bill.say("pooled", f"{plan.level_text}{text}", bill.pooled, source)


def _start(bill: Bill) -> Decimal:
    """Where on the scale of the bands this bill begins."""
    start = ZERO
    if bill.plan.of_year:
        start = bill.year.get("scope", ZERO)
        if bill.plan.payable_measure:
            start = max(ZERO, start - bill.year.get("deductible", ZERO))
    return start if bill.plan.payable_measure else start + bill.deductible


def lay(bands: Iterable[BandPlan], start: Decimal, amount: Decimal) -> Iterator[tuple[Decimal, Decimal, BandPlan]]:
    """An amount laid along bands from `start`: where each piece begins, how long it is, and its band."""
    end = start + amount
    for band in bands:
        if start >= end:
            return
        stop = end if band.upto is None else min(end, band.upto)
        if stop > start:
            yield start, stop - start, band
            start = stop


def _band_text(low: Decimal, band: BandPlan) -> str:
    return f"（{yuan(low)} 以上）" if band.upto is None else f"（{yuan(low)} 至 {yuan(band.upto)}）"


def _note_beyond(
    bill: Bill, parts: Iterable[tuple[Decimal, Decimal, BandPlan]], paid: Decimal, left: Decimal, added: Decimal
) -> None:
    """The scope from where the bands alone use up what the cap has left, lowered by what the floor added."""
    if paid < left:
        return
    before = bill.payable - _used_up_at(parts, left)
    shut_out = max(ZERO, before - added)
    if shut_out <= 0:
        return
    assert bill.plan.pooled_cap is not None
    lowered = f" − 保底增加 {yuan(added)}" if added else ""
    formula = f"{bill.payable} − 封顶前已用 {yuan(fen(bill.payable - before))}{lowered}"
    amount = fen(bill.beyond + shut_out) - bill.beyond
    bill.beyond += amount
    bill.say("beyond", formula, amount, bill.plan.pooled_cap.source)


def _used_up_at(parts: Iterable[tuple[Decimal, Decimal, BandPlan]], left: Decimal) -> Decimal:
    """How much of the payable amount the bands need to pay `left`."""
    used = ZERO
    for _, length, band in parts:
        share = length * band.ratio
        if share >= left:
            return used + (left / band.ratio if left else ZERO)
        left -= share
        used += length
    return used


def pay_the_rest(bill: Bill, balance: Decimal) -> dict[str, Decimal]:
    """Step 6: the funds together, what is left to the person, and how much of it the personal account pays."""
    funds = sum(bill.funds.values(), ZERO)
    fund = bill.pooled + funds
    own = bill.total - fund
    account = fen(min(balance, own)) if bill.plan.account_pays else ZERO.quantize(FEN)
    named = " + ".join(str(paid) for paid in (bill.pooled, *bill.funds.values()))
    bill.say("fund", named, fund)
    bill.say("own", f"{bill.total} − {fund}", own)
    if account:
        bill.say("account", f"余额 {yuan(balance)}，个人负担 {own}", account)
    bill.say("cash", f"{own} − {account}" if account else str(own), own - account)
    return {"fund": fund, "own": own, "account": account, "cash": own - account}
