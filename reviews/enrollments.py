"""What ends or moves an enrolment ends what rests on it, with a message that says what to do (DESIGN.md §5).

The kinds that rest on an enrolment say so by `resting`.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Enrollment
from accounts.registry import RegisteredEnrollment
from core import clock
from policies.language.wording import day
from reviews.case import SYSTEM, Case
from reviews.lifecycle import Resting, lifecycle_of, lifecycles
from reviews.locking import locked
from reviews.models import LIVE, Status, Submission
from reviews.services import conclude
from reviews.workflow import Action


def follow_enrollment(enrollment: Enrollment, before: RegisteredEnrollment) -> None:
    """Called by the register's mirror when the last day of an enrolment changed.

    The newest first, and what is made of another before that other's: whoever approves a successor, or ends a referral, locks
    it and then what it takes over from or made, so all go the same way round.
    """
    over = enrollment.status_on(clock.today()) == "ended"
    for lifecycle in reversed(lifecycles()):
        if lifecycle.resting is None:
            continue
        for row in lifecycle.model.objects.filter(enrollment=enrollment, status__in=LIVE).order_by("-pk"):
            with locked(row) as case:
                if case.submission.status not in LIVE:
                    continue
                if over:
                    end_with_enrollment(case)
                else:
                    _expect_the_end(case, enrollment)


def end_with_enrollment(case: Case) -> None:
    """The enrolment ended or moved: what rests on it ends with it, and the message says what to do."""
    row = case.submission
    said = _words(row)
    waiting = row.status != Status.APPROVED
    conclude(case, Action.END, actor=SYSTEM, code="enrollment_ended")
    others = row.person.enrollments.in_force(clock.today()).exclude(pk=row.enrollment_id)
    new = others.select_related("area").first()
    if new:
        advice = _("您现在的参保地是%(area)s，%(need)s在该参保地%(anew)s。")
        advice %= {"area": new.area.name, "need": said.need, "anew": said.anew}
    else:
        advice = _("已在其他地区参保的，请在现参保地%(anew)s；参保中断的，请先续保再%(anew)s。") % {"anew": said.anew}
    what = _("%s申请已终止") % said.matter if waiting else _("%s已终止") % said.matter
    text = _("受理编号%(number)s：您在%(area)s的参保关系已结束，%(what)s。%(advice)s")
    words = {"number": row.number, "area": row.area.name, "what": what, "advice": advice}
    case.tell("enrollment_ended", _("参保关系结束，%s终止") % said.matter, text % words)


def _expect_the_end(case: Case, enrollment: Enrollment) -> None:
    """It is looked at again when the enrolment ends; until then it stands."""
    row = case.submission
    said = _words(row)
    case.reconsider()
    case.record("enrollment_changed", actor=SYSTEM, until=str(enrollment.valid_until or ""))
    if enrollment.valid_until:
        text = _(
            "受理编号%(number)s：您的参保关系将于%(day)s结束，%(matter)s届时一并终止，请及时续保或在新参保地%(anew)s。"
        )
        words = {"number": row.number, "day": day(enrollment.valid_until), "matter": said.matter, "anew": said.anew}
        case.tell("enrollment_ending", _("参保关系即将结束"), text % words)


def _words(row: Submission) -> Resting:
    resting = lifecycle_of(row.kind).resting
    assert resting is not None
    return resting
