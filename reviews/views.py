"""The one viewset all kinds of submissions share: lists, details, and the actions that every kind has."""

from __future__ import annotations

from collections.abc import Callable
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
from reviews import services
from reviews.models import Submission
from reviews.presenting import present, present_many
from reviews.seen import Seen
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
        """For the API's description; what is read stands in `reviews.seen`."""
        return self.model.objects.none()

    def get_object(self) -> Any:
        return self._read(self.kwargs["pk"])

    def _read(self, pk: Any) -> Any:
        row = Seen(self.account, self.model, self.joins, {"pk": pk}).first()
        if row is None:
            raise Http404
        return row

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(Seen(self.account, self.model, self.joins, self.filters(), self.ordered()))
        return self.get_paginated_response(present_many(page or [], self.account))

    def filters(self) -> dict[str, Any]:
        """What the query string asks of a list: lookups with their values."""
        return {}

    def ordered(self) -> tuple[str, str]:
        """The order of a list."""
        return "-created_at", "-pk"

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
