"""What the pages of the staff's site send beside their forms: saved views (常用视图), the clock's bar, who is at a case."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Account, hidden_number
from core import clock
from core.errors import Refusal
from core.prepared import prepared
from core.text import line
from reviews import presence
from reviews.admin.scope import account_of, version_of
from reviews.models import Presence, SavedView, Submission

MOST, LONGEST_NAME, LONGEST_QUERY = 20, 20, 500
WORKLIST = "admin:reviews_submission_changelist"
PERSONAL = (PAGE_VAR, SEARCH_VAR, "person__id__exact")
"""What a view never keeps: the page, and whom one looked for."""


def of(request: HttpRequest) -> list[dict[str, Any]]:
    """The reviewer's own views, with where each leads and whether it is open."""
    now = _kept(request.GET.urlencode())
    return [
        {"pk": row.pk, "name": row.name, "href": f"{reverse(WORKLIST)}?{row.query}", "chosen": row.query == now}
        for row in _views_of(account=account_of(request).pk)
    ]


@prepared
def _views_of(*, account: UUID) -> QuerySet[SavedView, SavedView]:
    """The views that an account keeps."""
    return SavedView.objects.filter(account=account)


def _kept(query: str) -> str:
    """The filters that a view keeps of an address, in a steady order."""
    asked = QueryDict(query, mutable=True)
    for name in PERSONAL:
        asked.pop(name, None)
    ordered = QueryDict(mutable=True)
    for name in sorted(asked):
        ordered.setlist(name, [value for value in asked.getlist(name) if value])
    return ordered.urlencode()


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters under a name; the same name again keeps these instead."""
    account, name = account_of(request), line(request.POST.get("name", ""))[:LONGEST_NAME]
    query = _kept(request.POST.get("query", ""))
    if not name or not query or len(query) > LONGEST_QUERY:
        messages.error(request, _("请先筛选，并给常用视图起一个名称。"))
    elif SavedView.objects.filter(account=account).exclude(name=name).count() >= MOST:
        messages.error(request, _("常用视图最多 %d 个，请先删除不用的。") % MOST)
    else:
        SavedView.objects.update_or_create(account=account, name=name, defaults={"query": query})
        messages.success(request, _("已保存为常用视图“%s”。") % name)
    return HttpResponseRedirect(f"{reverse(WORKLIST)}?{_open(request.POST.get('query', ''))}")


def _open(query: str) -> str:
    """The list as it was, with what was searched for as it may stand in an address."""
    asked = QueryDict(query[:LONGEST_QUERY], mutable=True)
    if SEARCH_VAR in asked:
        asked[SEARCH_VAR] = hidden_number(str(asked[SEARCH_VAR]))
    return asked.urlencode()


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view of one's own, or delete it."""
    row = get_object_or_404(SavedView, pk=pk, account=account_of(request))
    name = line(request.POST.get("name", ""))[:LONGEST_NAME]
    if "delete" in request.POST:
        row.delete()
        messages.success(request, _("已删除常用视图“%s”。") % row.name)
    elif name:
        try:
            with transaction.atomic():
                SavedView.objects.filter(pk=row.pk).update(name=name)
        except IntegrityError:
            messages.error(request, _("已有同名的常用视图，请换一个名称。"))
    return HttpResponseRedirect(reverse(WORKLIST))


@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """Move the clock to the next thing due, or by a day, and go back to the page."""
    to = clock.simulated_now() + timedelta(days=1) if request.POST.get("by") == "day" else None
    try:
        done = clock.move(to)
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
    else:
        when = f"{clock.simulated_now():%Y-%m-%d %H:%M}"
        messages.success(request, _("时钟已拨到 %(when)s，途中处理了 %(done)d 件。") % {"when": when, "done": done})
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if safe else "../")


def new_page() -> str:
    """A name for a page that is being opened."""
    return secrets.token_hex(8)


def others_at(held: Presence | None, account: Account) -> Any:
    """Whoever else is at the case, in a sentence; empty: nobody."""
    return str(held) if held and held.account_id != account.pk else ""


@require_POST
def renew_presence(request: HttpRequest, id: UUID) -> HttpResponse:
    """The page is still open, or (`leaving`) was left. Answers who else is here, and the news since it was shown."""
    account, page = account_of(request), request.POST.get("page", "")[:16]
    if "leaving" in request.POST:
        presence.leave(id, account, page)
        return HttpResponse(status=204)
    rows = Submission.objects.visible_to(account).select_related("assignee")
    case = get_object_or_404(rows, pk=id)
    held = presence.hold(case, account, page)
    return JsonResponse({"here": others_at(held, account), "news": presence.news(case, account, version_of(request))})
