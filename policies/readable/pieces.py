"""What a readable policy is made of, sections of sentences and tables with their sources; and how two versions differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from policies.language.filing_types import Source

Names: TypeAlias = Callable[[str], str]
"""The name of an area or a disease by its code."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence about one thing; `about` names it, so that two versions can be laid side by side."""

    about: str
    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; its last cell is what the rule gives, the cells before say when. `mark`: whose rule it is."""

    cells: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rules of one list. `note` says how they are read together."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


Piece: TypeAlias = Sentence | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the policy: one benefit, one supplement, the filing rules …"""

    key: str
    title: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Readable:
    """A whole policy in Chinese, for people who read no YAML."""

    title: str
    sections: tuple[Section, ...]

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "sections": [_section(section) for section in self.sections]}


@dataclass(frozen=True, slots=True)
class Cited:
    """Finds sources by their ids; a rule without one takes its parent's."""

    known: Mapping[str, Source] = field(default_factory=dict)

    def of(self, *ids: str | None) -> tuple[Source, ...]:
        """The source of the first id that is given, as POLICY.md §1 says: the rule's own, else its parent's."""
        named = next((name for name in ids if name), None)
        return (self.known[named],) if named is not None and named in self.known else ()


def present(pieces: Iterable[Piece | None]) -> tuple[Piece, ...]:
    """Those that have something to say."""
    return tuple(piece for piece in pieces if piece is not None and (isinstance(piece, Sentence) or piece.rows))


def _section(section: Section) -> dict[str, Any]:
    return {"key": section.key, "title": section.title, "blocks": [_piece(piece) for piece in section.pieces]}


def _piece(piece: Piece) -> dict[str, Any]:
    if isinstance(piece, Sentence):
        return {"kind": "sentence", "text": piece.text, "sources": _sources(piece.sources)}
    rows = [{"cells": list(row.cells), "mark": row.mark, "sources": _sources(row.sources)} for row in piece.rows]
    return {"kind": "table", "title": piece.title, "columns": list(piece.columns), "rows": rows, "note": piece.note}


def _sources(sources: Iterable[Source]) -> list[dict[str, str]]:
    return [{"id": source.id, "publisher": source.publisher, "grade": source.grade} for source in sources]


Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that differs. `old` or `new` is empty where the rule is new or gone."""

    about: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SectionChange:
    """What differs in one section, in its order."""

    title: str
    changes: tuple[Change, ...]


def compare(old: Readable, new: Readable) -> list[SectionChange]:
    """All that the newer version says otherwise; nothing, if only sources, comments or examples differ."""
    before = {section.key: section for section in old.sections}
    after = {section.key: section for section in new.sections}
    differences = []
    for key in dict.fromkeys((*after, *before)):
        changes = tuple(_changes(before.get(key), after.get(key)))
        if changes:
            differences.append(SectionChange((after.get(key) or before[key]).title, changes))
    return differences


def _changes(old: Section | None, new: Section | None) -> Iterator[Change]:
    if old is not None and new is not None and old.title != new.title:
        yield Change("适用对象", old.title, new.title)
    before, after = _texts(old), _texts(new)
    for key in dict.fromkeys((*after, *before)):
        if before.get(key) != after.get(key):
            yield Change("：".join(key[:-1]), before.get(key, ""), after.get(key, ""))
    yield from _order(old, new)


def _texts(section: Section | None) -> dict[Key, str]:
    """What each rule says, by what it is about; rules about the same thing are numbered in their order."""
    texts: dict[Key, str] = {}
    for about, text in _rules(section):
        number = next(n for n in count() if (*about, str(n)) not in texts)
        texts[(*about, str(number))] = text
    return texts


def _rules(section: Section | None) -> Iterator[tuple[Key, str]]:
    for piece in section.pieces if section is not None else ():
        if isinstance(piece, Sentence):
            yield (piece.about,), piece.text
        else:
            yield from (((piece.title, *row.cells[:-1]), row.cells[-1]) for row in piece.rows)


def _order(old: Section | None, new: Section | None) -> Iterator[Change]:
    """The first rule that fits counts: the same rows in another order pay otherwise."""
    before, after = _cases(old), _cases(new)
    for title in before.keys() & after.keys():
        earlier = [case for case in before[title] if case in after[title]]
        later = [case for case in after[title] if case in before[title]]
        if earlier != later:
            yield Change(f"{title}：先后顺序", " → ".join(earlier), " → ".join(later))


def _cases(section: Section | None) -> dict[str, list[str]]:
    tables = [piece for piece in section.pieces if not isinstance(piece, Sentence)] if section is not None else []
    return {table.title: ["，".join(row.cells[:-1]) for row in table.rows] for table in tables}
