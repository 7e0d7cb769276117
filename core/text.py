"""Texts as people type and paste them: what differs between keyboards goes, names are spelled for search. Pure.

Chinese names are spelled in pinyin and by initials: 重庆市 → chongqingshi, cqs. `lib/text.js` of the phone's pages mends alike;
both are tested with the same table (`tests/core/typed_texts.json`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
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

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff"
"""Characters of names, rare ones and those of the private area among them; for a class of a regular expression."""
DOTS = "•‧・･∙⋅●⚫⬤⦁⏺⸱⸳ꞏ᛫ᐧ˙\u0387"
"""What keyboards offer for the dot in a name (买买提·阿不都)."""
DASHES = "‐‑‒–—―−－﹣﹘⁃˗⁻"
UNSEEN = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0,
          *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}  # fmt: skip
"""Invisible, though Unicode counts them as letters or marks."""
BLANKS = "\t\n\v\f\r\x85\u2800"


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


class _Visible(dict[int, str | None]):
    """For `str.translate`: every kind of blank is a space, what cannot be seen is nothing. Found out once for a character."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        kind = unicodedata.category(letter)
        shown: str | None = letter
        if kind[0] == "Z" or letter in BLANKS:
            shown = " "
        elif kind in ("Cc", "Cf", "Cs") or code in UNSEEN:
            shown = None
        self[code] = shown
        return shown


_visible = _Visible()
_hyphens = str.maketrans(dict.fromkeys(DASHES, "-"))
_dots = str.maketrans(dict.fromkeys(DOTS, "·"))
_halves = {0xFEE0 + ord(letter): letter for letter in map(chr, range(33, 127)) if letter.isalnum()}


def plain(text: str) -> str:
    """The text half-width, without blanks and without what cannot be seen; every dash is a hyphen."""
    return unicodedata.normalize("NFKC", text.translate(_hyphens)).translate(_visible).replace(" ", "")


def line(text: str) -> str:
    """One line: no breaks, nothing invisible, single blanks, half-width letters and digits."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_visible).translate(_halves).split())


def prose(text: str) -> str:
    """Several lines: breaks and tabs stay, other control characters and what cannot be seen do not."""
    unbroken = re.split("\r\n|[\n\r\v\f\x85\u2028\u2029]", unicodedata.normalize("NFC", text))
    return "\n".join("\t".join(part.translate(_visible) for part in each.split("\t")) for each in unbroken).strip()


def person_name(text: str) -> str:
    """A name on one line: no blanks between Han characters and around dots, one kind of dot; Latin blanks and hyphens stay."""
    name = line(text.translate(_dots)).translate(_hyphens).replace("．", ".").replace("＇", "'")
    name = re.sub(f"(?<=[{HAN}]) ?[.。｡] ?(?=[{HAN}])", "·", name)
    return re.sub(f" ?· ?|(?<=[{HAN}]) (?=[{HAN}])", lambda found: found[0].strip(), name)


def number(text: str) -> str:
    """The number of a bill, an invoice, a passport: dashes stay."""
    return plain(text)


def identity(text: str) -> str:
    """An ID number as it stands on the card: nothing but digits and capitals, however it was grouped."""
    return plain(text).replace("-", "").upper()


def digits(text: str) -> str:
    """A number of digits (of a bank account, a code by SMS), however it was grouped."""
    return plain(text).replace("-", "")


_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(
    r"(010|02[0-9]|0[3-9][0-9]{2})-?([1-9][0-9]{2,3})-?([0-9]{4})(?:(?:-|转|ext\.?|x|#)([0-9]{1,5}))?"
)


def phone(text: str) -> str:
    """A telephone number as it is dialled in China: 13900000001; 023-63212345, 023-63212345-801. What is none stays to be refused."""
    bare = re.sub("[()]", "", plain(text).lower())
    home = re.sub(r"^(\+|00)86-?|^86-?(?=1[3-9])", "", bare)
    mobile = home.replace("-", "")
    if _MOBILE.fullmatch(mobile):
        return mobile
    if home != bare and not home.startswith("0"):
        home = f"0{home}"
    if found := _LANDLINE.fullmatch(home):
        area, exchange, line_number, extension = found.groups()
        return "-".join(filter(None, (area, exchange + line_number, extension)))
    return bare


_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


def amount(text: str) -> str:
    """Yuan as people write it: ￥1，234.5 元 → 1234.5; the sign stays. What may mean another sum (12,50; 12元5) stays to be refused."""
    bare = re.sub("^(-?)¥|元$", r"\1", plain(text)).replace("。", ".")
    return bare.replace(",", "") if _THOUSANDS.fullmatch(bare) else bare


class Form(NamedTuple):
    """How a text is mended, and the pattern of those that need not be: nearly all, so that nothing is called for them."""

    mend: Callable[[str], str]
    tidy: str


_SEEN = "[!-~一-鿿，。、；：（）]+"
LINE = Form(line, f"^({_SEEN}( {_SEEN})*)?$")
PROSE = Form(prose, LINE.tidy)
NAME = Form(person_name, "^[一-鿿]*$")
NUMBER = Form(number, "^[0-9A-Za-z-]*$")
IDENTITY = Form(identity, "^[0-9A-Z]*$")
DIGITS = Form(digits, "^[0-9]*$")
PHONE = Form(phone, "^1[3-9][0-9]{9}$")


def plain_name(name: str) -> str:
    """A name without what differs between keyboards, the dots in names of minorities (·•．) among it: to compare, not to show."""
    return re.sub("[.。]", "·", plain(person_name(name))).casefold()
