"""The HTTP side of claims: input in, one domain call, the submission out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, enrollment_of, given
from accounts.models import Role
from claims import presenting, services
from claims.documentation import describe
from claims.models import Claim, Payment
from claims.options import options
from claims.serializers import ClaimFields, ClaimInput, CorrectInput
from core.errors import Forbidden, Invalid
from policies.language.terms import CARES
from reviews.presenting import Whole, present
from reviews.views import ORDERS, SubmissionViewSet, as_day, as_id, if_match, one_of


@describe("claims")
class ClaimViewSet(SubmissionViewSet):
    """Manual reimbursement of self-paid bills (手工报销)."""

    model = Claim
    joins = ("enrollment", "disease", "place", "settlement")
    orders = (*ORDERS, "admitted_on")
    versioned = True

    def filters(self) -> dict[str, Any]:
        found = super().filters()
        asked = self.request.query_params
        if care := asked.get("care"):
            found["care__any"] = one_of(care, CARES, "care")
        if payment := asked.get("payment"):
            found["payment_status__any"] = one_of(payment, Payment.values, "payment")
        return found

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        return {**present(row, self.account, whole), **presenting.detail(row, self.account)}

    def create(self, request: Request) -> Response:
        if self.account.role != Role.CITIZEN:
            raise Forbidden(_("工作人员账户不能申请手工报销，请由参保人或代办人办理。"))
        asked = given(ClaimInput, request)
        draft, enrollment = asked.pop("draft"), enrollment_of(self.account, asked.pop("enrollment"))
        return self.made(services.apply(self.account, enrollment, asked, draft=draft))

    def partial_update(self, request: Request, pk: str) -> Response:
        asked = ClaimFields(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return self.act(request, services.amend, fields=dict(asked.validated_data))

    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        asked = given(CorrectInput, request)
        row = self.get_object()
        return self.shown(services.correct(row, reviewer=self.account, version=if_match(request), **asked))


@describe("options")
class ClaimOptionsView(Endpoint):
    """What a claim takes: papers, time, reviews."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    def get(self, request: Request) -> Response:
        asked = request.query_params.get("enrollment")
        if not asked:
            raise Invalid(_("请选择参保关系。"), code="required", attr="enrollment")
        enrolled = enrollment_of(self.account, as_id(asked, "enrollment"))
        discharged = request.query_params.get("discharged_on")
        return Response(options(enrolled, as_day(discharged, "discharged_on") if discharged else None))
