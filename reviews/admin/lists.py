"""Lists of submissions: what the worklist and the list of each kind have in common, and what those of one kind alone have."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from accounts.models import Person, Role, hash_sought, hidden_number
from core import clock
from core.text import line
from reviews.admin.filters import ROWS_ALONE, AreaFilter, QueueFilter
from reviews.admin.flow import CASE
from reviews.admin.scope import VisibleToReviewer, account_of
from reviews.models import Status, Submission
from reviews.services.counter import CLERKS

COUNT_UP_TO = 10_000

STATUS_COLOURS = {
    Status.SUBMITTED.label: "info",
    Status.RETURNED.label: "warning",
    Status.APPROVED.label: "success",
    Status.REJECTED.label: "danger",
}


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than a reader would page: a list of a million rows opens as fast as one of ten."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by().values("pk")[:COUNT_UP_TO].count()


class Worklist(ChangeList):
    """The list below the tabs: clearing the filters keeps the tab and what is searched for."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        filters = [name for name in self.get_filters_params() if name != QueueFilter.parameter_name]
        self.has_active_filters = bool(filters)
        self.clear_all_filters_qs = self.get_query_string(remove=filters)
        return rows

    def get_results(self, request: HttpRequest) -> None:
        """The page that is shown; none where only the rows and their order are asked for."""
        if not hasattr(request, ROWS_ALONE):
            super().get_results(request)


class SubmissionList(VisibleToReviewer):
    """Submissions that this account may see: found by number or by the person, counted no further than one reads."""

    counter_roles: tuple[str, ...] = CLERKS
    """Who may enter one for somebody at the counter: the link above the list."""
    list_display_links = None
    list_per_page = 25
    list_filter_submit = True
    paginator = CappedPaginator
    show_full_result_count = False
    search_fields = ["number__startswith"]
    search_help_text = _("受理编号，或完整的证件号码")

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*self.list_filter, AreaFilter] if account_of(request).role == Role.ADMIN else list(self.list_filter)

    def sought(self, term: str) -> str:
        return hidden_number(term)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if number := hash_sought(search_term):
            return queryset.filter(person__in=Person.objects.sought(number)), False
        return super().get_search_results(request, queryset, line(search_term))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Worklist

    @display(description=_("受理编号"), ordering="number")
    def numbered(self, row: Submission) -> SafeString:
        url = reverse("admin:reviews_submission_change", args=[row.pk])
        return format_html('<a class="yd-link" href="{}">{}</a>', url, row.number)

    @display(description=_("参保人"))
    def who(self, row: Submission) -> str:
        return f"{row.person.masked_name} {row.person.masked_id_number}"

    @display(description=_("状态"), label=STATUS_COLOURS, ordering="status")
    def shown_status(self, row: Submission) -> str:
        return str(Status(row.status).label)

    @display(description=_("办结时限"), ordering="due_at")
    def shown_due(self, row: Submission) -> SafeString | str:
        if row.due_at is None:
            return "—"
        late = row.status == Status.SUBMITTED and row.due_at <= clock.now()
        text = f"{row.due_at.astimezone(clock.SHANGHAI):%m-%d %H:%M}"
        return format_html('<span class="{}">{}</span>', "yd-late" if late else "", text)


class KindAdmin(SubmissionList):
    """All submissions of one kind, the newest first; a row opens its case in the worklist."""

    list_before_template: str | None = None
    ordering = ["-created_at"]
    reviews: ClassVar[tuple[Any, Any]] = (_("初审"), _("复审"))

    def get_urls(self) -> list[URLPattern]:
        return [*self.entry_urls(self.admin_site.admin_view), *super().get_urls()]

    def entry_urls(self, guarded: Any) -> list[URLPattern]:
        """The addresses of the forms by which a clerk enters one."""
        return []

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(reverse(CASE, args=[row.pk]))

    @display(description=_("审核环节"))
    def reviewing(self, row: Submission) -> str:
        """Which of two reviews it waits for."""
        if row.status != Status.SUBMITTED:
            return "—"
        return str(self.reviews[row.stage == row.stages and row.stages > 1])
