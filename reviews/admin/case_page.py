"""The case on one page: findings, person and matter beside the scans, the decision, what was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from math import ceil
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core import clock
from core.errors import Invalid, Refusal
from core.prepared import Param, PreparedQuery, prepared
from core.text import prose
from reviews import presence, services
from reviews.admin import flow, person, scans, seconding, views
from reviews.admin.scope import AUDITING, account_of, version_of
from reviews.effects import effect_of
from reviews.lifecycle import LIFECYCLES, Case
from reviews.locking import rows_of
from reviews.models import Decision, Event, Material, Outcome, ReasonTemplate, Status, Submission
from reviews.presenting import Whole, present, undo_of
from reviews.services import counter
from reviews.visible import Visible
from reviews.workflow import Action, Who, standing

LONGEST_REASON, LONGEST_CODE = 1000, 40

Verb = Callable[..., Any]

VERBS: dict[str, tuple[Verb, tuple[str, ...], Any]] = {
    Action.ASSIGN: (services.assign, (), _("已由您承办。")),
    Action.RELEASE: (services.release, (), _("已退回待分配。")),
    Action.TAKE_OVER: (services.take_over, (), _("已转由您承办。")),
    Action.APPROVE: (services.approve, ("reason", "code"), _("已审核通过。")),
    Action.REJECT: (services.reject, ("reason", "code"), _("已作出不予通过的决定。")),
    Action.UNDO: (services.undo, (), _("已撤回决定，此件由您重新审核。")),
    Action.RETURN: (services.return_for_correction, ("reason", "code", "fields"), _("已退回补正。")),
}
DECISIONS = (Action.APPROVE, Action.REJECT, Action.RETURN)


def show(request: HttpRequest, submission: Submission, site: AdminSite) -> HttpResponse:
    """Show the case; on POST do what the button says, and go on with the next case after a decision.

    The person's data are shown in full to whoever has the case in hand, and to others in the answer to the POST that puts it on
    record, and in no other. Whatever the answer, what was typed stands in it again.
    """
    if request.method == "POST":
        try:
            if "unmask" in request.POST:
                return _unmasked(request, submission, site)
            return _act(request, submission, site)
        except Refusal as refusal:
            return refused(request, submission, site, refusal)
    return _page(request, submission, site)


def refused(request: HttpRequest, submission: Submission, site: AdminSite, refusal: Refusal) -> HttpResponse:
    """The case again: why it could not be done, who was quicker, and what was typed."""
    messages.error(request, refusal.detail)
    now = Submission.objects.select_related("assignee").get(pk=submission.pk)
    told = presence.news(now, account_of(request), version_of(request))
    if told not in ("", presence.CHANGED):
        messages.warning(request, told)
    return _page(request, submission, site, status=refusal.status, typed=request.POST)


def _unmasked(request: HttpRequest, submission: Submission, site: AdminSite) -> HttpResponse:
    """The case with the person's data in full, and with what was typed so far."""
    seen, now = request.POST.get("version", ""), str(submission.version)
    services.unmask(submission, reviewer=account_of(request))
    if seen and seen != now:
        messages.warning(request, _("此件已有新的变化，请核对后再作决定。"))
    return _page(request, submission, site, typed=request.POST, unmasked=True)


def _act(request: HttpRequest, submission: Submission, site: AdminSite) -> HttpResponse:
    account, action = account_of(request), request.POST.get("action", "")
    if action not in VERBS:
        raise Invalid(_("请选择要进行的操作。"), code="invalid_choice", attr="action")
    verb, takes, message = VERBS[action]
    given = {
        "reason": prose(request.POST.get("reason", ""))[:LONGEST_REASON],
        "code": request.POST.get("code", "")[:LONGEST_CODE],
        "fields": request.POST.getlist("fields"),
    }
    if action == Action.RETURN and not given["fields"] and LIFECYCLES[submission.kind].correctable(_row(submission)):
        raise Invalid(_("请勾选需要补正的项目，让申请人知道改哪里。"), code="fields_required", attr="fields")
    verb(submission, reviewer=account, version=version_of(request), **{name: given[name] for name in takes})
    messages.success(request, f"{submission.number} {message}")
    if action not in DECISIONS:
        if action in presence.TAKING:
            presence.take(submission, account)
        return HttpResponseRedirect(flow.here(request, submission))
    presence.end(submission)
    if "next" in request.POST:
        return next_case(request, site, but=submission.pk)
    return HttpResponseRedirect(_own(account) or flow.back(request))


