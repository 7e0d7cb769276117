"""From case to case within the list one came from: how far one is, what stands before and after, and what to take next."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from core.errors import Refusal
from reviews import presence, services, statistics
from reviews.admin.filters import ALL, ROWS_ALONE, chosen, only_the_tab
from reviews.admin.scope import account_of
from reviews.models import Status, Submission

FILTERS = "_changelist_filters"
"""The parameter in which the admin keeps the filters of a list."""
CASE, WORKLIST = "admin:reviews_submission_change", "admin:reviews_submission_changelist"
MOST, TRIES = 1000, 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands in its list, from 1 (0: it is not in it); `total` counts no further than `MOST`."""

    position: int
    total: int
    before: str
    after: str


def link(case: Any, filters: str) -> str:
    """The page of a case, with the filters of the list it was opened from."""
    query = QueryDict(mutable=True)
    if filters:
        query[FILTERS] = filters
    return reverse(CASE, args=[case]) + (f"?{query.urlencode()}" if query else "")


def here(request: HttpRequest, case: Submission) -> str:
    """The page of this case, with the filters one came with."""
    return link(case.pk, request.GET.get(FILTERS, ""))


def back(request: HttpRequest) -> str:
    """The list with its filters."""
    filters = request.GET.get(FILTERS, "")
    return reverse(WORKLIST) + (f"?{filters}" if filters else "")


def listed(request: HttpRequest, site: AdminSite) -> QuerySet[Any]:
    """The rows of the list one came from, in its order; without filters the open cases."""
    asked, worklist = copy(request), site.get_model_admin(Submission)
    setattr(asked, ROWS_ALONE, True)
    for filters in (request.GET.get(FILTERS, ""), ""):
        asked.GET = QueryDict(filters)
        try:
            rows: QuerySet[Any] = worklist.get_changelist_instance(asked).queryset
        except IncorrectLookupParameters:
            continue
        return rows
    raise AssertionError("a list without filters can always be read")


def place(request: HttpRequest, site: AdminSite, case: Submission) -> Place:
    """Where the case stands, with the pages before and after it."""
    keys = _keys(request, site)
    at = keys.index(case.pk) if case.pk in keys else None
    filters = request.GET.get(FILTERS, "")
    before = link(keys[at - 1], filters) if at else ""
    after = link(keys[at + 1], filters) if at is not None and at + 1 < len(keys) else ""
    return Place(0 if at is None else at + 1, len(keys), before, after)


def _keys(request: HttpRequest, site: AdminSite) -> list[Any]:
    """The keys of the list one came from, no more than `MOST`; of a tab that nothing narrows by a query that is kept."""
    asked = copy(request)
    asked.GET = QueryDict(request.GET.get(FILTERS, ""))
    if (tab := chosen(asked)) != ALL and only_the_tab(asked):
        return statistics.waiting_keys(tab, account_of(request), 0, MOST)
    return list(listed(request, site).values_list("pk", flat=True)[:MOST])


def take_next(request: HttpRequest, site: AdminSite, *, but: Any = None) -> str | None:
    """Take the first case of the list that nobody else has in hand, and return its page; None where there is none.

    What a rival takes meanwhile, and what this person may not decide, is passed over; what a colleague has open comes last.
    """
    account = account_of(request)
    free = Q(assignee__isnull=True) | Q(assignee=account)
    rows = listed(request, site).filter(free, status=Status.SUBMITTED).exclude(pk=but)[:TRIES]
    open_elsewhere = presence.elsewhere([row.pk for row in rows], account)
    for row in sorted(rows, key=lambda row: row.pk in open_elsewhere):
        try:
            if row.assignee_id is None:
                services.assign(row, reviewer=account)
        except Refusal:
            continue
        return link(row.pk, request.GET.get(FILTERS, ""))
    return None
