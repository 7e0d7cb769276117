"""What a newborn submitted goes over to the person it is, when both are united (`accounts.services.uniting`)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.services.uniting import Union
from core.errors import WrongState
from reviews.lifecycle import LIFECYCLES, Actor, Case
from reviews.locking import rows_of, write
from reviews.models import LIVE, Submission

UNITED = "united"


def hand_over(union: Union) -> None:
    """Every submission, on the enrolment that the person has. Raises WrongState `merger_live` where two of one matter would live."""
    rows = Submission.objects.filter(person=union.newborn).order_by("pk")
    keys = dict(rows.select_for_update(nowait=True, no_key=True).values_list("pk", "kind"))
    cases = []
    for kind in dict.fromkeys(keys.values()):
        own = [key for key, each in keys.items() if each == kind]
        cases += [_handed_over(Case(row), union) for row in rows_of(kind).filter(pk__in=own).order_by("pk")]
    _refuse_two_living(cases, union)
    write(cases)


def _handed_over(case: Case, union: Union) -> Case:
    row = case.submission
    if (enrollment := union.enrollments.get(row.enrollment_id)) is not None:
        case.change(enrollment=union.person.enrollments.get(pk=enrollment))
    case.change(person=union.person)
    if row.live_key is not None:
        case.change(live_key=LIFECYCLES[row.kind].live_key(row))
    case.record(UNITED, actor=Actor(union.by))
    return case


def _refuse_two_living(cases: list[Case], union: Union) -> None:
    living = {case.submission.live_key: case.submission for case in cases if case.submission.status in LIVE}
    held = Submission.objects.filter(live_key__in=living, status__in=LIVE).exclude(person=union.newborn).first()
    if held is not None:
        message = _("两边都有同一事项正在办理或有效（受理编号%(one)s、%(other)s），请先撤回或取消其中一份，再合并。")
        words = {"one": living[held.live_key].number, "other": held.number}
        raise WrongState(message % words, code="merger_live")
