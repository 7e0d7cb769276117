"""Common diagnoses (ICD-10) by code and Chinese name: a list to choose from, not the whole classification."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from core.errors import Invalid

FILE = Path(__file__).parent / "data" / "diagnoses.csv"
# I10, C34.9, and the clinical edition's longer codes: I10.x00, E11.900x001
CODE = re.compile(r"[A-Z]\d{2}(\.[0-9X]\d{0,2}(X\d{3})?)?")
WITHIN = 3  # letters it takes to be looked for in the middle of a spelling


class Diagnosis(NamedTuple):
    code: str
    name: str
    pinyin: str = ""
    initials: str = ""


@cache
def known() -> tuple[Diagnosis, ...]:
    """The list, by code."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(Diagnosis(**row) for row in csv.DictReader(file))


def search(text: str) -> list[Diagnosis]:
    """By code, name, pinyin or initials; what begins with it first."""
    text = text.strip()
    spelled = text.lower().replace(" ", "").replace("'", "")
    begins = [row for row in known() if _begins(row, text, spelled)]
    return begins + [row for row in known() if row not in begins and _contains(row, text, spelled)]


def _begins(row: Diagnosis, text: str, spelled: str) -> bool:
    return (
        row.code.startswith(text.upper())
        or row.name.startswith(text)
        or row.pinyin.startswith(spelled)
        or row.initials.startswith(spelled)
    )


def _contains(row: Diagnosis, text: str, spelled: str) -> bool:
    return text in row.name or (len(spelled) >= WITHIN and (spelled in row.pinyin or spelled in row.initials))


def complete(code: str = "", name: str = "") -> Diagnosis:
    """A diagnosis of which the code or the name was given.

    The name may be the hospital's own, but not that of another illness.
    Raises Invalid `diagnosis_code_invalid`, `diagnosis_mismatch`, `diagnosis_unknown`.
    """
    code, name = code.strip().upper(), name.strip()
    if code and not CODE.fullmatch(code):
        raise Invalid(
            _("诊断编码不符合ICD-10格式，例如 C34.9，请核对。"), code="diagnosis_code_invalid", attr="diagnosis.code"
        )
    if code and any(row.name == name and row.code[:3] != code[:3] for row in known()):
        raise Invalid(_("诊断编码与名称不一致，请核对。"), code="diagnosis_mismatch", attr="diagnosis")
    listed = next(_matching(code, name), Diagnosis(code, name))
    if not listed.code or not (name or listed.name):
        raise Invalid(_("诊断不在常用目录中，请同时填写ICD-10编码和名称。"), code="diagnosis_unknown", attr="diagnosis")
    return Diagnosis(code or listed.code, name or listed.name)


def _matching(code: str, name: str) -> Iterator[Diagnosis]:
    return (row for row in known() if (row.code == code if code else row.name == name))
