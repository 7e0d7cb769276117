"""What a filing covers is cut when it ends: a stay that began inside stays covered (RULES.md §2.4), a later one is not."""

from __future__ import annotations

from datetime import date

from filings.filing_case import type_of
from filings.models import Filing
from reviews.case import SYSTEM
from reviews.locking import locked
from reviews.models import Status
from reviews.services import conclude, cut
from reviews.workflow import Action


def visit_done(filing: Filing, admitted_on: date) -> None:
    """A filing for one visit (单次有效) ends with the visit that was settled under it; others are left as they are.

    One that was made up during the stay (补办) keeps its first day: it counted, and a corrected bill settles under it again.
    """
    if filing.rules.types[type_of(filing.type)].validity.term != "single_visit":
        return
    with locked(filing) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.EXPIRE, actor=SYSTEM, code="visit_done")
            cut(case, max(admitted_on, case.submission.valid_from or admitted_on))
