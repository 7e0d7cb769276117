"""What is known of a planned visit, gathered with four queries beside the token's (six for chronic care)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.http import no_enrollment
from accounts.models import Account, Enrollment
from chronic.standing import UNKNOWN, Standing, standing
from filings.filing_case import Place
from filings.models import COUNTED, Filing
from filings.places import filed_to, place
from filings.travel import BEST_FIRST, Travel, is_home, leads_to, travel_under
from filings.validity import covers
from regions.models import Agency, Area, Disease, Institution
from regions.policy.filing_rules import rules_for
from regions.policy.filing_schema import FilingRules
from regions.policy.terms import Care
from regions.prepared import Prepared
from reviews.models import Status
from settlements.facts import institution_named

TOLD = [*COUNTED, Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.REJECTED, Status.REVOKED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who wants to be treated where, for what, on which day, and what stands in the records about it.

    `filings` are those for this place whatever became of them, and those for others that count on the day; the best
    come first. `chosen`: the institutions that the filing is limited to; empty: all. `recognition`: of the disease, for chronic care.
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


def plan(account: Account, *, enrollment: UUID, institution: str, care: Care, disease: str, on: date) -> Visit:
    """Gather what is known of a visit.

    Raises NotFound: not a person the account may act for; Invalid `does_not_exist`: no such institution.
    """
    enrolled = _enrollment(account, enrollment, on)
    hospital = institution_named(institution)
    there = place(hospital.area)
    rules = rules_for(enrolled.area_id, on)
    filings = FILINGS.rows(enrollment=enrolled.pk, on=on, place=there.code, province=there.province)
    counting = [filing for filing in filings if covers(filing, on)]
    travel = travel_under(counting, enrolled, there, on, care)
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
    )


def _enrollment(account: Account, pk: UUID, on: date) -> Any:
    found = ENROLLMENT.first(pk=pk, on=on)
    if found is None or found.person_id not in account.reached:
        raise no_enrollment()
    return found


def _with_agency(pk: UUID, on: date) -> QuerySet[Enrollment]:
    """An enrolment with the agency of its area, and another area in which the person is insured on the day."""
    agency = Agency.objects.filter(area=OuterRef("area")).order_by("name")
    others = Enrollment.objects.in_force(on).filter(person=OuterRef("person")).exclude(area=OuterRef("area"))
    return Enrollment.objects.filter(pk=pk).annotate(
        agency=Subquery(agency.values("name")[:1]),
        phone=Subquery(agency.values("phone")[:1]),
        elsewhere=Subquery(others.order_by("area").values("area__name")[:1]),
    )


ENROLLMENT = Prepared(
    _with_agency,
    *("id", "person_id", "area_id", "insurance", "category", "tier", "valid_from", "valid_until"),
    *("person__id", "person__birth_date", "person__identity"),
    *("area__code", "area__name", "area__local_to", "agency", "phone", "elsewhere"),
    pk=UUID(int=1),
    on=date(1, 1, 1),
)


def _filings_of(enrollment: UUID, on: date, place: str, province: str) -> QuerySet[Filing]:
    here = Q(status__in=TOLD, destination__in=[place, province])
    counting = Q(status__in=COUNTED, valid_from__lte=on) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    return Filing.objects.filter(enrollment=enrollment).filter(counting | here).order_by(*BEST_FIRST)


FILINGS = Prepared(
    _filings_of,
    *("id", "submission_ptr_id", "number", "status", "type", "area_id", "enrollment_id", "destination_id", "travel"),
    *("starts_on", "valid_from", "valid_until", "submitted_at", "due_at", "filed_by"),
    *("destination__code", "destination__name", "commitment__id", "commitment__status"),
    enrollment=UUID(int=1),
    on=date(1, 1, 1),
    place="?place",
    province="?province",
)


def _chosen(filing: Filing | None) -> frozenset[str]:
    """The institutions a filing names, where the area asks people to choose (RULES.md S-11)."""
    if filing is None or not filing.rules.destination.institutions:
        return frozenset()
    return frozenset(filing.institutions.values_list("code", flat=True))


def _disease_name(code: str) -> str:
    """The name of a disease on the cross-province list; empty when it is not on it."""
    return Disease.objects.filter(code=code).values_list("name", flat=True).first() or ""
