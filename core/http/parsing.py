"""JSON in: of bounded size and depth, in UTF-8, and nothing that is not JSON (NaN, lone surrogates)."""

from __future__ import annotations

from typing import IO, Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core.errors import Refusal

LARGEST = 2 * 1024 * 1024


class BodyTooLarge(Refusal):
    """413: more bytes than any form of ours needs."""

    status = 413
    code = "body_too_large"


class JSON(BaseParser):
    """The API's parser, by orjson, which refuses what is nested deeper than 1024 levels."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        text = stream.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise BodyTooLarge(_("提交的内容超过 2 MB，请减少后重试。"))
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ParseError from error
