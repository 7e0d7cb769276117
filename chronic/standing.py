"""What is recognised of an enrolment on a day: what settlements and eligibility ask (RULES.md §2.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from accounts.models import Enrollment
from chronic.models import COUNTED, UNDER_WAY, Recognition
from reviews.models import Status

State = Literal["recognised", "future", "pending", "ended", "none"]
ORDER: tuple[State, ...] = ("recognised", "future", "pending", "ended")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an enrolment's disease stands on a day; `valid_until` is the last day, None: open-ended.

    `state`: `future` counts from `valid_from`, `pending` is under review, `ended` counted until `valid_until`.
    `institutions`: the codes of those chosen for it; empty: any. `diseases`: how many diseases count on the day (POLICY.md §1).
    """

    state: State
    valid_from: date | None = None
    valid_until: date | None = None
    institutions: frozenset[str] = frozenset()
    diseases: int = 0


UNKNOWN = Standing("none")


def standing(enrollment: Enrollment, disease: str, on: date) -> Standing:
    """The recognition of a disease that counts on the day, or the nearest to counting; one query."""
    told = Recognition.objects.filter(enrollment=enrollment, status__in=[*UNDER_WAY, *COUNTED, Status.APPROVED])
    rows = list(told.with_renewal().with_chosen().order_by("-created_at"))
    standings = {row.pk: _one(row, on) for row in rows}
    own = [standings[row.pk] for row in rows if row.disease_id == disease]
    nearest = min((each for each in own if each.state != "none"), key=_nearest, default=UNKNOWN)
    counting = {row.disease_id for row in rows if standings[row.pk].state == "recognised"}
    return replace(nearest, diseases=len(counting))


def recognised(enrollments: Iterable[UUID], on: date) -> list[Recognition]:
    """The recognitions of some enrolments that count on the day, with their diseases; one query."""
    told = Recognition.objects.filter(enrollment__in=enrollments, status__in=[*COUNTED, Status.APPROVED])
    rows = told.with_renewal().select_related("disease").order_by("disease")
    return [row for row in rows if _one(row, on).state == "recognised"]


def _nearest(each: Standing) -> int:
    return ORDER.index(each.state)


def _one(row: Recognition, on: date) -> Standing:
    if row.status in UNDER_WAY:
        return Standing("pending")
    if row.valid_from is None:
        return UNKNOWN
    chosen: list[str] | None = getattr(row, "chosen", None)
    return Standing(_state(row, on), row.valid_from, last_day(row), frozenset(chosen or ()))


def _state(row: Recognition, on: date) -> State:
    last = last_day(row)
    assert row.valid_from is not None
    if last is not None and last < on:
        return "ended"
    return "recognised" if row.valid_from <= on else _not_yet(row)


def _not_yet(row: Recognition) -> State:
    return "future" if row.status == Status.APPROVED else "none"


def last_day(row: Recognition) -> date | None:
    """The last day it counts; None: open-ended, or until its renewal is decided."""
    if row.status != Status.APPROVED:
        return row.valid_until
    return None if row.is_being_renewed() else row.renew_by
