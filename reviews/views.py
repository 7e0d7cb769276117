"""The one viewset all kinds of submissions share: lists, details, and the actions that every kind has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.http import Endpoint
from accounts.models import Role
from core.errors import Invalid
from core.http.open import unchanged
from core.http.paging import Paging
from core.http.schema import operation
from reviews import services
from reviews.bodies import DRAFT, DecideInput, DraftQuery, DraftRow, SubmissionQuery
from reviews.lifecycle import Case
from reviews.models import Submission
from reviews.presenting import Whole, present, present_drafts, present_many
from reviews.services import Actor
from reviews.visible import Visible, children

TAGGED = re.compile(r"^(\d+)-[0-9a-f]+$")
"""The ETag of a detail: its version, and a digest of the rest (`core.http.open.unchanged`)."""
View = TypeVar("View", bound="type[SubmissionViewSet]")

STATE = {"wrong_state": "当前状态为“已取消”，不能进行此操作，请刷新后重试。"}
DRAFTS = {"too_many_drafts": "您已有30份未提交的草稿，请先提交或放弃其中的几份，再保存新的。"}
DECIDED = {"already_decided": "该申请已由他人作出决定，请刷新后查看。"}
UNDONE = {
    "undo_too_late": "作出决定已超过10分钟，不能撤回。如确有错误，请按规定另行更正。",
    "undo_rested_on": "该决定之后已有直接结算，不能撤回。如确有错误，请按规定另行更正。",
}
REASON = {
    "reason": "居住证照片不清，请重新拍摄后上传。",
    "code": "material_unclear",
    "fields": ["residence_permit"],
}


def if_match(request: Request) -> int | None:
    """Return the version of `If-Match: "VERSION"`, or of a detail's ETag; None without one. Raises Invalid on anything else."""
    header = TAGGED.sub(r"\1", request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"'))
    if not header or header == "*":
        return None
    if not header.isdecimal() or len(header) > 9:
        raise Invalid(_('请填写申请的版本号，例如 "3"。'), attr="If-Match")
    return int(header)


def documented(
    records: str,
    *,
    row: Any,
    listed: Any,
    detail: Any,
    shown: Any,
    overlaps: Mapping[str, str],
    retrieved: Any = None,
) -> Callable[[View], View]:
    """Class decorator: describe what all kinds have in common, with this kind's answers and their examples.

    `overlaps`: what a live rival is refused with. `retrieved`: the example of a detail, where it is another.
    """

    def described(summary: str, refusals: Mapping[str, str], request: Any = None, sent: Any = None) -> Any:
        return operation(summary, request=request, sent=sent, answer=detail, example=shown, refusals={409: refusals})

    def decorate(view: View) -> View:
        return extend_schema_view(
            list=operation(records, answer=list[row], example=listed, parameters=[view.query]),
            retrieve=operation("详情", answer=detail, example=retrieved or shown),
            submit=described("提交草稿", overlaps),
            resubmit=described("补正后重新提交", STATE),
            withdraw=described("撤回（作出决定之前）", STATE),
            approve=described("通过（审核员）", DECIDED, DecideInput, {"reason": "材料齐全。"}),
            reject=described("不予通过，须说明理由（审核员）", DECIDED, DecideInput, REASON),
            return_for_correction=described("退回补正，须说明理由（审核员）", DECIDED, DecideInput, REASON),
            undo=described("撤回本人刚才作出的决定，10分钟内（审核员）", UNDONE),
            claim=described("领取待办（审核员）", STATE),
            assign=described("领取待办（审核员）", STATE),
            release=described("退回待办（审核员）", STATE),
            take_over=described("接手他人的待办（审核员）", STATE),
        )(view)

    return decorate


class DraftsView(Endpoint):
    """What somebody began and has not handed in yet, whatever its kind."""

    roles = frozenset({Role.CITIZEN})

    @operation(
        "未提交的草稿，各类事项一并列出，最近保存的在前", parameters=[DraftQuery], answer=list[DraftRow], example=DRAFT
    )
    def get(self, request: Request) -> Response:
        filters, paging = DraftQuery.read(request).filters(), Paging()
        drafts = Visible(self.account, Submission, tuple(children()), filters, ("-kept_until", "-pk"))
        page = paging.paginate_queryset(drafts, request, self)
        return paging.get_paginated_response(present_drafts(page, self.account))


class SubmissionViewSet(Endpoint, GenericViewSet[Any]):
    """List, detail, common actions. A kind sets `model`, `joins` and its `query`, and adds its verbs."""

    model: ClassVar[type[Submission]]
    joins: ClassVar[tuple[str, ...]] = ()
    query: ClassVar[type[SubmissionQuery]] = SubmissionQuery
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
        wanted = self.query.read(request)
        page = self.paginate_queryset(Visible(self.account, self.model, self.joins, wanted.filters(), wanted.order()))
        return self.get_paginated_response(present_many(page or [], self.account))

    def retrieve(self, request: Request, pk: str) -> Response:
        """The whole of it; 304 to whoever has it as it is (`If-None-Match`)."""
        row = self.get_object()
        answer = self._answer(row)
        answer.add_post_render_callback(lambda rendered: unchanged(request, rendered, row.version))
        return answer

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

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self.act(request, services.submit)

    @action(detail=True, methods=["post"])
    def resubmit(self, request: Request, pk: str) -> Response:
        return self.act(request, services.resubmit)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self.act(request, services.withdraw)

    def decide(self, request: Request, verb: Callable[..., Any], *taken: str) -> Response:
        """Let a reviewer use a deciding or assigning verb; `taken` are the inputs that verb takes."""
        body = DecideInput.read(request)
        chosen = {name: getattr(body, name) for name in taken}
        return self.shown(verb(self.get_object(), reviewer=self.account, version=if_match(request), **chosen))

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.approve, "reason", "code")

    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.reject, "reason", "code")

    @action(detail=True, methods=["post"])
    def return_for_correction(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.return_for_correction, "reason", "code", "fields")

    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.undo)

    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.assign)

    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.assign)

    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.release)

    @action(detail=True, methods=["post"])
    def take_over(self, request: Request, pk: str) -> Response:
        return self.decide(request, services.take_over)
