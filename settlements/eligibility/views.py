"""Before the visit: will the card work, and what would I pay?"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint
from accounts.models import Role
from core import clock
from core.http.schema import operation
from settlements.eligibility import bodies
from settlements.eligibility.bodies import EligibilityAnswer, EligibilityQuery
from settlements.eligibility.conditions import answer
from settlements.eligibility.visit import plan
from settlements.stated import facts_stated

NO_ENROLLMENT = {"not_found": "没有找到该参保关系，请先绑定参保人。"}


class Eligibility(Endpoint):
    """Every condition of direct settlement, green or red, with what to do about it."""

    roles = frozenset({Role.CITIZEN})

    @operation(
        "就医前：能不能直接结算",
        parameters=[EligibilityQuery],
        answer=EligibilityAnswer,
        example=bodies.ELIGIBILITY,
        refusals={
            400: {
                "required": "请选择医疗机构。",
                "does_not_exist": "没有找到这家医疗机构，它可能尚未联网。请核对编码，或自费就医后回参保地申请手工报销。",
            },
            404: NO_ENROLLMENT,
        },
    )
    def get(self, request: Request) -> Response:
        wanted = EligibilityQuery.read(request)
        visit = plan(
            self.account,
            enrollment=wanted.enrollment,
            institution=wanted.institution,
            care=wanted.care,
            disease=(wanted.disease or "") if wanted.care == "chronic" else "",
            on=wanted.on or clock.today(),
            stated=facts_stated(wanted),
        )
        return Response(answer(visit))
