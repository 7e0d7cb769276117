"""Two versions of a policy side by side, rule by rule: what is said otherwise, what is new, what is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from policies.readable.pieces import Readable, Section, Sentence

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
    found = []
    for key in dict.fromkeys((*after, *before)):
        changes = tuple(_changes(before.get(key), after.get(key)))
        if changes:
            found.append(SectionChange((after.get(key) or before[key]).title, changes))
    return found


def _changes(old: Section | None, new: Section | None) -> Iterator[Change]:
    if old is not None and new is not None and old.title != new.title:
        yield Change("适用对象", old.title, new.title)
    before, after = _said(old), _said(new)
    for key in dict.fromkeys((*after, *before)):
        if before.get(key) != after.get(key):
            yield Change("：".join(key[:-1]), before.get(key, ""), after.get(key, ""))
    yield from _order(old, new)


def _said(section: Section | None) -> dict[Key, str]:
    """What each rule says, by what it is about; rules about the same are told apart by their order."""
    said: dict[Key, str] = {}
    for about, text in _rules(section):
        number = next(n for n in count() if (*about, str(n)) not in said)
        said[(*about, str(number))] = text
    return said


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
        kept = [case for case in before[title] if case in after[title]]
        now = [case for case in after[title] if case in before[title]]
        if kept != now:
            yield Change(f"{title}：先后顺序", " → ".join(kept), " → ".join(now))


def _cases(section: Section | None) -> dict[str, list[str]]:
    tables = [piece for piece in section.pieces if not isinstance(piece, Sentence)] if section is not None else []
    return {table.title: ["，".join(row.cells[:-1]) for row in table.rows] for table in tables}
