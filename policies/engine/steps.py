"""The calculation, one function a step (POLICY.md §2, "The order of the calculation"); step 1, the costs, stands in `bill`.

Every step reads what earlier ones left on the bill, completes one or more named amounts, each rounded half-up to the fen
once, and adds the lines that explain them. Runs within `bill.exact()`, where decimals neither round nor overflow.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from policies.engine.bill import FEN, ZERO, Bill, fen, yuan
from policies.engine.plan import BandPlan, Ceiling, DeductiblePlan, SupplementPlan


def take_first_pay(bill: Bill) -> None:
    """Step 2: what a traveller pays before anything else, then the year's cap and the limits of scope."""
    plan, scope = bill.plan, bill.scope
    bill.travel_first_pay = ZERO
    if plan.first_pay is not None:
        bill.travel_first_pay = fen(scope * plan.first_pay.value)
        formula = f"{scope} × {plan.first_pay.text}"
        bill.add_line("travel_first_pay", formula, bill.travel_first_pay, plan.first_pay.source)
    eligible = scope - bill.travel_first_pay
    formula = f"{scope} − {bill.travel_first_pay}" if bill.travel_first_pay else ""
    if plan.scope_cap is not None and eligible > (remaining := bill.remaining(plan.scope_cap)):
        bill.beyond = fen(eligible - remaining)
        formula = _ceiling_text(bill, plan.scope_cap, remaining)
        bill.add_line("beyond", f"{eligible} − {remaining}", bill.beyond, plan.scope_cap.source)
        eligible = remaining
    if plan.scope_limit is not None and eligible > (remaining := bill.remaining(plan.scope_limit)):
        formula = _ceiling_text(bill, plan.scope_limit, remaining)
        eligible = remaining
    bill.eligible = fen(eligible)
    if formula:
        source = plan.scope_limit or plan.scope_cap or plan.first_pay
        bill.add_line("eligible", formula, bill.eligible, source.source if source else None)


def _ceiling_text(bill: Bill, ceiling: Ceiling, remaining: Decimal) -> str:
    used = bill.year.get(ceiling.used, ZERO)
    return f"{ceiling.label} {yuan(ceiling.amount)} − 已用 {yuan(used)} = {yuan(remaining)}"


def take_deductible(bill: Bill) -> None:
    """Step 3: the deductible (起付线), at most what is eligible; what is above it is payable."""
    plan = bill.plan.deductible
    if plan is None:
        bill.deductible, bill.payable = ZERO.quantize(FEN), bill.eligible
        bill.add_line("deductible", "没有起付线", bill.deductible)
        return
    amount, formula = deductible_amount(bill.total, plan)
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
        formula += f"，不超过纳入报销的 {bill.eligible}"
    bill.deductible = fen(amount)
    bill.payable = bill.eligible - bill.deductible
    bill.add_line("deductible", formula, bill.deductible, plan.source)


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
        bill.add_line("band", f"{yuan(length)} × {band.text} = {yuan(share)}", fen(share), band.source, label)
    pooled, text = paid, " + ".join(formula) or "0"
    source = plan.share_source or (parts[0][2].source if parts else None)
    if plan.floor is not None and (least := bill.eligible * plan.floor.value) > pooled:
        pooled, source = least, plan.floor.source
        text = f"保底：{bill.eligible} × {plan.floor.text} = {yuan(least)}"
    added = pooled - paid
    if plan.pooled_limit is not None and pooled > (remaining := bill.remaining(plan.pooled_limit)):
        pooled, source = remaining, plan.pooled_limit.source
        text = _ceiling_text(bill, plan.pooled_limit, remaining)
    if plan.pooled_cap is not None:
        remaining = bill.remaining(plan.pooled_cap)
        _note_beyond(bill, parts, paid, remaining, added)
        if pooled > remaining:
            pooled, source = remaining, plan.pooled_cap.source
            text = _ceiling_text(bill, plan.pooled_cap, remaining)
    bill.pooled = fen(pooled)
    bill.add_line("pooled", f"{plan.level_text}{text}", bill.pooled, source)


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
    bill: Bill, parts: Iterable[tuple[Decimal, Decimal, BandPlan]], paid: Decimal, remaining: Decimal, added: Decimal
) -> None:
    """The scope from where the bands alone use up what the cap has remaining, lowered by what the floor added."""
    if paid < remaining:
        return
    before = bill.payable - _used_up_at(parts, remaining)
    shut_out = max(ZERO, before - added)
    if shut_out <= 0:
        return
    assert bill.plan.pooled_cap is not None
    lowered = f" − 保底增加 {yuan(added)}" if added else ""
    formula = f"{bill.payable} − 封顶前已用 {yuan(fen(bill.payable - before))}{lowered}"
    amount = fen(bill.beyond + shut_out) - bill.beyond
    bill.beyond += amount
    bill.add_line("beyond", formula, amount, bill.plan.pooled_cap.source)


def _used_up_at(parts: Iterable[tuple[Decimal, Decimal, BandPlan]], remaining: Decimal) -> Decimal:
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
    parts = list(lay(plan.bands, start, length))
    paid = sum((piece * band.ratio for _, piece, band in parts), ZERO)
    text += " + ".join(f"{yuan(piece)} × {band.text}" for _, piece, band in parts) or "0"
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


def pay_the_rest(bill: Bill, balance: Decimal) -> dict[str, Decimal]:
    """Step 6: the funds together, what is left to the person, and how much of it the personal account pays."""
    funds = sum(bill.funds.values(), ZERO)
    fund = bill.pooled + funds
    own = bill.total - fund
    account = fen(min(balance, own)) if bill.plan.account_pays else ZERO.quantize(FEN)
    named = " + ".join(str(paid) for paid in (bill.pooled, *bill.funds.values()))
    bill.add_line("fund", named, fund)
    bill.add_line("own", f"{bill.total} − {fund}", own)
    if account:
        bill.add_line("account", f"余额 {yuan(balance)}，个人负担 {own}", account)
    bill.add_line("cash", f"{own} − {account}" if account else str(own), own - account)
    return {"fund": fund, "own": own, "account": account, "cash": own - account}
