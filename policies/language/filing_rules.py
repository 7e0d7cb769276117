"""What a person must do to be treated elsewhere: the filing rules of an area on a day, and the arithmetic around them.

All functions are pure; dates are whole days, the last day of a validity or a lock is covered by it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import Literal

from policies.language.facts import FactValue
from policies.language.filing_schema import Exemption, FilingRules, Injury, Maternity, Newborns
from policies.language.filing_types import TypeRules
from policies.language.loader import NATIONAL, Timeline, load_shipped
from policies.language.merging import Section, resolve
from policies.language.schema import PolicyFile
from policies.language.terms import Care, CareScope, Span, Travel, due_on, last_day


def chain(area_code: str) -> tuple[str, ...]:
    """Whose rules lie over each other for this area, national first: 000000, its province, its city, itself."""
    parents = (NATIONAL, f"{area_code[:2]}0000", f"{area_code[:4]}00", area_code)
    return tuple(dict.fromkeys(parents))


MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The filing sections of a set of files, along time."""

    timelines: Mapping[str, Timeline[PolicyFile]]
    _known: dict[tuple[str, date], FilingRules] = field(default_factory=dict, compare=False, repr=False)

    def rules_for(self, area_code: str, on: date) -> FilingRules:
        """The rules of an area on a day; without a file of its own it has its province's, or the national ones."""
        rules = self._known.get((area_code, on))
        if rules is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            policies = [self.timelines[code].on(on) for code in chain(area_code) if code in self.timelines]
            sections = tuple(policy.filing for policy in policies if policy and policy.filing)
            rules = self._known[area_code, on] = _resolved(area_code, sections)
        return rules

    def all_rules(self) -> Iterator[FilingRules]:
        """The rules of every file, on its first day."""
        for area, timeline in self.timelines.items():
            for period in timeline.periods:
                yield self.rules_for(area, period.start)


@lru_cache(maxsize=4096)
def _resolved(area_code: str, sections: tuple[Section, ...]) -> FilingRules:
    return resolve(area_code, sections)


@cache
def shipped() -> RuleBook:
    """The project's own files, asked for once per process."""
    return RuleBook(load_shipped())


_book: Callable[[], RuleBook] = shipped


def read_from(book: Callable[[], RuleBook]) -> None:
    """From now on `rules_for` asks this book: the published policies, once Django has started."""
    global _book
    _book = book


def rules_for(area_code: str, on: date) -> FilingRules:
    """The filing rules of an area on a day, from the policies that are published; alone, from the files the project ships."""
    return _book().rules_for(area_code, on)


def exemption(
    rules: FilingRules,
    destination_code: str,
    destination_province: str,
    care: CareScope | None,
    on: date,
) -> Exemption | None:
    """The exemption (免备案) that makes a filing to this place needless on a day, if one does.

    `destination_province` is the six-digit code of its province. Without `care` inpatient care is meant.
    """
    places = {destination_code, destination_province, "country"}
    if destination_province[:2] == rules.area[:2]:
        places.add("same_province")
    care = care or "inpatient"
    return next((e for e in rules.exempt if places & set(e.to) and care in e.care and e.counts_on(on)), None)


def exemptions(
    rules: FilingRules, destination_code: str, destination_province: str, kinds: Iterable[Care], on: date
) -> dict[Care, Exemption]:
    """By kind of care, the exemption that makes a filing to this place needless on a day."""
    if not rules.exempt:
        return {}
    return {
        care: rule for care in kinds if (rule := exemption(rules, destination_code, destination_province, care, on))
    }


def validity_end(
    rules: TypeRules,
    starts_on: date,
    *,
    by_commitment: bool = False,
    disease: str | None = None,
    diagnosis: str = "",
) -> date | None:
    """The last day a filing covers. None: open-ended, or for one visit (`validity.term`), and ends with it.

    6 months from 2026-03-15 end on 2026-09-14. A filing by commitment may be shorter, one for certain diseases longer:
    for a chronic `disease` by its national code, for the `diagnosis` of a referral by its ICD-10 code.
    """
    validity = rules.validity
    if by_commitment and validity.by_commitment:
        return last_day(starts_on, validity.by_commitment)
    term = validity.term_for(disease, diagnosis)
    return last_day(starts_on, term) if isinstance(term, Span) else None


