"""Laying an area's `filing:` section over the sections above it, key by key (POLICY.md §5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from policies.language.binding import Binder
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Document, Source, TypeRules
from policies.language.terms import FILING_TYPES, LONG_TERM, TEMPORARY, FilingType
from policies.language.text import Node, PolicyError, Problem

GROUPS: dict[str, tuple[FilingType, ...]] = {"all": FILING_TYPES, "long_term": LONG_TERM, "temporary": TEMPORARY}
WHOLE = ("vacation", "injury", "newborns", "maternity")
"""Keys that a later file replaces with all that is under them: they may be null."""
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """The value of one key that is replaced whole, with the source that stands on it or nearest above it."""

    node: Node
    source: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One file's `filing:` section as units by path, with that file's sources (compared by identity)."""

    units: Mapping[Path, Unit]
    sources: Mapping[str, Source]


def _own_source(node: Node, above: str | None) -> str | None:
    source = (node.mapping or {}).get("source")
    return source.value if source is not None and isinstance(source.value, str) else above


def _unit(node: Node, above: str | None) -> Unit:
    """A bare value may be written `{value: …, source: ID}` to name its own source."""
    source = _own_source(node, above)
    given = node.mapping or {}
    return Unit(given["value"] if given.keys() == {"value", "source"} else node, source)


def _keys(node: Node, above: str | None, path: Path) -> Iterator[tuple[Path, Unit]]:
    """Each key of a section (or the whole section where it is a list)."""
    source = _own_source(node, above)
    if node.mapping is None:
        yield path, _unit(node, above)
        return
    for name, child in node.mapping.items():
        if name != "source":
            yield (*path, name), _unit(child, source)


def _types(node: Node, above: str | None, binder: Binder) -> Iterator[tuple[Path, Unit]]:
    """Groups first (all, then long_term and temporary), so that a type's own keys win over its group's."""
    if node.mapping is None:
        binder.refuse(node, "filing.types", "type_wrong", "应为键值对")
        return
    known: dict[str, tuple[FilingType, ...]] = GROUPS | {name: (name,) for name in FILING_TYPES}
    for name in node.mapping.keys() - known.keys() - {"source"}:
        expected = f"没有这种备案类型；这里可以写 {'、'.join(known)}"
        binder.refuse(node.mapping[name], f"filing.types.{name}", "key_unknown", expected)
    source = _own_source(node, above)
    for name, members in known.items():
        rules = node.mapping.get(name)
        if rules is not None and rules.mapping is None:
            binder.refuse(rules, f"filing.types.{name}", "type_wrong", "应为键值对")
        elif rules is not None:
            for (key,), unit in _keys(rules, source, ()):
                yield from ((("types", member, key), unit) for member in members)


def cut(filing: Node, sources: Mapping[str, Source]) -> Section:
    """A `filing:` section cut into the keys that are replaced whole. Raises PolicyError."""
    binder = Binder()
    units: dict[Path, Unit] = {}
    above = _own_source(filing, None)
    if filing.mapping is None:
        binder.refuse(filing, "filing", "type_wrong", "应为键值对")
    for name, node in (filing.mapping or {}).items():
        if name == "types":
            units.update(_types(node, above, binder))
        elif name in WHOLE:
            units[(name,)] = _unit(node, above)
        elif name != "source":
            units.update(_keys(node, above, (name,)))
    if binder.problems:
        raise PolicyError(binder.problems)
    return Section(MappingProxyType(units), sources)


def resolve(area: str, sections: tuple[Section, ...]) -> FilingRules:
    """The rules that hold when each section overrides those before it. Raises PolicyError."""
    units: dict[Path, Unit] = {}
    sources: dict[str, Source] = {}
    for section in sections:
        units.update(section.units)
        for path, unit in section.units.items():
            _note_sources(path, unit, section.sources, sources)
    binder = Binder()
    rules = binder.bind(FilingRules, _tree(units), "filing")
    if binder.problems:
        raise PolicyError(binder.problems)
    missing = [name for name in FILING_TYPES if name not in rules.types]
    if missing:
        raise PolicyError([Problem("", 1, "filing.types", "key_missing", f"缺少 {'、'.join(missing)}")])
    return _finished(rules, area, sources)


def _note_sources(path: Path, unit: Unit, known: Mapping[str, Source], sources: dict[str, Source]) -> None:
    """Remembers the source of a key, and of each of its entries where it is a list; forgets those it replaces."""
    key = ".".join(path)
    for old in [name for name in sources if name == key or name.startswith(f"{key}.")]:
        del sources[old]
    if unit.source and unit.source in known:
        sources[key] = known[unit.source]
    for i, entry in enumerate(unit.node.sequence or ()):
        own = _own_source(entry, None)
        if own and own in known:
            sources[f"{key}.{i}"] = known[own]


def _tree(units: Mapping[Path, Unit]) -> Node:
    """The units put together again as one mapping."""
    root: dict[str, Any] = {}
    for path, unit in units.items():
        branch = root
        for name in path[:-1]:
            branch = branch.setdefault(name, {})
        branch[path[-1]] = unit.node
    return _as_node(root)


def _as_node(branch: dict[str, Any]) -> Node:
    children = {name: child if isinstance(child, Node) else _as_node(child) for name, child in branch.items()}
    first = next(iter(children.values()), Node(None, 1, ""))
    return Node(children, first.line, first.file)


def _finished(rules: FilingRules, area: str, sources: dict[str, Source]) -> FilingRules:
    """Types named, and no document promised where the area takes no commitment."""
    types = {name: _finished_type(name, rules.types[name], rules.commitment.accepted) for name in FILING_TYPES}
    return replace(rules, area=area, types=MappingProxyType(types), sources=MappingProxyType(sources))


def _finished_type(name: FilingType, rules: TypeRules, commitment: bool) -> TypeRules:
    documents = tuple(_without_commitment(d) if not commitment else d for d in rules.documents)
    return replace(rules, type=name, documents=documents)


def _without_commitment(document: Document) -> Document:
    return replace(document, commitment=False)
