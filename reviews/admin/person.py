"""The person of a case: masked or in full, and what was submitted for them before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core import clock
from core.prepared import Param, PreparedQuery
from reviews import services
from reviews.admin.scope import account_of, once_a_sitting
from reviews.lifecycle import LIFECYCLES
from reviews.models import Decision, Outcome, Status, Submission
from reviews.models.submission import visible_with
from reviews.visible import child_of, children

EARLIER = 8
STATES = {"active": _("正常参保"), "ended": _("已中断或转出"), "future": _("尚未生效")}


def in_full(request: HttpRequest, submission: Submission) -> bool:
    """Whoever has the case in hand sees the person's data in full; the first time in a sitting it goes on record."""
    account = account_of(request)
    if submission.assignee_id != account.pk:
        return False

    def shown() -> None:
        services.unmask(submission, reviewer=account, why="in_hand")

    once_a_sitting(request, "unmasked", submission.pk, shown)
    return True


def described(child: Any, *, unmasked: bool) -> list[tuple[Any, Any]]:
    """Who it is for, as (label, text) rows."""
    person, enrollment = child.person, child.enrollment
    return [
        (_("姓名"), person.name if unmasked else person.masked_name),
        (_("证件号码"), person.id_number if unmasked else person.masked_id_number),
        (_("登记电话"), person.phone if unmasked else person.masked_phone),
        (_("年龄"), _("%d 岁") % person.age_on(clock.today())),
        (_("参保地"), child.area.name),
        (_("险种"), enrollment.get_insurance_display()),
        (_("人员类别"), enrollment.get_category_display()),
        (_("参保状态"), STATES[enrollment.status_on(clock.today())]),
    ]


@dataclass(frozen=True)
class Earlier:
    """An earlier submission in a line: what it was for, how it ended, and why."""

    submission: Submission
    matter: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class History:
    """The newest of a person's other submissions; `link` leads to all of them (`more`: there are)."""

    rows: list[Earlier]
    more: bool
    link: str


def history(child: Any, account: Account) -> History:
    """What was submitted for this person besides, as far as this reviewer may see it; two queries."""
    found = _others(account.role)(**visible_with(account), person=child.person_id, but=child.pk)
    newest = found[:EARLIER]
    decisions = Decision.objects.of([row.pk for row in newest])
    last = {decision.submission_id: decision for decision in decisions if decision.undone_at is None}
    link = f"{reverse('admin:reviews_submission_changelist')}?queue=all&person__id__exact={child.person_id}"
    return History([_line(row, last.get(row.pk)) for row in newest], len(found) > EARLIER, link)


@lru_cache(maxsize=16)
def _others(role: str) -> PreparedQuery[Submission]:
    seen = {name: Param(name) for name in ("area", "institution", "applicant", "reached")}
    visible = Submission.objects.visible_as(role, **seen).filter(person=Param("person")).exclude(pk=Param("but"))
    newest = visible.select_related(*children()).order_by("-created_at", "-id")
    return PreparedQuery(lambda: newest[: EARLIER + 1])


def _line(row: Submission, decision: Decision | None) -> Earlier:
    lifecycle = LIFECYCLES[row.kind]
    outcome = str(Status(row.status).label)
    if decision and decision.outcome != row.status:
        outcome = f"{outcome}（{Outcome(decision.outcome).label}）"
    reason = decision.reason.text if decision and decision.reason else ""
    return Earlier(row, lifecycle.summary(child_of(row)), outcome, reason)
