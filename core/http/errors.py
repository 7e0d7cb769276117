"""Refusals and errors as HTTP answers: `{"type", "errors": [{"code", "detail", "attr"}]}` (API.md, Conventions).

One translation for the API (`exception_handler`, named in the REST framework's settings) and for what never reaches a
view (`bad_request`, `forbidden`, `page_not_found`, `server_error`, named as handlers in the URL configuration).
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, OperationalError
from django.db.models import BaseConstraint
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from psycopg.errors import DeadlockDetected
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.cache import CacheGone
from core.errors import FilesGone, Problem, Refusal
from core.http.values import NO_NULL

API_PREFIX = "/api/"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
RETRY_AFTER = 2  # seconds

# The framework's own exceptions never carry our words, so their sentence is chosen by code.
SENTENCES = {
    "parse_error": _("请求内容不是有效的 JSON，请检查格式后重试。"),
    "not_authenticated": _("请先登录后再操作。"),
    "authentication_failed": _("登录已失效，请重新登录。"),
    "permission_denied": _("您没有办理此事项的权限；如有需要，请联系经办机构。"),
    "not_found": _("没有找到您要查看的内容，请返回后重试。"),
    "method_not_allowed": _("此地址不支持该操作，请查阅接口文档。"),
    "not_acceptable": _("本接口只返回 JSON，请调整 Accept 请求头。"),
    "unsupported_media_type": _("不支持此内容类型，请使用 JSON 提交（上传文件请使用 multipart）。"),
    "throttled": _("操作过于频繁，请稍后再试。"),
    "rival_write": _("同一事项正由他人办理，请稍后重试。"),  # the database gave way to the other; nothing was written
    "busy": _("系统繁忙，请过几秒再试；没有提交的内容不会丢失。"),
    "bad_request": _("请求有误，请检查后重试。"),
    "form_expired": _("页面打开太久或登录已变化，内容没有提交。请返回上一页，刷新后重新提交。"),
    "locked_out": _("连续多次登录失败，请 {wait} 秒后再试；急需登录请联系审核主管或系统管理员。"),
    "null_characters_not_allowed": NO_NULL,
    "unstorable_value": _("有一项内容太大、太长，或日期超出可用的范围，请改正后重试。"),
    "server_error": _("系统出现问题，请稍后重试；如仍不成功，请提供编号 {id} 联系客服。"),
}
HEADINGS = {
    "busy": _("系统繁忙"),
    "bad_request": _("请求有误"),
    "permission_denied": _("没有权限"),
    "form_expired": _("页面已过期"),
    "locked_out": _("请稍候再试"),
    "not_found": _("没有找到页面"),
    "null_characters_not_allowed": _("请求有误"),
    "unstorable_value": _("请求有误"),
    "server_error": _("系统出现问题"),
}


def body(status: int, problems: list[Problem], kind: str = "") -> dict[str, Any]:
    """Return the body of an error answer. `kind` overrides the type that follows from the status."""
    return {
        "type": kind or _type_of(status),
        "errors": [{"code": p.code, "detail": str(p.detail), "attr": p.attr} for p in problems],
    }


def refused(refusal: Refusal) -> JsonResponse:
    """Answer a refusal outside the REST framework (plain Django views)."""
    answer = JsonResponse(body(refusal.status, refusal.problems), status=refusal.status)
    if refusal.retry_after is not None:
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what a view raised; None (a defect) goes on to Django, which logs it and calls `server_error`."""
    answer = _answer(error)
    if answer is not None:
        set_rollback()
    return answer


