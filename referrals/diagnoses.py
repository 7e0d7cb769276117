"""Diagnoses: the national list (医保版 ICD-10 2.0), found by code, name, pinyin, initials and everyday words.

The list is one long text for its codes, one for its names and one for its spellings, which are searched as they are: a few
megabytes for a process that searches. It begins with the shortest names, so what is found first is shown first. What the
administrators changed since (`ListedDiagnosis`) is laid over the shipped file, once for each version of their changes.
"""

from __future__ import annotations

import csv
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.text import plain, spell
from referrals.models import DIAGNOSIS_CODE, ListedDiagnosis, diagnosis_version

DATA = Path(__file__).parent / "data"
BEGINNING = re.compile(r"[A-Z]\d[\dX.+*A-Z]*")
WITHIN = 3  # letters it takes to be looked for in the middle of a spelling
MOST = 500  # of those that begin with what is looked for, and again of those that have it within


class Diagnosis(NamedTuple):
    code: str
    name: str


class Word(NamedTuple):
    """What people say, and the codes it means, the likeliest first."""

    word: str
    codes: tuple[str, ...]
    pinyin: str
    initials: str


class Column:
    """The texts of all rows, a line each, where a row may have several, parted by |."""

    def __init__(self, texts: list[str]) -> None:
        self.text = "\n".join(["", *texts, ""])
        self.starts = array("I", accumulate((len(text) + 1 for text in texts), initial=1))

    def __getitem__(self, row: int) -> str:
        return self.text[self.starts[row] : self.starts[row + 1] - 1]

    def having(self, part: str) -> Iterator[int]:
        """The rows in which it stands, each once."""
        at = self.text.find(part)
        while at >= 0:
            row = bisect_right(self.starts, at + (part[0] == "\n")) - 1
            yield row
            at = self.text.find(part, self.starts[row + 1] - 1)

    def beginning(self, part: str) -> list[int]:
        """The rows of which a text begins so, the first of them."""
        return [row for before in "\n|" for row in islice(self.having(before + part), MOST)]


class Entry(NamedTuple):
    """A row of the list; several other names are parted by |."""

    code: str
    name: str
    also: str
    pinyin: str
    initials: str


def shipped() -> list[Entry]:
    """The national list as it comes with the product, the shortest names first."""
    with (DATA / "diagnoses.tsv").open(encoding="utf-8") as file:
        return [Entry(*line.rstrip("\n").split("\t")) for line in islice(file, 1, None)]


@cache
def words() -> tuple[Word, ...]:
    """The everyday words, the shorter first."""
    with (DATA / "diagnosis_words.csv").open(encoding="utf-8", newline="") as file:
        rows = [Word(word, tuple(codes.split()), *spelled) for word, codes, *spelled in csv.reader(file)][1:]
    return tuple(sorted(rows, key=lambda row: len(row.word)))


Ranked = tuple[list[Diagnosis], list[Diagnosis], list[Diagnosis]]


