"""What is known of care that is planned or was given: the records are read once, then asked whether it is settled directly.

Four queries beside the token's, six for chronic care. The conditions of direct settlement are properties here;
`eligibility.conditions` puts them into words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from accounts.http import no_enrollment
from accounts.models import Account, Enrollment
from accounts.models.insured import enrollment_with_agency
from chronic.standing import UNKNOWN, Standing, standing
from filings.checks.care import filed_to
from filings.filing_case import CHANNEL, Place
from filings.models import Filing, filings_for_visit
from filings.travel import Travel, counting, covers, is_home, leads_to, travel_under
from policies.engine import Compiled, Refused
from policies.language.filing_rules import LATE, closed_stated, rules_for, travel_stated
from policies.language.filing_schema import Exemption, FilingRules
from policies.language.filing_types import Source, TypeRules
from policies.language.terms import Care, CareScope, FilingType
from policies.published import Published, compiled, in_force
from regions.models import Area, Disease, Institution
from settlements import facts
from settlements.facts import institution_named, with_statement

EASIEST_FIRST: tuple[FilingType, ...] = ("other", "referral", "resident", "retiree", "worker")
"""A trip needs the form alone, a referral a hospital's paper, the rest half a year of living there (RULES.md §2.2)."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who is treated where, for what, on which day, and what stands in the records about it.

    `filings` are those for this place whatever became of them, and those for others that count on the day; the best
    come first. `chosen`: the institutions that the filing is limited to; empty: all. `recognition`: of the disease, for
    chronic care. `policy`: what the insured area pays by; `stated`: further facts of the settlement.
    """

    enrollment: Enrollment
    institution: Institution
    there: Place
    care: Care
    disease: str
    disease_name: str
    on: date
    rules: FilingRules
    policy: Published | None
    compiled_policy: Compiled | None
    filings: tuple[Filing, ...]
    travel: Travel
    at_home: bool
    chosen: frozenset[str] = frozenset()
    recognition: Standing = UNKNOWN
    agency: str = ""
    phone: str = ""
    also_insured_in: str = ""
    stated: facts.Facts = field(default_factory=dict)

    @property
    def home(self) -> str:
        return self.enrollment.area.name

    @property
    def scope(self) -> CareScope:
        """What an exemption must name: the care, or pharmacies."""
        return "pharmacy" if self.institution.kind == "pharmacy" else self.care

    @property
    def destination(self) -> Area:
        """The area one files to for care here."""
        return filed_to(self.institution.area, self.rules)

    @property
    def here(self) -> list[Filing]:
        """The filings for this place."""
        return [filing for filing in self.filings if leads_to(filing, self.there)]

    @property
    def in_force(self) -> list[Filing]:
        """The filings that count on the day, wherever they lead."""
        return [filing for filing in self.filings if covers(filing, self.on)]

    @cached_property
    def options(self) -> list[TypeRules]:
        """The types this person could file for this care, the easiest first."""
        enrolled = self.enrollment
        return fileable(self.rules, self.care, person=enrolled.category, insurance=enrolled.insurance)

    @property
    def direct(self) -> bool:
        """Whether every condition of direct settlement is met (RULES.md §5.2)."""
        return (
            self.insured
            and self.travel.direct
            and self.institution_chosen
            and self.institution_open
            and (self.care != "chronic" or (self.recognised and self.disease_listed and self.disease_open))
            and not self.closed
            and self.injury_stated
            and self.covered
        )

    @cached_property
    def insured(self) -> bool:
        """The enrolment is in force on the day."""
        return self.enrollment.status_on(self.on) == "active"

    @property
    def institution_chosen(self) -> bool:
        """The filing names no institutions, or this one among them (RULES.md S-11)."""
        filed = self.travel.filing is not None and not self.at_home
        return not filed or not self.chosen or self.institution.code in self.chosen

    @property
    def institution_open(self) -> bool:
        """Open for this care across areas (RULES.md S-17); at home the area's own contracts count instead."""
        if self.care == "inpatient" and self.institution.kind == "pharmacy":
            return False
        if self.care == "chronic":
            return self.at_home or bool(self.institution.chronic)
        return self.at_home or self.institution.open_for(self.care)

    @property
    def disease_open(self) -> bool:
        return self.at_home or self.institution.open_for("chronic", self.disease)

    @property
    def disease_listed(self) -> bool:
        """On the list of what is settled across areas."""
        return self.at_home or bool(self.disease_name)

    @property
    def recognised(self) -> bool:
        """The disease is recognised, and this institution is among those chosen for it, if any were."""
        chosen = self.recognition.institutions
        return self.recognition.state == "recognised" and (not chosen or self.institution.code in chosen)

    @cached_property
    def closed(self) -> tuple[str, ...]:
        """Which of injury, newborn and maternity is stated and not settled directly; at home the area's own contracts count."""
        return () if self.at_home or not self.stated else closed_stated(self.rules, self.stated)

    @property
    def injury_stated(self) -> bool:
        """Of an injury it is stated that no third party is liable, where the area asks for that (RULES.md §2.5)."""
        needed = self.stated.get("injury") and self.rules.injury.statement
        return not needed or bool(self.stated.get("no_third_party"))

    @property
    def covered(self) -> bool:
        """The policy pays for this care, travelling as one does, or in one of the ways one could file for."""
        return None in self.refusals.values()

    @cached_property
    def refusals(self) -> dict[str, Refused | None]:
        """Why the policy pays nothing (None: it pays), by `travel`: the way one goes, or those one could file for."""
        if self.policy is None:
            return {}
        if self.travel.direct or self.at_home:
            travels = [self.travel.code]
        else:
            travels = [self.travel_as(kind) for kind in self.options] or ["other"]
        policy = self.compiled_policy or compiled(self.policy)
        return {travel: policy.refusal(self.facts_as(travel)) for travel in dict.fromkeys(travels)}

    def refusal(self, kind: TypeRules) -> Refused | None:
        """Why the policy does not settle this care once it is filed as this type; None: it does, or there is no policy."""
        return self.refusals.get(self.travel_as(kind))

    def travel_as(self, kind: TypeRules) -> str:
        """What this care settles as once it is filed as this type."""
        return travel_stated(self.rules, kind.travel, self.enrollment.category, self.stated)

    def facts_as(self, travel: str) -> facts.Facts:
        """The facts of this care (POLICY.md §1), settled directly, as far as they are known before the year is looked at."""
        stated = {name: value for name, value in self.stated.items() if name != LATE}
        return {**self._facts, "travel": travel, **stated}

    @cached_property
    def _facts(self) -> facts.Facts:
        return {
            **facts.of_enrollment(self.enrollment, self.on),
            **facts.of_institution(self.institution, self.enrollment.area_id, local=self.at_home),
            **facts.of_filing(self.travel.filing),
            **facts.of_disease(self.disease, self.recognition),
            "care": self.care,
            "settlement": "direct",
        }


