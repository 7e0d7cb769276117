"""What happens around every request: its number, its one moment, its measure."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from regions import clock

Answer = Callable[[HttpRequest], HttpResponse]
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestId:
    """Takes the caller's X-Request-ID if it is a harmless word, else makes one; says it in the answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        number = given if SANE.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = number
        response = self.get_response(request)
        response["X-Request-ID"] = number
        return response


class OneMoment:
    """One request has one business time: the clock is asked once and stands (DESIGN.md §4)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with clock.standing_at(clock.now()):
            return self.get_response(request)
