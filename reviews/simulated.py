"""The simulated reviewers: when they decide a case, and how.

The moment is drawn reproducibly from the case, in office hours, within its time; the decision follows the findings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from accounts.models import Account, Role
from core.clock import SHANGHAI
from regions import calendar
from reviews.models import Submission

OPENING = time(9)
MARGIN = timedelta(minutes=1)


def moment(submission: Submission) -> datetime:
    """Return when the simulated reviewer decides this stage: after it began, before it is due, in office hours."""
    assert submission.due_at is not None
    assert submission.stage_started_at is not None
    spans = list(_office_hours(submission.stage_started_at, submission.due_at - MARGIN, submission.area_id))
    share = _draw(submission) * sum((end - start).total_seconds() for start, end in spans)
    for start, end in spans:
        length = (end - start).total_seconds()
        if share <= length:
            return start + timedelta(seconds=int(share))
        share -= length
    return submission.due_at - MARGIN


def _draw(submission: Submission) -> float:
    """A number in [0, 1) that belongs to the case, its round and its stage."""
    seed = f"{submission.pk}:{submission.round}:{submission.stage}".encode()
    return int.from_bytes(hashlib.sha256(seed).digest()[:6], "big") / 2**48


def _office_hours(start: datetime, end: datetime, area: str) -> Iterator[tuple[datetime, datetime]]:
    first, last = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    close = (last + MARGIN).time()
    for day in calendar.current().workdays(first.date(), last.date(), area):
        opens = max(start, datetime.combine(day, OPENING, SHANGHAI))
        closes = min(end, datetime.combine(day, close, SHANGHAI))
        if opens < closes:
            yield opens, closes


def reviewer(stage: int) -> Account:
    """The simulated reviewer of a stage: a staff row of its own, made when first needed."""
    account, _created = Account.objects.get_or_create(
        simulated_stage=stage,
        defaults={"role": Role.SIMULATED, "username": f"simulated-{stage}", "nickname": f"模拟审核员{stage}"},
    )
    return account
