"""`policies/`: the files by which each area's rules are known, as their authors wrote them, with their sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from core.http.fields import asked
from core.http.open import Open, OpenList
from core.http.schema import operation
from policies import published
from policies.language.text import Node, read_text
from policies.published import Published, tell
from policies.serializers import PolicyAnswer, PolicyFileAnswer, PolicyQuery, cited

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
CITED = [{"id": "CQ1", "publisher": "重庆市医疗保障局", "grade": "A"}]
AMOUNTS = {
    "kind": "table",
    "title": "起付线",
    "columns": ["情形", "起付标准"],
    "rows": [{"cells": ["三级医院", "880元"], "mark": "", "sources": CITED}],
    "note": "自上而下，以最先符合的一行为准。",
}
READABLE = {
    "title": "重庆市基本医疗保险",
    "sections": [{"key": "benefit:employee-inpatient", "title": "职工医保 · 住院", "blocks": [AMOUNTS]}],
}
NO_POLICY = {404: {"not_found": "没有这份政策文件，请返回列表重新选择。"}}


class Policies(OpenList):
    """The policy files, of all areas or one, of all times or in force on one day; `000000` is the national file."""

    max_age = 0

    @operation("政策文件", parameters=[PolicyQuery], answer=PolicyAnswer(many=True), example=POLICY)
    def get(self, request: Request) -> Response:
        wanted = asked(PolicyQuery, request.query_params)
        return self.page(request, _chosen(**wanted), _policy)


class PolicyDetail(Open):
    """One policy: its text, its sources, the same as JSON, and the same in Chinese. Replaced revisions stay readable."""

    @operation(
        "一份政策文件",
        answer=PolicyFileAnswer,
        example={
            **POLICY,
            "text": 'area: "500000"\nname: 重庆市基本医疗保险\n…',
            "content": CONTENT,
            "readable": READABLE,
        },
        refusals=NO_POLICY,
    )
    def get(self, request: Request, policy: str) -> Response:
        found = published.by_id(policy)
        if found is None:
            raise NotFound(_("没有这份政策文件，请返回列表重新选择。"))
        text = published.text_of(found)
        content = _plain(read_text(text, found.file.file)[0])
        told = tell(found.file).as_json()
        return Response({**_policy(found), "text": text, "content": content, "readable": told})


def _chosen(area: str | None = None, on: date | None = None, q: str = "") -> list[Published]:
    return [
        policy
        for policy in published.counting()
        if (area is None or policy.file.area == area)
        and (on is None or policy.holds(on))
        and (q in policy.file.name or q.lower() in policy.id)
    ]


def _policy(published: Published) -> dict[str, Any]:
    policy = published.file
    return {
        "id": published.id,
        "area": policy.area,
        "name": policy.name,
        "effective_from": published.start,
        "effective_until": published.end,
        "sha256": policy.sha256,
        "sources": [cited(source) for source in policy.sources],
    }


def _plain(node: Node) -> Any:
    """A value of the file without its line."""
    if node.mapping is not None:
        return {name: _plain(value) for name, value in node.mapping.items()}
    if node.sequence is not None:
        return [_plain(value) for value in node.sequence]
    return str(node.value) if isinstance(node.value, Decimal) else node.value
