"""What a person travels as on a day, at a place, for a kind of care (DESIGN.md §8, the area's own rules before it)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.models import Enrollment
from core import clock
from core.prepared import prepared
from filings import emergencies
from filings.filing_case import Place
from filings.models import BEST_FIRST, COUNTED, LONG_TERM, FiledBy, Filing, FilingType
from policies.language.facts import FactValue
from policies.language.filing_rules import (
    ORDER,
    exemption,
    free_on_vacation,
    home_travel,
    rules_for,
    travel_stated,
)
from policies.language.filing_schema import DualBenefit, FilingRules
from policies.language.terms import CARE_LABELS, Care, CareScope, due_on, last_day
from policies.language.wording import day
from regions.models import Area
from reviews.models import Status

Stated = Mapping[str, FactValue]
"""Facts of the visit that the patient or the till states: a vacation, a newborn."""


@dataclass(frozen=True, slots=True)
class Travel:
    """`code` is POLICY.md's `travel`; `direct`: the card works there; `reason` says why, or what to do.

    `deemed`: an emergency for which no filing stands yet; settling records one. `one_visit`: the filing ends with the visit
    that is settled under it (单次有效).
    """

    code: str
    direct: bool
    reason: str
    filing: Filing | None = None
    deemed: bool = False
    one_visit: bool = False


def travel_status(
    enrollment: Enrollment,
    area: Area,
    on: date,
    care: Care,
    *,
    until: date | None = None,
    emergency: bool = False,
    stated: Stated | None = None,
    pharmacy: bool = False,
) -> Travel:
    """What an enrolled person is in `area` (where the institution lies) on the day of admission or visit.

    `until`: the last day of care that the person paid there, for a claim. What was filed for it later counts as long as the
    area takes that (`make_up.after`).
    """
    if enrollment.status_on(on) != "active":
        return Travel("unfiled", False, "当日参保关系不在有效期内，请先核对参保状态。")
    there = Place.of(area)
    filings = _counted_of(enrollment=enrollment.pk)
    in_time = [filing for filing in filings if until is None or not _made_up_late(filing, on, until)]
    rules = rules_for(enrollment.area_id, on)
    known = counting(rules, in_time, enrollment, there, on, until)
    return travel_under(
        rules, known, enrollment, there, on, care, emergency=emergency, stated=stated, pharmacy=pharmacy
    )


@prepared
def _counted_of(*, enrollment: Any) -> QuerySet[Filing, Filing]:
    """What was filed for an enrolment and counts on some day, the best first."""
    return Filing.objects.filter(enrollment=enrollment, status__in=COUNTED).order_by(*BEST_FIRST)


def _made_up_late(filing: Filing, on: date, until: date) -> bool:
    """Back-dated to an admission when that had long been paid (POLICY.md §5, make_up); emergencies have a term of their own."""
    if not filing.makes_up_for or filing.type == FilingType.EMERGENCY:
        return False
    after = rules_for(filing.area_id, on).make_up.after
    return filing.filed_on > (due_on(until, after) if after else until)


def counting(
    rules: FilingRules, filings: list[Filing], enrollment: Enrollment, there: Place, on: date, until: date | None
) -> list[Filing]:
    """The filings that count: on the first day, or, where the area takes that, made before the last of a stay (补办, 规程 art. 16)."""
    begun = [filing for filing in filings if covers(filing, on)]
    if until is None or until == on or is_home(enrollment.area, there):
        return begun
    if not rules.make_up.before_discharge:
        return begun
    made_up = (filing for filing in filings if filing.valid_from and on < filing.valid_from <= until)
    return begun + [filing for filing in made_up if covers(filing, until)]


def travel_under(
    rules: FilingRules,
    filings: list[Filing],
    enrollment: Enrollment,
    there: Place,
    on: date,
    care: Care,
    *,
    emergency: bool = False,
    stated: Stated | None = None,
    pharmacy: bool = False,
) -> Travel:
    """The same for somebody enrolled, under the filings that counted on the day (`BEST_FIRST`); at a `pharmacy` its exemptions count."""
    if is_home(enrollment.area, there):
        return _at_home(rules, filings, on)
    scope: CareScope = "pharmacy" if pharmacy else care
    ways = list(_ways(rules, enrollment, there, filings, on, care, scope, emergency))
    if stated:
        ways = _as_stated(rules, ways, enrollment.category, stated)
    return min(ways, key=lambda way: ORDER.index(way.code), default=None) or _no_way(filings, there, care)


def _as_stated(rules: FilingRules, ways: list[Travel], person: str, stated: Stated) -> list[Travel]:
    """The ways of a student on vacation, and of a newborn: as the area's rules on them say."""
    if free_on_vacation(rules, person, stated):
        ways = [*ways, Travel("unfiled", True, "学生假期在外就医无需备案。")]
    codes = [travel_stated(rules, way.code, person, stated) if way.direct else way.code for way in ways]
    return [replace(way, code=code) for way, code in zip(ways, codes, strict=True)]


