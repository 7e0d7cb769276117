"""`settle`: one bill through all steps of POLICY.md §2."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from policies.engine.case import Case, Result
from policies.engine.compiled import Compiled
from policies.engine.plan import Refused
from policies.engine.steps import (
    FEN,
    ZERO,
    Bill,
    exact,
    pay_pooled,
    pay_the_rest,
    take_costs,
    take_deductible,
    take_first_pay,
)
from policies.engine.supplements import pay_supplements
from policies.language.wording import FUND_LABELS

_NOTHING = ZERO.quantize(FEN)
_FUNDS: dict[str, Decimal] = dict.fromkeys(FUND_LABELS, _NOTHING)


def settle(policy: Compiled, case: Case) -> Result:
    """Split a bill: all amounts and the lines behind them, or a refusal (POLICY.md §2, steps 0–6).

    Raises WrongInput where the bill contradicts itself.
    """
    with exact():
        plan = policy.plan(case.facts)
        if isinstance(plan, Refused):
            return Result({}, (), plan.benefit, plan.kind, plan.reason)
        bill = Bill(plan, case.year_to_date)
        take_costs(bill, case.cost)
        take_first_pay(bill)
        take_deductible(bill)
        pay_pooled(bill)
        pay_supplements(bill)
        rest = pay_the_rest(bill, case.account_balance)
    return Result(_amounts(bill, rest), tuple(bill.lines), plan.benefit)


def settle_as_best(policy: Compiled, case: Case, identities: Sequence[str]) -> Result:
    """Of a person with several identities (low_income and civil_servant, say) the one by which the funds pay most.

    The first of equals; a refusal only where every identity is refused. Without identities, as the case says.
    """
    if not identities:
        return settle(policy, case)
    results = [settle(policy, replace(case, facts={**case.facts, "identity": name})) for name in identities]
    return max(results, key=lambda result: result.amounts.get("fund", Decimal(-1)))


def _amounts(bill: Bill, rest: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {
        "total": bill.total,
        "excluded": bill.excluded,
        "over_limit": bill.over_limit,
        "first_copay": bill.first_copay,
        "scope": bill.scope,
        "travel_first_pay": bill.travel_first_pay or _NOTHING,
        "eligible": bill.eligible,
        "deductible": bill.deductible,
        "payable": bill.payable,
        "pooled": bill.pooled,
        "beyond": bill.beyond or _NOTHING,
        "burden": bill.burden,
        **_FUNDS,
        **bill.funds,
        **rest,
    }
