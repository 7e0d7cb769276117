"""Accounts, insured persons, mandates and the sandbox's outbox, in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import services
from accounts.certificate import CertificateKind, country_choices, read_certificate
from accounts.models import (
    OF_AN_AGENCY,
    STAFF_ROLES,
    Account,
    Enrollment,
    Mandate,
    Person,
    Role,
    SandboxDelivery,
    hash_sought,
    hidden_number,
)
from accounts.security.admin.enrolling import Handed, handed_page
from accounts.security.admin.entry import asks_again
from accounts.security.sessions import end_places
from core.admin import Exported
from core.errors import Invalid, Refusal
from core.text import person_name
from policies.language.wording import IDENTITY_LABELS


def _countries() -> list[tuple[str, str]]:
    return [("", "—"), *country_choices()]


STAFF_CHOICES = [(role.value, role.label) for role in Role if role in STAFF_ROLES]


class StaffForm(forms.ModelForm):  # type: ignore[type-arg]
    """A staff account: role, place of work, who it is, and a password that is set here or left as it is."""

    role = forms.ChoiceField(label=_("角色"), choices=STAFF_CHOICES, widget=UnfoldAdminSelectWidget)
    kind = forms.ChoiceField(
        label=_("证件类型"),
        required=False,
        choices=CertificateKind.choices,
        initial=CertificateKind.ID_CARD,
        widget=UnfoldAdminSelectWidget,
    )
    country = forms.ChoiceField(
        label=_("签发国家（护照）"), required=False, choices=_countries, widget=UnfoldAdminSelectWidget
    )
    identity = forms.CharField(
        label=_("证件号码"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("用于回避：本人及家属的事项不由本人审核。已登记的不显示；留空则不修改。"),
    )
    new_password = forms.CharField(
        label=_("新密码"), required=False, widget=UnfoldAdminPasswordWidget, help_text=_("留空则不修改。")
    )

    class Meta:
        model = Account
        fields = ["username", "name", "nickname", "role", "area", "institution", "is_active"]

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        elif not self.instance.password:
            raise forms.ValidationError(_("请设置初始密码。"))
        return password

    def clean_name(self) -> str:
        return person_name(str(self.cleaned_data["name"]))

    def clean_identity(self) -> str:
        text = str(self.cleaned_data["identity"])
        kind = self.cleaned_data.get("kind") or CertificateKind.ID_CARD
        try:
            country = self.cleaned_data.get("country") if kind == CertificateKind.PASSPORT else ""
            return read_certificate(kind, text, country or "").key if text else ""
        except Invalid as error:
            raise forms.ValidationError(error.detail, code=error.code) from error

    def clean(self) -> dict[str, Any]:
        """Whoever decides or pays must be known: nobody decides about themselves or their family (DESIGN.md §3)."""
        cleaned = super().clean() or self.cleaned_data
        known = self.instance.identity_hash or cleaned.get("identity") or "identity" in self.errors
        if cleaned.get("role") in OF_AN_AGENCY and not known:
            self.add_error("identity", _("审核和财务人员须登记证件号码，以便回避。"))
        return cleaned

    def save(self, commit: bool = True) -> Account:
        if self.cleaned_data["new_password"]:
            self.instance.set_password(self.cleaned_data["new_password"])
        if self.cleaned_data["identity"]:
            self.instance.identify(self.cleaned_data["identity"])
        return super().save(commit)


class AdministratorsOnly(Exported):
    """Pages for administrators: `Account.has_perm` is true for no other role."""

    def sought(self, term: str) -> str:
        return hidden_number(term)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(Account)
class AccountAdmin(AdministratorsOnly):
    """Staff accounts; citizens sign in through WeChat and are not kept here."""

    form = StaffForm
    list_display = ["username", "nickname", "role", "area", "institution", "is_active"]
    list_filter = ["role", "is_active"]
    list_select_related = ["area", "institution"]
    list_per_page = 30
    search_fields = ["username", "nickname"]
    actions = ["unlock", "reset_factor", "give_enrolment_code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).exclude(role__in=[Role.CITIZEN, Role.SIMULATED])

    @action(description=_("解除登录锁定"))
    def unlock(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """Let them sign in again who were locked out by wrong passwords."""
        assert isinstance(request.user, Account)
        for colleague in queryset:
            services.unlock(colleague, by=request.user)
        self.message_user(request, _("已解除登录锁定。"), messages.SUCCESS)

    @action(description=_("重设动态验证码（须两名系统管理员）"))
    def reset_factor(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        """Take away a lost second factor: the first administrator asks, another one does it within a day."""
        assert isinstance(request.user, Account)
        if asks_again(request):
            messages.error(request, _("请先在“登录安全”中输入动态验证码，再办理他人的。"))
            return
        for colleague in queryset:
            try:
                done = services.reset_factor(colleague, by=request.user)
            except Refusal as refusal:
                self.message_user(request, f"{colleague}：{refusal.detail}", messages.ERROR)
                continue
            said = (
                _("%s：已重设，其登录即刻失效。") if done else _("%s：已申请重设，须由另一名系统管理员在一天内确认。")
            )
            self.message_user(request, said % colleague, messages.SUCCESS)

    @action(description=_("发放绑定码"))
    def give_enrolment_code(self, request: HttpRequest, queryset: QuerySet[Account]) -> HttpResponse | None:
        """Codes with which they set up their first second factor, shown once."""
        assert isinstance(request.user, Account)
        if asks_again(request):
            messages.error(request, _("请先在“登录安全”中输入动态验证码，再办理他人的。"))
            return None
        handed = []
        for colleague in queryset:
            try:
                handed.append(Handed(colleague, services.give_enrolment_code(colleague, by=request.user)))
            except Refusal as refusal:
                self.message_user(request, f"{colleague}：{refusal.detail}", messages.ERROR)
        return handed_page(request, handed, reverse("admin:accounts_account_changelist")) if handed else None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Nobody is deleted, one or many."""
        return {name: act for name, act in super().get_actions(request).items() if name != "delete_selected"}

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """Switching off ends what is signed in for good, as a new password does (`accounts.security.passwords.EndsSignIns`)."""
        assert isinstance(request.user, Account)
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            end_places(obj)
        services.note_change(obj, form.changed_data, by=request.user, new=not change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff are switched off, never deleted: what they decided stays theirs."""
        return False


class Reading(AdministratorsOnly):
    """Shown, never changed here."""

    list_per_page = 30

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EnrollmentInline(TabularInline):
    """What the register says of where a person is insured."""

    model = Enrollment
    fields = ["area", "insurance", "category", "tier", "retired_year", "valid_from", "valid_until"]
    readonly_fields = fields
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrollment]:
        return super().get_queryset(request).select_related("area")


@admin.register(Person)
class PersonAdmin(Reading):
    """Insured persons, masked; found by the whole number of their certificate only."""

    list_display = ["name_shown", "certificate_kind", "number_shown", "birth_date", "identity_shown"]
    fields = ["name_shown", "certificate_kind", "number_shown", "phone_shown", "birth_date", "sex", "identity_shown"]
    readonly_fields = fields
    inlines = [EnrollmentInline]
    search_fields = ["id_hash__exact"]
    search_help_text = _("完整的证件号码")

    @display(description=_("姓名"))
    def name_shown(self, row: Person) -> str:
        return row.masked_name

    @display(description=_("证件号码"))
    def number_shown(self, row: Person) -> str:
        return row.masked_id_number

    @display(description=_("登记电话"))
    def phone_shown(self, row: Person) -> str:
        return row.masked_phone

    @display(description=_("身份类别"))
    def identity_shown(self, row: Person) -> str:
        return str(IDENTITY_LABELS.get(row.identity, row.identity))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found = queryset.sought(hash_sought(search_term)) if search_term.strip() else queryset
        return found, False


class MandateAdmin(Reading):
    """Mandates over the persons insured in one's area. The queue registers it, with what is done at the counter (窗口)."""

    list_display = ["person", "account", "relation", "proof", "status", "active_from", "ended_at"]
    list_filter = ["status", "proof", "relation"]
    list_select_related = ["person", "account"]
    search_fields = ["person__id_hash__exact"]
    search_help_text = _("参保人的完整证件号码")
    fields = [
        "person",
        "account",
        "relation",
        "proof",
        "status",
        "consented_at",
        "active_from",
        "valid_until",
        "ended_at",
    ]
    actions = ["end_at_counter"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return getattr(request.user, "role", "") in (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        staff = request.user
        assert isinstance(staff, Account)
        if staff.role == Role.ADMIN:
            return super().get_queryset(request)
        local = Enrollment.objects.filter(area=staff.area).values("person_id")
        return super().get_queryset(request).filter(person__in=local)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found = (
            queryset.filter(person__in=Person.objects.sought(hash_sought(search_term)))
            if search_term.strip()
            else queryset
        )
        return found, False

    @action(description=_("在窗口解除授权"))
    def end_at_counter(self, request: HttpRequest, queryset: QuerySet[Mandate]) -> None:
        self._each(request, queryset, services.end_at_counter)

    def _each(self, request: HttpRequest, rows: QuerySet[Mandate], verb: Callable[[Account, Mandate], object]) -> None:
        """Use the verb on each row; say which were refused, and why."""
        assert isinstance(request.user, Account)
        for mandate in rows:
            try:
                verb(request.user, mandate)
            except Refusal as refusal:
                self.message_user(request, f"{mandate.person}：{refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, _("%s：已办理。") % mandate.person, messages.SUCCESS)


@admin.register(SandboxDelivery)
class SandboxDeliveryAdmin(Reading):
    list_display = ["sent_at", "channel", "to", "text"]
    list_filter = ["channel"]
    search_fields = ["to", "text"]
