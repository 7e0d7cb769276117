"""The start page of whoever reviews: what waits, what is done, how fast; every figure opens the list of its cases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role
from core import tables
from reviews import statistics
from reviews.admin.scope import account_of
from reviews.models import Kind, Outcome, Submission
from reviews.statistics import AreaFigures, Load, Reason, Speed, hours, percent

WORKLIST = "admin:reviews_submission_changelist"
MOST_REASONS = 8


def link(**query: Any) -> str:
    """The worklist, narrowed to the cases of a figure."""
    return f"{reverse(WORKLIST)}?{urlencode(query)}"


def card(label: Any, value: Any, href: str = "", *, note: Any = "", alarm: bool = False) -> dict[str, Any]:
    """One figure of the page: its label, the list it opens, what it leaves unsaid; red where somebody must act."""
    return {"label": label, "value": value, "href": href, "note": note, "alarm": alarm}


def figures(request: HttpRequest) -> dict[str, Any]:
    """What the page shows: one's own, and the area's; of a supervisor each reviewer, of an administrator each area."""
    account = account_of(request)
    rows, period = Submission.objects.visible_to(account), statistics.recent(account.area_id)
    country, supervises = account.role == Role.ADMIN, account.role == Role.SUPERVISOR
    decided, by_part = statistics.tallies(period, "reviewer" if supervises else "area")
    speed, flow = decided.speed, statistics.flow(period)
    waiting = statistics.open_now(rows, mine=account.pk)
    return {
        "decides": not country,
        "scope": account.area.name if account.area else _("全国"),
        "since": period.start,
        "waiting": _waiting(waiting, country=country),
        "hours": [_hour(hour, count) for hour, count in statistics.due_by_hour(rows)],
        "today": [] if country else _today(statistics.decided_today(account)),
        "days_head": [_("工作日"), _("收件"), _("办结或终止")],
        "days": [[f"{day:%Y-%m-%d}", came, went] for day, came, went in flow],
        "chart": _chart(flow),
        "period": _period(flow, speed),
        "reasons_head": [_("事项"), _("理由"), _("件数")],
        "reasons": [_reason(row) for row in statistics.reasons(period)[:MOST_REASONS]],
        "loads_head": [_("姓名"), _("在办"), _("近30个工作日决定（件）"), _("用时中位数"), _("按时率")],
        "loads": [_load(row) for row in statistics.loads(period, by_part)] if supervises else [],
        "areas_head": [
            _("统筹区"),
            _("待审"),
            _("今日到期"),
            _("已超期"),
            _("待分配"),
            _("收件"),
            _("办结或终止"),
            _("按时率"),
            _("用时中位数"),
            _("九成在此用时内"),
        ],
        "areas": [_area(row) for row in statistics.by_area(period, by_part)] if country else [],
        "empty": not waiting["open"] and not any(came or went for _day, came, went in flow) and not speed.decisions,
    }


def _waiting(counts: dict[str, int], *, country: bool) -> list[dict[str, Any]]:
    mine = [] if country else [card(_("我承办的"), counts["mine"], link(queue="mine"))]
    return [
        *mine,
        card(_("今日到期"), counts["today"], link(queue="today")),
        card(_("已超期"), counts["overdue"], link(queue="overdue"), alarm=counts["overdue"] > 0),
        card(_("待分配"), counts["unassigned"], link(queue="unassigned")),
        card(_("全部待审"), counts["open"], link(queue="open")),
    ]


def _hour(hour: int, count: int) -> dict[str, Any]:
    label = _("%(from)d:00–%(to)d:00") % {"from": hour, "to": hour + 1}
    return card(label, count, link(queue="today", figure=f"hour:{hour}"))


def _today(counts: dict[str, int]) -> list[dict[str, Any]]:
    parts = [f"{label} {counts[value]}" for value, label in Outcome.choices if counts[value]]
    return [card(_("我今天办理"), counts["cases"], link(queue="all", figure="today"), note="，".join(parts))]


def _period(flow: Sequence[tuple[date, int, int]], speed: Speed) -> list[dict[str, Any]]:
    came, went = sum(row[1] for row in flow), sum(row[2] for row in flow)
    return [
        card(_("收件"), came, link(queue="all", figure="received")),
        card(_("办结或终止"), went, link(queue="all", figure="closed")),
        card(_("按时率"), percent(speed.in_time), note=_("%d 次决定") % speed.decisions),
        card(
            _("超时决定的件数"), speed.late_cases, link(queue="all", figure="late"), alarm=speed.late_cases > 0,
        ),
        card(_("用时中位数"), hours(speed.median)),
        card(_("九成在此用时内"), hours(speed.p90)),
    ]  # fmt: skip


def _reason(row: Reason) -> list[Any]:
    href = link(queue="all", kind__exact=row.kind, figure=f"returned:{row.code}")
    text = row.text or (_("系统核查") if row.code else _("自行填写的理由"))
    return [Kind(row.kind).label, tables.remark(text, row.code) if row.code else text, tables.link(row.cases, href)]


def _load(row: Load) -> list[Any]:
    who = str(row.account.pk) if row.account else statistics.SYSTEM
    return [
        row.account or _("系统（当场通过或到期自动通过）"),
        tables.link(row.open, link(queue="open", assignee=who)) if row.account else "—",
        tables.link(row.cases, link(queue="all", figure=f"by:{who}")),
        hours(row.speed.median),
        percent(row.speed.in_time),
    ]


def _area(row: AreaFigures) -> list[Any]:
    def shown(text: Any, **query: Any) -> Any:
        return tables.link(text, link(**query, area__code__exact=row.area.code))

    return [
        shown(row.area.name, queue="open"),
        *(shown(row.open[name], queue=name) for name in ("open", "today", "overdue", "unassigned")),
        shown(row.received, queue="all", figure="received"),
        shown(row.closed, queue="all", figure="closed"),
        percent(row.speed.in_time),
        hours(row.speed.median),
        hours(row.speed.p90),
    ]


def _chart(flow: Sequence[tuple[date, int, int]]) -> str:
    """What the theme's chart draws: two lines over the days."""
    line = {"displayYAxis": True, "maxTicksXLimit": 10}
    return json.dumps(
        {
            "labels": [f"{day:%m-%d}" for day, _came, _went in flow],
            "datasets": [
                {"label": _("收件"), "data": [came for _day, came, _went in flow], "borderColor": "#3b82f6", **line},
                {"label": _("办结或终止"), "data": [went for _day, _came, went in flow], "borderColor": "#16a34a", **line},
            ],
        }
    )  # fmt: skip
