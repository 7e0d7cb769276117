"""What happens around every request: its number, its log line, its measure, its one moment, what its page may load."""

import re
import time
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from csp.constants import HEADER
from csp.utils import build_policy
from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django_structlog.middlewares import RequestMiddleware
from pghistory.middleware import HistoryMiddleware

from config import metrics
from core import clock
from core.http.errors import API_PREFIX, away, bad_request, is_away, unstorable
from core.languages import SOURCE, TAGS, accepted, answers

Answer = Callable[[HttpRequest], HttpResponse]
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
ADMIN, DOCS = "/admin/", "/api/v1/docs/"
PROBES = {"/healthz", "/readyz", "/metrics"}
OUT_OF_RANGE = re.compile(r"^year -?\d+ is out of range")
log = structlog.get_logger(__name__)


class RequestId:
    """Takes the caller's X-Request-ID if it is a harmless word, else makes one; says it in the answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        number = sent if SANE.fullmatch(sent) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request.request_id = number  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = number
        return response


class Logged(RequestMiddleware):
    """One line for each request, bound to its number. Query strings stay out: people search for names."""

    def __call__(self, request: HttpRequest) -> Any:
        """Log what people ask, not the probes that come every few seconds."""
        return self.get_response(request) if request.path in PROBES else super().__call__(request)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path only."""
        return f"{request.method} {request.path}"


class Measured:
    """Counts and times requests by route, never by address: an address may hold what is nobody's business."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        route = f"/{request.resolver_match.route}" if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        metrics.requests.labels(method, route, response.status_code).inc()
        metrics.request_seconds.labels(route).observe(time.perf_counter() - began)
        return response


class ReadersLanguage:
    """The API goes by `Accept-Language` alone, and without one is Chinese; pages go by what was chosen (a cookie), then by it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ADMIN):
            return self.get_response(request)
        if request.path.startswith(API_PREFIX):
            return self._told(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", TAGS[language])
        return response

    def _told(self, request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("Accept-Language", "")
        language = request.LANGUAGE_CODE = accepted(asked) if asked else SOURCE
        response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", TAGS[language])
        if language != SOURCE:
            answers.in_language(response, language)
        return response


class Storable:
    """Refuses a null character in an address, which no column of PostgreSQL can hold: one place for API and staff's site."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path:
            return bad_request(request, SuspiciousOperation("a null character in the path"))
        if "%00" in request.META["QUERY_STRING"] or "\0" in request.META["QUERY_STRING"]:
            return unstorable(request, next((name for name in request.GET if _null(request, name)), None), null=True)
        return self.get_response(request)


def _null(request: HttpRequest, name: str) -> bool:
    return any("\0" in text for text in (name, *request.GET.getlist(name)))


class Explained:
    """Answers what a page raised and is nobody's defect: a value that nothing holds, a service that is away. The API's own
    handler (`core.http.errors`) has seen what is raised below it, and leaves the first of these to this one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """The answer; a log line tells where it was met. None: a defect."""
        if is_away(error):
            log.warning("service_away", path=request.path, error=type(error.__cause__ or error).__name__)
            return away(request)
        if isinstance(error, DataError | OverflowError) or OUT_OF_RANGE.search(str(error)):
            log.warning("unstorable_value", path=request.path, exc_info=error)
            return unstorable(request, None, null="NUL" in str(error))
        return None


class NotKept:
    """What the API answers is somebody's own and kept by nobody, unless the answer itself says otherwise (`core.http.open`)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(API_PREFIX):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Patched:
    """A PATCH from where none can be sent (`wx.request` of a mini-program): a POST to the API that says so in a header."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("HTTP_X_HTTP_METHOD_OVERRIDE")
        if asked == "PATCH" and request.method == "POST" and request.path.startswith(API_PREFIX):
            request.method = request.META["REQUEST_METHOD"] = asked
        return self.get_response(request)


class OneMoment:
    """One request has one business time: the clock is asked once, when it is first needed, and stands (DESIGN.md §4)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with clock.standing():
            return self.get_response(request)


class MasterDataHistory(HistoryMiddleware):
    """Who changed the master data, told to its history: only what is sent to the admin changes it, so only that costs anything."""

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path.startswith(ADMIN) or request.method in ("GET", "HEAD"):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[no-untyped-call]


class ContentSecurity:
    """Our own pages load and run their own files only; the admin's and the API page's libraries need a little more."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, _content_policy(request.path.startswith(ADMIN), request.path == DOCS))
        return response


@cache
def _content_policy(admin: bool, docs: bool) -> str:
    """The policy of the settings, widened for two subtrees."""
    if admin:  # Alpine evaluates the expressions in unfold's templates
        return build_policy(update={"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'unsafe-inline'"]})
    return build_policy(update={"style-src": ["'unsafe-inline'"]} if docs else {})
