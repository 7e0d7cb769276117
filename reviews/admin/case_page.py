"""The case on one page: person, matter, materials, findings, history, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core import clock
from core.errors import Invalid, NotFound, Refusal
from policies.language.terms import DOCUMENT_LABELS
from reviews import services
from reviews.admin import flow
from reviews.admin.scope import account_of
from reviews.lifecycle import LIFECYCLES, Case
from reviews.locking import rows_of
from reviews.materials.api import hand_out
from reviews.models import Event, Material, Outcome, ReasonTemplate, Status, Submission
from reviews.presenting import Whole, present
from reviews.workflow import Action, Who, standing

DOCUMENTS: dict[str, str] = {str(kind): label for kind, label in DOCUMENT_LABELS.items()}
SIMILAR = 8
PURPOSES = {"url": "file", "thumbnail": "thumbnail"}
LONGEST_REASON, LONGEST_CODE = 1000, 40

Verb = Callable[..., Any]

VERBS: dict[str, tuple[Verb, tuple[str, ...], Any]] = {
    Action.ASSIGN: (services.assign, (), _("已由您承办。")),
    Action.RELEASE: (services.release, (), _("已退回待分配。")),
    Action.TAKE_OVER: (services.take_over, (), _("已转由您承办。")),
    Action.APPROVE: (services.approve, ("reason", "code"), _("已审核通过。")),
    Action.REJECT: (services.reject, ("reason", "code"), _("已作出不予通过的决定。")),
    Action.RETURN: (services.return_for_correction, ("reason", "code", "fields"), _("已退回补正。")),
}
DECISIONS = (Action.APPROVE, Action.REJECT, Action.RETURN)


def show(request: HttpRequest, submission: Submission, site: AdminSite) -> HttpResponse:
    """Show the case; on POST do what the button says, and go on with the next case after a decision.

    The person's data are shown in full in the answer to the POST that puts it on record, and in no other. Whatever the answer,
    what was typed stands in it again.
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
    """The case again: why it could not be done, and what was typed."""
    messages.error(request, refusal.detail)
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
        "reason": request.POST.get("reason", "")[:LONGEST_REASON],
        "code": request.POST.get("code", "")[:LONGEST_CODE],
        "fields": request.POST.getlist("fields"),
    }
    if action == Action.RETURN and not given["fields"] and LIFECYCLES[submission.kind].correctable(_row(submission)):
        raise Invalid(_("请勾选需要补正的项目，让申请人知道改哪里。"), code="fields_required", attr="fields")
    version = request.POST.get("version", "")
    verb(
        submission,
        reviewer=account,
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        **{name: given[name] for name in takes},
    )
    messages.success(request, f"{submission.number} {message}")
    if action not in DECISIONS:
        return HttpResponseRedirect(flow.here(request, submission))
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
    mine = Submission.objects.visible_to(account).worklist().filter(assignee=account).first()
    return flow.link(mine.pk, "") if mine else ""


def _row(submission: Submission) -> Any:
    """The child of a submission, as its kind shows it."""
    return rows_of(submission.kind).select_related("area", "assignee").get(pk=submission.pk)


def _page(
    request: HttpRequest,
    submission: Submission,
    site: AdminSite,
    *,
    status: int = 200,
    typed: Any = None,
    unmasked: bool = False,
) -> TemplateResponse:
    account = account_of(request)
    lifecycle = LIFECYCLES[submission.kind]
    child = _row(submission)
    whole = Whole.read(child)
    shown = present(child, account, whole)
    actions = set(shown["actions"])
    template, panel = lifecycle.panel(child) or ("", None)
    context = {
        **site.each_context(request),
        "title": f"{child.get_kind_display()} {child.number}",
        "opts": Submission._meta,
        "case": child,
        "here": flow.here(request, submission),
        "place": flow.place(request, site, submission),
        "shown": shown,
        "events": [_by_name(row, event) for row, event in zip(shown["events"], whole.events, strict=True)],
        "materials": [_material(row) for row in shown["materials"]],
        "decided": _decided(child, whole, lifecycle.correctable(child)) if shown["decision"] else None,
        "facts": lifecycle.described(child, unmasked=unmasked),
        "findings": _findings(child),
        "panel_template": template,
        "panel": panel,
        "person": _person(child, unmasked=unmasked),
        "late": child.status == Status.SUBMITTED and child.due_at <= clock.now(),
        "decisions": [(str(action), LABELS[action]) for action in DECISIONS if action in actions],
        "for_others": child.status == Status.SUBMITTED and not actions and standing(child, account) == Who.REVIEWER,
        "assigning": [(str(action), LABELS[action]) for action in ASSIGNING if action in actions],
        "correctable": lifecycle.correctable(child),
        "templates": _templates(child),
        "similar": _similar(child, account),
        "typed": typed or {},
        "typed_fields": typed.getlist("fields") if typed else [],
        "draft": f"{account.pk.hex}:{child.pk.hex}:{child.round}:{child.stage}",
    }
    return TemplateResponse(request, "admin/reviews/submission/case.html", context, status=status)


