"""The calculation, one function a step (POLICY.md §2, "The order of the calculation"); step 1, the costs, stands in `bill`.

Every step reads what earlier ones left on the bill, completes one or more named amounts, each rounded half-up to the fen
once, and adds the lines that explain them. Runs within `bill.exact()`, where decimals neither round nor overflow.
`{amount!s}` is `yuan(amount)` of an amount that has two places already.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from policies.engine.bill import NOTHING, ZERO, Bill, fen, yuan
from policies.engine.plan import BandPlan, Ceiling, DeductiblePlan, SupplementPlan, changed


def take_first_pay(bill: Bill) -> None:
    """Step 2: what a traveller pays before anything else, then the year's cap and the limits of scope."""
    plan, scope = bill.plan, bill.scope
    bill.travel_first_pay = bill.beyond = NOTHING
    if plan.first_pay is not None:
        bill.travel_first_pay = fen(scope * plan.first_pay.value)
        formula = f"{scope!s} × {plan.first_pay.text}"
        bill.add_line("travel_first_pay", formula, bill.travel_first_pay, plan.first_pay.source)
    eligible = scope - bill.travel_first_pay
    formula = f"{scope!s} − {bill.travel_first_pay!s}" if bill.travel_first_pay else ""
    if plan.scope_cap is not None and eligible > (remaining := bill.remaining(plan.scope_cap)):
        bill.beyond = fen(eligible - remaining)
        formula = _ceiling_text(bill, plan.scope_cap, remaining)
        bill.add_line("beyond", f"{eligible!s} − {remaining!s}", bill.beyond, plan.scope_cap.source)
        eligible = remaining
    if plan.scope_limit is not None and eligible > (remaining := bill.remaining(plan.scope_limit)):
        formula = _ceiling_text(bill, plan.scope_limit, remaining)
        eligible = remaining
    bill.eligible = eligible
    if formula:
        bill.eligible = fen(eligible)
        source = plan.scope_limit or plan.scope_cap or plan.first_pay
        bill.add_line("eligible", formula, bill.eligible, source.source if source else None)


def _ceiling_text(bill: Bill, ceiling: Ceiling, remaining: Decimal) -> str:
    used = bill.year.get(ceiling.used, NOTHING)
    return f"{ceiling.label} {yuan(ceiling.amount)} − 已用 {yuan(used)} = {yuan(remaining)}"


def take_deductible(bill: Bill) -> None:
    """Step 3: the deductible (起付线), at most what is eligible; what is above it is payable."""
    plan = bill.plan.deductible
    if plan is None:
        bill.deductible, bill.payable = NOTHING, bill.eligible
        bill.add_line("deductible", "没有起付线", NOTHING)
        return
    amount, formula = _share_of_total(bill.total, plan) if plan.percent else (plan.amount, plan.text)
    if plan.linked or plan.used is not None:
        for taken, text in _taken_before(bill, plan):
            amount = max(ZERO, amount - taken)
            formula += f" − {text} {yuan(taken)}"
    if plan.annual_max is not None and amount > (
        remaining := max(ZERO, plan.annual_max - bill.year.get("deductible", ZERO))
    ):
        amount = remaining
        formula += f"，全年累计不超过 {yuan(plan.annual_max)}，还剩 {yuan(remaining)}"
    if amount > bill.eligible:
        amount = bill.eligible
        formula += f"，不超过纳入报销的 {bill.eligible!s}"
    bill.deductible = fen(amount)
    bill.payable = bill.eligible - bill.deductible
    bill.add_line("deductible", formula, bill.deductible, plan.source)


def _share_of_total(total: Decimal, plan: DeductiblePlan) -> tuple[Decimal, str]:
    """A share of the bill within bounds, then adjusted."""
    amount, text = total * plan.amount, f"{total!s}{plan.text}"
    for bound, name, chosen in ((plan.least, "最低", max), (plan.most, "最高", min)):
        if bound is not None and chosen(amount, bound) != amount:
            amount, text = bound, f"{text}，{name} {yuan(bound)}"
    return changed(amount, text, plan.changes)


