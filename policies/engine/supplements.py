"""Step 5: the further funds, one after another in the order of the file (POLICY.md §3)."""

from decimal import Decimal

from policies.engine.plan import SupplementPlan
from policies.engine.steps import ZERO, Bill, fen, lay
from policies.engine.words import yuan


def pay_supplements(bill: Bill) -> None:
    """Step 5: each further fund pays from what is beyond the cap, or from the burden above its threshold (POLICY.md §3)."""
    bill.burden = left = bill.scope - bill.pooled
    for supplement in bill.plan.supplements:
        included = sum((getattr(bill, name) for name in supplement.includes), ZERO)
        paid = _pay_supplement(bill, supplement, left, included)
        bill.funds[supplement.fund] = bill.funds.get(supplement.fund, ZERO) + paid
        left = max(ZERO, left - paid)


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
        left = max(ZERO, plan.cap - spent)
        if paid > left:
            paid = left
            text += f"，年度最高 {yuan(plan.cap)}，还剩 {yuan(left)}"
    paid = fen(paid)
    source = parts[0][2].source if parts else plan.source
    bill.say(plan.fund, text, paid, source or plan.source)
    return paid


def _above_threshold(bill: Bill, plan: SupplementPlan, burden: Decimal, included: Decimal) -> tuple[Decimal, Decimal]:
    """Where on the supplement's scale the burden above the threshold begins, and how long it is."""
    assert plan.threshold is not None
    earlier = bill.year.get("burden", ZERO) if plan.of_year else ZERO
    counted = max(ZERO, burden - bill.travel_first_pay) if plan.excludes_first_pay else burden
    low = max(earlier, plan.threshold)
    length = max(ZERO, earlier + counted + included - low)
    return (low - plan.threshold if plan.above else low), length
