"""Which way of going pays most, and what it takes to get there (API.md, Before the visit: `best`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from estimates.estimating import Estimate, own
from policies.language.filing_rules import closed_stated, exemption, free_on_vacation, rules_for, travel_stated
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Source
from policies.language.terms import TYPE_LABELS, Care, FilingType, Travel
from policies.language.wording import listed
from settlements.eligibility.visit import fileable, source_of_exemption

LEVELS = {0: "社区及以上", 1: "一级及以上", 2: "二级及以上", 3: "三级"}
BY_HAND = "不备案：先全额自费，再持票据回参保地申请手工报销。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way of going: what it is settled as, what the patient then pays, what it takes.

    `types`: the filings that lead there, any of them; empty: nothing is filed. `lasting`: only for who lives there.
    `direct`: settled at the hospital. `own` None: no source says what the area pays then. `saves`: against not filing at
    all; None: one of the two is unknown.
    """

    travel: Travel
    own: Decimal | None
    saves: Decimal | None
    takes: str
    direct: bool = True
    lasting: bool = False
    types: tuple[FilingType, ...] = ()
    source: Source | None = None


def ways(estimate: Estimate) -> list[Way]:
    """Every way that leads to care elsewhere, the cheapest first, of equals the one that takes least; unknown ones last.

    In the insured area itself there is one, `local`; elsewhere `local` is none, and neither is `emergency`, which nobody
    plans. Types that the area does not take are left out, those that do not fit the person too. Not filing is a way, the
    last among equals. `saves` is the patient's own share without filing less the own share this way, in yuan.
    """
    return sorted(_ways(estimate), key=lambda way: (way.own is None, way.own or 0))


def best(ways: list[Way]) -> Way | None:
    """The way that pays most. It may ask one to live there (`lasting`); what a traveller can do stands further down."""
    return next((way for way in ways if way.own is not None), None)


def _ways(estimate: Estimate) -> Iterator[Way]:
    """The ways, those that take least first."""
    if estimate.local:
        yield _way(estimate, "local", "在参保地就医，无需备案。")
        return
    rules, care = rules_for(estimate.area, estimate.on), cast(Care, estimate.facts["care"])
    yield from _without_filing(estimate, rules, care)
    person, insurance = estimate.facts.get("person"), str(estimate.facts["insurance"])
    kinds = fileable(rules, care, person=str(person) if person else None, insurance=insurance)
    for travel in dict.fromkeys(kind.travel for kind in kinds):
        types = tuple(kind.type for kind in kinds if kind.travel == travel)
        source = rules.source_of(f"types.{types[0]}.travel")
        lasting = not {"other", "referral"} & set(types)
        settled = _stated(estimate, rules, travel)
        yield _way(estimate, settled, _takes(rules, types), lasting=lasting, types=types, source=source)
    yield _way(estimate, _stated(estimate, rules, "unfiled"), BY_HAND, direct=False)


def _stated(estimate: Estimate, rules: FilingRules, travel: Travel) -> Travel:
    """What a trip settles as that would otherwise as `travel`: better for a student on vacation or a newborn, where the area says so."""
    facts = estimate.facts
    return cast(Travel, travel_stated(rules, travel, str(facts.get("person")), facts))


def _without_filing(estimate: Estimate, rules: FilingRules, care: Care) -> Iterator[Way]:
    """Exempt places (免备案), and types that need no filing (免申即享)."""
    there = estimate.there
    exempt = exemption(rules, there.code, there.province, care, estimate.on) if there else None
    if exempt is not None and there is not None:
        source = source_of_exemption(rules, exempt)
        yield _way(
            estimate, _stated(estimate, rules, exempt.travel), f"到{there.name}就医免备案，无需办理。", source=source
        )
    vacation = rules.vacation
    if vacation is not None and free_on_vacation(rules, str(estimate.facts.get("person")), estimate.facts):
        source = rules.source_of("vacation")
        yield _way(estimate, vacation.travel, "学生假期在外就医无需备案，可直接就医。", source=source)
    for kind in rules.types.values():
        if not kind.needed and care in kind.covers and kind.type != "emergency":
            source = rules.source_of(f"types.{kind.type}.needed")
            yield _way(
                estimate, _stated(estimate, rules, kind.travel), f"{kind.label}无需备案，可直接就医。", source=source
            )


def _way(
    estimate: Estimate,
    travel: Travel,
    takes: str,
    *,
    direct: bool = True,
    lasting: bool = False,
    types: tuple[FilingType, ...] = (),
    source: Source | None = None,
) -> Way:
    rules = rules_for(estimate.area, estimate.on)
    price, unfiled = own(estimate, travel), own(estimate, _stated(estimate, rules, "unfiled"))
    return Way(
        travel=travel,
        own=price,
        saves=None if price is None or unfiled is None else unfiled - price,
        takes=takes,
        direct=direct and estimate.results[travel].refused is None and not _closed(estimate, rules),
        lasting=lasting,
        types=types,
        source=source,
    )


def _closed(estimate: Estimate, rules: FilingRules) -> bool:
    """An injury, a newborn or childbirth that the area does not settle directly elsewhere."""
    return not estimate.local and bool(closed_stated(rules, estimate.facts))


def _takes(rules: FilingRules, types: tuple[FilingType, ...]) -> str:
    """What one does to travel so: the easiest of the types decides."""
    if "other" in types:
        late = "（出院结算前补办也可）" if rules.make_up.before_discharge else ""
        return f"就医前办理“{TYPE_LABELS['other']}”备案{late}。"
    if "referral" in types:
        level = LEVELS[rules.referral.lowest_level]
        return f"由参保地{level}定点医院开具转诊证明，并办理“{TYPE_LABELS['referral']}”备案。"
    half = _living(rules, types)
    return f"{half}先办理异地长期居住备案（{listed(TYPE_LABELS[name] for name in types)}）。"


def _living(rules: FilingRules, types: tuple[FilingType, ...]) -> str:
    """Long-term filing is for who lives there more than half a year (RULES.md S-09), or as long as the area asks."""
    spans = [span for name in types if (span := rules.types[name].residence.at_least) is not None]
    return f"适用于在就医地居住或工作{spans[0].label if spans else '半年'}以上的人："
