"""In which language somebody reads: chosen on the phone, or named by the caller of the API.

Everything is written, stored and shown to staff in simplified Chinese. What leaves for a reader is put into their language at the
door: pages while they are rendered (`config.middleware`), answers of the API by `answers`, single sentences by `sentences`.
"""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


class Language(NamedTuple):
    """`code` as Django and addresses have it, `tag` as HTML, HTTP and `Intl` have it, `name` as its readers call it."""

    code: str
    tag: str
    name: str


SOURCE = "zh-hans"
LANGUAGES = (
    Language(SOURCE, "zh-CN", "简体"),
    Language("zh-hant", "zh-Hant", "繁體"),
    Language("en", "en", "English"),
)
TAGS = {language.code: language.tag for language in LANGUAGES}
OTHERS = tuple(language.code for language in LANGUAGES if language.code != SOURCE)


def supported(code: str) -> str | None:
    """The code of ours that stands for what somebody wrote (en-GB, zh-TW, zh_Hant); None: none does."""
    try:
        return get_supported_language_variant(code.lower().replace("_", "-"))
    except LookupError:
        return None


def accepted(header: str) -> str:
    """The first language of an `Accept-Language` that we have, else Chinese."""
    asked = (supported(name) for name, _ in parse_accept_lang_header(header) if name != "*")
    return next((code for code in asked if code), settings.LANGUAGE_CODE)


def reader(request: object) -> str:
    """The language that a call of the API is answered in (`config.middleware.ReadersLanguage`); Chinese for the staff's site."""
    return getattr(request, "LANGUAGE_CODE", SOURCE)
