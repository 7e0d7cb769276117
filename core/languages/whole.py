"""Texts that count word by word, in the reader's language: each sentence is translated whole, or stays whole as it was written.

`sentences.translated` puts into words what it knows of a sentence, and leaves the rest. A rule half in English would say something else, so here
nothing is left over: a sentence of which a word is not known stays Chinese, and is named, that it can be marked as Chinese and read aloud as such.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from core.languages import SOURCE
from core.languages.sentences import (
    DEEPEST,
    HAN,
    QUOTED,
    Template,
    catalogue,
    filling,
    joined,
    remark_on,
    split,
    templates,
    unread,
)

_SENTENCE = re.compile("(?<=[。：；])")
_REMARK = re.compile("(.+?)（([^（）]*)）", re.DOTALL)
LEAST_ENDING = 3


class Told(NamedTuple):
    """A text in the reader's language, and what in it is still as it was written."""

    text: str
    originals: frozenset[str] = frozenset()


class Reading:
    """Reads texts in one language. `names`: of places and the like, which stay; `originals`: all that stayed Chinese so far."""

    def __init__(self, language: str, names: Container[str] = frozenset()) -> None:
        self.language, self.names = language, names
        self.originals: set[str] = set()
        self._known: dict[str, Told | None] = {}

    def read(self, text: str) -> str:
        """The text, its lines and sentences whole in one language or the other."""
        if self.language == SOURCE or not HAN.search(text):
            return text
        told = self._whole(text, 0)
        if told is None:
            return self._by_sentences(text)
        self.originals |= told.originals
        return told.text if self.language.startswith("zh") else _spaced(told.text)

    def _by_sentences(self, text: str) -> str:
        pieces = [piece for piece in _SENTENCE.split(text) if piece]
        if len(pieces) < 2:
            self.originals.add(text)
            return text
        return ("" if self.language.startswith("zh") else " ").join(map(self.read, pieces))

    def _whole(self, text: str, depth: int) -> Told | None:
        """The text if every word of it is known; None: one is not."""
        if not HAN.search(text):
            return Told(text if self.language.startswith("zh") else unread(text))
        if text in self.names:
            return Told(text, frozenset({text}))
        if known := catalogue(self.language).get(text):
            return Told(known)
        if depth > DEEPEST:
            return None
        if text not in self._known:
            self._known[text] = next(filter(None, self._composed(text, depth + 1)), None)
        return self._known[text]

    def _composed(self, text: str, depth: int) -> Iterator[Told | None]:
        """By a template, else as a sentence and a remark, else by its parts, else as what is known and what comes before it."""
        candidates = [each for each in templates(self.language) if each.anchor in text]
        yield from (self._filled(each, text, depth) for each in candidates)
        yield self._remarked(text, depth)
        if stop := split(text):
            yield self._joined([self._whole(part, depth) for part in text.split(stop)], stop)
        yield from (self._ended(text, cut, depth) for cut in _cuts(text, candidates, catalogue(self.language)))

    def _filled(self, template: Template, text: str, depth: int) -> Told | None:
        found = template.pattern.fullmatch(text)
        if found is None:
            return None
        values: dict[str, Told] = {}
        for name, value in found.groupdict().items():
            told = _quoted(value) if name in QUOTED else self._whole(value, depth)
            if told is None:
                return None
            values[name] = told
        texts = {name: told.text for name, told in values.items()}
        return Told(filling(template.translation, texts, self.language), _all(values.values()))

    def _remarked(self, text: str, depth: int) -> Told | None:
        found = _REMARK.fullmatch(text)
        said, remark = (self._whole(piece, depth) for piece in found.groups()) if found else (None, None)
        if said is None or remark is None:
            return None
        return Told(remark_on(said.text, remark.text, self.language), said.originals | remark.originals)

    def _joined(self, parts: list[Told | None], stop: str) -> Told | None:
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return Told(joined([part.text for part in known], stop, self.language), _all(known))

    def _ended(self, text: str, cut: int, depth: int) -> Told | None:
        start, end = self._whole(text[:cut], depth), self._whole(text[cut:], depth)
        if start is None or end is None:
            return None
        between = "" if self.language.startswith("zh") or end.text[:1] in " ,." else " "
        return Told(re.sub(" {2,}", " ", start.text + between + end.text), start.originals | end.originals)


def _spaced(text: str) -> str:
    """One blank between words, none before a stop, one before a bracket."""
    return re.sub(r" (?=[,.;:)])", "", re.sub(r" *\(", " (", re.sub(" {2,}", " ", text))).strip()


def _cuts(text: str, candidates: Iterable[Template], known: Container[str]) -> Iterator[int]:
    """Where an ending that is known may begin: a whole text of the catalogue, or a template that does not begin with a gap."""
    yield from (cut for cut in range(1, len(text) - LEAST_ENDING + 1) if text[cut:] in known)
    for template in candidates:
        found = template.pattern.pattern.startswith("(?P") or re.search(
            f"(?:{template.pattern.pattern})\\Z", text, re.DOTALL
        )
        if isinstance(found, re.Match) and found.start():
            yield found.start()


def _quoted(text: str) -> Told:
    return Told(text, frozenset({text}) if HAN.search(text) else frozenset())


def _all(told: Iterable[Told]) -> frozenset[str]:
    return frozenset[str]().union(*(each.originals for each in told))
