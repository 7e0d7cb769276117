"""What narrows the worklist: the tab that is open, findings, when it came, who has it in hand, where it leads, which review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter

from accounts.models import Account, Role
from core import clock
from core.errors import Invalid
from core.http.bodies import read_day
from core.prepared import Param, PreparedQuery, prepared
from regions.models import Area, AreaLevel
from reviews import statistics
from reviews.admin.scope import account_of
from reviews.checks import Level
from reviews.lifecycle import LIFECYCLES
from reviews.models import Status, Submission
from reviews.models.submission import visible_with

FOUND_AMONG = 100  # of the most urgent open cases: their findings are offered
NOBODY, MYSELF = "none", "me"


ALL = "all"
"""The tab of everything, whatever became of it."""


def queues(request: HttpRequest) -> dict[str, tuple[Any, Q]]:
    """The tabs of the worklist: name → (label, condition)."""
    waiting = statistics.waiting()
    return {
        "open": (_("全部待审"), waiting["open"]),
        "mine": (_("我承办的"), waiting["open"] & Q(assignee=account_of(request).pk)),
        "unassigned": (_("待分配"), waiting["unassigned"]),
        "today": (_("今日到期"), waiting["today"]),
        "overdue": (_("已超期"), waiting["overdue"]),
        ALL: (_("全部申请"), Q()),
    }


def chosen(request: HttpRequest) -> str:
    """The tab that counts: a search, or a status other than waiting, looks everywhere unless a tab narrows the search."""
    status, queue = request.GET.get("status__exact", Status.SUBMITTED), request.GET.get("queue", "")
    if status != Status.SUBMITTED or (not queue and request.GET.get(SEARCH_VAR, "").strip()):
        return ALL
    return queue if queue in queues(request) else "open"


class QueueFilter(admin.SimpleListFilter):
    """Holds the tab that is open; the tabs themselves stand above the list."""

    title = _("队列")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _condition) in queues(request).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        _label, condition = queues(request)[chosen(request)]
        return queryset.filter(condition)


def only_the_tab(request: HttpRequest) -> bool:
    """Whether nothing but its tab narrows the list: its rows are then those of the tab, by queries that are kept."""
    return set(request.GET) <= {QueueFilter.parameter_name, PAGE_VAR}


ROWS_ALONE = "rows_alone"
"""Marks a request (an attribute) that asks for a list's rows and order and shows no list: what filters offer is not read."""


class Offered(DropdownFilter):
    """A choice of values; one that is not offered means nothing, and the list says so by leaving it out."""

    template = "admin/offered.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        asked = request.GET.get(str(self.parameter_name), "")
        if hasattr(request, ROWS_ALONE):
            return [(asked, asked)] if asked else []
        return self.offers(request)

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        """What may be chosen: value and label."""
        raise NotImplementedError

    def choices(self, changelist: Any) -> Iterator[Any]:
        values = tuple((str(value), str(label)) for value, label in self.lookup_choices)
        yield _dropdown(str(self.title), str(self.parameter_name), values, self.value() or "")

    def condition(self, request: HttpRequest, value: str) -> Q:
        """What the value asks of a row. Raises ValueError."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        try:
            return queryset.filter(self.condition(request, self.value()))
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


class _Apart(DropdownFilter):
    """A choice apart from any list: all that the theme needs to write it."""

    def __init__(self, title: str, name: str, values: tuple[tuple[str, str], ...], chosen: str) -> None:
        self.title, self.parameter_name, self.used_parameters = title, name, {name: chosen}
        self.lookup_choices = [*values]


@lru_cache(maxsize=512)
def _dropdown(title: str, name: str, values: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    """A choice as the theme's template writes it, once for a process: most offer the same to everybody."""
    apart: Any = _Apart(title, name, values, chosen)
    return render_to_string(DropdownFilter.template, {"choices": [*apart.choices(None)]})


DOUBTS = Q(checks__contains=[{"level": str(Level.WARNING)}]) | Q(checks__contains=[{"level": str(Level.ERROR)}])


class FindingFilter(Offered):
    """What the automatic checks found: something, nothing, or one thing by its code."""

    title = _("自动核查")
    parameter_name = "finding"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        """Those of the most urgent open cases, and whatever is asked for."""
        account = account_of(request)
        waiting = _checks_of(account.role)(**visible_with(account))
        found = {row["code"]: row["message"] for checks in waiting for row in checks if _doubtful(row)}
        asked = request.GET.get(self.parameter_name, "")
        codes = [(code, f"{sentence[:24]}（{code}）") for code, sentence in sorted(found.items())]
        more = [(asked, asked)] if asked and asked not in ("doubt", "clean") and asked not in found else []
        return [("doubt", _("需关注")), ("clean", _("无问题")), *codes, *more]

    def condition(self, request: HttpRequest, value: str) -> Q:
        if value == "doubt":
            return DOUBTS
        return ~DOUBTS if value == "clean" else Q(checks__contains=[{"code": value}])


