"""What a readable policy is made of: sections of sentences and tables, every figure with its source."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
