"""What is done to the selected rows of the worklist: approved together where all is green, handed on among colleagues.

First a page shows what would happen to each; then each is done by itself, and a page says how it went.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Account, Role
from core.errors import Refusal, WrongState
from reviews import services, workflow
from reviews.admin import flow
from reviews.admin.scope import account_of
from reviews.lifecycle import LIFECYCLES, Case
from reviews.locking import rows_of
from reviews.models import Submission
from reviews.services.deciding import guard_reviewer
from reviews.services.many import MOST, colleagues, levelled, open_of, require_clean
from reviews.visible import child_of, children
from reviews.workflow import Action

PAGE = "admin/reviews/submission/selected.html"
LEVEL, NOBODY = "level", "none"


@dataclass(frozen=True)
class Line:
    """A selected case: what would happen to it, or what did."""

    row: Any
    said: str
    good: bool

    @property
    def key(self) -> str:
        return f"{self.row.pk}:{self.row.version}"

    @property
    def matter(self) -> str:
        return LIFECYCLES[self.row.kind].summary(child_of(self.row))

    @property
    def link(self) -> str:
        return flow.link(self.row.pk, "")


def may(request: HttpRequest) -> set[str]:
    """The actions of this account: deciding is the reviewers' and supervisors', handing on the supervisors'."""
    role = account_of(request).role
    return {
        *(["approve_selected"] if role in (Role.REVIEWER, Role.SUPERVISOR) else []),
        *(["hand_on_selected"] if role == Role.SUPERVISOR else []),
    }


def preview_approval(request: HttpRequest, rows: Iterable[Any], site: AdminSite) -> HttpResponse:
    """Which of them are approved when one confirms, and why the others are not."""
    account = account_of(request)
    lines = [_line(row, _objection(row, account), _("可以通过")) for row in rows]
    context = {"title": _("批量通过"), "lines": lines, "does": "approve", "count": sum(line.good for line in lines)}
    return _page(request, site, context)


def _objection(row: Any, account: Account) -> str:
    """Why this case cannot be approved here; empty: it can."""
    case = Case(rows_of(row.kind).select_related("area", "assignee").get(pk=row.pk))
    try:
        workflow.permit(case.submission, Action.APPROVE, account)
        guard_reviewer(case, account)
        if not workflow.fits(Action.APPROVE, case.submission, account):
            return _("由%s承办") % case.submission.assignee
        require_clean(case)
    except Refusal as refusal:
        return refusal.detail
    return ""


def preview_handing_on(request: HttpRequest, rows: Sequence[Any], site: AdminSite) -> HttpResponse:
    """To whom they may be given, how much each has, and how they would be shared out by load."""
    account = account_of(request)
    staff = colleagues(account.area_id)
    loads = open_of(row.pk for row in staff)
    shared = {case.pk: to for case, to in levelled(rows, staff)} if staff else {}
    lines = [Line(row, str(row.assignee or _("待分配")), True) for row in rows]
    choices = [
        (str(row.pk), str(row), loads.get(row.pk, {}), sum(1 for to in shared.values() if to == row)) for row in staff
    ]
    context = {"title": _("分配承办人"), "lines": lines, "does": "hand_on", "staff": choices, "count": len(lines)}
    return _page(request, site, context)


@require_POST
def approve(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Approve what was confirmed, one after the other."""
    account = account_of(request)
    if "approve_selected" not in may(request):
        raise PermissionDenied
    lines = _each(
        _confirmed(request),
        lambda row, version: services.approve_clean(row, reviewer=account, version=version),
        _("已通过"),
    )
    return _page(
        request, site, {"title": _("批量通过的结果"), "lines": lines, "done": sum(line.good for line in lines)}
    )


@require_POST
def hand_on(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Give what was confirmed to whom was chosen: to one, to all in turn by load, back to nobody."""
    account = account_of(request)
    if "hand_on_selected" not in may(request):
        raise PermissionDenied
    confirmed = _confirmed(request)
    given = _givers(request.POST.get("to", ""), confirmed.rows, account)

    def give(row: Any, version: int) -> Account | None:
        to = given(row)
        services.hand_on(row, by=account, to=to, version=version)
        return to

    lines = _each(confirmed, give, _("已退回待分配"), lambda to: _("已分配给%s") % to)
    return _page(request, site, {"title": _("分配的结果"), "lines": lines, "done": sum(line.good for line in lines)})


def _givers(chosen: str, rows: list[Any], account: Account) -> Callable[[Any], Account | None]:
    """By case, who gets it. Raises what a row is then told: nobody was chosen, or nobody is there."""
    staff = colleagues(account.area_id)
    if chosen == NOBODY:
        return lambda row: None
    if chosen == LEVEL and staff:
        shared = {case.pk: to for case, to in levelled(rows, staff)}
        return lambda row: shared[row.pk]
    named = {str(row.pk): row for row in Account.objects.filter(area=account.area_id)}

    def one(row: Any) -> Account:
        if chosen not in named:
            raise WrongState(_("请选择要分配给谁。"), code="nobody_chosen")
        return named[chosen]

    return one


class Confirmed(NamedTuple):
    """The cases one confirmed, in the order of the page, with the versions that were on it."""

    rows: list[Any]
    versions: dict[UUID, int]


def _each(
    confirmed: Confirmed,
    act: Callable[[Any, int], Any],
    said: str,
    named: Callable[[Any], str] | None = None,
) -> list[Line]:
    """Do it to each confirmed case; what was refused says why, and hinders no other."""
    lines = []
    for row in confirmed.rows:
        try:
            got = act(row, confirmed.versions[row.pk])
        except Refusal as refusal:
            lines.append(Line(row, refusal.detail, False))
        else:
            lines.append(Line(row, named(got) if named and got else said, True))
    return lines


def _confirmed(request: HttpRequest) -> Confirmed:
    """Those of them that this account may see."""
    versions: dict[UUID, int] = {}
    for text in request.POST.getlist("case")[:MOST]:
        key, _colon, version = text.partition(":")
        try:
            versions[UUID(key)] = int(version[:9])
        except ValueError:
            continue
    seen = Submission.objects.visible_to(account_of(request)).select_related("person", "area", "assignee", *children())
    rows = {row.pk: row for row in seen.filter(pk__in=versions)}
    return Confirmed([rows[key] for key in versions if key in rows], versions)


def _line(row: Any, objection: str, good: str) -> Line:
    return Line(row, objection or good, not objection)


def _page(request: HttpRequest, site: AdminSite, context: dict[str, Any]) -> TemplateResponse:
    shown = {
        **site.each_context(request),
        "opts": Submission._meta,
        "most": MOST,
        "back": flow.back(request),
        **context,
    }
    return TemplateResponse(request, PAGE, shown)
