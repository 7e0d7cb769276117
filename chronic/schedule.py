"""When an approved recognition must be looked at again: reminders, the day to renew by, its enrolment's end, a promise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from chronic.models import Recognition
from core.clock import SHANGHAI
from filings.filing_case import earlier
from filings.schedule import reminders
from policies.language.terms import Span
from reviews.schedule import at_nine, midnight_after

MONTH, WEEK = Span(1, "months"), timedelta(days=7)


def next_moment(recognition: Recognition, *, without: Any = None) -> datetime | None:
    """The next business moment at which something of this approved recognition falls due; None: nothing ever.

    `without`: the renewal whose end is being written, and is not stored yet.
    """
    return min(_moments(recognition, without), default=None)


def _moments(recognition: Recognition, without: Any) -> Iterator[datetime]:
    if recognition.enrollment.valid_until:
        yield midnight_after(recognition.enrollment.valid_until)
    if not recognition.renew_by and not recognition.commitment_due_on:
        return
    if recognition.is_being_renewed(without=without):
        return
    if recognition.renew_by:
        yield midnight_after(recognition.renew_by)
        yield from renewal_reminders(recognition)[recognition.reminders :][:1]
    if recognition.commitment_open and recognition.commitment_due_on:
        yield midnight_after(recognition.commitment_due_on)
        yield from commitment_reminders(recognition)[recognition.commitment_reminders :][:1]


def renewal_opens(renew_by: date) -> date:
    """The first day on which one may renew: a month before, when people are first reminded."""
    return earlier(renew_by, MONTH)


def in_window(recognition: Recognition, day: date) -> bool:
    """Whether a renewal handed in on the day is for the next period."""
    return recognition.renew_by is not None and day >= renewal_opens(recognition.renew_by)


def renewable(recognition: Recognition, day: date) -> bool:
    """In the month before the end; at any time to supply what was promised, for that is how a promise is kept."""
    return recognition.commitment_open or in_window(recognition, day)


def renewal_reminders(recognition: Recognition) -> list[datetime]:
    """A month and a week before the last day, at nine; those that lay before the approval are left out."""
    last, approved = recognition.renew_by, recognition.decided_at
    if last is None or approved is None:
        return []
    return [moment for day in (renewal_opens(last), last - WEEK) if (moment := at_nine(day)) > approved]


def commitment_reminders(recognition: Recognition) -> list[datetime]:
    """When to remind of a promise: as for filings (RULES.md §2.3)."""
    approved = recognition.decided_at or recognition.created_at
    assert recognition.commitment_due_on is not None
    return reminders(recognition.rules, approved.astimezone(SHANGHAI).date(), recognition.commitment_due_on)
