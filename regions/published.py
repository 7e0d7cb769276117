"""The policies in force: which file says what an area's insurance pays on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from regions.policy.filing_rules import chain, shipped
from regions.policy.loader import NATIONAL
from regions.policy.schema import PolicyFile
from regions.policy.timeline import Period


@dataclass(frozen=True, slots=True)
class Published:
    """A published policy and the days it really counts for; `id` is what the API calls it."""

    id: str
    file: PolicyFile
    start: date
    end: date | None


def in_force(area_code: str, on: date) -> Published | None:
    """The policy whose benefits count for a pooling area on a day: its own, else its city's, else its province's.

    None: no file says what this area pays.
    """
    for code in reversed(chain(area_code)):
        period = _period(code, on) if code != NATIONAL else None
        if period is not None and period.policy.benefits is not None:
            return _published(period)
    return None


def _period(code: str, on: date) -> Period[PolicyFile] | None:
    timeline = shipped().timelines.get(code)
    return next((p for p in timeline.periods if p.holds(on)), None) if timeline else None


def _published(period: Period[PolicyFile]) -> Published:
    return Published(Path(period.policy.file).stem, period.policy, period.start, period.end)
