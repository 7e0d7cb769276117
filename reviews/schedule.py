"""When a submission must be looked at again: one that is valid for a time (its reminder, its end, its enrolment's), a return, a draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from core import clock
from core.clock import SHANGHAI

REMINDER = timedelta(days=7)
CORRECTION_REMINDER = timedelta(days=3)


def midnight_after(day: date) -> datetime:
    """The moment at which `day` is over."""
    return datetime.combine(day + timedelta(days=1), time(0), SHANGHAI)


def at_nine(day: date) -> datetime:
    """Nine in the morning, when people read their messages."""
    return datetime.combine(day, time(9), SHANGHAI)


def of_validity(row: Any) -> Iterator[datetime]:
    """The moments of a submission with `valid_until` (its last day) and `reminded_at`."""
    if row.enrollment.valid_until:
        yield midnight_after(row.enrollment.valid_until)
    if row.valid_until:
        yield midnight_after(row.valid_until)
    if (reminder := expiry_reminder(row)) is not None:
        yield reminder


def expiry_reminder(row: Any) -> datetime | None:
    """Seven days before the last day, at nine; none where it was sent, or the approval came later than that."""
    if row.valid_until is None or row.reminded_at is not None or row.decided_at is None:
        return None
    moment = at_nine(row.valid_until - REMINDER)
    return moment if moment > row.decided_at else None


def of_draft(row: Any) -> datetime:
    """When a draft must be looked at again: seven days before its end, at nine, to say so; then at its end."""
    reminder = at_nine((row.kept_until - REMINDER).astimezone(SHANGHAI).date())
    end: datetime = row.kept_until
    return reminder if reminder > clock.now() else end


def of_return(row: Any) -> datetime:
    """When a return for correction must be looked at again: three days before its end, at nine, to say so; then at its end."""
    reminder = _correction_reminder(row)
    end: datetime = row.correct_by
    return reminder if reminder > clock.now() else end


def correction_ending(row: Any) -> bool:
    """Whether it is to be said now that a return lapses soon."""
    return _correction_reminder(row) <= clock.now()


def _correction_reminder(row: Any) -> datetime:
    return at_nine((row.correct_by - CORRECTION_REMINDER).astimezone(SHANGHAI).date())


def reminder_due(row: Any) -> bool:
    """Whether the reminder of the end is to be sent now."""
    moment = expiry_reminder(row)
    return moment is not None and moment <= clock.now()
