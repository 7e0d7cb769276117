"""Notices and policies in other languages, for reading: the Chinese is what counts, what is stored, and what people acknowledge.

A translation is made of the very sentences of the text (`core.languages.whole`): one that changed is Chinese until it is translated again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.utils.translation import gettext as _

from core.languages import SOURCE, TAGS
from core.languages.sentences import translated
from core.languages.whole import Reading
from policies.bodies import ReadableAnswer, TranslationShape
from policies.readable.pieces import Readable
from regions.models import Area

_NUMBERED = re.compile(r"((?:十?[一二三四五六七八九]|十)、|\d+\. )?(.*)", re.DOTALL)


def notice_in(title: str, text: str, language: str, names: frozenset[str]) -> TranslationShape | None:
    """The translation of a notice, line by line; None in Chinese. `names`: of places."""
    if language == SOURCE:
        return None
    reading = Reading(language, names)
    lines = [_line(line, reading) for line in text.split("\n")]
    return {
        "language": TAGS[language],
        "remark": translated(_("译文仅供阅读，以简体中文原文为准。"), language),
        "title": reading.read(title),
        "text": "\n".join(lines),
        "originals": sorted(reading.originals, key=len, reverse=True),
    }


def _line(line: str, reading: Reading) -> str:
    """一、适用人群 → 1. Who it is for; 1. 居住证。 → 1. Residence permit."""
    found = _NUMBERED.fullmatch(line)
    number, rest = (found[1] or "", found[2]) if found else ("", line)
    if number.endswith("、") and not reading.language.startswith("zh"):
        number = f"{reading.read(number[:-1])}. "
    told = reading.read(rest)
    return number + told[:1].upper() + told[1:]


def place_names(language: str) -> frozenset[str]:
    """What places are called, for who reads a translation: one query; none for Chinese."""
    return frozenset(Area.objects.values_list("name", flat=True).order_by()) if language != SOURCE else frozenset()


def readable_in(readable: Readable, language: str, names: Iterable[str]) -> ReadableAnswer:
    """A policy for people, as JSON, in a language. What an area says in its own words, and names, stay Chinese: `originals`."""
    reading = Reading(language, frozenset(names))
    said = _each(readable.as_json(), reading.read)
    return cast(ReadableAnswer, {**said, "originals": sorted(reading.originals, key=len, reverse=True)})


KEYS = frozenset({"key", "kind", "sources"})
"""Codes, and the sources, which are named as they are."""


def _each(value: Any, read: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return read(value)
    if isinstance(value, list):
        return [_each(each, read) for each in value]
    return {name: each if name in KEYS else _each(each, read) for name, each in value.items()}
