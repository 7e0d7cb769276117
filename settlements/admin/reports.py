"""The monthly report in the staff's site: choose a month (and an area, where all are seen), read it, take it as a PDF."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from accounts.models import Role
from core import clock, replica
from core.printing import pdf_answer
from regions.models import Area
from reviews.admin.scope import AUDITING, account_of
from reviews.admin.start import card
from settlements import report
from settlements.report.figures import following


def urls(guarded: Any) -> list[URLPattern]:
    """The page and the file."""
    return [
        path("report/", guarded(page), name="monthly_report"),
        path("report.pdf", guarded(file), name="monthly_report_pdf"),
    ]


def page(request: HttpRequest) -> HttpResponse:
    """The report of a month."""
    area, month = _asked(request)
    shown, next_month = _texts(area, month), following(month)
    every = account_of(request).role == Role.ADMIN
    context = {
        **admin.site.each_context(request),
        "title": _("业务月报"),
        "report": shown,
        "cards": [card(label, value) for label, value in shown["speed"]],
        "chart": _chart(shown["days"]),
        "days_head": [_("工作日"), _("收件"), _("办结或终止")],
        "month": f"{month:%Y-%m}",
        "before": f"{month - timedelta(days=1):%Y-%m}",
        "after": f"{next_month:%Y-%m}" if next_month <= clock.today() else "",
        "newest": f"{clock.today():%Y-%m}",
        "area": area.pk if area and every else "",
        "areas": Area.objects.pooling().order_by("code") if every else [],
    }
    return TemplateResponse(request, "admin/settlements/report.html", context)


def file(request: HttpRequest) -> HttpResponse:
    """The same as a PDF."""
    area, month = _asked(request)
    name = f"monthly-report-{area.pk if area else 'all'}-{month:%Y-%m}"
    return pdf_answer(report.pdf(_texts(area, month)), name)


def _texts(area: Area | None, month: date) -> Any:
    """What the report says; a replica may work it out."""
    with replica.reading():
        return report.texts(area, month)


def _asked(request: HttpRequest) -> tuple[Area | None, date]:
    """The area (a supervisor's own; None: the country) and the first day of a month that has begun."""
    account = account_of(request)
    if account.role not in AUDITING:
        raise PermissionDenied
    try:
        month = date.fromisoformat(f"{request.GET.get('month') or f'{clock.today():%Y-%m}'}-01")
    except ValueError:
        raise Http404 from None
    if not date(2000, 1, 1) <= month <= clock.today():
        raise Http404
    if account.role == Role.SUPERVISOR:
        return account.area, month
    code = request.GET.get("area", "").replace("\0", "")
    area = Area.objects.pooling().filter(pk=code).first() if code else None
    if code and area is None:
        raise Http404
    return area, month


def _chart(days: list[Any]) -> str:
    """What the theme's chart draws: for each working day what came and what went."""
    came = {"label": _("收件"), "data": [row[1] for row in days], "backgroundColor": "#3b82f6"}
    went = {"label": _("办结或终止"), "data": [row[2] for row in days], "backgroundColor": "#16a34a"}
    lines = [{**one, "borderColor": one["backgroundColor"], "displayYAxis": True} for one in (came, went)]
    return json.dumps({"labels": [row[0] for row in days], "datasets": lines})
