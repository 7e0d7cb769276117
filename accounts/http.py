"""What every endpoint behind sign-in shares: who calls, the roles it is for, Idempotency-Key.

Idempotency-Key (API.md, Conventions): the same key and body gets the first successful answer again, and nothing happens
twice. The row that stands for a key is inserted first, in the transaction of the business write. A rival with the same key
waits on it: if the first call commits, the rival replays its answer; if it is refused, all of it rolls back and the rival
takes its place. So a refused call leaves nothing behind, not even what it wrote before it was refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from psycopg import errors
from rest_framework.exceptions import ParseError
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import Account, Enrollment, IdempotencyRecord, Role
from accounts.models.accounts import enrollments_within_reach
from core import clock
from core.errors import Invalid, NotFound, WrongState
from core.http.json import dumps
from core.http.paging import Paging
from core.postgresql.base import Kept
from core.prepared import Param, PreparedQuery
from core.retention import Retention
from core.sealing import keyed_hash

Row = TypeVar("Row", bound=Model)
LONGEST_KEY = 128
KEPT = timedelta(hours=24)
PATIENCE = "10s"

Answer = Callable[[], HttpResponseBase]


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
    """Honours Idempotency-Key on POST. What a refused call wrote is rolled back: switch it off where that must stay.

    Keys belong to accounts: where nobody need sign in, and nobody did, a key says nothing.
    """

    idempotent: ClassVar[bool] = True
    idempotency_required: ClassVar[bool] = False
    post: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Put the key between the dispatcher and the view's own `post`."""
        super().initial(request, *args, **kwargs)
        handler = getattr(self, "post", None)
        if request.method != "POST" or handler is None or not (self.idempotent and request.user.is_authenticated):
            return
        if "Idempotency-Key" in request.headers:
            self.__dict__["post"] = partial(self._once, handler)
        elif self.idempotency_required:
            raise Invalid(_("此操作须带 Idempotency-Key 请求头。"), code="idempotency_key_required")

    def _once(self, handler: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        return once(request, account_of(request), partial(handler, request, *args, **kwargs))


class Endpoint(Idempotent):
    """The base of every endpoint behind sign-in. `roles` narrows who may call it (403 for others)."""

    permission_classes = [IsAuthenticated, HasRole]
    pagination_class: type[BasePagination] | None = Paging
    roles: ClassVar[frozenset[Role] | None] = None

    @cached_property
    def account(self) -> Account:
        """The account that calls."""
        return account_of(self.request)

    def listed(
        self, rows: QuerySet[Row] | Sequence[Row], present: Callable[[list[Row]], Sequence[Mapping[str, Any]]]
    ) -> Response:
        """Answer with the page of the rows that the query asks for."""
        paging = Paging()
        return paging.get_paginated_response(present(paging.paginate_queryset(rows, self.request, self)))


def once(request: Request, account: Account, answer: Answer) -> HttpResponseBase:
    """Answer a keyed POST once: call `answer`, or replay what it answered to the same key and body.

    Raises Invalid `idempotency_key_invalid`; WrongState `idempotency_conflict` (other body) or `in_progress` (the first call,
    or a row it needs, stayed locked for ten seconds, or the database broke a circle of waiting).
    """
    record = IdempotencyRecord(account=account, key=_key(request), digest=_digest(request))
    try:
        with transaction.atomic():
            first = _claim(record)
            return _answer_and_keep(record, answer) if first is record else _replay(first, record.digest)
    except OperationalError as error:
        if isinstance(error.__cause__, (errors.LockNotAvailable, errors.DeadlockDetected)):
            raise WrongState(_("同一请求正在处理，请稍后再试。"), code="in_progress") from error
        raise


def answered(request: Request, account: Account) -> bool:
    """Whether a call's key is known already, so that `once` will replay its answer (or say that the body is another)."""
    key = request.headers.get("Idempotency-Key", "").strip()
    first = FIRST.first(account=account.pk, key=key) if key else None
    return first is not None and first.created_at >= timezone.now() - KEPT


def purge_idempotency_keys() -> int:
    """Delete the keys older than 24 hours of machine time; return how many."""
    return KEYS.purge()


KEYS = Retention(IdempotencyRecord, lambda now: Q(created_at__lt=now - KEPT))


def _key(request: Request) -> str:
    key = request.headers["Idempotency-Key"].strip()
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(_("Idempotency-Key 须为 1 至 128 个字符。"), code="idempotency_key_invalid")
    return key


FIRST = PreparedQuery(lambda: IdempotencyRecord.objects.filter(account=Param("account"), key=Param("key")))


def _claim(record: IdempotencyRecord) -> IdempotencyRecord:
    """Insert `record` and return it, or return the one that was first (waiting until its call has ended)."""
    while not _insert(record):
        first = FIRST(account=record.account_id, key=record.key)[0]
        if first.created_at >= timezone.now() - KEPT:
            return first
        first.delete()
    return record


_INSERT = Kept(
    "INSERT INTO accounts_idempotencyrecord (id, account_id, key, digest, status, answer, created_at)"
    " SELECT %s, %s, %s, %s, 0, ''::bytea, %s WHERE set_config('lock_timeout', %s, true) IS NOT NULL"
    " ON CONFLICT (account_id, key) DO NOTHING"
)
_KEEP = Kept("UPDATE accounts_idempotencyrecord SET status = %s, answer = %s WHERE id = %s")


def _insert(record: IdempotencyRecord) -> bool:
    """Insert a key's row unless there is one, waiting for whoever is inserting it now; whether the row is this one.

    The same statement sets how long anything in the transaction waits for a lock from then on.
    """
    record.created_at = timezone.now()
    given: list[Any] = [record.pk, record.account_id, record.key, record.digest, record.created_at, PATIENCE]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, given)
        record._state.adding = False
        return bool(cursor.rowcount)


def _answer_and_keep(record: IdempotencyRecord, answer: Answer) -> HttpResponseBase:
    response = answer()
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return response
    record.status, record.answer = response.status_code, _body(response).decode()
    sealed = IdempotencyRecord._meta.get_field("answer").pre_save(record, add=False)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [record.status, sealed, record.pk])
    return response


def _body(response: HttpResponseBase) -> bytes:
    if isinstance(response, Response):
        return b"" if response.data is None else dumps(response.data)
    assert isinstance(response, HttpResponse)
    return response.content


def _replay(first: IdempotencyRecord, digest: str) -> HttpResponse:
    if first.digest != digest:
        raise WrongState(_("这个 Idempotency-Key 已用于另一请求，请为新的请求换一个。"), code="idempotency_conflict")
    headers = {"Idempotent-Replayed": "true"}
    return HttpResponse(first.answer, status=first.status, content_type="application/json", headers=headers)


def _digest(request: Request) -> str:
    """A keyed hash of where the request goes and what it says: parsed fields, and the digests of its files."""
    data = request.data
    fields = {name: data.getlist(name) for name in data} if isinstance(data, MultiValueDict) else data
    try:
        content = orjson.dumps([request.path, fields], _file_digest, orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:  # nested deeper than any form of ours
        raise ParseError from error
    return keyed_hash(content.decode(), purpose="idempotency")


def _file_digest(value: Any) -> str:
    """Stand in for what JSON cannot say: an uploaded file, by its content."""
    if not isinstance(value, UploadedFile):
        raise TypeError(f"{type(value).__name__} in a request body")
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"sha256:{digest.hexdigest()}"
