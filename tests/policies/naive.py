"""POLICY.md §1–3 once more, word by word and for one bill at a time: what the engine must agree with.

Written from the text alone, without a look at the engine. A comment "Open:" marks where the text leaves a choice, and which
one this is.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

from policies.engine import Case
from policies.language.schema import Benefit, Cap, PolicyFile, Supplement
from tests.policies.naive_words import (
    EXACT,
    ZERO,
    Facts,
    Piece,
    bill,
    fen,
    fen_of_fraction,
    first,
    fits,
    full_deductible,
    matches,
    paid,
    pieces,
    share_ratios,
    supplement_ratios,
    used_up_at,
)

FLAGS = ("vacation", "injury", "no_third_party", "newborn", "maternity")
FUNDS = ("large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")


class Answer(NamedTuple):
    """The amounts by name, or a refusal with its reason and no amounts."""

    amounts: dict[str, Decimal]
    refused: str | None = None
    reason: str = ""
    benefit: str | None = None
    not_included: tuple[tuple[str, str | None, str], ...] = ()


def naive_settle(policy: PolicyFile, case: Case) -> Answer:
    """The answer of POLICY.md to one bill. Raises WrongInput when the bill contradicts itself."""
    with localcontext(EXACT):
        benefit, facts = chosen(policy, case)
        if benefit is None:
            return Answer({}, "not_covered")
        for refused in ("not_covered", "not_known"):
            rule = first(getattr(benefit, refused), facts)
            if rule:
                return Answer({}, refused, rule.reason, benefit.id)
        ratios = share_ratios(benefit.share, facts)
        if ratios is None:
            # Open: this refusal too comes before the bill is read, as it depends on the facts alone.
            return Answer({}, "not_known", "", benefit.id)
        bill = Bill(policy, benefit, facts, case, ratios)
        return Answer(bill.settle(), benefit=benefit.id, not_included=tuple(bill.not_included()))


def chosen(policy: PolicyFile, case: Case) -> tuple[Benefit | None, Facts]:
    """Step 0: the benefit by the true facts, and the facts with the level it is settled by."""
    facts = {
        "visit": 1,
        "identity": "none",
        "institution_kind": "hospital",
        **dict.fromkeys(FLAGS, False),
        **case.facts,
    }
    benefit = next((benefit for benefit in policy.benefits or () if fits(benefit, facts)), None)
    replaced = first(benefit.level_as, facts) if benefit else None
    return benefit, {**facts, "level": replaced.level} if replaced else facts


class Bill:
    """One bill under one benefit, settled step by step; `amounts` holds what is complete."""

    def __init__(
        self, policy: PolicyFile, benefit: Benefit, facts: Facts, case: Case, ratios: Sequence[Decimal]
    ) -> None:
        self.policy, self.benefit, self.facts, self.case, self.ratios = policy, benefit, facts, case, ratios
        self.year: dict[str, Decimal] = dict(case.year_to_date)
        self.amounts: dict[str, Decimal] = {}
        self.supplements: dict[str, Decimal] = dict.fromkeys(FUNDS, ZERO)

    def settle(self) -> dict[str, Decimal]:
        self.amounts = bill(self.case.cost)
        self.cut_scope()
        self.take_deductible()
        self.pay_pooled()
        self.pay_supplements()
        self.divide()
        return {name: fen(amount) for name, amount in self.amounts.items()}

    def so_far(self, key: str) -> Decimal:
        return self.year.get(key, ZERO)

    def cut_scope(self) -> None:
        """Step 2."""
        scope = self.amounts["scope"]
        rule = first(self.benefit.first_pay, self.facts)
        first_pay = fen(scope * rule.ratio) if rule else ZERO
        eligible = scope - first_pay
        beyond = ZERO
        left = self.left_of_cap("scope")
        if left is not None and eligible > left:
            eligible, beyond = left, eligible - left
        left = self.left_of_limit("scope")
        if left is not None:
            eligible = min(eligible, left)
        self.beyond = beyond
        self.amounts |= {"travel_first_pay": first_pay, "eligible": fen(eligible)}

    def left_of_cap(self, of: str) -> Decimal | None:
        """What the year has left of the benefit's cap; None: there is none, or it is not known."""
        rule = self.cap(of)
        return max(ZERO, rule.amount - self.so_far(of)) if rule and rule.not_known is None else None

    def cap(self, of: str) -> Cap | None:
        """A cap that is not known, and says not of what, stands in the way of both."""
        return first((cap for cap in self.benefit.annual_cap if cap.of is None or cap.of == of), self.facts)

    def left_of_limit(self, of: str) -> Decimal | None:
        """What the year or the month has left of the first limit that matches, in chronic care of the disease."""
        rule = first((limit for limit in self.benefit.limits if limit.of == of), self.facts)
        if rule is None:
            return None
        yearly = f"chronic_{of}" if self.benefit.care == "chronic" else of
        return max(ZERO, rule.amount - self.so_far(f"month_{of}" if rule.period == "month" else yearly))

    def take_deductible(self) -> None:
        """Step 3."""
        amount = self.deductible()
        self.amounts["deductible"] = min(amount, self.amounts["eligible"])
        self.amounts["payable"] = self.amounts["eligible"] - self.amounts["deductible"]

    def deductible(self) -> Decimal:
        deductible = self.benefit.deductible
        if deductible is None:
            return ZERO
        amount = full_deductible(deductible, self.facts, self.amounts["total"])
        if deductible.linked:
            amount -= self.so_far("linked_deductible")
        if deductible.period != "admission":
            amount -= self.so_far("deductible" if deductible.period == "year" else "month_deductible")
        if deductible.annual_max is not None:
            amount = min(amount, deductible.annual_max - self.so_far("deductible"))
        return fen(max(ZERO, amount))

    def pay_pooled(self) -> None:
        """Step 4."""
        eligible = self.amounts["eligible"]
        stretch = self.laid()
        by_bands = pooled = paid(stretch)
        rule = first(self.benefit.floor, self.facts)
        if rule:
            pooled = max(pooled, eligible * rule.ratio)
        added = pooled - by_bands
        left = self.left_of_limit("pooled")
        if left is not None:
            pooled = min(pooled, left)
        left = self.left_of_cap("pooled")
        beyond = Fraction(self.beyond)
        if left is not None:
            pooled = min(pooled, left)
            at = used_up_at(stretch, left)
            if at is not None:
                # Open: what a floor added lowers only the part beyond the cap of pooled, and in full, even if a limit cut it again.
                beyond += max(Fraction(0), Fraction(self.amounts["payable"]) - at - Fraction(added))
        self.amounts["pooled"] = fen(pooled)
        self.amounts["beyond"] = fen_of_fraction(beyond)

    def laid(self) -> list[Piece]:
        """What is payable, laid along the bands of the share."""
        share = self.benefit.share
        start = ZERO
        if share.base == "year":
            start = self.so_far("scope")
            if share.measure == "payable":
                # Open: the year's deductible exceeds the year's scope only in a wrong input; the bands start at 0 then.
                start = max(ZERO, start - self.so_far("deductible"))
        if share.measure == "scope":
            start += self.amounts["deductible"]
        return list(pieces(share.bands, self.ratios, start, self.amounts["payable"]))

    def pay_supplements(self) -> None:
        """Step 5."""
        self.amounts["burden"] = self.amounts["scope"] - self.amounts["pooled"]
        self.burden = self.amounts["burden"]
        self.included: set[str] = set()
        for supplement in self.policy.supplements:
            if self.applies(supplement):
                self.pay(supplement)
        self.amounts |= self.supplements

    def applies(self, supplement: Supplement) -> bool:
        facts = self.facts
        return (
            supplement.insurance == facts["insurance"]
            and (not supplement.care or facts["care"] in supplement.care)
            and matches(supplement.when, facts)
            and (supplement.kind == "above_cap" or first(supplement.thresholds, facts) is not None)
        )

    def pay(self, supplement: Supplement) -> None:
        # Open: "applies" includes a supplement that comes to pay nothing (burden below its threshold, cap used up).
        includes = [name for name in supplement.includes if name not in self.included]
        self.included.update(includes)
        more = sum((self.amounts[name] for name in dict.fromkeys(includes)), ZERO)
        amount = self.above_cap(supplement) if supplement.kind == "above_cap" else self.of_burden(supplement, more)
        amount = min(amount, self.burden + more)
        cap = first(supplement.annual_cap, self.facts)
        fund = supplement.fund
        if cap and cap.not_known is None:
            amount = min(amount, max(ZERO, cap.amount - self.so_far(fund) - self.supplements[fund]))
        # Open: each supplement's payment is rounded, and a fund's amount is their sum; rounded later, two halves of a fen could
        # exceed the burden.
        amount = fen(amount)
        self.supplements[fund] += amount
        self.burden = max(ZERO, self.burden - amount)

    def above_cap(self, supplement: Supplement) -> Decimal:
        beyond = self.amounts["beyond"]
        return self.along(supplement, self.so_far("beyond"), beyond)

    def of_burden(self, supplement: Supplement, more: Decimal) -> Decimal:
        """The part of the stretch from E to E + B that is above the threshold."""
        # Open: B is the burden that earlier supplements of this bill left.
        burden = self.burden
        if supplement.excludes_first_pay:
            # Open: of a burden that earlier supplements brought below travel_first_pay, nothing counts (and not less than nothing).
            burden = max(ZERO, burden - self.amounts["travel_first_pay"])
        earlier = self.so_far("burden") if supplement.period == "year" else ZERO
        threshold = first(supplement.thresholds, self.facts).amount
        start, end = max(earlier, threshold), max(earlier + burden + more, threshold)
        if supplement.measure == "above":
            start, end = start - threshold, end - threshold
        return self.along(supplement, start, end - start)

    def along(self, supplement: Supplement, start: Decimal, length: Decimal) -> Decimal:
        if supplement.bands:
            return paid(pieces(supplement.bands, supplement_ratios(supplement.bands, self.facts), start, length))
        rule = first(supplement.ratios, self.facts)
        return length * rule.ratio if rule else ZERO

    def divide(self) -> None:
        """Step 6."""
        amounts = self.amounts
        amounts["fund"] = amounts["pooled"] + sum(self.supplements.values(), ZERO)
        amounts["own"] = amounts["total"] - amounts["fund"]
        # Open: a case that does not state its travel is not local.
        may_pay = self.policy.account_abroad or self.facts.get("travel") == "local"
        amounts["account"] = fen(min(self.case.account_balance, amounts["own"])) if may_pay else ZERO
        amounts["cash"] = amounts["own"] - amounts["account"]

    def not_included(self) -> list[tuple[str, str | None, str]]:
        """What the file does not know: its own list, then the caps it says are not known; the same is said once."""
        told: list[tuple[str, str | None, str]] = []
        for entry in self.policy.not_included:
            for_insurance = entry.insurance is None or entry.insurance == self.facts["insurance"]
            for_care = entry.care == () or self.facts["care"] in entry.care
            if for_insurance and for_care and matches(entry.when, self.facts):
                told.append((entry.kind, entry.fund, entry.reason))
        told += [("cap", None, cap.not_known) for of in ("scope", "pooled") if (cap := self.cap(of)) and cap.not_known]
        for supplement in self.policy.supplements:
            cap = first(supplement.annual_cap, self.facts)
            if self.applies(supplement) and cap and cap.not_known:
                told.append(("cap", supplement.fund, cap.not_known))
        return [one for n, one in enumerate(told) if one not in told[:n]]
