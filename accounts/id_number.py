"""Citizen ID numbers (公民身份号码, GB 11643). Pure: no database, no Django.

Only the check character is python-stdnum's: its reader of whole numbers (`stdnum.cn.ric`) refuses real people, because it
asks whether the area code exists. Here a code is only a place on the map, and a mismatch is for a reviewer to see
(STACK.md §6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.iso7064 import mod_11_2

from core.errors import Invalid
from core.text import identity

_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_SPECIAL_AREAS = frozenset({"71", "81", "82", "83"})


@dataclass(frozen=True)
class IdNumber:
    """A valid number and what it says of its holder."""

    number: str
    birth_date: date
    sex: Literal["male", "female"]


class InvalidIdNumber(Invalid):
    """400: not a valid ID number; the sentence says which part to look at."""

    code = "id_number_invalid"


def read_id_number(text: str, *, today: date, attr: str = "id_number") -> IdNumber:
    """Return the number as it is written on the card, with birth date and sex; raises InvalidIdNumber."""
    number = normalise(text)
    if not _SHAPE.fullmatch(number):
        raise InvalidIdNumber("身份证号码应为18位，前17位是数字，末位是数字或X，请核对后重新填写。", attr=attr)
    if not _area_exists(number[:2]):
        raise InvalidIdNumber("身份证号码的前两位不是有效的地区代码，请核对后重新填写。", attr=attr)
    birth_date = _birth_date(number, today=today, attr=attr)
    if not mod_11_2.is_valid(number):
        raise InvalidIdNumber("身份证号码的校验位不正确，可能有数字填错，请逐位核对后重新填写。", attr=attr)
    return IdNumber(number, birth_date, "male" if int(number[16]) % 2 else "female")


def normalise(text: str) -> str:
    """Write digits half-width, the last X upper case; drop blanks, dashes and what cannot be seen."""
    return identity(text)


def _area_exists(code: str) -> bool:
    """Provinces, 台港澳 (83: residence permits of 台湾) and 9 for foreigners' permanent residence cards."""
    return "11" <= code <= "65" or code in _SPECIAL_AREAS or code.startswith("9")


def _birth_date(number: str, *, today: date, attr: str) -> date:
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        birth_date = date.min
    if not date(1900, 1, 1) <= birth_date <= today:
        raise InvalidIdNumber("身份证号码中的出生日期不存在或晚于今天，请核对后重新填写。", attr=attr)
    return birth_date