def plan(
    account: Account,
    *,
    enrollment: UUID,
    institution: str,
    care: Care,
    disease: str,
    on: date,
    stated: facts.Facts | None = None,
) -> Visit:
    """Gather what is known of a visit somebody plans.

    Raises NotFound: not a person the account may act for; Invalid `does_not_exist`: no such institution.
    """
    enrolled = enrollment_with_agency.first(pk=enrollment, on=on)
    if enrolled is None or enrolled.person_id not in account.active_mandates:
        raise no_enrollment()
    policy = in_force(enrolled.area_id, on)
    hospital = institution_named(institution)
    return visit_of(enrolled, hospital, care=care, disease=disease, on=on, policy=policy, stated=stated)


def visit_of(
    enrolled: Any,
    hospital: Institution,
    *,
    care: Care,
    disease: str,
    on: date,
    policy: Published | None,
    compiled_policy: Compiled | None = None,
    until: date | None = None,
    emergency: bool = False,
    stated: facts.Facts | None = None,
) -> Visit:
    """Gather what is known of care that began on a day and went on `until` another; `enrolled` comes with its agency."""
    there = Place.of(hospital.area)
    rules, at_home = rules_for(enrolled.area_id, on), is_home(enrolled.area, there)
    filings = filings_for_visit(enrollment=enrolled.pk, on=on, place=there.code, province=there.province)
    stated = facts.within_term(None if at_home else rules, stated, on) if stated else {}
    travel, chosen = _travel(
        rules, filings, enrolled, hospital, there, on, care, until=until, emergency=emergency, stated=stated
    )
    return Visit(
        enrollment=enrolled,
        institution=hospital,
        there=there,
        care=care,
        disease=disease,
        disease_name=Disease.objects.name_of(disease) if care == "chronic" else "",
        on=on,
        rules=rules,
        policy=policy,
        compiled_policy=compiled_policy,
        filings=tuple(filings),
        travel=travel,
        at_home=at_home,
        chosen=chosen,
        recognition=standing(enrolled, disease, on) if care == "chronic" else UNKNOWN,
        agency=enrolled.agency or "",
        phone=enrolled.phone or "",
        also_insured_in=enrolled.elsewhere or "",
        stated=with_statement(stated, travel.filing) if "injury" in stated else stated,
    )


