"""An enrolment as whoever treats the person needs it: with the agency to ask, what else they are insured in, who follows them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models.mandates import Mandate
from accounts.models.persons import Enrollment
from core.prepared import Param, PreparedQuery
from regions.models import Agency

COLUMNS = (
    "person_id", "insurance", "category", "tier", "valid_from", "valid_until", "account_balance", "account_spent",
    "person__name", "person__phone", "person__birth_date", "person__identity", "area__name", "area__local_to",
)  # fmt: skip


def enrollment_with_agency(pk: Any, on: date) -> Any:
    """An enrolment with its `agency`, that one's `phone`, and `elsewhere`: another area that insures the person on the day."""
    return _BY_KEY.first(pk=pk, on=on)


def enrollments_with_agency(person: Any, on: date, *, today: date) -> list[Any]:
    """The same for all enrolments of a person, the latest first, with `followers`: the accounts that act for them today."""
    return _OF_PERSON(person=person, on=on, today=today)


def _with_agency(**which: Param) -> QuerySet[Any]:
    agency = Agency.objects.filter(area=OuterRef("area")).order_by("name")
    others = Enrollment.objects.in_force(Param("on")).filter(person=OuterRef("person")).exclude(area=OuterRef("area"))
    rows: QuerySet[Any] = Enrollment.objects.filter(**which).select_related("person", "area").order_by("-valid_from")
    return rows.only(*COLUMNS).annotate(
        agency=Subquery(agency.values("name")[:1]),
        phone=Subquery(agency.values("phone")[:1]),
        elsewhere=Subquery(others.order_by("area").values("area__name")[:1]),
    )


def _with_followers() -> QuerySet[Any]:
    mandates = Mandate.objects.active_on(Param("today")).filter(person=OuterRef("person"))
    rows: QuerySet[Any] = _with_agency(person=Param("person"))
    return rows.annotate(followers=ArraySubquery(mandates.values("account")))  # type: ignore[no-any-return]


_BY_KEY = PreparedQuery[Any](lambda: _with_agency(pk=Param("pk")))
_OF_PERSON = PreparedQuery[Any](_with_followers)
