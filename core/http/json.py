"""JSON in: of bounded size and depth, in UTF-8, and nothing that is not JSON (NaN, lone surrogates). JSON out: fast, money as
strings with two decimals, times with the offset of Shanghai (API.md, Conventions).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.metadata import SimpleMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from core.clock import SHANGHAI
from core.errors import Invalid, Problem, Refusal
from core.http.values import NO_NULL

KB, MB = 1024, 1024 * 1024
LARGEST = (
    ("/api/v1/materials/", 10 * MB + 64 * KB),  # a file, and the form around it
    ("/api/v1/reconciliation/", 6 * MB),  # 20 000 rows
    ("/api/v1/settlements/", 4 * MB),  # 5 000 lines, each with a name of 200 characters
    ("/api/v1/estimates/", 4 * MB),
    ("/api/v1/claims/", 4 * MB),
    ("/api/", 128 * KB),
    *((base, 6 * MB) for base in ("/fsi/", "/mbs-fsi/", "/mss/")),  # 5 000 lines, or a list of a month to compare
    ("/admin/login/", 16 * KB),
    ("/admin/", 12 * MB),
    ("", 16 * KB),
)
"""How many bytes a body may have, by the beginning of the address."""
NULL, MOST_PROBLEMS, LONGEST_PATH = b"\\u0000", 10, 200


class BodyTooLarge(Refusal):
    """413: more bytes than any form of ours needs."""

    status = 413
    code = "body_too_large"


def largest(path: str) -> int:
    """The most bytes that may be sent to this address."""
    return next(size for beginning, size in LARGEST if path.startswith(beginning))


def too_large(most: int) -> BodyTooLarge:
    """The refusal of a body beyond `most` bytes."""
    size = f"{most // MB} MB" if most >= MB else f"{most // KB} KB"
    return BodyTooLarge(_("提交的内容超过 %s，请减少后重试。") % size)


class JSONParser(BaseParser):
    """The API's parser, by orjson, which refuses what is nested deeper than 1024 levels."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        most = largest((parser_context or {})["request"].path)
        text = stream.read(most + 1)
        if len(text) > most:
            raise too_large(most)
        try:
            data = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ParseError from error
        if NULL in text and (problems := [*islice(_nulls(data), MOST_PROBLEMS)]):
            raise Invalid(problems=problems)
        return data


def _nulls(data: Any) -> Iterator[Problem]:
    """Where a null character stands, which no column can hold, in a value or in a name."""
    waiting: deque[tuple[tuple[str, ...], Any]] = deque([((), data)])
    while waiting:
        path, value = waiting.popleft()
        if isinstance(value, str) and "\0" in value:
            yield Problem("null_characters_not_allowed", str(NO_NULL), ".".join(path)[:LONGEST_PATH] or None)
        elif isinstance(value, dict):
            waiting.extend((path, name) for name in value if "\0" in name)
            waiting.extend(((*path, name), inner) for name, inner in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, str(at)), inner) for at, inner in enumerate(value))


class Methods(SimpleMetadata):
    """OPTIONS: name, methods (in `Allow`) and formats of the address. What each takes and answers, the OpenAPI document says."""

    def determine_actions(self, request: Any, view: Any) -> dict[str, Any]:
        return {}


def dumps(data: Any) -> bytes:
    """Return `data` as JSON: Decimal as "15260.80", aware datetimes in Asia/Shanghai, codes and ids as strings."""
    return orjson.dumps(data, _plain, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _money(value)
    if isinstance(value, Promise):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else list(value)


def _money(value: Decimal) -> str:
    """At least two decimals; never rounds, for a third decimal here would be a defect that should show."""
    exponent = value.as_tuple().exponent
    return f"{value:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{value:f}"


class JSONRenderer(BaseRenderer):
    """The API's renderer, by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else dumps(data)


class WhateverIsAccepted(DefaultContentNegotiation):
    """Pictures ask for `image/*`; only a refusal is rendered, as JSON."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type
