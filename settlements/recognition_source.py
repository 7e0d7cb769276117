"""Where recognitions of chronic diseases (门诊慢特病认定) come from.

The app of recognitions stands below this one and cannot name it: `SettlementsConfig.ready` registers it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from accounts.models import Enrollment

State = Literal["recognised", "future", "pending", "ended", "none"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the insured area says of an enrolment's disease on a day; `valid_until` is the last day, None: open-ended.

    `state`: `future` counts from `valid_from`, `pending` is under review, `ended` counted until `valid_until`.
    `institutions`: the codes of those chosen for it; empty: any.
    """

    state: State
    valid_from: date | None = None
    valid_until: date | None = None
    institutions: frozenset[str] = frozenset()


class RecognitionSource(Protocol):
    """What settlements ask of the app of recognitions."""

    def of(self, enrollment: Enrollment, disease: str, on: date) -> Recognition:
        """The recognition of a disease (M03900) that counts on the day, or the nearest to counting; one query."""


_source: RecognitionSource | None = None


def register(source: RecognitionSource | None) -> None:
    """Called once when Django starts; the last one registered counts."""
    global _source
    _source = source


def current() -> RecognitionSource | None:
    """The registered source; None: nobody here knows who is recognised, and nobody is taken to be."""
    return _source