LABELS = {
    Action.APPROVE: _("通过"),
    Action.REJECT: _("不予通过"),
    Action.RETURN: _("退回补正"),
    Action.ASSIGN: _("由我承办"),
    Action.RELEASE: _("退回待分配"),
    Action.TAKE_OVER: _("转由我承办"),
}
ASSIGNING = (Action.ASSIGN, Action.RELEASE, Action.TAKE_OVER)


def _person(child: Any, *, unmasked: bool) -> list[tuple[Any, Any]]:
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


STATES = {"active": _("正常参保"), "ended": _("已中断或转出"), "future": _("尚未生效")}


def _templates(child: Any) -> list[dict[str, Any]]:
    rows = ReasonTemplate.objects.offered_for(child)
    outcome = {"approved": "approve", "rejected": "reject", "returned": "return_for_correction"}
    return [{"action": outcome[row.outcome], "code": row.code, "text": row.text, "fields": row.fields} for row in rows]


def _decided(child: Any, whole: Whole, correctable: list[tuple[str, Any]]) -> dict[str, Any]:
    """The last decision as staff see it: who, when, why, which fields were marked, and until when they can be mended."""
    last = whole.decisions[-1]
    deciding = [event for event in whole.events if event.verb in DECISIONS]
    labels = dict(correctable)
    return {
        "outcome": Outcome(last.outcome).label,
        "by": deciding[-1].actor or _("系统"),
        "at": last.decided_at,
        "reason": last.reason.text if last.reason else "",
        "fields": [labels.get(name, name) for name in last.fields],
        "correct_by": child.correct_by if child.status == Status.RETURNED else None,
    }


def _by_name(row: dict[str, Any], event: Event) -> dict[str, Any]:
    """What happened as staff see it: a colleague by name, where citizens see the agency."""
    staff = event.actor is not None and event.actor.role != Role.CITIZEN
    return {**row, "actor": event.actor} if staff else row


def material(request: HttpRequest, id: UUID, purpose: str) -> HttpResponseBase:
    """A scan of a case that the signed-in colleague may see: no link to pass on, nothing that runs out while one reads."""
    account = account_of(request)
    scan = get_object_or_404(Material.objects.visible_to(account).filter(submission__isnull=False), pk=id)
    try:
        answer = hand_out(scan, purpose)
    except NotFound as nothing:
        raise Http404(nothing.detail) from nothing
    if purpose == "file":
        services.open_material(scan, reviewer=account)
    return answer


def _material(row: dict[str, Any]) -> dict[str, Any]:
    """A material with what it is called, and how far it has been made safe."""
    if row["url"]:
        links = {name: reverse(f"admin:material_{purpose}", args=[row["id"]]) for name, purpose in PURPOSES.items()}
        row = {**row, **links}
    return {**row, "label": DOCUMENTS.get(row["kind"], row["kind"]), "state": Material.State(row["status"]).label}


def _findings(child: Any) -> list[dict[str, Any]]:
    """What the checks find now while the case is open; what they found then once it is decided."""
    if child.status != Status.SUBMITTED:
        checks: list[dict[str, Any]] = child.checks
        return checks
    (findings,) = LIFECYCLES[child.kind].findings([Case(child)])
    return [finding.as_json() for finding in findings]


def _similar(child: Any, account: Account) -> list[Submission]:
    """Earlier submissions of the same person that this reviewer may see."""
    rows = Submission.objects.visible_to(account).filter(person=child.person_id).exclude(pk=child.pk)
    return list(rows.order_by("-created_at")[:SIMILAR])
