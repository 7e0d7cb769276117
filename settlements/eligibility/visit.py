"""What is known of a planned visit, gathered with four queries beside the token's (six for chronic care)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.http import no_enrollment
from accounts.models import Account, Enrollment
from chronic.standing import UNKNOWN, Standing, standing
from core.prepared import Param, PreparedQuery
from filings.filing_case import Place
from filings.models import COUNTED, Filing
from filings.places import filed_to, place
from filings.travel import BEST_FIRST, Travel, counting, is_home, leads_to, travel_under
from filings.validity import covers
from policies.engine import Case, Result, settle
from policies.language.examples import Cost
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import TypeRules
from policies.language.terms import Care
from policies.published import Published, compiled, in_force
from regions.models import Agency, Area, Disease, Institution
from reviews.models import Status
from settlements import facts
from settlements.eligibility.ways import fileable
from settlements.facts import institution_named

TOLD = [*COUNTED, Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.REJECTED, Status.REVOKED]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who wants to be treated where, for what, on which day, and what stands in the records about it.

    `filings` are those for this place whatever became of them, and those for others that count on the day; the best
    come first. `chosen`: the institutions that the filing is limited to; empty: all. `recognition`: of the disease, for chronic care.
    `priced_on`: the day whose policy pays, where that is not the day itself; `stated`: further facts of the settlement.
    """

    enrollment: Enrollment
    institution: Institution
    there: Place
    destination: Area
    care: Care
    disease: str
    disease_name: str
    on: date
    rules: FilingRules
    filings: tuple[Filing, ...]
    travel: Travel
    chosen: frozenset[str] = frozenset()
    recognition: Standing = UNKNOWN
    agency: str = ""
    phone: str = ""
    also_insured_in: str = ""
    priced_on: date | None = None
    stated: facts.Facts = field(default_factory=dict)

    @property
    def at_home(self) -> bool:
        return is_home(self.enrollment.area, self.there)

    @property
    def home(self) -> str:
        return self.enrollment.area.name

    @property
    def here(self) -> list[Filing]:
        """The filings for this place."""
        return [filing for filing in self.filings if leads_to(filing, self.there)]

    @property
    def in_force(self) -> list[Filing]:
        """The filings that count on the day, wherever they lead."""
        return [filing for filing in self.filings if covers(filing, self.on)]

    @cached_property
    def policy(self) -> Published | None:
        """What the insured area pays by."""
        return in_force(self.enrollment.area_id, self.priced_on or self.on)

    @cached_property
    def options(self) -> list[TypeRules]:
        """The types this person could file for this care, the easiest first."""
        enrolled = self.enrollment
        return fileable(self.rules, self.care, person=enrolled.category, insurance=enrolled.insurance)

    @cached_property
    def results(self) -> dict[str, Result]:
        """What the policy answers to a bill of nothing, by `travel`: the way one goes, or those one could file for."""
        if self.policy is None:
            return {}
        if self.travel.direct or self.at_home:
            travels = [self.travel.code]
        else:
            travels = [kind.travel for kind in self.options] or ["other"]
        return {travel: self._settled(self.policy, travel) for travel in dict.fromkeys(travels)}

    def refusal(self, kind: TypeRules) -> Result | None:
        """Why the policy does not settle this care once it is filed as this type; None: it does, or there is no policy."""
        found = self.results.get(kind.travel)
        return found if found is not None and found.refused is not None else None

    def known_facts(self, travel: str) -> facts.Facts:
        """The facts of this care (POLICY.md §1), settled directly, as far as they are known before the year is looked at."""
        return {
            **facts.of_enrollment(self.enrollment, self.on),
            **facts.of_institution(self.institution, self.enrollment.area_id, local=self.at_home),
            **facts.of_filing(self.travel.filing),
            **(self._of_disease() if self.disease else {}),
            "care": self.care,
            "settlement": "direct",
            "travel": travel,
            **self.stated,
        }

    def _settled(self, policy: Published, travel: str) -> Result:
        nothing = Cost(total=Decimal(0))
        case = Case(facts=self.known_facts(travel), cost=nothing, year_to_date={}, account_balance=Decimal(0))
        return settle(compiled(policy), case)

    def _of_disease(self) -> dict[str, str | int]:
        """Judged as if this disease were recognised."""
        return {"disease": self.disease, "diseases_recognised": max(1, self.recognition.diseases)}


def plan(account: Account, *, enrollment: UUID, institution: str, care: Care, disease: str, on: date) -> Visit:
    """Gather what is known of a visit somebody plans.

    Raises NotFound: not a person the account may act for; Invalid `does_not_exist`: no such institution.
    """
    enrolled = _enrollment(account, enrollment, on)
    return visit_of(enrolled, institution_named(institution), care=care, disease=disease, on=on)


