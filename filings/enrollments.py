"""What ends or moves an enrolment ends its filings, with a message that says what to do (DESIGN.md §5)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Enrollment
from accounts.registry import RegisteredEnrollment
from filings import effects
from filings.models import Filing
from regions import clock
from regions.policy.wording import day
from reviews.case import SYSTEM, Case, locked
from reviews.models import LIVE


def enrollment_changed(enrollment: Enrollment, before: RegisteredEnrollment) -> None:
    """Called by the register's mirror when the last day of an enrolment changed.

    The newest first: whoever approves a successor locks it and then what it takes over from, so both go the same way round.
    """
    over = enrollment.status_on(clock.today()) == "ended"
    for filing in Filing.objects.live().filter(enrollment=enrollment).order_by("-pk"):
        with locked(filing) as case:
            if case.submission.status not in LIVE:
                continue
            if over:
                effects.end_with_enrollment(case)
            else:
                _expect_the_end(case, enrollment)


def _expect_the_end(case: Case, enrollment: Enrollment) -> None:
    """The filing is looked at again when the enrolment ends; until then it stands."""
    case.change(wake_at=None)
    case.record("enrollment_changed", actor=SYSTEM, until=str(enrollment.valid_until or ""))
    if enrollment.valid_until:
        text = _("受理编号%(number)s：您的参保关系将于%(day)s结束，备案届时一并终止，请及时续保或在新参保地重新备案。")
        said = {"number": case.submission.number, "day": day(enrollment.valid_until)}
        case.tell("enrollment_ending", _("参保关系即将结束"), text % said)
