"""Pages of the second review (复核): the queue and one's own, the form beside the case, each area's rule."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import Account, Role
from core.admin import Exported
from core.errors import Refusal
from core.text import prose
from regions.admin import area_kept
from regions.models import Area
from reviews.admin import flow
from reviews.admin.scope import REVIEWING, ReadOnly, account_of, role_of
from reviews.models import SecondReview, SecondReviewRule, Submission, Verdict
from reviews.services.seconding import close, second

LONGEST = 1000


TABS = [("", _("待复核")), ("disputed", _("有分歧")), ("mine", _("我的复核")), ("all", _("全部"))]


class TabFilter(SimpleListFilter):
    """待复核, 有分歧, 我的复核."""

    title, parameter_name = _("复核"), "tab"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return TABS[1:]

    def choices(self, changelist: Any) -> Any:
        waiting, *others = super().choices(changelist)
        return [{**waiting, "display": _("待复核")}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "disputed":
            return queryset.disputed()
        if self.value() == "mine":
            return queryset.of(account_of(request)).exclude(verdict="")
        return queryset if self.value() == "all" else queryset.waiting()


class SecondReviewAdmin(ReadOnly):
    """The decisions of the area that are looked at again; a row opens the decided case with the form."""

    list_display = ["numbered", "kind", "outcome", "by", "decided_at", "why", "shown_verdict", "reviewer", "state"]
    list_display_links = None
    list_filter = [TabFilter, "why", "verdict"]
    list_select_related = ["decision__submission", "decision__reviewer", "reviewer"]
    list_per_page = 30
    show_full_result_count = False
    ordering = ["drawn_at", "decision"]
    list_before_template = "admin/reviews/secondreview_tabs.html"
    empty_said = _("没有需要复核的决定。")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SecondReview]:
        rows: QuerySet[SecondReview] = SecondReview.objects.visible_to(account_of(request))
        return rows

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("<uuid:id>/verdict/", guarded(require_POST(answer)), name="second_review"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        now = request.GET.get("tab", "")
        tabs = [
            {"label": label, "href": f"?tab={name}" if name else "?", "chosen": name == now} for name, label in TABS
        ]
        return super().changelist_view(request, {"tabs": tabs, **(extra_context or {})})

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(_case(row))

    @display(description=_("受理编号"))
    def numbered(self, row: SecondReview) -> SafeString:
        return format_html('<a class="yd-link" href="{}">{}</a>', _case(row), row.decision.submission.number)

    @display(description=_("事项"))
    def kind(self, row: SecondReview) -> str:
        return row.decision.submission.get_kind_display()

    @display(description=_("结论"))
    def outcome(self, row: SecondReview) -> str:
        return row.decision.get_outcome_display()

    @display(description=_("审核人"))
    def by(self, row: SecondReview) -> str:
        return str(row.decision.reviewer)

    @display(description=_("决定时间"), ordering="drawn_at")
    def decided_at(self, row: SecondReview) -> Any:
        return row.decision.decided_at

    @display(
        description=_("复核意见"),
        label={str(Verdict.AGREED.label): "success", str(Verdict.DISAGREED.label): "danger", str(_("待复核")): "info"},
    )
    def shown_verdict(self, row: SecondReview) -> str:
        return row.get_verdict_display() if row.verdict else str(_("待复核"))

    @display(description=_("处理"))
    def state(self, row: SecondReview) -> Any:
        if row.dropped_at:
            return _("决定已撤回")
        if row.verdict == Verdict.DISAGREED:
            return _("主管已处理") if row.closed_at else _("待主管处理")
        return "—"


def _case(row: SecondReview) -> str:
    return flow.link(row.decision.submission_id, "") + "#second"


def answer(request: HttpRequest, id: Any) -> HttpResponse:
    """Agree or disagree with the decision, or close the disagreement; back to the case, with what came of it."""
    account = account_of(request)
    row = get_object_or_404(SecondReview.objects.visible_to(account).select_related("decision"), pk=id)
    reason, verdict = prose(request.POST.get("reason", ""))[:LONGEST], request.POST.get("verdict", "")
    try:
        if verdict == "close":
            close(row.decision, supervisor=account, reason=reason)
        else:
            second(row.decision, reviewer=account, verdict=verdict, reason=reason)
        messages.success(request, _("复核意见已记录。"))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(_case(row))


def beside(case: Submission, account: Account) -> list[dict[str, Any]]:
    """What the page of a case shows of the second reviews of its decisions, with the form that this account may use."""
    rows = SecondReview.objects.visible_to(account).filter(decision__submission=case.pk, dropped_at__isnull=True)
    return [
        {"row": row, "form": _form(row, account)}
        for row in rows.select_related("decision__reviewer", "reviewer", "note", "closing", "closed_by")
    ]


def _form(row: SecondReview, account: Account) -> str:
    """What this account may do about it; the service looks closer."""
    if account.role not in (Role.REVIEWER, Role.SUPERVISOR) or account.pk in (
        row.decision.reviewer_id,
        row.reviewer_id,
    ):
        return ""
    if not row.verdict:
        return "review"
    open_ = row.verdict == Verdict.DISAGREED and row.closed_at is None
    return "close" if open_ and account.role == Role.SUPERVISOR else ""


class SecondReviewRuleAdmin(Exported):
    """What an area looks at again: its supervisors set it, administrators any area's."""

    list_display = ["area", "share", "new_decisions", "new_days", "simulated"]
    list_display_links = ["area"]
    list_select_related = ["area"]
    fields = ["area", "share", "new_decisions", "new_days", "simulated"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SecondReviewRule]:
        rows, own = SecondReviewRule.objects.all(), account_of(request).area_id
        return rows if role_of(request) == Role.ADMIN else rows.filter(area=own)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["area"] if obj else []

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [] if area_kept(request) else ["area"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        own = area_kept(request)
        if own and db_field.name == "area":
            kwargs |= {"queryset": Area.objects.filter(pk=own), "initial": own, "empty_label": None}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in REVIEWING

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return role_of(request) in (Role.SUPERVISOR, Role.ADMIN)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request) and (
            obj is None or role_of(request) == Role.ADMIN or obj.area_id == account_of(request).area_id
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
