"""A newborn's number has come (新生儿合并): one member of staff asks, another decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import Merger, Role
from accounts.services.merging import ask_merger, decide_merger
from core.admin import Exported
from core.errors import Refusal
from reviews.admin.scope import account_of


class MergerForm(forms.ModelForm):  # type: ignore[type-arg]
    """Both numbers, as the papers say them."""

    birth_certificate = forms.CharField(label=_("出生医学证明编号"), widget=UnfoldAdminTextInputWidget)
    number = forms.CharField(label=_("身份证号码"), widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Merger
        fields: list[str] = []


class MergerAdmin(Exported):
    form = MergerForm
    list_display = ["person", "status", "asked_by", "asked_at", "decided_by", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["person", "asked_by", "decided_by"]
    list_per_page = 30
    actions = ["merge", "decline"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return getattr(request.user, "role", "") in (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merger]:
        return Merger.objects.visible_to(account_of(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["birth_certificate", "number"] if obj is None else ["person", *self.list_display[1:]]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """What is typed goes to the service; a refusal stands above the form, and what was typed stays in it."""
        if request.method == "POST":
            typed = {name: request.POST.get(name, "") for name in ("birth_certificate", "number")}
            try:
                ask_merger(account_of(request), birth_certificate=typed["birth_certificate"], id_number=typed["number"])
            except Refusal as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
                return self.render_add(request, typed)
            self.message_user(request, _("已提交，请由另一名工作人员复核。"), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:accounts_merger_changelist"))
        return super().add_view(request, form_url, extra_context)

    def render_add(self, request: HttpRequest, typed: dict[str, str]) -> HttpResponse:
        """The form again, with what was typed."""
        shown: Any = request
        shown.method, shown.GET = "GET", shown.GET.copy()
        shown.GET.update(typed)
        return super().add_view(shown)

    @action(description=_("复核通过：合并"))
    def merge(self, request: HttpRequest, queryset: QuerySet[Merger]) -> None:
        self._decide(request, queryset, merge=True)

    @action(description=_("不予合并"))
    def decline(self, request: HttpRequest, queryset: QuerySet[Merger]) -> None:
        self._decide(request, queryset, merge=False)

    def _decide(self, request: HttpRequest, queryset: QuerySet[Merger], *, merge: bool) -> None:
        for merger in queryset:
            try:
                decide_merger(account_of(request), merger, merge=merge)
            except Refusal as refusal:
                self.message_user(request, f"{merger.person}：{refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, _("%s：已办理。") % merger.person, messages.SUCCESS)