def lock_until(
    rules: TypeRules,
    starts_on: date,
    action: Literal["change", "cancel"] = "cancel",
    *,
    by_commitment: bool = False,
    with_documents: bool = False,
) -> date | None:
    """The last day on which a filing may not yet be changed or cancelled; None: it may at any time."""
    lock = rules.lock
    span = lock.change if action == "change" else lock.cancel
    if span is None or (lock.commitment_only and not by_commitment) or (lock.waived_by_documents and with_documents):
        return None
    return last_day(starts_on, span)


def commitment_due(rules: FilingRules, filed_on: date) -> date | None:
    """The last day to supply what a letter of commitment promised (None: nothing); the day of filing does not count."""
    return due_on(filed_on, rules.commitment.supply) if rules.commitment.supply else None


def commitment_barred_until(rules: FilingRules, broken_on: date) -> date | None:
    """The last day without a new commitment after a broken one; None: no bar."""
    return due_on(broken_on, rules.commitment.bar) if rules.commitment.bar else None


def home_travel(
    rules: FilingRules,
    starts_on: date,
    on: date,
    *,
    destination: str,
    by_commitment: bool,
    proved: bool,
) -> Travel | None:
    """What care at home settles as while a long-term filing to `destination` runs (双向享受待遇); None: not directly.

    `proved`: the documents are in. See DualBenefit for what an area may ask.
    """
    dual = rules.dual_benefit
    waits = dual.after is not None and on <= last_day(starts_on, dual.after)
    needs_proof = dual.proof == "always" or (dual.proof == "commitment" and by_commitment)
    needs_proof = needs_proof and (not dual.proof_places or destination in dual.proof_places)
    if not dual.allowed:
        return None
    if (waits and not (dual.proof_waives and proved)) or (needs_proof and not proved):
        return None if dual.before == "refused" else dual.before
    return dual.travel


# Best first, as DESIGN.md §8 orders what opens the way.
ORDER: tuple[Travel, ...] = ("local", "long_term", "emergency", "referral", "other", "unfiled")


def travel_stated(rules: FilingRules, travel: str, person: str, stated: Mapping[str, FactValue]) -> str:
    """What care settles as that would otherwise as `travel`, for a student on vacation or a newborn: the better of the two."""
    vacation, newborns = rules.vacation, rules.newborns
    better = [travel]
    if stated.get("vacation") and vacation is not None and person in vacation.persons:
        better.append(vacation.travel)
    if stated.get("newborn") and newborns is not None and newborns.travel is not None:
        better.append(newborns.travel)
    return min(better, key=ORDER.index)


def free_on_vacation(rules: FilingRules, person: str, stated: Mapping[str, FactValue]) -> bool:
    """Whether a student on vacation is settled directly elsewhere without any filing."""
    vacation = rules.vacation
    return bool(stated.get("vacation")) and vacation is not None and not vacation.needed and person in vacation.persons


LATE = "newborn_late"
"""Stated of a newborn whose birth lies longer back than `newborns.within`: the area's rule on newborns is over."""


def rule_stated(rules: FilingRules, fact: str) -> Injury | Newborns | Maternity | None:
    """The area's rule on care of this kind elsewhere: `injury`, `newborn` or `maternity`; None: none is known."""
    return {"injury": rules.injury, "newborn": rules.newborns, "maternity": rules.maternity}[fact]


def closed_stated(rules: FilingRules, stated: Mapping[str, FactValue]) -> tuple[str, ...]:
    """Which of injury, newborn and maternity, as far as they are stated, the area does not settle directly elsewhere."""
    facts = (fact for fact in ("injury", "newborn", "maternity") if stated.get(fact))
    closed = tuple(fact for fact in facts if (rule := rule_stated(rules, fact)) is None or not rule.direct)
    return (*closed, "newborn") if stated.get(LATE) else closed


def claim_deadline(rules: FilingRules, discharged_on: date) -> date:
    """The last day to claim a bill the patient paid."""
    deadline = rules.claim.deadline
    if isinstance(deadline, Span):
        return due_on(discharged_on, deadline)
    return date(discharged_on.year + 1, 12, 31)
