"""The reader's language of each request: pages are rendered in it, the API's answers put into it, the staff's site stays Chinese."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from core.languages import SOURCE, TAGS, accepted, answers

API, ADMIN = "/api/", "/admin/"
Answer = Callable[[HttpRequest], HttpResponse]


class ReadersLanguage:
    """The API goes by `Accept-Language` alone, and without one is Chinese; pages go by what was chosen (a cookie), then by it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ADMIN):
            return self.get_response(request)
        if request.path.startswith(API):
            return self._told(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        response.headers.setdefault("Content-Language", TAGS[language])
        return response

    def _told(self, request: HttpRequest) -> HttpResponse:
        language = request.LANGUAGE_CODE = accepted(request.headers.get("Accept-Language", ""))
        response = self.get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", TAGS[language])
        if language != SOURCE:
            answers.in_language(response, language)
        return response
