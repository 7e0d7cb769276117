"""What a filing covers is cut when it ends: a stay that began inside stays covered (RULES.md §2.4), a later one is not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from filings.filing_case import type_of
from filings.models import COUNTED, Filing
from reviews.case import SYSTEM, Case, locked
from reviews.models import Status
from reviews.services import conclude
from reviews.workflow import Action


def cut(case: Case, last: date) -> None:
    """Let the filing cover `last` and no later day; one that would end before it began never counted."""
    filing: Filing = case.submission
    if filing.valid_from is None or last < filing.valid_from:
        case.change(valid_from=None, valid_until=None)
    else:
        case.change(valid_until=min(last, filing.valid_until or last))


def visit_done(filing: Filing, admitted_on: date) -> None:
    """A filing for one visit (单次有效) ends with the visit that was settled under it; others are left as they are."""
    if filing.rules.types[type_of(filing.type)].validity.term != "single_visit":
        return
    with locked(filing) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.EXPIRE, actor=SYSTEM, code="visit_done")
            cut(case, admitted_on)


def supersede(old: Any, *, by: Filing) -> None:
    """End the filing of this id, if it still counts, the day before `by` begins; frees its live key at once."""
    with locked(Filing(pk=old, kind=Filing.KIND)) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.SUPERSEDE, actor=SYSTEM, successor=str(by.pk))
            cut(case, by.starts_on - timedelta(days=1))


def covers(filing: Filing, on: date) -> bool:
    """Whether a filing counted on the day, as `FilingQuerySet.covering` asks the database."""
    begun = filing.status in COUNTED and filing.valid_from is not None and filing.valid_from <= on
    return begun and (filing.valid_until is None or on <= filing.valid_until)