def _travel(
    rules: FilingRules,
    filings: list[Filing],
    enrolled: Any,
    hospital: Institution,
    there: Place,
    on: date,
    care: Care,
    *,
    until: date | None,
    emergency: bool,
    stated: facts.Facts,
) -> tuple[Travel, frozenset[str]]:
    """How one travels to this very hospital, and the institutions the filing names, if it names some.

    A filing for other institutions (RULES.md S-11) is only told of where no way leads to this one.
    """
    known = counting(rules, filings, enrolled, there, on, until)
    chosen = {filing.pk: _chosen(filing) for filing in known}
    here = [filing for filing in known if not chosen[filing.pk] or hospital.code in chosen[filing.pk]]
    if is_home(enrolled.area, there):
        here = known
    how: dict[str, Any] = {"emergency": emergency, "stated": stated, "pharmacy": hospital.kind == "pharmacy"}
    travel = travel_under(rules, here, enrolled, there, on, care, **how)
    if not travel.direct and len(here) < len(known):
        travel = travel_under(rules, known, enrolled, there, on, care, **how)
    return travel, chosen[travel.filing.pk] if travel.filing else frozenset()


def _chosen(filing: Filing) -> frozenset[str]:
    """The institutions a filing names, where the area asks people to choose (RULES.md S-11)."""
    if not filing.rules.destination.institutions:
        return frozenset()
    return frozenset(filing.institutions.values_list("code", flat=True))


def fileable(rules: FilingRules, care: Care, *, person: str | None = None, insurance: str = "") -> list[TypeRules]:
    """The types that are open, must be filed, cover the care and fit the person (None: unknown, all may fit)."""
    kinds = [rules.types[name] for name in EASIEST_FIRST]
    return [kind for kind in kinds if _is_open(kind, care) and (person is None or _fits(kind, person, insurance))]


def _is_open(kind: TypeRules, care: Care) -> bool:
    return kind.needed and care in kind.covers and kind.lane.of(CHANNEL) != "closed"


def _fits(kind: TypeRules, person: str, insurance: str) -> bool:
    """Retirees are retired, workers work (规程 art. 7); areas exclude further people (filings.checks.application)."""
    if (kind.type == "retiree" and person != "retired") or (kind.type == "worker" and person != "active"):
        return False
    return kind.excludes(person, insurance) is None


def source_of_exemption(rules: FilingRules, exempt: Exemption) -> Source | None:
    """By which page no filing is needed."""
    return rules.source_of(f"exempt.{rules.exempt.index(exempt)}")
