"""Pages beside the worklist: reason templates, the event log, and what was exported."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import Role
from core import clock
from core.admin import Exported
from policies.language.filing_rules import rules_for
from policies.language.loader import NATIONAL
from policies.language.wording import listed
from regions.admin import area_kept
from regions.models import Area
from reviews.admin.filters import Offered
from reviews.admin.scope import REVIEWING, ReadOnly, account_of, role_of
from reviews.audit.sources import sentence
from reviews.lifecycle import LIFECYCLES
from reviews.models import Event, Export, Kind, ReasonTemplate, Status, Submission
from reviews.presenting import VERBS


class ReasonTemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a template marks is ticked: the boxes of every kind stand here, each under its kind; the chosen kind's count."""

    marked = forms.MultipleChoiceField(
        label=_("需补正的项目"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ReasonTemplate
        fields = ["area", "kind", "outcome", "code", "text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boxes: Any = self.fields.get("marked")
        if boxes:
            boxes.choices = _boxes(self.instance.area_id or self.fields["area"].initial or NATIONAL)
            boxes.initial = [f"{self.instance.kind}:{name}" for name in self.instance.fields]

    def clean_marked(self) -> list[str]:
        ticked = (box.split(":", 1) for box in self.cleaned_data["marked"])
        return [name for kind, name in ticked if kind == self.cleaned_data.get("kind")]

    def save(self, commit: bool = True) -> ReasonTemplate:
        self.instance.fields = self.cleaned_data["marked"]
        return super().save(commit)


def _boxes(area: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """What can be marked, under each kind: its fields, and the documents that the area asks for."""
    rules = rules_for(area, clock.today())
    return [
        (str(Kind(kind).label), [(f"{kind}:{name}", label) for name, label in lifecycle.markable(rules)])
        for kind, lifecycle in LIFECYCLES.items()
    ]


class ReasonTemplateAdmin(Exported):
    """Prepared reasons: administrators keep the nation's and every area's, supervisors their own area's; reviewers read."""

    form = ReasonTemplateForm
    list_display = ["kind", "outcome", "code", "text", "area"]
    list_display_links = ["text"]
    list_filter = ["kind", "outcome"]
    list_select_related = ["area"]
    search_fields = ["code", "text"]
    fields = ["area", "kind", "outcome", "code", "text", "marked"]

    class Media:
        js = ["reviews/template.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReasonTemplate]:
        rows = ReasonTemplate.objects.all()
        return rows if role_of(request) == Role.ADMIN else rows.of_area(account_of(request).area_id)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [] if area_kept(request) else ["area"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Who only reads is shown what is marked by its name."""
        return [] if self._keeps(request, obj) else ["marked"]

    @display(description=_("需补正的项目"))
    def marked(self, row: ReasonTemplate) -> str:
        labels = dict(LIFECYCLES[row.kind].markable(rules_for(row.area_id or NATIONAL, clock.today())))
        return listed([str(labels.get(name, name)) for name in row.fields])

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        own = area_kept(request)
        if own and db_field.name == "area":
            kwargs |= {"queryset": Area.objects.filter(pk=own), "initial": own, "empty_label": None, "required": True}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in REVIEWING

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _keeps(self, request: HttpRequest, obj: Any = None) -> bool:
        own = area_kept(request)
        return role_of(request) == Role.ADMIN or (own is not None and (obj is None or obj.area_id == own))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._keeps(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj)


class VerbFilter(Offered):
    """What was done, by the sentence that the log shows."""

    title = _("动作")
    parameter_name = "verb"

    def offers(self, request: HttpRequest) -> list[tuple[str, Any]]:
        own = [pair for lifecycle in LIFECYCLES.values() for pair in lifecycle.verbs.items()]
        return sorted({**dict(own), **VERBS}.items(), key=lambda pair: pair[0])

    def condition(self, request: HttpRequest, value: str) -> Q:
        return Q(verb=value)


class EventAdmin(ReadOnly):
    """Everything that happened to the submissions one may see."""

    list_display = ["at", "submission", "done", "was", "became", "actor"]
    fields = ["at", "submission", "done", "was", "became", "actor", "mandate", "data", "note"]
    readonly_fields = fields
    list_filter = [VerbFilter]
    search_fields = ["submission__number"]
    list_select_related = ["submission", "actor"]
    list_per_page = 30
    show_full_result_count = False
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        seen = Submission.objects.visible_to(account_of(request)).values("id")
        return Event.objects.filter(submission__in=seen)

    @display(description=_("动作"))
    def done(self, row: Event) -> str:
        return sentence(row)

    @display(description=_("原状态"))
    def was(self, row: Event) -> str:
        return str(Status(row.from_status).label) if row.from_status else "—"

    @display(description=_("新状态"))
    def became(self, row: Event) -> str:
        return str(Status(row.to_status).label)


class ExportAdmin(ReadOnly):
    """What was taken away as a file: supervisors see their area's, administrators all."""

    list_display = ["at", "account", "of_page", "filtered", "rows", "form"]
    list_display_links = None
    list_filter = ["form"]
    list_select_related = ["account"]
    list_per_page = 30
    show_full_result_count = False
    empty_said = _("还没有人导出过列表。列表右上角的“导出”会记录在这里。")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in (Role.SUPERVISOR, Role.ADMIN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        account, rows = account_of(request), Export.objects.all()
        return rows if account.role == Role.ADMIN else rows.filter(area=account.area_id)

    @display(description=_("列表"))
    def of_page(self, row: Export) -> str:
        return str(apps.get_model(row.page)._meta.verbose_name)

    @display(description=_("筛选条件"))
    def filtered(self, row: Export) -> str:
        return "；".join(f"{name}={'、'.join(values)}" for name, values in row.filters.items()) or "—"
