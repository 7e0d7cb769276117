"""What was sent beyond the inbox, and what did not arrive: supervisors look after the people of their area, administrators after all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts import outbox
from accounts.models import Delivery, DeliveryStatus, Role
from core.errors import Refusal
from reviews.admin.scope import ReadOnly, account_of, role_of
from reviews.models import Submission


class DeliveryAdmin(ReadOnly):
    """Each message by each channel, with its outcome. Of a person nothing is shown: the case page says whose it is."""

    list_display = ["created_at", "title", "number", "channel", "status", "attempts", "error"]
    list_display_links = None
    list_filter = ["status", "channel"]
    list_select_related = ["message"]
    list_per_page = 30
    show_full_result_count = False
    actions = ["send_again"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in (Role.SUPERVISOR, Role.ADMIN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        account = account_of(request)
        rows: QuerySet[Delivery] = super().get_queryset(request)
        if account.role == Role.ADMIN:
            return rows
        return rows.filter(message__submission__in=Submission.objects.visible_to(account).values("id"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The numbers of the cases on the page are read together."""
        listed = super().get_changelist_instance(request)
        self.whole(listed.result_list)
        return listed

    def whole(self, rows: Any) -> Any:
        keys = {row.message.submission for row in rows if row.message.submission}
        numbers = dict(Submission.objects.filter(pk__in=keys).values_list("pk", "number"))
        for row in rows:
            row.case_number = numbers.get(row.message.submission, "")
        return rows

    @display(description=_("消息"), ordering="message__title")
    def title(self, row: Delivery) -> str:
        return row.message.title

    @display(description=_("受理编号"))
    def number(self, row: Any) -> str:
        return row.case_number or "—"

    @action(description=_("重新发送（仅发送失败的）"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Once more, knowingly: what got no answer may have arrived."""
        done = 0
        for row in queryset.filter(status=DeliveryStatus.FAILED):
            try:
                outbox.send_again(row, by=account_of(request))
            except Refusal as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
            else:
                done += 1
        self.message_user(request, _("%d 条消息将重新发送。") % done, messages.SUCCESS)
