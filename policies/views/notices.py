"""`notices/`: what must be read before filing, for whoever files without `filing-options` (an agent knows no enrolment)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Invalid
from core.http.fields import asked
from core.http.open import OpenList
from core.http.schema import operation
from policies.language.terms import FILING_TYPES
from policies.models import Notice
from policies.notices import current_notices
from policies.serializers import NoticeAnswer, NoticeQuery
from regions.models import Area

NOTICE = {
    "id": "019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10",
    "area": "500000",
    "type": "other",
    "version": 1,
    "title": "重庆市异地就医备案告知书（其他跨省临时外出就医人员）",
    "text": "一、适用人群\n因出差、旅游、探亲等临时外出…",
}


class Notices(OpenList):
    """The notices (备案告知书) in force today in a pooling area, of all filing types or one."""

    max_age = 0

    @operation(
        "备案告知书",
        parameters=[NoticeQuery],
        answer=NoticeAnswer(many=True),
        example=NOTICE,
        refusals={400: {"area_unknown": "没有这个统筹区，请检查代码。"}},
    )
    def get(self, request: Request) -> Response:
        wanted = asked(NoticeQuery, request.query_params)
        if not Area.objects.pooling().filter(code=wanted["area"]).exists():
            raise Invalid(_("没有这个统筹区，请检查代码。"), code="area_unknown", attr="area")
        found = current_notices(wanted["area"], (wanted["type"],) if "type" in wanted else FILING_TYPES)
        return self.page(request, [found[kind] for kind in FILING_TYPES if kind in found], _notice)


def _notice(notice: Notice) -> dict[str, Any]:
    same = ("type", "version", "title", "text")
    return {"id": str(notice.pk), "area": notice.area_id, **{name: getattr(notice, name) for name in same}}
