"""What every endpoint behind sign-in shares: the roles it is for, Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts import idempotency
from accounts.models import Account, Enrollment, Role
from accounts.models.accounts import enrollments_within_reach
from core import clock
from core.errors import Invalid, NotFound
from core.http.paging import Paging

Row = TypeVar("Row", bound=Model)


class HasRole(BasePermission):
    """Only the roles the endpoint names (`roles`; none named: everybody who signed in)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        roles = getattr(view, "roles", None)
        return roles is None or account_of(request).role in roles


def account_of(request: Request) -> Account:
    """The account that signed in; only where the endpoint requires one."""
    assert isinstance(request.user, Account)
    return request.user


def address_of(request: Request) -> str:
    """The caller's network address, behind as many proxies as the settings trust."""
    return BaseThrottle().get_ident(request) or ""


def enrollment_of(account: Account, pk: Any) -> Enrollment:
    """An enrolment of a person the account may act for; NotFound otherwise."""
    enrollment = enrollments_within_reach.first(account=account.pk, pk=pk, on=clock.today())
    if enrollment is None:
        raise no_enrollment()
    return enrollment


def no_enrollment() -> NotFound:
    """There is none, or it is somebody else's."""
    return NotFound(_("没有找到该参保关系，请先绑定参保人。"), attr="enrollment")


class Idempotent(APIView):
    """Honours Idempotency-Key on POST. What a refused call wrote is rolled back: switch it off where that must stay."""

    idempotent: ClassVar[bool] = True
    idempotency_required: ClassVar[bool] = False
    post: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Put the key between the dispatcher and the view's own `post`."""
        super().initial(request, *args, **kwargs)
        handler = getattr(self, "post", None)
        if request.method != "POST" or handler is None or not self.idempotent:
            return
        if "Idempotency-Key" in request.headers:
            self.__dict__["post"] = partial(self._once, handler)
        elif self.idempotency_required:
            raise Invalid(_("此操作须带 Idempotency-Key 请求头。"), code="idempotency_key_required")

    def _once(self, handler: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        return idempotency.once(request, account_of(request), partial(handler, request, *args, **kwargs))


class Endpoint(Idempotent):
    """The base of every endpoint behind sign-in. `roles` narrows who may call it (403 for others)."""

    permission_classes = [IsAuthenticated, HasRole]
    pagination_class: type[BasePagination] | None = Paging
    roles: ClassVar[frozenset[Role] | None] = None

    @cached_property
    def account(self) -> Account:
        """The account that calls."""
        return account_of(self.request)

    def listed(self, rows: QuerySet[Row], present: Callable[[list[Row]], Sequence[Mapping[str, Any]]]) -> Response:
        """Answer with the page of the rows that the query asks for."""
        paging = Paging()
        return paging.get_paginated_response(present(paging.paginate_queryset(rows, self.request, self)))
