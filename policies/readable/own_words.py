"""What policy files say on filing in words of their own, notes and names of documents, beside the sentences that are written for all.

A notice (备案告知书) shows them, so each has its translation, found by the very text: one that changed has none until it is translated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from policies.language.filing_schema import FilingRules

WRITTEN = frozenset({"note", "label"})


def own_words(rules: Iterable[FilingRules]) -> set[str]:
    """The notes and labels of these rules, without the stop that follows them."""
    return {text.rstrip("。") for each in rules for text in _written(each)} - {""}


def _written(value: Any) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            held = getattr(value, field.name)
            if isinstance(held, str):
                yield from (held,) if field.name in WRITTEN else ()
            elif field.name != "sources":
                yield from _written(held)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _written(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _written(each)
