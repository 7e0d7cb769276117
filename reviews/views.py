"""The one viewset all kinds of submissions share: lists, details, and the actions that every kind has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.http import Endpoint
from core.errors import Invalid
from core.http.fields import YEARS
from reviews import services
from reviews.case import Case
from reviews.models import Status, Submission
from reviews.presenting import Whole, present, present_many
from reviews.serializers import DecideInput, NoInput
from reviews.services import Actor
from reviews.visible import Visible


def if_match(request: Request) -> int | None:
    """Return the version of `If-Match: "VERSION"`; None without one. Raises ValidationError on anything else."""
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not header or header == "*":
        return None
    if not header.isdecimal() or len(header) > 9:
        raise ValidationError({"If-Match": ['请填写申请的版本号，例如 "3"。']})
    return int(header)


ORDERS = ("created_at", "submitted_at", "due_at")
NUMBER = re.compile(r"[0-9-]{1,20}")
NO_NUMBER = "-"  # begins none


def as_id(text: str, name: str) -> UUID:
    """An id from the query string. Raises Invalid."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(_("请填写有效的编号。"), code="invalid", attr=name) from error


def as_day(text: str, name: str) -> date:
    """A day from a query string or a form. Raises Invalid `date_invalid`."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise Invalid(_("请填写2000年至2100年之间的日期，如 2026-11-21。"), code="date_invalid", attr=name)
    return found


def one_of(text: str, known: Any, name: str) -> list[str]:
    """One or more values of a closed list, separated by commas. Raises Invalid."""
    wanted = text.split(",")
    if not set(wanted) <= set(known):
        raise _unknown(known, name)
    return wanted


def _unknown(known: Iterable[str], name: str) -> Invalid:
    return Invalid(_("筛选条件无效，可选：%s。") % "、".join(known), code="invalid_choice", attr=name)


def dashed(number: str) -> str:
    """A number as it is written (20261121-000123-4), also when typed without dashes."""
    digits = "".join(part for part in number.split("-"))
    return "-".join(filter(None, (digits[:8], digits[8:14], digits[14:])))


class SubmissionViewSet(Endpoint, GenericViewSet[Any]):
    """List, detail, common actions. A kind sets `model`, `joins` and its own serializers, and adds its verbs.

    Lists can be narrowed by status, person, enrolment and number, and ordered.
    """

    model: ClassVar[type[Submission]]
    joins: ClassVar[tuple[str, ...]] = ()
    orders: ClassVar[tuple[str, ...]] = ORDERS
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        """For the API's description; what is read stands in `reviews.visible`."""
        return self.model.objects.none()

    def get_object(self) -> Any:
        try:
            return self._read(UUID(str(self.kwargs["pk"])))
        except ValueError as error:
            raise Http404 from error

    def _read(self, pk: Any) -> Any:
        row = Visible(self.account, self.model, self.joins, {"pk": pk}, in_full=True).first()
        if row is None:
            raise Http404
        return row

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(Visible(self.account, self.model, self.joins, self.filters(), self.ordered()))
        return self.get_paginated_response(present_many(page or [], self.account))

    def filters(self) -> dict[str, Any]:
        """What the query string asks of a list: lookups with their values."""
        asked, found = self.request.query_params, dict[str, Any]()
        if status := asked.get("status"):
            found["status__any"] = one_of(status, Status.values, "status")
        for name in ("person", "enrollment"):
            if text := asked.get(name):
                found[name] = as_id(text, name)
        if number := asked.get("q", "").strip():
            found["number__startswith"] = dashed(number) if NUMBER.fullmatch(number) else NO_NUMBER
        return found

    def ordered(self) -> tuple[str, str]:
        """The order of a list."""
        text = self.request.query_params.get("ordering", "-created_at")
        if text.removeprefix("-") not in self.orders:
            raise _unknown(self.orders, "ordering")
        return text, "-pk" if text.startswith("-") else "pk"

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(self.get_object())

    def shown(self, submission: Submission, status: int = 200) -> Response:
        """Answer with the submission in full, as it is now."""
        return self._answer(self._read(submission.pk), status=status)

    def made(self, case: Case) -> Response:
        """Answer with a submission that was just made, from what its case holds."""
        return self._answer(case.submission, Whole.of(case), status=201)

    def _answer(self, row: Any, whole: Whole | None = None, *, status: int = 200) -> Response:
        whole = whole or Whole.read(row)
        return Response(self.presented(row, whole), status=status, headers={"ETag": f'"{row.version}"'})

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        """The submission in full, as this kind shows it."""
        return present(row, self.account, whole)

    def act(self, request: Request, verb: Callable[..., Any], **given: Any) -> Response:
        """Let the caller use a citizen's verb on the object of the URL, under the caller's mandate and version."""
        submission = self.get_object()
        actor = Actor.of(self.account, submission.person_id)
        return self.shown(verb(submission, actor=actor, version=if_match(request), **given))

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self.act(request, services.submit)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def resubmit(self, request: Request, pk: str) -> Response:
        return self.act(request, services.resubmit)

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
        return self.decide(request, services.assign)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.assign)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.release)

    @extend_schema(request=NoInput)
    @action(detail=True, methods=["post"])
    def take_over(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.take_over)
