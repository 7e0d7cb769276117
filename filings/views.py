"""The HTTP side of filings and proofs: input in, one domain call, the submission out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, address_of, enrollment_of
from accounts.models import Role
from core.errors import Forbidden, Invalid, NotFound
from filings import commitments, presenting, services
from filings.agents import file_as_agent
from filings.documentation import describe
from filings.models import Filing, FilingType, Proof
from filings.options import options
from filings.serializers import (
    AmendInput,
    CancelInput,
    ChangeInput,
    FilingInput,
    ProofInput,
    ProofMaterials,
)
from regions.models import Area
from reviews.case import Actor
from reviews.presenting import Whole, present
from reviews.views import ORDERS, SubmissionViewSet, as_id, if_match, one_of


@describe("filings")
class FilingViewSet(SubmissionViewSet):
    """Cross-area filings (异地就医备案)."""

    model = Filing
    joins = ("destination", "commitment")
    orders = (*ORDERS, "valid_from", "valid_until")
    versioned = True

    def filters(self) -> dict[str, Any]:
        asked, found = self.request.query_params, super().filters()
        if kind := asked.get("type"):
            found["type__any"] = one_of(kind, FilingType.values, "type")
        if destination := asked.get("destination"):
            found["destination"] = destination if destination.isdigit() else ""
        return found

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        account = self.account
        body = {**present(row, account, whole), **presenting.detail(row, account, whole)}
        if body["commitment"] and commitments.may_prove(row, account):
            body["actions"].append("proof")
        return body

    def create(self, request: Request) -> Response:
        account = self.account
        given = FilingInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        draft = asked.pop("draft")
        if account.role != Role.CITIZEN:
            raise Forbidden(_("工作人员账户不能提交备案，请由参保人或代办人办理。"))
        if "enrollment" in asked:
            enrollment = enrollment_of(account, asked.pop("enrollment"))
            case = services.file(account, enrollment, asked, draft=draft)
        else:
            principal, agent = asked.pop("for"), asked.pop("agent")
            case = file_as_agent(account, principal, agent, asked, draft=draft, address=address_of(request))
        return self.made(case)

    def partial_update(self, request: Request, pk: str) -> Response:
        given = AmendInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self.act(request, services.amend, fields=dict(given.validated_data))

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        given = CancelInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self.act(request, services.cancel, **given.validated_data)

    @action(detail=True, methods=["post"])
    def proof(self, request: Request, pk: str) -> Response:
        given = ProofMaterials(data=request.data)
        given.is_valid(raise_exception=True)
        filing = self.get_object()
        commitments.prove(self.account, filing, given.validated_data["materials"])
        return self.shown(filing, 201)

    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        given = ChangeInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        draft = asked.pop("draft", False)
        filing = self.get_object()
        actor = Actor.of(self.account, filing.person_id)
        return self.made(services.change(filing, asked, actor=actor, version=if_match(request), draft=draft))


@describe("proofs")
class ProofViewSet(SubmissionViewSet):
    """Promised documents of commitments (承诺补充材料)."""

    model = Proof
    joins = ("proves",)
    versioned = True

    def create(self, request: Request) -> Response:
        given = ProofInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        visible = Filing.objects.visible_to(self.account).select_related("person", "enrollment", "area")
        filing = visible.filter(pk=asked["filing"]).first()
        if filing is None:
            raise NotFound(_("没有找到该备案。"), attr="filing")
        return self.made(commitments.prove(self.account, filing, asked["materials"], draft=asked["draft"]))

    def partial_update(self, request: Request, pk: str) -> Response:
        given = ProofMaterials(data=request.data)
        given.is_valid(raise_exception=True)
        return self.act(request, commitments.amend_proof, materials=given.validated_data["materials"])


@describe("options")
class FilingOptions(Endpoint):
    """What can be filed for a place, explained."""

    roles = frozenset({Role.CITIZEN})

    def get(self, request: Request) -> Response:
        asked = request.query_params
        for name in ("enrollment", "destination"):
            if not asked.get(name):
                raise Invalid(_("请选择参保关系和就医地。"), code="required", attr=name)
        enrollment = enrollment_of(self.account, as_id(asked["enrollment"], "enrollment"))
        code = asked["destination"]
        place = next(iter(Area.objects.with_parents([code] if code.isdigit() else [])), None)
        if place is None:
            raise Invalid(_("没有找到这个地区，请重新选择就医地。"), code="does_not_exist", attr="destination")
        return Response(options(enrollment, place))
