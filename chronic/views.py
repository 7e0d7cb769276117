"""The HTTP side of recognitions: input in, one domain call, the submission out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, enrollment_of, given
from accounts.models import Role
from chronic import presenting, services
from chronic.documentation import describe
from chronic.models import Recognition
from chronic.options import options
from chronic.serializers import ChooseInput, RecognitionFields, RecognitionInput, RenewInput
from core.errors import Forbidden, Invalid
from reviews.case import Actor
from reviews.presenting import Whole, present
from reviews.views import ORDERS, SubmissionViewSet, as_id, if_match
from reviews.workflow import Who, standing


@describe("recognitions")
class RecognitionViewSet(SubmissionViewSet):
    """Recognitions of chronic and special diseases (门诊慢特病认定)."""

    model = Recognition
    joins = ("enrollment", "disease", "diagnosing_institution")
    orders = (*ORDERS, "valid_from", "renew_by")
    versioned = True

    def filters(self) -> dict[str, Any]:
        found = super().filters()
        if disease := self.request.query_params.get("disease"):
            found["disease"] = disease[:8]
        return found

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        return {**present(row, self.account, whole), **presenting.detail(row, self.account)}

    def create(self, request: Request) -> Response:
        if self.account.role != Role.CITIZEN:
            raise Forbidden(_("工作人员账户不能提交认定申请，请由参保人或代办人办理。"))
        asked = given(RecognitionInput, request)
        draft, enrollment = asked.pop("draft"), enrollment_of(self.account, asked.pop("enrollment"))
        return self.made(services.apply(self.account, enrollment, asked, draft=draft))

    def partial_update(self, request: Request, pk: str) -> Response:
        asked = RecognitionFields(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        return self.act(request, services.amend, fields=dict(asked.validated_data))

    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        asked = given(RenewInput, request)
        draft, row = asked.pop("draft"), self.get_object()
        actor = Actor.of(self.account, row.person_id)
        return self.made(services.renew(row, asked, actor=actor, version=if_match(request), draft=draft))

    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str) -> Response:
        return self.act(request, services.choose, institutions=given(ChooseInput, request)["institutions"])

    @action(detail=True, methods=["get"])
    def form(self, request: Request, pk: str) -> Response:
        """The filled-in form names the person in full: only for those who act for them under a proven mandate."""
        row = self.get_object()
        if standing(row, self.account) != Who.APPLICANT:
            raise Forbidden(_("申请表只能由参保人或其代办人打印。"), code="not_yours")
        return Response(presenting.form(row))


@describe("options")
class RecognitionOptions(Endpoint):
    """What can be recognised for an enrolment, explained."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    def get(self, request: Request) -> Response:
        asked = request.query_params.get("enrollment")
        if not asked:
            raise Invalid(_("请选择参保关系。"), code="required", attr="enrollment")
        return Response(options(enrollment_of(self.account, as_id(asked, "enrollment"))))
