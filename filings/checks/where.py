"""Checks of the place of care (就医地): granularity, outside the insured area, exempt places, chosen institutions."""

from __future__ import annotations

from typing import Literal

from filings.filing_case import FilingCase, Place
from filings.wording import listed
from policies.language.filing_rules import exemption
from policies.language.filing_schema import Exemption, FilingRules
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Care, Travel
from reviews.checks import Finding, error, info

_WORTH: dict[Travel, int] = {"local": 0, "long_term": 0, "referral": 1, "emergency": 1, "other": 2, "unfiled": 3}


def destination_rule(rules: FilingRules, place: Place) -> Literal["city", "province"]:
    """Whether one files to the whole province of this place, or to its city (RULES.md S-12, X5)."""
    whole = place.province in rules.destination.whole_provinces or place.pools_at == "province"
    return "province" if whole else "city"


def destination_fits_pooling(case: FilingCase) -> Finding | None:
    """Provinces that pool as a whole are filed to as a province, all others by city (S-12); 港澳台 are outside (X5)."""
    return granularity(case.rules, case.destination, case.cite("destination.whole_provinces"))


def granularity(rules: FilingRules, place: Place, source: str) -> Finding | None:
    """Whether a place is one that can be filed to; None: it is."""
    if place.pools_at == "none":
        said = f"{place.name}不在基本医疗保险异地直接结算范围内，请就医后回参保地咨询经办机构。"
        return error("destination_not_served", said, "destination", source=source)
    if place.level == "pool":
        said = f"{place.name}是统筹区，不是就医地，请选择医院所在的城市。"
        return error("destination_granularity", said, "destination", source=source)
    wanted = destination_rule(rules, place)
    if place.level == wanted:
        return None
    city = f"{place.name}请选择到具体城市，备案到全省不能直接结算。"
    province = f"{place.name}所在的{place.province_name}全域统一备案，请选择{place.province_name}。"
    said = city if wanted == "city" else province
    return error("destination_granularity", said, "destination", source=source)


def destination_is_elsewhere(case: FilingCase) -> Finding | None:
    """异地 is outside the pooling area (S-05); places local to it need no filing either (DESIGN.md §8)."""
    home = case.insured.area
    if case.destination.code != home.code and case.destination.code not in home.local_to:
        return None
    said = f"{case.destination.name}属于您的参保地（{home.name}）范围，在当地就医无需备案，可直接结算。"
    return error("destination_local", said, "destination", source="RULES.md S-05")


def exemptions(case: FilingCase) -> dict[Care, Exemption]:
    """By care, the exemption (免备案) that already opens this place from the first day on."""
    place, day = case.destination, case.starts_on
    found = {
        care: exemption(case.rules, place.code, place.province, care, day) for care in case.rules.types["other"].covers
    }
    return {care: rule for care, rule in found.items() if rule is not None}


def is_needless(case: FilingCase) -> bool:
    """All that this filing would open is open without it, and as well paid."""
    free = exemptions(case)
    best = _WORTH[case.kind.travel]
    return bool(free) and all(care in free and _WORTH[free[care].travel] <= best for care in case.kind.covers)


def filing_is_needed(case: FilingCase) -> Finding | None:
    """Exempt destinations (免备案, RULES.md §2.7), types that need none (免申即享), emergencies deemed filed (art. 8)."""
    reason, source = no_filing_reason(case)
    return error("no_filing_needed", reason, "type", source=source) if reason else None


def no_filing_reason(case: FilingCase) -> tuple[str, str]:
    """Why no filing is needed, and the source; two empty texts when one is needed."""
    if case.type == "emergency" and case.rules.emergency.mode == "deemed":
        said = "急诊抢救视同已备案，无需办理：请持医保码或社保卡就医，由医院标注急诊后直接结算。"
        return said, case.cite("emergency.mode")
    if not case.kind.needed:
        said = (
            f"{case.insured.area.name}规定此类外出就医无需备案，可直接就医，按“{TRAVEL_LABELS[case.kind.travel]}”结算。"
        )
        return said, case.cite(f"types.{case.type}.needed")
    if is_needless(case):
        rule = next(iter(exemptions(case).values()))
        said = f"{case.insured.area.name}参保人到{case.destination.name}就医免备案，按“{TRAVEL_LABELS[rule.travel]}”直接结算。"
        return said, case.cite("exempt")
    return "", ""


def partly_exempt(case: FilingCase) -> Finding | None:
    """Some care there needs no filing: good to know, no obstacle."""
    free = exemptions(case)
    if not free or is_needless(case):
        return None
    said = f"到{case.destination.name}的{listed(CARE_LABELS[care] for care in free)}本身免备案；本备案用于其余就医或更高待遇。"
    return info("partly_exempt", said, source=case.cite("exempt"))


def institutions_fit(case: FilingCase) -> Finding | None:
    """Where the area asks people to choose (S-11, X2): at least one, not too many, at the destination, open."""
    limit, source = case.rules.destination.institutions, case.cite("destination.institutions")
    chosen = case.hospitals
    if limit and not chosen:
        said = f"请选择就医地的定点医疗机构（最多{limit}家），备案后在所选机构直接结算。"
        return error("institutions_required", said, "institutions", source=source)
    if limit and len(chosen) > limit:
        return error("institutions_too_many", f"最多选择{limit}家定点医疗机构，请减少。", "institutions", source=source)
    away = [hospital.name for hospital in chosen if case.destination.code not in hospital.areas]
    if away:
        said = f"{listed(away)}不在{case.destination.name}，请改选就医地的医疗机构。"
        return error("institution_elsewhere", said, "institutions", source="RULES.md S-11")
    shut = [hospital.name for hospital in chosen if not hospital.open]
    if shut:
        said = f"{listed(shut)}尚未开通异地直接结算，请改选其他医疗机构。"
        return error("institution_not_open", said, "institutions", source="RULES.md S-17")
    return None
