"""What is known of a planned visit, gathered with four queries (five for chronic care)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.http import enrollment_of
from accounts.models import Account, Enrollment
from filings.filing_case import Place
from filings.models import COUNTED, Filing
from filings.places import filed_to, place
from filings.travel import BEST_FIRST, Travel, is_home, leads_to, travel_under
from filings.validity import covers
from regions.errors import Invalid
from regions.models import Agency, Area, Disease, Institution
from regions.policy.filing_rules import rules_for
from regions.policy.filing_schema import FilingRules
from regions.policy.terms import Care
from reviews.models import Status
from settlements import recognition_source
from settlements.recognition_source import Recognition

TOLD = [*COUNTED, Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.REJECTED, Status.REVOKED]
FIELDS = (
    "number", "status", "type", "destination", "destination__name", "enrollment", "area", "valid_from", "valid_until",
    "submitted_at", "due_at", "created_at", "travel", "filed_by", "starts_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who wants to be treated where, for what, on which day, and what stands in the records about it.

    `filings` are those for this place whatever became of them, and those for others that count on the day; the best
    come first. `chosen`: the institutions that the filing is limited to; empty: all. `recognition` None: unknown.
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
    recognition: Recognition | None = None
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


def plan(account: Account, *, enrollment: Any, institution: str, care: Care, disease: str, on: date) -> Visit:
    """Gather what is known of a visit.

    Raises NotFound: not a person the account may act for; Invalid `does_not_exist`: no such institution.
    """
    enrolled: Any = enrollment_of(account, enrollment, _with_agency(on))
    hospital = _hospital(institution)
    there = place(hospital.area)
    rules = rules_for(enrolled.area_id, on)
    filings = _filings(enrolled, there, on)
    counting = [filing for filing in filings if covers(filing, on)]
    travel = travel_under(counting, enrolled, there, on, care)
    source = recognition_source.current() if care == "chronic" else None
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
        filings=filings,
        travel=travel,
        chosen=_chosen(travel.filing),
        recognition=source.of(enrolled, disease, on) if source else None,
        agency=enrolled.agency or "",
        phone=enrolled.phone or "",
        also_insured_in=enrolled.elsewhere or "",
    )


def _with_agency(on: date) -> QuerySet[Enrollment]:
    """Enrolments with the agency of their area, and another area in which the person is insured on the day."""
    agency = Agency.objects.filter(area=OuterRef("area")).order_by("name")
    others = Enrollment.objects.in_force(on).filter(person=OuterRef("person")).exclude(area=OuterRef("area"))
    elsewhere = others.order_by("area").values("area__name")[:1]
    return Enrollment.objects.annotate(
        agency=Subquery(agency.values("name")[:1]),
        phone=Subquery(agency.values("phone")[:1]),
        elsewhere=Subquery(elsewhere, output_field=CharField()),
    )


def _hospital(code: str) -> Institution:
    found = Institution.objects.select_related("area__parent").filter(code=code).first()
    if found is None:
        said = _("没有找到这家医疗机构，它可能尚未联网。请核对编码，或自费就医后回参保地申请零星报销。")
        raise Invalid(said, code="does_not_exist", attr="institution")
    return found


def _filings(enrollment: Enrollment, there: Place, on: date) -> tuple[Filing, ...]:
    counting = Q(status__in=COUNTED, valid_from__lte=on) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    here = Q(status__in=TOLD, destination__in=[there.code, there.province])
    rows = Filing.objects.filter(enrollment=enrollment).filter(counting | here).order_by(*BEST_FIRST)
    return tuple(rows.select_related("destination", "commitment").only(*FIELDS, "commitment__status"))


def _chosen(filing: Filing | None) -> frozenset[str]:
    """The institutions a filing names, where the area asks people to choose (RULES.md S-11)."""
    if filing is None or not filing.rules.destination.institutions:
        return frozenset()
    return frozenset(filing.institutions.values_list("code", flat=True))


def _disease_name(code: str) -> str:
    """The name of a disease on the cross-province list; empty when it is not on it."""
    return Disease.objects.filter(code=code).values_list("name", flat=True).first() or ""