def next_case(request: HttpRequest, site: AdminSite, *, but: Any = None) -> HttpResponse:
    """Take the next case of the list and open it; back to the list, saying so, where none is left."""
    page = flow.take_next(request, site, but=but)
    if page is None:
        messages.info(request, _("这里没有可以办理的申请了。"))
    return HttpResponseRedirect(page or flow.back(request))


def _own(account: Account) -> str:
    """The page of what this reviewer has in hand; empty where there is nothing."""
    wanted = {"status": Status.SUBMITTED, "assignee": account.pk}
    mine = Visible(account, Submission, (), wanted, ("due_at", "id")).first()
    return flow.link(mine.pk, "") if mine else ""


def _row(submission: Submission) -> Any:
    """The child of a submission, as its kind shows it."""
    (child,) = _rows(submission.kind)(pk=submission.pk)
    enrollment = child.enrollment
    enrollment.person = child.person
    if enrollment.area_id == child.area_id:
        enrollment.area = child.area
    return child


@cache
def _rows(kind: str) -> PreparedQuery[Any]:
    return PreparedQuery(
        lambda: (
            rows_of(kind)
            .select_related("area", "assignee", *LIFECYCLES[kind].shown_with)
            .filter(pk=Param("pk"))
            .order_by()
        )
    )


def _page(
    request: HttpRequest,
    submission: Submission,
    site: AdminSite,
    *,
    status: int = 200,
    typed: Any = None,
    unmasked: bool = False,
) -> TemplateResponse:
    account, page = account_of(request), views.new_page()
    lifecycle = LIFECYCLES[submission.kind]
    child = _row(submission)
    unmasked = person.in_full(request, child) or unmasked
    whole = Whole.read(child)
    shown = present(child, account, whole)
    template, panel = lifecycle.panel(child) or ("", None)
    correctable = lifecycle.correctable(child)
    context = {
        **_frame(request, site, child),
        "case": child,
        "here": flow.here(request, submission),
        "clerk": child.applicant if child.entered_by_clerk else None,
        "audited": account.role in AUDITING,
        "place": flow.place(request, site, submission),
        "page": page,
        "held_by": views.others_at(presence.hold(child, account, page), account),
        "waits": child.status == Status.SUBMITTED,
        "shown": shown,
        "events": [_by_name(row, event) for row, event in zip(shown["events"], whole.events, strict=True)],
        "scans": scans.shown(whole.materials),
        "decided": _decided(child, whole, correctable),
        "facts": lifecycle.described(child, unmasked=unmasked),
        "findings": _findings(child, whole.materials),
        "effect": (panel or {}).get("effect") or effect_of(child),
        "panel_template": template,
        "panel": panel,
        "person": person.described(child, unmasked=unmasked),
        "unmasked": unmasked,
        "late": child.status == Status.SUBMITTED and child.due_at <= clock.now(),
        **_offered(child, account, shown["actions"]),
        "seconds": seconding.beside(child, account) if whole.decisions else [],
        "undo_minutes": _undo_minutes(child, account, whole),
        "correctable": correctable,
        "templates": _templates(child),
        "history": person.history(child, account),
        **_written(child, account, typed),
    }
    return TemplateResponse(request, "admin/reviews/submission/case.html", context, status=status)


def _frame(request: HttpRequest, site: AdminSite, child: Any) -> dict[str, Any]:
    """What stands around the case: the site, and what the page is called."""
    title = f"{child.get_kind_display()} {child.number}"
    return {**site.each_context(request), "title": title, "is_fullwidth": "1", "opts": Submission._meta}


