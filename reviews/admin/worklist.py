"""The worklist: what waits in the reviewer's area, most urgent first, and the way into each case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import action, display

from accounts.models import Account
from core import clock
from core.prepared import Param, PreparedQuery
from reviews import statistics
from reviews.admin import audit_page, case_page, entry, flow, lists, scans, selected, staff, views
from reviews.admin.filters import (
    AssigneeFilter,
    DaysFilter,
    DestinationFilter,
    FigureFilter,
    FindingFilter,
    QueueFilter,
    StageFilter,
    chosen,
    only_the_tab,
    queues,
)
from reviews.admin.lists import SubmissionList
from reviews.admin.scope import account_of
from reviews.checks import Level
from reviews.lifecycle import LIFECYCLES
from reviews.models import Channel, Kind, Status, Submission
from reviews.services.many import MOST
from reviews.visible import Visible, child_of, children

COUNTS = "waiting_counts"
"""Where a request (an attribute) keeps what its tabs hold."""


def counted(count: int) -> str:
    """A count as people read it: exact, or that there are more than anybody pages through."""
    return str(count) if count <= lists.COUNT_UP_TO else f"{lists.COUNT_UP_TO}+"


def _column(kind: str, label: Any, show: Callable[[Any], Any]) -> Callable[[Submission], Any]:
    """A column of one kind alone, of a row of the common list."""

    @display(description=label)
    def column(row: Submission) -> Any:
        return show(getattr(row, kind)) or "—"

    return column


@dataclass(frozen=True)
class Tab:
    """A tab that nothing narrows; a slice of it are its keys in the order of the list, by a query that is kept."""

    name: str
    account: Account

    def __getitem__(self, part: slice) -> list[Any]:
        return statistics.waiting_keys(self.name, self.account, part.start, part.stop)


class Pages(lists.CappedPaginator):
    """A page is found by its keys; what stands beside a row is joined to those that are shown, not to all before them."""

    def _get_page(self, found: Any, *args: Any) -> Any:
        keys = found if isinstance(found, list) else [*found.values_list("pk", flat=True)]
        rows = {row.pk: row for row in _ROWS(keys=keys)}
        return super()._get_page([rows[key] for key in keys if key in rows], *args)  # type: ignore[misc]


BESIDE = ("person", "area", "assignee", "presence__account")
_ROWS = PreparedQuery[Submission](
    lambda: Submission.objects.filter(pk__any=Param("keys")).select_related(*BESIDE, *children()).order_by()
)


class SubmissionAdmin(SubmissionList):
    """One worklist for all kinds of submission; a row opens the case on one page."""

    list_display: list[Any] = [
        "numbered",
        "matter",
        "who",
        "shown_status",
        "found",
        "came",
        "came_by",
        "shown_due",
        "in_hand",
    ]
    list_filter: list[Any] = [
        QueueFilter,
        "kind",
        "status",
        "channel",
        FindingFilter,
        AssigneeFilter,
        DestinationFilter,
        StageFilter,
        ("submitted_at", DaysFilter),
        FigureFilter,
    ]
    list_select_related = BESIDE
    paginator = Pages
    list_before_template: str | None = "admin/reviews/submission/tabs.html"
    empty_said = _("这一队列里没有申请。其他队列在列表上方，写明各有多少件。")
    ordering = ["due_at", "id"]
    actions: Any = ["approve_selected", "hand_on_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*self.list_select_related, *children())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Submission | None:
        """A case by its key, alone: its page reads what its kind shows beside it."""
        try:
            key = UUID(object_id)
        except ValueError:
            return None
        return Visible(account_of(request), Submission, (), {"pk": key}).first()

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A tab that nothing narrows is not counted twice."""
        paginator = super().get_paginator(request, *args, **kwargs)
        counts, tab = getattr(request, COUNTS, {}), chosen(request)
        if tab in counts and only_the_tab(request):
            paginator.count = min(counts[tab], lists.COUNT_UP_TO)
            paginator.object_list = Tab(tab, account_of(request))
        return paginator

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("counter/", guarded(entry.find), name="counter"),
            path("counter/<uuid:pk>/", guarded(entry.take_in), name="take_in"),
            path("clock/", guarded(views.move_clock), name="move_clock"),
            path("views/", guarded(views.save), name="save_view"),
            path("views/<int:pk>/", guarded(views.change), name="change_view"),
            path("staff/", guarded(self.staff_page), name="staff"),
            path("audit/", guarded(self.audit_page), name="audit"),
            path("selected/approve/", guarded(self.approve_confirmed), name="approve_selected"),
            path("selected/hand-on/", guarded(self.hand_on_confirmed), name="hand_on_selected"),
            path("next/", guarded(self.next_case), name="next_case"),
            path("presence/<uuid:id>/", guarded(views.renew_presence), name="presence"),
            *scans.urls(guarded),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().changelist_view(
            request,
            {
                "tabs": self._tabs(request),
                "views": views.of(request),
                "filters": request.GET.urlencode(),
                **(extra_context or {}),
            },
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What may be done to selected rows."""
        allowed = selected.may(request)
        return {name: action for name, action in super().get_actions(request).items() if name in allowed}

    @action(description=_("批量通过（自动核查无问题的）"))
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        return selected.preview_approval(request, self._first(request, queryset), self.admin_site)

    @action(description=_("分配承办人"))
    def hand_on_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        return selected.preview_handing_on(request, self._first(request, queryset), self.admin_site)

    def _first(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """As many as are done at once, in the order of the list."""
        rows = list(queryset[: MOST + 1])
        if len(rows) > MOST:
            self.message_user(request, _("一次最多办理 %d 件，其余请下一次办理。") % MOST, messages.WARNING)
        return rows[:MOST]

    def audit_page(self, request: HttpRequest) -> HttpResponseBase:
        return audit_page.page(request, self.admin_site)

    def staff_page(self, request: HttpRequest) -> HttpResponse:
        return staff.page(request, self.admin_site)

    def approve_confirmed(self, request: HttpRequest) -> HttpResponse:
        return selected.approve(request, self.admin_site)

    def hand_on_confirmed(self, request: HttpRequest) -> HttpResponse:
        return selected.hand_on(request, self.admin_site)

    @method_decorator(require_POST)
    def next_case(self, request: HttpRequest) -> HttpResponse:
        """Take the next case of the list and open it (处理下一件)."""
        return case_page.next_case(request, self.admin_site)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """A number leads to its case, which knows the list it was opened from."""
        query = request.GET.copy()
        query.pop("p", None)
        before, after = flow.link(UUID(int=0), query.urlencode()).split(str(UUID(int=0)))

        @display(description=_("受理编号"), ordering="number")
        def numbered(row: Submission) -> SafeString:
            return format_html('<a class="yd-link" href="{}{}{}">{}</a>', before, row.pk, after, row.number)

        columns = [numbered if column == "numbered" else column for column in self.list_display]
        lifecycle = LIFECYCLES.get(request.GET.get("kind__exact", ""))
        if lifecycle is None or not lifecycle.columns:
            return columns
        at = columns.index("matter")
        own = [_column(lifecycle.kind, label, show) for label, show in lifecycle.columns]
        return [*columns[:at], *own, *columns[at + 1 :]]

    def _tabs(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The tabs with their counts, each counted no further than the list itself."""
        every, open_tab = queues(request), chosen(request)
        query = request.GET.copy()
        for name in ("p", "queue"):
            query.pop(name, None)
        counts = statistics.waiting_up_to(lists.COUNT_UP_TO + 1, account_of(request))
        setattr(request, COUNTS, counts)
        return [
            {
                "label": label,
                "href": f"?{urlencode({**query.dict(), 'queue': name})}",
                "chosen": name == open_tab,
                "count": counted(counts[name]) if name in counts else None,
                "alarm": name == "overdue",
            }
            for name, (label, _condition) in every.items()
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The case on one page; a POST is one of the workflow's actions."""
        submission = self.get_object(request, object_id)
        if submission is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return case_page.show(request, submission, self.admin_site)

    @display(description=_("内容"))
    def matter(self, row: Submission) -> SafeString:
        """Its kind, and what it is about in a few words, as its kind says it."""
        said = LIFECYCLES[row.kind].summary(child_of(row))
        return format_html('<small class="yd-kind">{}</small> {}', Kind(row.kind).label, said)

    @display(description=_("自动核查"), label={str(_("需关注")): "warning", str(_("无问题")): "success"})
    def found(self, row: Submission) -> str:
        doubts = [finding for finding in row.checks if finding["level"] != Level.INFO]
        return str(_("需关注")) if doubts else str(_("无问题"))

    @display(description=_("提交时间"), ordering="submitted_at")
    def came(self, row: Submission) -> str:
        return f"{row.submitted_at.astimezone(clock.SHANGHAI):%m-%d %H:%M}" if row.submitted_at else "—"

    @display(description=_("渠道"), ordering="channel")
    def came_by(self, row: Submission) -> str:
        return str(Channel(row.channel).label)

    @display(description=_("承办人"), ordering="assignee")
    def in_hand(self, row: Submission) -> str:
        """Who has it in hand, and who has its page open."""
        held = getattr(row, "presence", None)
        at_it = held if held and held.counts and row.status == Status.SUBMITTED else None
        if at_it and at_it.account_id != row.assignee_id:
            return f"{row.assignee or ''}（{at_it}）"
        return str(row.assignee or "—")
