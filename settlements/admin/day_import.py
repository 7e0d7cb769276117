"""Importing a hospital's own list in the admin: for the hospital itself, and for administrators on its behalf."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core import clock
from core.errors import Invalid, Problem, Refusal
from regions.models import Institution
from reviews.admin.scope import account_of
from reviews.views import as_day
from settlements.models import Reconciliation
from settlements.reconciliation import importing, reading


def may(account: Account) -> bool:
    """Whether this account may import lists."""
    return account.role in (Role.HOSPITAL, Role.ADMIN)


def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The form; on POST the comparison's page, or the form again with everything that is wrong, by line."""
    account = account_of(request)
    if not may(account):
        raise PermissionDenied
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            return _done(request, *_taken(request, account))
        except Refusal as refusal:
            problems = refusal.problems
    asked = request.POST if request.method == "POST" else request.GET
    context |= {
        "problems": problems,
        "institution": account.institution_id or asked.get("institution", ""),
        "own": account.institution,
        "on": asked.get("on", "") or clock.today().isoformat(),
        "today": clock.today().isoformat(),
        "columns": reading.COLUMNS,
    }
    template = "admin/settlements/reconciliation/import.html"
    return TemplateResponse(request, template, context, status=400 if problems else 200)


def _taken(request: HttpRequest, account: Account) -> tuple[Reconciliation, bool]:
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid(_("请选择要上传的 CSV 文件。"), code="required", attr="file")
    if (upload.size or 0) > reading.MOST_BYTES:
        raise reading.too_large()
    hospital, on = _hospital(request, account), as_day(request.POST.get("on", ""), "on")
    return importing.take(account, hospital, on, reading.read_file(upload.read(), upload.name or ""))


def _hospital(request: HttpRequest, account: Account) -> Institution:
    code = account.institution_id or request.POST.get("institution", "").strip().upper()
    found = Institution.objects.filter(pk=code.replace("\0", "")).first()
    if found is None:
        raise Invalid(_("没有找到这家医疗机构，请核对机构编码。"), code="does_not_exist", attr="institution")
    return found


def _done(request: HttpRequest, row: Reconciliation, new: bool) -> HttpResponse:
    if not new:
        messages.info(request, _("该文件已经导入过，结算也没有变化，这是当时的结果。"))
    elif row.differing:
        messages.warning(request, _("已导入，有 %(count)d 处差异。") % {"count": row.differing})
    else:
        messages.success(request, _("已导入，双方一致。"))
    return HttpResponseRedirect(reverse("admin:settlements_reconciliation_change", args=[row.pk]))
