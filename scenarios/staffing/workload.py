"""The work that comes in: as many submissions, at such hours, taking so long, as an area's history says or somebody supposes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from random import Random
from statistics import fmean

from django.utils.translation import gettext as _

from core.clock import SHANGHAI
from core.errors import Invalid
from regions.calendar import Calendar
from reviews.models import Decision, Submission

HISTORY = timedelta(days=180)
FEWEST = 20
"""Fewer submissions, or fewer pairs of decisions, are no history."""
LONGEST_GAP = timedelta(hours=1)
"""Decisions of one reviewer that lie further apart say nothing of the handling: there was a break, or nothing to do."""
WEEKDAYS = (1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.2)
HOLIDAY = 0.3
HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 8, 12, 12, 10, 6, 7, 10, 10, 9, 7, 5, 5, 6, 6, 4, 2)
ERLANG = 4
"""Supposed handling times are spread as the sum of four equal exponential steps: most near the mean, a few twice as long."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many are submitted on a working day, what share of that on each day of the week and on holidays, and when in the day."""

    per_day: float
    weekdays: Sequence[float] = WEEKDAYS
    holiday: float = HOLIDAY
    hours: Sequence[float] = HOURS

    def expected(self, day: date, calendar: Calendar, area: str) -> float:
        """How many are submitted on a day in the mean. A weekend that is worked (调休) counts as a working day."""
        if calendar.is_workday(day, area):
            return self.per_day * (self.weekdays[day.weekday()] if day.weekday() < 5 else 1)
        return self.per_day * (self.holiday if day.weekday() < 5 else self.weekdays[day.weekday()])

    def draw(self, days: Iterable[date], calendar: Calendar, area: str, random: Random) -> Iterator[datetime]:
        """Yield moments of submission in order: a Poisson process whose rate follows the day and the hour."""
        steps = [0.0, *accumulate(self.hours)]
        for day in days:
            expected = self.expected(day, calendar, area)
            position = random.expovariate(expected) if expected else 1.0
            while position < 1:
                yield datetime.combine(day, time(), SHANGHAI) + timedelta(seconds=_second(position, steps))
                position += random.expovariate(expected)


@dataclass(frozen=True, slots=True)
class Handling:
    """How long a reviewer works on a case: one of the times observed, or spread around a mean number of minutes."""

    minutes: float
    observed: Sequence[int] = ()

    def draw(self, random: Random) -> int:
        """Seconds of work on one case."""
        if self.observed:
            return random.choice(self.observed)
        return max(1, round(60 * random.gammavariate(ERLANG, self.minutes / ERLANG)))


def arrivals_of(area: str, until: date, calendar: Calendar) -> Arrivals:
    """What was submitted in an area in the half year before a day. Raises Invalid `history_missing`.

    A kind of day that did not occur keeps its supposed share.
    """
    moments = [
        at.astimezone(SHANGHAI)
        for at in Submission.objects.filter(
            area=area, submitted_at__gte=_midnight(until - HISTORY), submitted_at__lt=_midnight(until)
        ).values_list("submitted_at", flat=True)
    ]
    if len(moments) < FEWEST:
        raise Invalid(
            _("该地区近半年的申请不足20件，请填写每个工作日的申请数。"), code="history_missing", attr="per_day"
        )
    counts = Counter(at.date() for at in moments)
    kinds: dict[object, list[int]] = defaultdict(list)
    for number in range((until - min(counts)).days):
        day = min(counts) + timedelta(days=number)
        works = calendar.is_workday(day, area)
        kinds["works"] += [counts[day]] if works else []
        kinds[day.weekday() if works == (day.weekday() < 5) else f"moved {works}"].append(counts[day])
    return _shaped(kinds, Counter(at.hour for at in moments))


def handling_of(area: str, until: date) -> Handling:
    """How far apart each reviewer's decisions lay in the half year before a day. Raises Invalid `history_missing`."""
    made = Decision.objects.filter(
        submission__area=area,
        reviewer__isnull=False,
        decided_at__gte=_midnight(until - HISTORY),
        decided_at__lt=_midnight(until),
    ).order_by("reviewer", "decided_at")
    gaps = [
        later - earlier
        for (reviewer, earlier), (next_reviewer, later) in pairwise(made.values_list("reviewer", "decided_at"))
        if reviewer == next_reviewer and later - earlier <= LONGEST_GAP
    ]
    if len(gaps) < FEWEST:
        raise Invalid(_("该地区近半年连续作出的决定不足20次，请填写每件用时。"), code="history_missing", attr="minutes")
    observed = [max(1, round(gap.total_seconds())) for gap in gaps]
    return Handling(fmean(observed) / 60, observed)


def _shaped(kinds: dict[object, list[int]], hours: Counter[int]) -> Arrivals:
    per_day = fmean(kinds["works"]) if kinds["works"] else 0.0
    if not per_day:
        raise Invalid(
            _("该地区近半年的工作日没有申请，请填写每个工作日的申请数。"), code="history_missing", attr="per_day"
        )
    supposed = Arrivals(per_day, hours=[hours[hour] for hour in range(24)])
    return replace(
        supposed,
        weekdays=[fmean(kinds[day]) / per_day if kinds[day] else WEEKDAYS[day] for day in range(7)],
        holiday=fmean(kinds["moved False"]) / per_day if kinds["moved False"] else HOLIDAY,
    )


def _second(position: float, steps: Sequence[float]) -> int:
    """The second of the day at which so much (0 to 1) of a day's submissions have come; `steps` sum up the hours."""
    reached = position * steps[-1]
    hour = max(index for index in range(24) if steps[index] <= reached)
    return int(3600 * (hour + (reached - steps[hour]) / (steps[hour + 1] - steps[hour])))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
