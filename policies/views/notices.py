"""`notices/`: what must be read before filing, for whoever files without `filing-options` (an agent knows no enrolment)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Invalid
from core.http.open import OpenList
from core.http.schema import operation
from policies import bodies
from policies.bodies import NoticeAnswer, NoticeQuery
from policies.models import Notice
from policies.notices import TYPES, current_notices
from regions.models import Area


class Notices(OpenList):
    """The notices (备案告知书) in force today in a pooling area, of all filing types or one."""

    max_age = 0

    @operation(
        "备案告知书",
        parameters=[NoticeQuery],
        answer=list[NoticeAnswer],
        example=bodies.NOTICE,
        refusals={400: {"area_unknown": "没有这个统筹区，请检查代码。"}},
    )
    def get(self, request: Request) -> Response:
        wanted = NoticeQuery.read(request)
        if not Area.objects.pooling().filter(code=wanted.area).exists():
            raise Invalid(_("没有这个统筹区，请检查代码。"), code="area_unknown", attr="area")
        notices = current_notices(wanted.area, (wanted.type,) if wanted.type else TYPES)
        return self.page(request, [notices[kind] for kind in TYPES if kind in notices], _notice)


def _notice(notice: Notice) -> NoticeAnswer:
    return {
        "id": str(notice.pk),
        "area": notice.area_id,
        "type": notice.type,
        "version": notice.version,
        "title": notice.title,
        "text": notice.text,
    }
