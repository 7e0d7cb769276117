"""The one viewset all kinds of submissions share: lists, details, and the actions that every kind has."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.http import Endpoint
from regions.kept import Given, Kept
from reviews import services
from reviews.models import Submission
from reviews.models.submission import seen_with
from reviews.presenting import present, present_many
from reviews.serializers import DecideInput, NoInput
from reviews.services import Actor


def if_match(request: Request) -> int | None:
    """Return the version of `If-Match: "VERSION"`; None without one. Raises ValidationError on anything else."""
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not header or header == "*":
        return None
    if not header.isdecimal() or len(header) > 9:
        raise ValidationError({"If-Match": ['请填写申请的版本号，例如 "3"。']})
    return int(header)


@cache
def one_seen_as(role: str, model: type[Submission], joins: tuple[str, ...]) -> Kept[Any]:
    """The query for one submission of a kind as those of a role may see it."""
    given = {name: Given(name) for name in ("area", "applicant", "reached")}
    rows = model.objects.visible_as(role, **given).filter(pk=Given("pk")).order_by()
    return Kept(lambda: rows.select_related("person", "area", *joins))


class SubmissionViewSet(Endpoint, GenericViewSet[Any]):
    """List, detail and common actions. A kind sets `model`, `joins` and its own serializers, and adds its verbs.

    `hand_in` and `hand_in_again` are its own ways into the queue, where they differ.
    """

    model: ClassVar[type[Submission]]
    joins: ClassVar[tuple[str, ...]] = ()
    hand_in: ClassVar[Callable[..., Any]] = staticmethod(services.submit)
    hand_in_again: ClassVar[Callable[..., Any]] = staticmethod(services.resubmit)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        rows = self.model.objects.visible_to(self.request.user)  # type: ignore[arg-type]
        return rows.select_related("person", "area", *self.joins)

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(present_many(page or [], self.account))

    def get_object(self) -> Any:
        return self._read(self.kwargs["pk"])

    def _read(self, pk: Any) -> Any:
        row = one_seen_as(self.account.role, self.model, self.joins).first(pk=pk, **seen_with(self.account))
        if row is None:
            raise Http404
        return row

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(self.get_object())

    def shown(self, submission: Submission, status: int = 200) -> Response:
        """Answer with the submission in full, as it is now."""
        return self._answer(self._read(submission.pk), status)

    def _answer(self, row: Any, status: int = 200) -> Response:
        return Response(self.presented(row), status=status, headers={"ETag": f'"{row.version}"'})

    def presented(self, row: Any) -> dict[str, Any]:
        """The submission in full, as this kind shows it."""
        return present(row, self.account)

    def act(self, request: Request, verb: Callable[..., Any], **given: Any) -> Response:
        """Let the caller use a citizen's verb on the object of the URL, under the caller's mandate and version."""
        submission = self.get_object()
        actor = Actor.of(self.account, submission.person_id)
        return self.shown(verb(submission, actor=actor, version=if_match(request), **given))

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self.act(request, self.hand_in)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def resubmit(self, request: Request, pk: str) -> Response:
        return self.act(request, self.hand_in_again)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self.act(request, services.withdraw)

    def decide(self, request: Request, verb: Callable[..., Any], *taken: str) -> Response:
        """Let a reviewer use a deciding or assigning verb; `taken` are the inputs that verb takes."""
        given = DecideInput(data=request.data)
        given.is_valid(raise_exception=True)
        chosen = {name: given.validated_data[name] for name in taken}
        return self.shown(verb(self.get_object(), reviewer=self.account, version=if_match(request), **chosen))

    @extend_schema(request=DecideInput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.approve, "reason", "code")

    @extend_schema(request=DecideInput)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.reject, "reason", "code")

    @extend_schema(request=DecideInput)
    @action(detail=True, methods=["post"])
    def return_for_correction(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.return_for_correction, "reason", "code", "fields")

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.claim)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.release)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def take_over(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.take_over)
