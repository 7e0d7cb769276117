"""How Chinese names are spelled for search: 重庆市 → chongqingshi, cqs. Pure."""

from __future__ import annotations

from typing import NamedTuple

from pypinyin import Style, lazy_pinyin, load_phrases_dict

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
load_phrases_dict({phrase: [[syllable] for syllable in reading.split()] for phrase, reading in _READINGS.items()})


class Spelling(NamedTuple):
    pinyin: str
    initials: str


def spell(name: str) -> Spelling:
    """Return the pinyin of `name` and the first letters of its syllables, lower case and without marks or spaces."""
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=_plain)  # type: ignore[arg-type]  # may return a list
    return Spelling("".join(syllables), "".join(syllable[0] for syllable in syllables))


def _plain(text: str) -> list[str] | None:
    """Keep Latin letters and digits of a name one by one, drop punctuation."""
    return [letter.lower() for letter in text if letter.isascii() and letter.isalnum()] or None
