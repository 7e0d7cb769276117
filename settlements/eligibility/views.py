"""Before the visit: will the card work, and what would I pay?"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint
from accounts.models import Role
from core import clock
from core.http.fields import asked
from core.http.schema import operation
from settlements import examples
from settlements.eligibility.conditions import answer
from settlements.eligibility.visit import plan
from settlements.serializers import EligibilityAnswer, EligibilityQuery

NO_ENROLLMENT = {"not_found": "没有找到该参保关系，请先绑定参保人。"}


class Eligibility(Endpoint):
    """Every condition of direct settlement, green or red, with what to do about it."""

    roles = frozenset({Role.CITIZEN})

    @operation(
        "就医前：能不能直接结算",
        parameters=[EligibilityQuery],
        answer=EligibilityAnswer,
        example=examples.ELIGIBILITY,
        refusals={
            400: {
                "required": "请选择医疗机构。",
                "does_not_exist": "没有找到这家医疗机构，它可能尚未联网。请核对编码，或自费就医后回参保地申请手工报销。",
            },
            404: NO_ENROLLMENT,
        },
    )
    def get(self, request: Request) -> Response:
        query = asked(EligibilityQuery, request.query_params)
        visit = plan(
            self.account,
            enrollment=query["enrollment"],
            institution=query["institution"],
            care=query["care"],
            disease=query.get("disease", ""),
            on=query.get("on") or clock.today(),
        )
        return Response(answer(visit))
