"""The deadline of a review, pure: the close of business of the n-th working day after submission.

民法典 art. 201: the day on which a period begins does not count. Art. 203: a period ends on a working day, and where
there are business hours, at their close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSE = time(17, 0)


def deadline(at: datetime, working_days: int, is_workday: Callable[[date], bool], close: time = CLOSE) -> datetime:
    """Return when `working_days` working days after `at` are over, aware, in Asia/Shanghai.

    `at` is aware; its day is the day in Shanghai. ValueError: `at` is naive, or fewer than one working day is asked for.
    """
    if at.tzinfo is None:
        raise ValueError("a deadline is counted from an aware moment")
    if working_days < 1:
        raise ValueError("a deadline is at least one working day away")
    left = working_days
    for day in days_after(at.astimezone(SHANGHAI).date()):
        left -= is_workday(day)
        if left == 0:
            break
    return datetime.combine(day, close, SHANGHAI)


def days_after(day: date) -> Iterator[date]:
    """Yield the days after `day`, without end."""
    while True:
        day += timedelta(days=1)
        yield day
