"""Texts as people write them: made alike, spelled for search. Pure.

Chinese names are spelled in pinyin and by initials: 重庆市 → chongqingshi, cqs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from types import ModuleType
from typing import NamedTuple

# Place names whose characters are read otherwise than the dictionary guesses.
_READINGS = {
    "长治": "chang zhi",
    "长宁区": "chang ning qu",
    "市长宁区": "shi chang ning qu",
    "朝阳": "chao yang",
    "朝阳市": "chao yang shi",
    "漯河": "luo he",
    "闵行": "min hang",
    "藏医": "zang yi",
    "塔什库尔干": "ta shi ku er gan",
}


@cache
def _dictionary() -> ModuleType:
    """The dictionary takes 50 MB: loaded by the few processes that spell, not by every one that answers requests."""
    import pypinyin

    phrases = {phrase: [[syllable] for syllable in reading.split()] for phrase, reading in _READINGS.items()}
    pypinyin.load_phrases_dict(phrases)
    return pypinyin


class Spelling(NamedTuple):
    pinyin: str
    initials: str


def spell(name: str) -> Spelling:
    """Return the pinyin of `name` and the first letters of its syllables, lower case and without marks or spaces."""
    pypinyin = _dictionary()
    syllables = pypinyin.lazy_pinyin(name, style=pypinyin.Style.NORMAL, errors=_latin)
    return Spelling("".join(syllables), "".join(syllable[0] for syllable in syllables))


def _latin(text: str) -> list[str] | None:
    """Keep Latin letters and digits of a name one by one, drop punctuation."""
    return [letter.lower() for letter in text if letter.isascii() and letter.isalnum()] or None


def plain(text: str) -> str:
    """The text half-width and without blanks, which differ between keyboards."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def plain_name(name: str) -> str:
    """A name without what differs between keyboards, the dots in names of minorities (·•．) among it: to compare, not to show."""
    return re.sub("[•‧・.]", "·", plain(name)).casefold()