@lru_cache(maxsize=16)
def _checks_of(role: str) -> PreparedQuery[list[dict[str, Any]]]:
    seen = {name: Param(name) for name in ("area", "institution", "applicant", "reached")}
    waiting = Submission.objects.visible_as(role, **seen).worklist().values_list("checks", flat=True)
    return PreparedQuery(lambda: waiting[:FOUND_AMONG])


def _doubtful(finding: dict[str, Any]) -> bool:
    return bool(finding["level"] != Level.INFO)


class AssigneeFilter(Offered):
    """Who has it in hand: oneself, nobody, a colleague."""

    title = _("承办人")
    parameter_name = "assignee"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        account = account_of(request)
        colleagues = _reviewers_of(area=account.area_id) if account.area_id else []
        named = [(str(row.pk), str(row)) for row in colleagues if row.pk != account.pk]
        return [(MYSELF, _("我")), (NOBODY, _("无人承办")), *sorted(named, key=lambda pair: pair[1])]

    def condition(self, request: HttpRequest, value: str) -> Q:
        if value == NOBODY:
            return Q(assignee__isnull=True)
        return Q(assignee=account_of(request).pk if value == MYSELF else UUID(value))


@prepared
def _reviewers_of(*, area: str) -> QuerySet[Account, Account]:
    """Who may have a case of an area in hand."""
    return Account.objects.filter(area=area, role__in=[Role.REVIEWER, Role.SUPERVISOR]).order_by()


class StageFilter(Offered):
    """The first or the last of two reviews."""

    title = _("审核环节")
    parameter_name = "stage"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return [("1", _("初审")), ("2", _("复审"))]

    def condition(self, request: HttpRequest, value: str) -> Q:
        return Q(stage=int(value[:4]), stages__gt=1)


class DestinationFilter(Offered):
    """The province it leads to, or, by an address, any area: `destination=510100`."""

    title = _("就医地")
    parameter_name = "destination"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return _PROVINCES()

    def condition(self, request: HttpRequest, value: str) -> Q:
        if not (value.isascii() and value.isdecimal()):
            raise ValueError(value)
        within = value.removesuffix("00").removesuffix("00")
        leading = [lifecycle.destination for lifecycle in LIFECYCLES.values() if lifecycle.destination]
        condition = Q()
        for path in leading:
            condition |= Q(**{f"{path}__startswith": within})
        return condition


_PROVINCES = PreparedQuery[tuple[str, str]](
    lambda: Area.objects.filter(level=AreaLevel.PROVINCE).order_by("code").values_list("code", "name")
)


class AreaFilter(Offered):
    """The insured area, for who sees more than one."""

    title = _("审核地区")
    parameter_name = "area__code__exact"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return _AREAS()

    def condition(self, request: HttpRequest, value: str) -> Q:
        return Q(area=value)


_AREAS = PreparedQuery[tuple[str, str]](lambda: Area.objects.order_by("code").values_list("code", "name"))


FIGURES = {
    "hour": _("今日到期的钟点"),
    "received": _("近30个工作日收件"),
    "closed": _("近30个工作日办结或终止"),
    "decided": _("近30个工作日作过决定"),
    "today": _("我今天作过决定"),
    "late": _("近30个工作日超时决定"),
    "returned": _("近30个工作日按此理由退回"),
    "by": _("近30个工作日由此人决定"),
}


class FigureFilter(Offered):
    """The cases behind a figure of the start page; by its address alone: `figure=late`, `figure=hour:16`."""

    title = _("首页数字")
    parameter_name = "figure"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        asked = request.GET.get(self.parameter_name, "")
        return [(asked, FIGURES.get(asked.partition(":")[0], asked))] if asked else []

    def condition(self, request: HttpRequest, value: str) -> Q:
        return statistics.figure(value, account_of(request))


class DaysFilter(RangeDateFilter):
    """From a day to a day of Shanghai, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self.used_parameters.get(f"{self.parameter_name}_{end}") for end in ("from", "to"))
        try:
            if first:
                queryset = queryset.filter(**{f"{self.parameter_name}__gte": _midnight(first)})
            if last:
                queryset = queryset.filter(**{f"{self.parameter_name}__lt": _midnight(last) + timedelta(days=1)})
        except Invalid as error:
            raise IncorrectLookupParameters(error.detail) from error
        return queryset


def _midnight(day: str) -> datetime:
    return datetime.combine(read_day(day, "submitted_at"), time(), clock.SHANGHAI)
