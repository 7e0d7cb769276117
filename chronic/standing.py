"""What is recognised of an enrolment on a day: what settlements and eligibility ask (RULES.md §2.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from accounts.models import Enrollment
from chronic.models import COUNTED, UNDER_WAY, Recognition
from reviews.models import Status

State = Literal["recognised", "future", "pending", "ended", "none"]
ORDER: tuple[State, ...] = ("recognised", "future", "pending", "ended")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an enrolment's disease stands on a day; `valid_until` is the last day, None: open-ended.

    `state`: `future` counts from `valid_from`, `pending` is under review, `ended` counted until `valid_until`.
    `institutions`: the codes of those chosen for it; empty: any.
    """

    state: State
    valid_from: date | None = None
    valid_until: date | None = None
    institutions: frozenset[str] = frozenset()


def standing(enrollment: Enrollment, disease: str, on: date) -> Standing:
    """The recognition of a disease that counts on the day, or the nearest to counting; one query."""
    rows = Recognition.objects.filter(
        enrollment=enrollment, disease=disease, status__in=[*UNDER_WAY, *COUNTED, Status.APPROVED]
    )
    found = [_one(row, on) for row in rows.with_renewal().with_chosen().order_by("-created_at")]
    return min((each for each in found if each.state != "none"), key=_nearest, default=Standing("none"))


def _nearest(each: Standing) -> int:
    return ORDER.index(each.state)


def _one(row: Recognition, on: date) -> Standing:
    if row.status in UNDER_WAY:
        return Standing("pending")
    if row.valid_from is None:
        return Standing("none")
    return Standing(_state(row, on), row.valid_from, last_day(row), frozenset(row.chosen or ()))  # type: ignore[attr-defined]


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


def diseases_recognised(enrollment: Enrollment, on: date) -> int:
    """How many diseases count on the day (the fact of POLICY.md §1)."""
    rows = Recognition.objects.filter(enrollment=enrollment).covering(on)
    return rows.order_by().values("disease").distinct().count()