class DiagnosisList:
    """One version of the list. `common`: the diagnoses that everyday words mean, by code."""

    def __init__(self, rows: list[Entry]) -> None:
        self.codes = Column([row.code for row in rows])
        self.names = Column([f"{row.name}|{row.also}" if row.also else row.name for row in rows])
        self.spelled = Column([f"{row.pinyin}|{row.initials}" for row in rows])

    def row(self, number: int) -> Diagnosis:
        return Diagnosis(self.codes[number], self.names[number].partition("|")[0])

    @cached_property
    def common(self) -> dict[str, Diagnosis]:
        meant = {code for row in words() for code in row.codes}
        rows = [self.row(number) for number, code in enumerate(self.codes.text.split()) if code in meant]
        return {row.code: row for row in sorted(rows)}

    def search(self, text: str) -> list[Diagnosis]:
        """By code, name, pinyin, initials or everyday word: what it is first, then what begins with it, then what has it within.

        In each of these what everyday words mean comes first, then the shorter name. Without a text: all that everyday words mean.
        """
        sought = plain(text).casefold().replace("'", "")
        if not sought:
            return list(self.common.values())
        ranked = zip(self._among_words(sought), self._among_names(sought), strict=True)
        return list(
            dict.fromkeys([*self.coded(sought.upper()), *(row for found in ranked for rows in found for row in rows)])
        )

    def coded(self, beginning: str) -> list[Diagnosis]:
        """Those whose code begins so: categories, then subcategories, then the rest."""
        if not BEGINNING.fullmatch(beginning):
            return []
        rows = (self.row(number) for number in self.codes.having(f"\n{beginning[:3]}"))
        return sorted((row for row in rows if row.code.upper().startswith(beginning)), key=_by_code)

    def named(self, name: str) -> list[Diagnosis]:
        """Those of this very name, categories first."""
        rows = (self.row(number) for number in self.names.having(f"\n{name}"))
        return [row for row in rows if row.name == name]

    def said(self, name: str) -> list[Diagnosis]:
        """What an everyday word means, if it means one thing only."""
        return next((self._meant([*row.codes]) for row in words() if row.word == name and len(row.codes) == 1), [])

    def _among_words(self, sought: str) -> Ranked:
        """What the words mean that are it, that begin with it, that have it within."""
        same: list[str] = []
        begins: list[str] = []
        within: list[str] = []
        for row in words():
            spellings = (row.word, row.pinyin, row.initials)
            if sought in spellings:
                same += row.codes
            elif any(spelling.startswith(sought) for spelling in spellings):
                begins += row.codes
            elif _long_enough(sought) and any(sought in spelling for spelling in spellings):
                within += row.codes
        return self._meant(same), self._meant(begins), self._meant(within)

    def _meant(self, codes: list[str]) -> list[Diagnosis]:
        return [self.common[code] for code in codes if code in self.common]

    def _among_names(self, sought: str) -> Ranked:
        """Those one of whose names or spellings is it, begins with it, has it within."""
        column = self.spelled if sought.isascii() else self.names
        same: list[Diagnosis] = []
        begins: list[Diagnosis] = []
        for number in column.beginning(sought):
            (same if sought in column[number].split("|") else begins).append(self.row(number))
        within = islice(column.having(sought), MOST) if _long_enough(sought) else ()
        return self._ordered(same), self._ordered(begins), self._ordered([self.row(number) for number in within])

    def _ordered(self, rows: list[Diagnosis]) -> list[Diagnosis]:
        return sorted(rows, key=lambda row: (row.code not in self.common, len(row.name), *_by_code(row)))


def entries() -> list[Entry]:
    """The list as it stands: the shipped one with what was changed since, the shortest names first."""
    changes = {row.code: row for row in ListedDiagnosis.objects.all()}
    if not changes:
        return shipped()
    stay = [row for row in shipped() if row.code not in changes]
    stay += [_changed(row) for row in changes.values() if row.in_force]
    return sorted(stay, key=lambda row: (len(row.name), *_by_code(row)))


def _changed(row: ListedDiagnosis) -> Entry:
    """Found as its names are typed."""
    names = dict.fromkeys(plain(name).casefold() for name in (row.name, *row.also.split("|")) if name)
    return Entry(row.code, row.name, "|".join(names), *spell(row.name))


@lru_cache(maxsize=1)
def _version(version: UUID | None) -> DiagnosisList:
    """Read once for each version of the changes."""
    return DiagnosisList(entries())


def listed() -> DiagnosisList:
    """The list as it stands now."""
    return _version(diagnosis_version.first())


def search(text: str) -> list[Diagnosis]:
    return listed().search(text)


def complete(code: str = "", name: str = "") -> Diagnosis:
    """A diagnosis of which the code or the name was given.

    The name may be the hospital's own, but not that of another illness; a code is spelled as the list spells it (I10.x00).
    Raises Invalid `diagnosis_code_invalid`, `diagnosis_mismatch`, `diagnosis_unknown`.
    """
    code, name = code.strip().upper(), name.strip()
    if code and not DIAGNOSIS_CODE.fullmatch(code):
        raise Invalid(
            _("诊断编码不符合ICD-10格式，例如 C34.9，请核对。"), code="diagnosis_code_invalid", attr="diagnosis.code"
        )
    now = listed()
    named = now.named(name) if name else []
    if code and named and not any(row.code[:3] == code[:3] for row in named):
        raise Invalid(_("诊断编码与名称不一致，请核对。"), code="diagnosis_mismatch", attr="diagnosis")
    matching = [row for row in now.coded(code) if row.code.upper() == code] if code else now.said(name) or named
    if not (code or matching) or not (name or matching):
        raise Invalid(_("诊断不在常用目录中，请同时填写ICD-10编码和名称。"), code="diagnosis_unknown", attr="diagnosis")
    return Diagnosis(matching[0].code if matching else _spelled(code), name or matching[0].name)


def _by_code(row: Diagnosis | Entry) -> tuple[int, str]:
    return min(len(row.code), 6), row.code


def _long_enough(sought: str) -> bool:
    return not sought.isascii() or len(sought) >= WITHIN


def _spelled(code: str) -> str:
    """A code that the list lacks, as the clinical edition spells such: capitals in front, a small x within."""
    return code[0] + code[1:].replace("X", "x")
