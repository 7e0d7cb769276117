"""JSON out: fast, money as strings with two decimals, times with the offset of Shanghai (API.md, Conventions)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from core.clock import SHANGHAI


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


class JSON(BaseRenderer):
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