def _taken_before(bill: Bill, plan: DeductiblePlan) -> Iterator[tuple[Decimal, str]]:
    """What the stay this one continues, and the year or month so far, have already taken of the deductible."""
    if plan.linked and (taken := bill.year.get("linked_deductible", ZERO)):
        yield taken, "连续住院已付"
    if plan.used is not None and (taken := bill.year.get(plan.used, ZERO)):
        yield taken, "本年已付" if plan.used == "deductible" else "本月已付"


def pay_pooled(bill: Bill) -> None:
    """Step 4: payable laid along the bands, then the floor, the limits, and the year's cap of pooled payment."""
    plan = bill.plan
    parts = lay(plan.bands, _start(bill), bill.payable)
    paid, shares = ZERO, []
    for low, length, band in parts:
        share = length * band.ratio
        paid += share
        text = yuan(share)
        shares.append(text)
        label = "统筹支付" + (_band_text(low, band) if len(plan.bands) > 1 else "")
        bill.add_line("band", f"{yuan(length)} × {band.text} = {text}", fen(share), band.source, label)
    pooled, text = paid, " + ".join(shares) or "0"
    source = plan.share_source or (parts[0][2].source if parts else None)
    if plan.floor is not None and (least := bill.eligible * plan.floor.value) > pooled:
        pooled, source = least, plan.floor.source
        text = f"保底：{bill.eligible!s} × {plan.floor.text} = {yuan(least)}"
    added = pooled - paid
    if plan.pooled_limit is not None and pooled > (remaining := bill.remaining(plan.pooled_limit)):
        pooled, source = remaining, plan.pooled_limit.source
        text = _ceiling_text(bill, plan.pooled_limit, remaining)
    if plan.pooled_cap is not None:
        remaining = bill.remaining(plan.pooled_cap)
        if paid >= remaining:
            _note_beyond(bill, parts, remaining, added)
        if pooled > remaining:
            pooled, source = remaining, plan.pooled_cap.source
            text = _ceiling_text(bill, plan.pooled_cap, remaining)
    bill.pooled = fen(pooled)
    bill.add_line("pooled", plan.level_text + text, bill.pooled, source)


def _start(bill: Bill) -> Decimal:
    """Where on the scale of the bands this bill begins."""
    start = ZERO
    if bill.plan.of_year:
        start = bill.year.get("scope", ZERO)
        if bill.plan.payable_measure:
            start = max(ZERO, start - bill.year.get("deductible", ZERO))
    return start if bill.plan.payable_measure else start + bill.deductible


Part = tuple[Decimal, Decimal, BandPlan]


def lay(bands: Iterable[BandPlan], start: Decimal, amount: Decimal) -> Sequence[Part]:
    """An amount laid along bands from `start`: where each piece begins, how long it is, and its band."""
    end = start + amount
    parts: list[Part] = []
    for band in bands:
        if start >= end:
            break
        stop = end if band.upto is None or end < band.upto else band.upto
        if stop > start:
            parts.append((start, stop - start, band))
            start = stop
    return parts


def _band_text(low: Decimal, band: BandPlan) -> str:
    return f"（{yuan(low)} 以上）" if band.upto is None else f"（{yuan(low)} 至 {yuan(band.upto)}）"


def _note_beyond(bill: Bill, parts: Iterable[Part], remaining: Decimal, added: Decimal) -> None:
    """The scope from where the bands alone use up what the cap has remaining, lowered by what the floor added."""
    before = bill.payable - _used_up_at(parts, remaining)
    shut_out = max(ZERO, before - added)
    if shut_out <= 0:
        return
    assert bill.plan.pooled_cap is not None
    lowered = f" − 保底增加 {yuan(added)}" if added else ""
    formula = f"{bill.payable!s} − 封顶前已用 {fen(bill.payable - before)!s}{lowered}"
    amount = fen(bill.beyond + shut_out) - bill.beyond
    bill.beyond += amount
    bill.add_line("beyond", formula, amount, bill.plan.pooled_cap.source)


