"""Many cases at once (批量): approving what is all green, and handing cases on among colleagues. Each case is its own
transaction, by the same verbs as a single one, and its own result: a rival's decision is respected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Account, Role, StaffChange
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from reviews import workflow
from reviews.checks import Level
from reviews.lifecycle import LIFECYCLES, Actor, Case
from reviews.locking import locked
from reviews.models import Absence, AbsenceReason, Status, Submission
from reviews.services.deciding import decide, guard_reviewer, tell_former
from reviews.workflow import Action

MOST = 100


def approve_clean(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """Approve a case in which the checks find nothing now. Raises WrongState `not_in_bulk`, `not_clean`, and what `approve` does."""
    with locked(submission, version=version) as case:
        workflow.permit(case.submission, Action.APPROVE, reviewer)
        require_clean(case)
        decide(case, Action.APPROVE, reviewer=reviewer)
    return case.submission


def require_clean(case: Case) -> None:
    """Raise WrongState unless its kind may be approved in bulk, and no check finds an error or a doubt."""
    lifecycle = LIFECYCLES[case.submission.kind]
    if not lifecycle.in_bulk:
        raise WrongState(_("%s须逐件审核，不能批量通过。") % case.submission.get_kind_display(), code="not_in_bulk")
    (findings,) = lifecycle.findings([case])
    doubt = next((finding for finding in findings if finding.level != Level.INFO), None)
    if doubt is not None:
        raise WrongState(_("自动核查有需关注的问题，请打开逐件审核：%s") % doubt.message, code="not_clean")


def hand_on(submission: Submission, *, by: Account, to: Account | None, version: int | None = None) -> Any:
    """The area's supervisor gives a case to a colleague, whoever had it, or back to all (`to` is None).

    Raises Forbidden (`supervisors_only`, `other_area`, `party`, `same_reviewer`), WrongState `assignee_absent`, `already_assigned`.
    """
    with locked(submission, version=version) as case:
        if by.role != Role.SUPERVISOR:
            raise Forbidden(_("只有本地区的审核主管可以分配给他人。"), code="supervisors_only")
        workflow.permit(case.submission, Action.HAND_ON, by)
        if to is not None:
            guard_reviewer(case, to)
            if Absence.objects.absent([to.pk]):
                raise WrongState(_("%s今天不在岗，请分配给其他人。") % to, code="assignee_absent")
        if case.submission.assignee_id == (to.pk if to else None):
            raise WrongState(_("承办人没有变化。"), code="already_assigned")
        before = case.submission.assignee_id
        case.record(Action.HAND_ON, actor=Actor(by), before=str(before or ""), to_account=str(to.pk) if to else "")
        case.change(assignee=to)
        if before not in (None, by.pk):
            tell_former(case, before, now=to)
    return case.submission


def colleagues(area: Any) -> list[Account]:
    """Who decides in an area and is there today, by how many open cases they have, fewest first (`open_cases`)."""
    rows = Account.objects.filter(area=area, role__in=[Role.REVIEWER, Role.SUPERVISOR], is_active=True)
    absent = Absence.objects.absent([row.pk for row in rows])
    load = dict(
        Submission.objects.filter(area=area, status=Status.SUBMITTED, assignee__isnull=False)
        .order_by()
        .values_list("assignee")
        .annotate(Count("pk"))
    )
    present = [row for row in rows if row.pk not in absent]
    for row in present:
        row.open_cases = load.get(row.pk, 0)  # type: ignore[attr-defined]
    return sorted(present, key=lambda row: (row.open_cases, row.created_at, row.pk))  # type: ignore[attr-defined]


def levelled(cases: Sequence[Any], staff: Iterable[Account]) -> list[tuple[Any, Account]]:
    """Share cases out so that loads become level: each to whoever has fewest then; of equals the first in order."""
    loads = {row: getattr(row, "open_cases", 0) for row in staff}
    shared = []
    for case in cases:
        least = min(loads, key=lambda row: loads[row])
        loads[least] += 1
        shared.append((case, least))
    return shared


def enter_absence(account: Account, *, by: Account, first_day: Any, last_day: Any, reason: str) -> Absence:
    """Somebody is away from a day to a day, both included; entered by oneself or by the area's supervisor.

    Raises Forbidden `other_area`, Invalid `invalid_choice`, WrongState `days_reversed`.
    """
    if reason not in AbsenceReason.values:
        raise Invalid(_("请选择缺勤原因。"), code="invalid_choice", attr="reason")
    own = by.pk == account.pk
    if not own and not (by.role == Role.SUPERVISOR and by.area_id == account.area_id):
        raise Forbidden(_("只能登记本人，或由本地区的审核主管登记。"), code="other_area")
    if last_day < first_day:
        raise WrongState(_("结束日期早于开始日期，请核对。"), code="days_reversed")
    with transaction.atomic():
        StaffChange.objects.keep(account, StaffChange.What.AWAY, by=by, fields=[reason])
        return Absence.objects.create(
            account=account,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
            entered_by=by,
            entered_at=clock.now(),
        )


@transaction.atomic
def end_absence(account: Account, *, by: Account) -> bool:
    """The supervisor says that somebody is back; return whether they were away. Raises Forbidden `other_area`."""
    accounts.require_supervises(by, account)
    away = Absence.objects.filter(account=account, last_day__gte=clock.today(), ended_at__isnull=True)
    back = away.update(ended_at=clock.now()) > 0
    if back:
        StaffChange.objects.keep(account, StaffChange.What.BACK, by=by)
    return back


def open_of(accounts: Iterable[Any]) -> dict[Any, dict[str, int]]:
    """By account: open cases, of these due by tonight, and overdue."""
    now = clock.now()
    tonight = now.replace(hour=23, minute=59, second=59, microsecond=999999)
    rows = (
        Submission.objects.filter(assignee__in=[*accounts], status=Status.SUBMITTED)
        .order_by()
        .values("assignee")
        .annotate(
            open=Count("pk"),
            today=Count("pk", Q(due_at__gt=now, due_at__lte=tonight)),
            overdue=Count("pk", Q(due_at__lte=now)),
        )
    )
    return {row.pop("assignee"): row for row in rows}
