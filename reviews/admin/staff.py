"""人员与负荷: a supervisor's colleagues, what each has in hand and did, who is away, who cannot sign in; and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Account, Role
from accounts.security import factor
from accounts.security.admin.enrolling import Handed, handed_page
from accounts.security.admin.entry import ask_again, asks_again
from core import clock
from core.errors import Invalid, Refusal
from core.http.bodies import read_day
from reviews import services
from reviews.admin.scope import account_of
from reviews.models import Absence, AbsenceReason, Decision, Status, Submission
from reviews.services.many import open_of

PAGE = "admin/reviews/submission/staff.html"
RECENTLY = timedelta(days=30)


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The colleagues; on POST what the button says of one of them."""
    supervisor = account_of(request)
    if supervisor.role != Role.SUPERVISOR:
        raise PermissionDenied
    if request.method == "POST":
        colleague = next((row for row in _colleagues(supervisor) if str(row.pk) == request.POST.get("account")), None)
        if colleague is None:
            raise Http404
        try:
            if request.POST.get("do") == "invite":
                return _invite(request, supervisor, colleague)
            messages.success(request, _act(request, supervisor, colleague))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        return HttpResponseRedirect(reverse("admin:staff"))
    context = {
        **site.each_context(request),
        "title": _("人员与负荷"),
        "opts": Submission._meta,
        "rows": _rows(supervisor),
        "today": clock.today(),
        "asks_code": asks_again(request),
        "reasons": AbsenceReason.choices,
        "worklist": reverse("admin:reviews_submission_changelist"),
    }
    return TemplateResponse(request, PAGE, context)


def _colleagues(supervisor: Account) -> Any:
    return Account.objects.filter(area=supervisor.area_id, role__in=[Role.REVIEWER, Role.SUPERVISOR]).order_by(
        "role", "username"
    )


def _rows(supervisor: Account) -> list[dict[str, Any]]:
    """Each colleague with the figures; seven queries, however many they are."""
    staff = list(_colleagues(supervisor))
    keys, now = [row.pk for row in staff], clock.now()
    loads, locked = open_of(keys), accounts.locked_out(staff)
    enrolled = factor.enrolled(staff)
    decided = _decided(keys, now - RECENTLY), _decided(keys, now.replace(hour=0, minute=0, second=0, microsecond=0))
    away: dict[Any, Absence] = {}
    for absence in Absence.objects.filter(
        account__in=keys, last_day__gte=clock.today(), ended_at__isnull=True
    ).order_by("-first_day"):
        away[absence.account_id] = absence
    return [
        {
            "account": row,
            "load": loads.get(row.pk, {}),
            "decided": decided[0].get(row.pk, 0),
            "decided_today": decided[1].get(row.pk, 0),
            "absence": away.get(row.pk),
            "locked": row.username in locked,
            "enrolled": row.pk in enrolled,
            "needs_code": row.pk not in enrolled and factor.is_required(row),
            "self": row.pk == supervisor.pk,
        }
        for row in staff
    ]


def _decided(keys: list[Any], since: Any) -> dict[Any, int]:
    made = Decision.objects.standing().filter(reviewer__in=keys, decided_at__gte=since)
    rows = made.order_by().values_list("reviewer")
    return dict(rows.annotate(Count("pk")))


def _act(request: HttpRequest, supervisor: Account, colleague: Account) -> str:
    """Do it; return what is then said. Raises Refusal."""
    match request.POST.get("do", ""):
        case "absence":
            days = [read_day(request.POST.get(name, ""), name) for name in ("first_day", "last_day")]
            reason = request.POST.get("reason", "")
            services.enter_absence(colleague, by=supervisor, first_day=days[0], last_day=days[1], reason=reason)
            given = _give_back(supervisor, colleague) if "release" in request.POST else ""
            return _("已登记%s的缺勤。") % colleague + given
        case "back":
            services.end_absence(colleague, by=supervisor)
            return _("%s已恢复在岗。") % colleague
        case "release":
            return _give_back(supervisor, colleague)
        case "off" | "on" as switched:
            accounts.switch(colleague, by=supervisor, active=switched == "on")
            return (_("%s已启用。") if switched == "on" else _("%s已停用，已登录的会话即刻失效。")) % colleague
        case "unlock":
            accounts.unlock(colleague, by=supervisor)
            return _("已解除%s的登录锁定。") % colleague
        case "reset":
            ask_again(request)
            accounts.reset_factor(colleague, by=supervisor)
            return _("已重设%s的动态验证码，其登录即刻失效，须凭新的绑定码重新绑定。") % colleague
        case "end":
            accounts.end_sign_ins(colleague, by=supervisor)
            return _("已结束%s的全部登录。") % colleague
    raise Invalid(_("请选择要进行的操作。"), code="invalid_choice", attr="do")


def _invite(request: HttpRequest, supervisor: Account, colleague: Account) -> HttpResponse:
    """Show a code for the colleague's first second factor, once. Raises Refusal."""
    ask_again(request)
    code = accounts.give_enrolment_code(colleague, by=supervisor)
    return handed_page(request, [Handed(colleague, code)], reverse("admin:staff"))


def _give_back(supervisor: Account, colleague: Account) -> str:
    """Give all open cases of a colleague back to all; what a rival changes meanwhile is left as it is."""
    given = 0
    for row in Submission.objects.filter(assignee=colleague, area=supervisor.area_id, status=Status.SUBMITTED):
        try:
            services.hand_on(row, by=supervisor, to=None)
        except Refusal:
            continue
        given += 1
    return _("%d 件已退回待分配。") % given