def _used_up_at(parts: Iterable[Part], remaining: Decimal) -> Decimal:
    """How much of the payable amount the bands need to pay `remaining`."""
    used = ZERO
    for _, length, band in parts:
        share = length * band.ratio
        if share >= remaining:
            return used + (remaining / band.ratio if remaining else ZERO)
        remaining -= share
        used += length
    return used


def pay_supplements(bill: Bill) -> None:
    """Step 5: each further fund pays from what is beyond the cap, or from the burden above its threshold (POLICY.md §3)."""
    bill.burden = remaining = bill.scope - bill.pooled
    bill.funds = {}
    for supplement in bill.plan.supplements:
        included = sum((getattr(bill, name) for name in supplement.includes), ZERO)
        paid = _pay_supplement(bill, supplement, remaining, included)
        bill.funds[supplement.fund] = bill.funds.get(supplement.fund, ZERO) + paid
        remaining = max(ZERO, remaining - paid)


def _pay_supplement(bill: Bill, plan: SupplementPlan, burden: Decimal, included: Decimal) -> Decimal:
    if plan.threshold is None:
        start, length = bill.year.get("beyond", ZERO), bill.beyond
        text = ""
    else:
        start, length = _above_threshold(bill, plan, burden, included)
        text = f"起付标准 {yuan(plan.threshold)} 以上："
    parts = lay(plan.bands, start, length)
    paid, pieces = ZERO, []
    for _, piece, band in parts:
        paid += piece * band.ratio
        pieces.append(f"{yuan(piece)} × {band.text}")
    text += " + ".join(pieces) or "0"
    if paid > burden + included:
        paid = burden + included
        text += f"，不超过个人负担 {yuan(paid)}"
    if plan.cap is not None:
        spent = bill.year.get(plan.fund, ZERO) + bill.funds.get(plan.fund, ZERO)
        remaining = max(ZERO, plan.cap - spent)
        if paid > remaining:
            paid = remaining
            text += f"，年度最高 {yuan(plan.cap)}，还剩 {yuan(remaining)}"
    paid = fen(paid)
    source = parts[0][2].source if parts else plan.source
    bill.add_line(plan.fund, text, paid, source or plan.source)
    return paid


def _above_threshold(bill: Bill, plan: SupplementPlan, burden: Decimal, included: Decimal) -> tuple[Decimal, Decimal]:
    """Where on the supplement's scale the burden above the threshold begins, and how long it is."""
    assert plan.threshold is not None
    earlier = bill.year.get("burden", ZERO) if plan.of_year else ZERO
    counted = max(ZERO, burden - bill.travel_first_pay) if plan.excludes_first_pay else burden
    low = max(earlier, plan.threshold)
    length = max(ZERO, earlier + counted + included - low)
    return (low - plan.threshold if plan.above else low), length


def pay_the_rest(bill: Bill, balance: Decimal) -> None:
    """Step 6: the funds together, what is left to the person, and how much of it the personal account pays."""
    fund = bill.pooled
    named = str(fund)
    for paid in bill.funds.values():
        fund += paid
        named += f" + {paid!s}"
    own = bill.total - fund
    account = fen(min(balance, own)) if balance and bill.plan.account_pays else NOTHING
    bill.fund, bill.own, bill.account, bill.cash = fund, own, account, own - account
    left = str(own)
    bill.add_line("fund", named, fund)
    bill.add_line("own", f"{bill.total!s} − {fund!s}", own)
    if account:
        bill.add_line("account", f"余额 {yuan(balance)}，个人负担 {left}", account)
        left = f"{left} − {account!s}"
    bill.add_line("cash", left, bill.cash)
