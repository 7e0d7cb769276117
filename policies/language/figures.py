"""The figures of a policy file's benefits and supplements, each with the source it rests on: its own, or the nearest above it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policies.language.text import Node

FIGURES = {
    "amount",
    "ratio",
    "points",
    "times",
    "self_times",
    "add",
    "percent_of_total",
    "min",
    "max",
    "annual_max",
    "annual_cap",
    "level",
    "upto",
}


class Figure(NamedTuple):
    """A figure, the key it stands at, and the id of its source (None: it has none)."""

    key: str
    node: Node
    source: str | None


def figures(node: Node, key: str, above: str | None = None) -> Iterator[Figure]:
    """All figures below a node, in the order of the file; a band's edge may take the source of its ratios."""
    given = node.mapping or {}
    source = _named(given) or above
    for name, child in given.items():
        if name == "when":
            continue
        if name in FIGURES and not isinstance(child.value, str | tuple | dict) and child.value is not None:
            yield Figure(f"{key}.{name}", child, source or (_of_ratios(given) if name == "upto" else None))
        yield from figures(child, f"{key}.{name}", source)
    for i, entry in enumerate(node.sequence or ()):
        yield from figures(entry, f"{key}[{i}]", source)


def _named(given: Mapping[str, Node]) -> str | None:
    return str(given["source"].value) if "source" in given else None


def _of_ratios(band: Mapping[str, Node]) -> str | None:
    ratios = band["ratios"].sequence if "ratios" in band else None
    return next(filter(None, (_named(rule.mapping or {}) for rule in ratios or ())), None)