def is_home(home: Area, there: Place) -> bool:
    """The insured area itself, what it pools as a province, and the places local to it."""
    return home.code in (there.code, there.province) or there.code in home.local_to


def _ways(
    rules: FilingRules,
    enrollment: Enrollment,
    there: Place,
    filings: list[Filing],
    on: date,
    care: Care,
    scope: CareScope,
    emergency: bool,
) -> Iterator[Travel]:
    yield from _by_filing(filings, there, care, emergency)
    exempt = exemption(rules, there.code, there.province, scope, on)
    if exempt is not None:
        yield Travel(exempt.travel, True, f"到{there.name}就医免备案。")
    if emergency:
        yield _deemed(rules, enrollment, on)
    for kind in rules.types.values():
        if not kind.needed and care in kind.covers and kind.type != "emergency":
            yield Travel(kind.travel, True, "参保地规定此类外出就医无需备案。")


def _by_filing(filings: list[Filing], there: Place, care: Care, emergency: bool) -> Iterator[Travel]:
    for filing in filings:
        kind = filing.rules.types[filing.type]  # type: ignore[index]
        if care in kind.covers and leads_to(filing, there) and (emergency or filing.type != "emergency"):
            one_visit = kind.validity.term == "single_visit"
            yield Travel(filing.travel, True, f"已备案（受理编号{filing.number}）。", filing, one_visit=one_visit)


def covers(filing: Filing, on: date) -> bool:
    """Whether a filing counted on the day, as `FilingQuerySet.covering` asks the database."""
    begun = filing.status in COUNTED and filing.valid_from is not None and filing.valid_from <= on
    return begun and (filing.valid_until is None or on <= filing.valid_until)


def leads_to(filing: Filing, there: Place) -> bool:
    """Whether a filing is for this place: the place itself, or the province filed to as a whole."""
    return filing.destination_id in (there.code, there.province)


def _deemed(rules: FilingRules, enrollment: Enrollment, on: date) -> Travel:
    """An emergency without a filing: deemed filed, or too late to report."""
    report, last = rules.emergency.report, emergencies.report_by(rules, on, enrollment.area_id)
    if report is not None and last is not None and clock.today() > last:
        message = f"急诊未在{day(last)}前报告参保地，按参保地规定处理。"
        return Travel(report.late, report.late != "unfiled", message, deemed=True)
    return Travel(rules.types["emergency"].travel, True, "急诊抢救，视同已备案。", deemed=True)


def _no_way(filings: list[Filing], there: Place, care: Care) -> Travel:
    if any(leads_to(filing, there) for filing in filings):
        return Travel("unfiled", False, f"备案不含{CARE_LABELS[care]}的直接结算，请自费后回参保地申请手工报销。")
    if filings:
        return Travel("unfiled", False, f"备案的就医地不是{there.name}，请先变更备案或另行备案。")
    return Travel("unfiled", False, f"没有到{there.name}的有效备案，请先办理备案；出院结算前补办也可直接结算。")


def _at_home(rules: FilingRules, filings: list[Filing], on: date) -> Travel:
    """At home: local, unless a long-term filing elsewhere stands and the area limits the dual benefit (双向)."""
    away = next((f for f in filings if f.type in LONG_TERM and f.status == Status.APPROVED), None)
    if away is None:
        return Travel("local", True, "在参保地就医。")
    documented = away.filed_by == FiledBy.DOCUMENT
    start = away.valid_from or away.starts_on
    code = home_travel(
        rules, start, on, destination=away.destination_id, by_commitment=not documented, proved=documented
    )
    if code is None:
        return Travel("local", False, _closed_at_home(rules.dual_benefit, start, documented), away)
    if code != rules.dual_benefit.travel:
        return Travel(code, True, "长期备案期间，满足条件前在参保地按较低待遇结算。", away)
    return Travel(code, True, "长期备案期间可在参保地享受待遇（双向）。", away)


def _closed_at_home(dual: DualBenefit, start: date, documented: bool) -> str:
    """What opens care at home again."""
    if not dual.allowed:
        return "长期备案期间不能在参保地直接结算，请先取消备案。"
    if dual.proof != "none" and not documented:
        return "请先补交承诺的材料，审核通过后即可在参保地直接结算。"
    assert dual.after is not None
    return f"备案满{dual.after.label}（{day(last_day(start, dual.after))}）后方可在参保地直接结算。"
