"""`policies/`: the files by which each area's rules are known, as their authors wrote them, with their sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from regions.errors import NotFound
from regions.http.schema import operation
from regions.policy.filing_rules import shipped
from regions.policy.loader import SHIPPED
from regions.policy.schema import PolicyFile
from regions.policy.text import Node, read_text
from regions.policy.timeline import Period
from regions.serializers import PolicyAnswer, PolicyFileAnswer, PolicyQuery, asked
from regions.views.base import Open, OpenList

CONTENT = {"area": "500000", "name": "重庆市基本医疗保险", "effective_from": "2025-01-01"}
SOURCE = {"id": "CQ1", "title": "…", "publisher": "重庆市医疗保障局", "url": None, "year": 2025, "grade": "A"}
POLICY = {
    "id": "500000-chongqing-2025",
    "area": "500000",
    "name": "重庆市基本医疗保险",
    "effective_from": "2025-01-01",
    "effective_until": None,
    "sha256": "5f3c…",
    "sources": [SOURCE],
}
NO_POLICY = {404: {"not_found": "没有这份政策文件，请返回列表重新选择。"}}


class Policies(OpenList):
    """The policy files, of all areas or one, of all times or in force on one day; `000000` is the national file."""

    max_age = 0

    @operation("政策文件", parameters=[PolicyQuery], answer=PolicyAnswer(many=True), example=POLICY)
    def get(self, request: Request) -> Response:
        wanted = asked(PolicyQuery, request.query_params)
        return self.page(request, _chosen(wanted.get("area"), wanted.get("on")), _policy)


class PolicyDetail(Open):
    """One policy file: its text, its sources, and the same as JSON."""

    @operation(
        "一份政策文件",
        answer=PolicyFileAnswer,
        example={**POLICY, "text": 'area: "500000"\nname: 重庆市基本医疗保险\n…', "content": CONTENT},
        refusals=NO_POLICY,
    )
    def get(self, request: Request, policy: str) -> Response:
        found = _by_id().get(policy)
        if found is None:
            raise NotFound(_("没有这份政策文件，请返回列表重新选择。"))
        text = (SHIPPED / found.policy.file).read_text("utf-8")
        return Response({**_policy(found), "text": text, "content": _plain(read_text(text, found.policy.file)[0])})


@cache
def _by_id() -> dict[str, Period[PolicyFile]]:
    periods = [period for timeline in shipped().timelines.values() for period in timeline.periods]
    return {_id(period): period for period in sorted(periods, key=_id)}


def _id(period: Period[PolicyFile]) -> str:
    return Path(period.policy.file).stem


def _chosen(area: str | None, on: date | None) -> list[Period[PolicyFile]]:
    return [
        period
        for period in _by_id().values()
        if (area is None or period.policy.area == area) and (on is None or period.holds(on))
    ]


def _policy(period: Period[PolicyFile]) -> dict[str, Any]:
    policy = period.policy
    return {
        "id": _id(period),
        "area": policy.area,
        "name": policy.name,
        "effective_from": period.start,
        "effective_until": period.end,
        "sha256": policy.sha256,
        "sources": [
            {name: getattr(source, name) for name in ("id", "title", "publisher", "url", "year", "grade")}
            for source in policy.sources
        ],
    }


def _plain(node: Node) -> Any:
    """A value of the file without its line."""
    if node.mapping is not None:
        return {name: _plain(value) for name, value in node.mapping.items()}
    if node.sequence is not None:
        return [_plain(value) for value in node.sequence]
    return str(node.value) if isinstance(node.value, Decimal) else node.value