def visit_of(
    enrolled: Any,
    hospital: Institution,
    *,
    care: Care,
    disease: str,
    on: date,
    until: date | None = None,
    emergency: bool = False,
    **more: Any,
) -> Visit:
    """Gather what is known of care that began on a day and went on `until` another; `enrolled` comes with its agency."""
    there = place(hospital.area)
    rules = rules_for(enrolled.area_id, on)
    filings = FILINGS(enrollment=enrolled.pk, on=on, place=there.code, province=there.province)
    known = counting(filings, enrolled, there, on, until)
    travel = _travel(known, enrolled, hospital, there, on, care, emergency=emergency)
    return Visit(
        enrollment=enrolled,
        institution=hospital,
        there=there,
        destination=filed_to(hospital.area, rules),
        care=care,
        disease=disease,
        disease_name=_disease_name(disease) if care == "chronic" else "",
        on=on,
        rules=rules,
        filings=tuple(filings),
        travel=travel,
        chosen=_chosen(travel.filing),
        recognition=standing(enrolled, disease, on) if care == "chronic" else UNKNOWN,
        agency=enrolled.agency or "",
        phone=enrolled.phone or "",
        also_insured_in=enrolled.elsewhere or "",
        **more,
    )


def _travel(
    known: list[Filing], enrolled: Any, hospital: Institution, there: Place, on: date, care: Care, *, emergency: bool
) -> Travel:
    """How one travels to this very hospital. A filing for others (RULES.md S-11) is only told of where no way leads there."""
    if not is_home(enrolled.area, there):
        here = [filing for filing in known if hospital.code in (_chosen(filing) or {hospital.code})]
        travel = travel_under(here, enrolled, there, on, care, emergency=emergency)
        if travel.direct:
            return travel
    return travel_under(known, enrolled, there, on, care, emergency=emergency)


def _enrollment(account: Account, pk: UUID, on: date) -> Any:
    found = ENROLLMENT.first(pk=pk, on=on)
    if found is None or found.person_id not in account.reached:
        raise no_enrollment()
    return found


def _with_agency(**which: Param) -> QuerySet[Any]:
    """An enrolment with the agency of its area, and another area in which the person is insured on the day."""
    agency = Agency.objects.filter(area=OuterRef("area")).order_by("name")
    others = Enrollment.objects.in_force(Param("on")).filter(person=OuterRef("person")).exclude(area=OuterRef("area"))
    rows = Enrollment.objects.filter(**which).select_related("person", "area").order_by("-valid_from")
    return rows.only(
        *(
            "person_id",
            "insurance",
            "category",
            "tier",
            "valid_from",
            "valid_until",
            "account_balance",
            "account_spent",
        ),
        *("person__name", "person__birth_date", "person__identity", "area__name", "area__local_to"),
    ).annotate(
        agency=Subquery(agency.values("name")[:1]),
        phone=Subquery(agency.values("phone")[:1]),
        elsewhere=Subquery(others.order_by("area").values("area__name")[:1]),
    )


def _filings_of() -> QuerySet[Filing]:
    here = Q(status__in=TOLD) & (Q(destination=Param("place")) | Q(destination=Param("province")))
    on = Param("on")
    counting = Q(status__in=COUNTED, valid_from__lte=on) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    rows = Filing.objects.filter(enrollment=Param("enrollment")).filter(counting | here).order_by(*BEST_FIRST)
    return rows.select_related("destination", "commitment").only(
        *("number", "status", "type", "area_id", "enrollment_id", "destination_id", "travel", "starts_on"),
        *("valid_from", "valid_until", "submitted_at", "due_at", "filed_by"),
        *("destination__name", "commitment__status"),
    )


ENROLLMENT = PreparedQuery[Any](lambda: _with_agency(pk=Param("pk")))
ENROLLMENTS = PreparedQuery[Any](lambda: _with_agency(person=Param("person")))
FILINGS = PreparedQuery[Filing](_filings_of)


def _chosen(filing: Filing | None) -> frozenset[str]:
    """The institutions a filing names, where the area asks people to choose (RULES.md S-11)."""
    if filing is None or not filing.rules.destination.institutions:
        return frozenset()
    return frozenset(filing.institutions.values_list("code", flat=True))


def _disease_name(code: str) -> str:
    """The name of a disease on the cross-province list; empty when it is not on it."""
    return Disease.objects.filter(code=code).values_list("name", flat=True).first() or ""
