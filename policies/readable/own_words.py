"""What policy files say in words of their own, beside the sentences that are written for all.

A notice (备案告知书) shows notes and names of documents; an answer that pays nothing, or leaves something out, shows why; every list shows
what the policy is called. Each has its translation, found by the very text: one that changed has none until it is translated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from policies.language.filing_schema import FilingRules
from policies.language.schema import PolicyFile

WRITTEN = frozenset({"note", "label"})
REASONS = frozenset({"reason", "not_known"})


def own_words(rules: Iterable[FilingRules]) -> set[str]:
    """The notes and labels of these rules, without the stop that follows them."""
    return {text.rstrip("。") for each in rules for text in _written(each, WRITTEN)} - {""}


def names_and_reasons(policies: Iterable[PolicyFile]) -> set[str]:
    """What these policies are called, and why they pay nothing or leave something out."""
    policies = list(policies)
    benefits = [(each.benefits, each.supplements, each.not_included) for each in policies]
    reasons = {text.rstrip("。") for text in _written(benefits, REASONS)}
    return {each.name for each in policies} | reasons - {""}


def _written(value: Any, names: frozenset[str]) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            held = getattr(value, field.name)
            if isinstance(held, str):
                yield from (held,) if field.name in names else ()
            elif field.name != "sources":
                yield from _written(held, names)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _written(each, names)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _written(each, names)