def _offered(child: Any, account: Account, may: Sequence[str]) -> dict[str, Any]:
    """The buttons of whoever looks at it, and why there are none: they entered it, or leave it to somebody else."""
    waits, own_entry = child.status == Status.SUBMITTED, counter.entered_by(child, account)
    actions = set() if own_entry else set(may)
    left_to_others = waits and not own_entry and not actions and standing(child, account) == Who.REVIEWER
    return {
        "decisions": [(str(action), LABELS[action]) for action in DECISIONS if action in actions],
        "assigning": [(str(action), LABELS[action]) for action in ASSIGNING if action in actions],
        "own_entry": waits and own_entry,
        "for_others": left_to_others,
    }


def _written(child: Any, account: Account, typed: Any) -> dict[str, Any]:
    """What was typed when the page comes again, and the name under which the browser keeps it until it is sent."""
    return {
        "typed": typed or {},
        "typed_fields": typed.getlist("fields") if typed else [],
        "draft": f"{account.pk.hex}:{child.pk.hex}:{child.round}:{child.stage}",
    }


def _undo_minutes(child: Any, account: Account, whole: Whole) -> int | None:
    """How many minutes, rounded up, one may still take one's own decision back; None: no longer, or never."""
    until = undo_of(child, account, whole.decisions)
    return None if until is None else ceil((until - clock.now()) / timedelta(minutes=1))


LABELS = {
    Action.APPROVE: _("通过"),
    Action.REJECT: _("不予通过"),
    Action.RETURN: _("退回补正"),
    Action.ASSIGN: _("由我承办"),
    Action.RELEASE: _("退回待分配"),
    Action.TAKE_OVER: _("转由我承办"),
}
ASSIGNING = (Action.ASSIGN, Action.RELEASE, Action.TAKE_OVER)


def _templates(child: Any) -> list[dict[str, Any]]:
    rows = _reasons_for(area=child.area_id, kind=child.kind)
    outcome = {"approved": "approve", "rejected": "reject", "returned": "return_for_correction"}
    return [{"action": outcome[row.outcome], "code": row.code, "text": row.text, "fields": row.fields} for row in rows]


@prepared
def _reasons_for(*, area: str, kind: str) -> QuerySet[ReasonTemplate, ReasonTemplate]:
    """The prepared reasons of an area and the nation's, for a kind."""
    return ReasonTemplate.objects.of_area(area).filter(kind=kind)


def _decided(child: Any, whole: Whole, correctable: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Every decision as staff see it, the newest first: who, when, why, which fields were marked, until when to mend them."""
    names = {event.actor_id: event.actor for event in whole.events}
    labels = dict(correctable)
    return [
        {
            "outcome": Outcome(row.outcome).label,
            "by": names.get(row.reviewer_id) or _("系统"),
            "at": row.decided_at,
            "part": _part(child, row),
            "undone": row.undone_at,
            "reason": row.reason.text if row.reason else "",
            "fields": [labels.get(name, name) for name in row.fields],
            "correct_by": child.correct_by if child.status == Status.RETURNED and row == whole.decisions[-1] else None,
        }
        for row in reversed(whole.decisions)
    ]


def _part(child: Any, decision: Decision) -> str:
    """Which of several reviews it was: round and stage, where there is more than one."""
    parts = [
        (_("第 %d 轮") % decision.round, child.round > 1),
        (_("第 %d 阶段") % decision.stage, child.stages > 1),
    ]
    return " ".join(str(text) for text, told in parts if told)


def _by_name(row: dict[str, Any], event: Event) -> dict[str, Any]:
    """What happened as staff see it: a colleague by name, where citizens see the agency."""
    staff = event.actor is not None and event.actor.role != Role.CITIZEN
    return {**row, "actor": event.actor} if staff else row


def _findings(child: Any, materials: list[Material]) -> list[dict[str, Any]]:
    """What the checks find now while the case is open; what they found then once it is decided."""
    if child.status != Status.SUBMITTED:
        checks: list[dict[str, Any]] = child.checks
        return checks
    (findings,) = LIFECYCLES[child.kind].findings([Case(child, materials=materials)])
    return [finding.as_json() for finding in findings]
