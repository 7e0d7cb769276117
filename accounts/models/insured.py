"""An enrolment as whoever treats the person needs it: with the agency to ask, what else they are insured in, who follows them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models.accounts import Mandate
from accounts.models.persons import Enrollment
from core.prepared import prepared
from regions.models import Agency

COLUMNS = (
    "person_id", "insurance", "category", "tier", "retired_year", "valid_from", "valid_until", "account_balance",
    "account_spent",
    "person__name", "person__phone", "person__birth_date", "person__identity", "area__name", "area__local_to",
)  # fmt: skip


def _with_agency(on: date, **which: Any) -> QuerySet[Any]:
    agency = Agency.objects.filter(area=OuterRef("area")).order_by("name")
    others = Enrollment.objects.in_force(on).filter(person=OuterRef("person")).exclude(area=OuterRef("area"))
    rows: QuerySet[Any] = Enrollment.objects.filter(**which).select_related("person", "area").order_by("-valid_from")
    rows = rows.only(*COLUMNS)
    return rows.annotate(  # type: ignore[no-any-return]
        agency=Subquery(agency.values("name")[:1]),
        phone=Subquery(agency.values("phone")[:1]),
        elsewhere=Subquery(others.order_by("area").values("area__name")[:1]),
    )


@prepared
def enrollment_with_agency(*, pk: Any, on: date) -> QuerySet[Any]:
    """An enrolment with its `agency`, that one's `phone`, and `elsewhere`: another area that insures the person on the day."""
    return _with_agency(on, pk=pk)


@prepared
def enrollments_with_agency(*, person: Any, on: date, today: date) -> QuerySet[Any]:
    """The same for all enrolments of a person, the latest first, with `followers`: the accounts that act for them today."""
    mandates = Mandate.objects.active_on(today).filter(person=OuterRef("person"))
    rows = _with_agency(on, person=person)
    return rows.annotate(followers=ArraySubquery(mandates.values("account")))  # type: ignore[no-any-return]