def _answer(error: Exception) -> Response | None:
    if isinstance(error, Refusal):
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return Response(body(error.status, error.problems), status=error.status, headers=headers)
    if isinstance(error, ModelError):
        return Response(body(400, list(_model_problems(error))), status=400)
    if isinstance(error, IntegrityError):
        rival = rival_of(error)
        return Response(body(409, [rival]), status=409) if rival else None
    if isinstance(error.__cause__, DeadlockDetected):
        return Response(body(409, [Problem("rival_write", str(SENTENCES["rival_write"]))]), status=409)
    if is_away(error):
        sentence = Problem("busy", str(SENTENCES["busy"]))
        return Response(body(503, [sentence]), status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return _framework_answer(_as_api_exception(error))


def is_away(error: Exception) -> bool:
    """Whether a service does not answer, or not in time: the cache, the database, a lock in it, a disk or a store with room for files."""
    if isinstance(error, OSError):
        return isinstance(error, FilesGone) or error.errno in NO_ROOM
    return isinstance(error, CacheGone) or (
        isinstance(error, OperationalError) and not isinstance(error.__cause__, DeadlockDetected)
    )


def _as_api_exception(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error


def _framework_answer(error: Exception) -> Response | None:
    if not isinstance(error, exceptions.APIException):
        return None
    if isinstance(error, exceptions.ValidationError):
        return Response(body(400, list(_flatten(error.detail))), status=400)
    kind = "client_error" if error.status_code < 500 else "server_error"
    return Response(
        body(error.status_code, [_sentence(error)], kind), status=error.status_code, headers=_headers(error)
    )


def _sentence(error: exceptions.APIException) -> Problem:
    code = error.get_codes()
    code = code if isinstance(code, str) else error.default_code
    return Problem(code, str(SENTENCES.get(error.default_code, error.detail)))


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _type_of(status: int) -> str:
    if status == 400:
        return "validation_error"
    return "client_error" if status < 500 else "server_error"


def _flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Lay out nested details of a serializer as one list; `attr` is the dotted path (`cost.items.0.amount`)."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _flatten(value, path if key in ("non_field_errors", NON_FIELD_ERRORS) else (*path, str(key)))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _flatten(value, (*path, str(index)) if nested else path)
    else:
        yield Problem(getattr(detail, "code", "invalid"), str(detail), ".".join(path) or None)


def _model_problems(error: ModelError) -> Iterator[Problem]:
    fields = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for field, errors in fields.items():
        for one in errors:
            yield Problem(one.code or "invalid", one.messages[0], None if field == NON_FIELD_ERRORS else field)


def rival_of(error: IntegrityError) -> Problem | None:
    """A constraint that carries a sentence for people refused the row: someone else was quicker."""
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = _constraints().get(getattr(diagnosis, "constraint_name", None) or "")
    if constraint is None:
        return None
    return Problem(constraint.violation_error_code or constraint.name, str(constraint.violation_error_message))


@cache
def _constraints() -> dict[str, BaseConstraint]:
    """All constraints whose message was written for a person, by their name in the database."""
    plain = BaseConstraint.default_violation_error_message
    constraints = [constraint for model in apps.get_models() for constraint in model._meta.constraints]
    return {c.name: c for c in constraints if c.violation_error_message and c.violation_error_message != plain}


def _told(status: int, code: str, request: HttpRequest, attr: str | None = None) -> HttpResponseBase:
    """The refusal as JSON below the API, elsewhere as a page in Chinese that says what to do next."""
    detail = str(SENTENCES[code]).format(id=_request_id(request), wait=_wait(request))
    if request.path.startswith(API_PREFIX):
        kind = "client_error" if status < 500 and attr is None else ""
        return JsonResponse(body(status, [Problem(code, detail, attr)], kind), status=status)
    page = {"heading": HEADINGS[code], "advice": detail, "staff": request.path.startswith("/admin/")}
    return HttpResponse(render_to_string("refusal.html", page), status=status)


def _wait(request: HttpRequest) -> int:
    """The seconds that whoever tried wrong passwords has to wait."""
    return getattr(request, "sign_in_wait", 0) or RETRY_AFTER


def _request_id(request: HttpRequest) -> str:
    return getattr(request, "request_id", "") or request.headers.get("X-Request-ID", "")[:64] or "—"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler400`: what Django refuses before a view is found."""
    return _told(400, "bad_request", request)


def unstorable(request: HttpRequest, attr: str | None, *, null: bool) -> HttpResponseBase:
    """What no column of the database holds; `attr` names the parameter, if one is known. `null`: a null character."""
    return _told(400, "null_characters_not_allowed" if null else "unstorable_value", request, attr)


def away(request: HttpRequest) -> HttpResponseBase:
    """What a page answers while a service is away."""
    answer = _told(503, "busy", request)
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler403`."""
    return _told(403, "permission_denied", request)


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The page behind `CSRF_FAILURE_VIEW`: a form that is too old, or was not sent from our own page."""
    return _told(403, "form_expired", request)


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """What the sign-in page answers after repeated failures: how long to wait (`accounts.security.attempts`)."""
    answer = _told(429, "locked_out", request)
    answer["Retry-After"] = str(_wait(request))
    return answer


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """`handler404`."""
    return _told(404, "not_found", request)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """`handler500`: no details, only the id under which the log tells them; 503 while a service is away."""
    error = sys.exc_info()[1]
    if isinstance(error, Exception) and is_away(error):
        return away(request)
    return _told(500, "server_error", request)
