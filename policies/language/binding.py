"""From nodes to frozen dataclasses, by their type hints: the dataclass is the table of keys a section may have.

A hint may be a scalar type, `X | None`, `tuple[X, ...]`, `Mapping[str, X]`, a Literal, another dataclass, or
`Annotated[…, Reader]`.
A dataclass with `SHORT: ClassVar` may be written as a bare value (or list), which then stands for the keys SHORT names;
one with `WORDS: ClassVar` as one of these words, which then stands for the key of this name with the value beside it.
A field `line` is filled with the line of the mapping. `inspect(given)` may yield (key, code, expected, node) for keys
that do not go together.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from policies.language.text import UNREAD, Node, Problem, RefusedError, decimal_of, read_date

BAD: Any = object()
"""Stands for a value that was refused, so that reading goes on and finds what else is wrong."""

Complaint: TypeAlias = tuple[str, str, str, Node | None]
"""What `inspect` yields: key, code, what was expected, and where (None: at the key, or the rule itself)."""


def exactly_one(given: Mapping[str, Node], *keys: str) -> Iterator[Complaint]:
    """Of these keys a rule has one and only one."""
    if len(given.keys() & set(keys)) != 1:
        yield "", "keys_conflict", f"应当写且只写一个：{'、'.join(keys)}", None


def in_order(given: Mapping[str, Node], low: str, high: str) -> Iterator[Complaint]:
    """`low` must not exceed `high`, where both are given."""
    least, most = (number(given[key]) if key in given else None for key in (low, high))
    if least is not None and most is not None and least > most:
        yield high, "bounds_crossed", f"{high} 不得小于 {low}", None


def number(node: Node) -> Decimal | None:
    """The figure of a node; None: it is none."""
    return Decimal(node.value) if type(node.value) in (int, Decimal) else None  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one node itself instead of the rules below; raises RefusedError."""

    read: Callable[[Node], Any]


@dataclass(frozen=True, slots=True)
class SectionReader:
    """Like Reader, but notes any number of problems with the binder itself and answers BAD."""

    read: "Callable[[Binder, Node, str], Any]"


@dataclass(frozen=True, slots=True)
class OneOrMany:
    """A list that may be written as its single entry."""


@dataclass(slots=True)
class Binder:
    """Binds one file (or one merged section) and collects its problems."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: Node, key: str, code: str, expected: str) -> Any:
        self.problems.append(Problem(node.file, node.line, key, code, expected))
        return BAD

    def bind(self, hint: Any, node: Node, key: str) -> Any:
        """The value `hint` describes, or BAD after noting why not."""
        if node.value is UNREAD:  # the text itself was refused, and that is noted already
            return BAD
        origin = get_origin(hint)
        if origin is Annotated:
            return self._annotated(hint, node, key)
        if origin in (Union, types.UnionType):
            return self._union(hint, node, key)
        if origin is Literal:
            return self._literal(get_args(hint), node, key)
        if origin is tuple:
            return self._sequence(get_args(hint)[0], node, key)
        if origin is Mapping:
            return self._table(get_args(hint), node, key)
        if is_dataclass(hint):
            return self._record(hint, node, key)
        return self._scalar(hint, node, key)

    def _annotated(self, hint: Any, node: Node, key: str) -> Any:
        (reader,) = hint.__metadata__
        if isinstance(reader, SectionReader):
            return reader.read(self, node, key)
        if isinstance(reader, OneOrMany):
            single = node.sequence is None
            return self.bind(hint.__origin__, Node((node,), node.line, node.file) if single else node, key)
        try:
            return reader.read(node)
        except RefusedError as refused:
            return self.refuse(node, key, refused.code, refused.expected)

    def _union(self, hint: Any, node: Node, key: str) -> Any:
        options = get_args(hint)
        if node.value is None and type(None) in options:
            return None
        (only,) = [option for option in options if option is not type(None)]
        return self.bind(only, node, key)

    def _literal(self, options: tuple[Any, ...], node: Node, key: str) -> Any:
        if isinstance(node.value, str) and node.value in options:
            return node.value
        return self.refuse(node, key, "value_unknown", f"应为 {'、'.join(map(str, options))} 之一，实际是 {show(node)}")

    def _sequence(self, item: Any, node: Node, key: str) -> Any:
        if node.sequence is None:
            return self.refuse(node, key, "type_wrong", f"应为列表，实际是 {show(node)}")
        values = [self.bind(item, child, f"{key}[{i}]") for i, child in enumerate(node.sequence)]
        return BAD if BAD in values else tuple(values)

    def _table(self, hints: tuple[Any, Any], node: Node, key: str) -> Any:
        if node.mapping is None:
            return self.refuse(node, key, "type_wrong", f"应为键值对，实际是 {show(node)}")
        table: dict[str, Any] = {}
        for name, child in node.mapping.items():
            named = Node(name, child.line, child.file, quoted=True)
            bound = self.bind(hints[0], named, f"{key}.{name}"), self.bind(hints[1], child, f"{key}.{name}")
            table[name] = BAD if BAD in bound else bound[1]
        return BAD if BAD in table.values() else types.MappingProxyType(table)

    def _scalar(self, hint: type, node: Node, key: str) -> Any:
        value = node.value
        if hint is Decimal and isinstance(value, int) and not isinstance(value, bool):
            return decimal_of(value)
        if type(value) is hint:
            return value
        if hint is date and isinstance(value, str) and value[:1].isdigit():
            return self._quoted_date(value, node, key)
        if hint is str and isinstance(value, int):
            return self.refuse(node, key, "code_unquoted", f'由数字组成的代码要加引号："{value}"')
        return self.refuse(node, key, "type_wrong", f"应为{_KINDS.get(hint, hint.__name__)}，实际是 {show(node)}")

    def _quoted_date(self, text: str, node: Node, key: str) -> Any:
        """A date in quotes, as in JSON."""
        try:
            return read_date(text)
        except RefusedError as refused:
            return self.refuse(node, key, refused.code, refused.expected)

    def _record(self, kind: Any, node: Node, key: str) -> Any:
        short: tuple[str, ...] = getattr(kind, "SHORT", ())
        given = node.mapping
        words: Mapping[str, str] = getattr(kind, "WORDS", {})
        if isinstance(node.value, str) and node.value in words:
            given = {node.value: Node(words[node.value], node.line, node.file)}
        if given is None and short:
            given = dict.fromkeys(short, node)
        if given is None:
            return self.refuse(node, key, "type_wrong", f"应为键值对，实际是 {show(node)}")
        known = keys_of(kind)
        for name in given.keys() - known.keys():
            near = "、".join(known)
            self.refuse(given[name], f"{key}.{name}" if key else name, "key_unknown", f"没有这个键；这里可以写 {near}")
        inspected = self._inspect(kind, given, node, key)
        values = {spec.name: self._field(kind, name, given, node, key) for name, spec in known.items()}
        if BAD in values.values() or given.keys() - known.keys() or not inspected:
            return BAD
        line = {"line": node.line} if "line" in (f.name for f in fields(kind)) else {}
        return self._made(kind, values | line, node, key)

    def _inspect(self, kind: Any, given: Mapping[str, Node], node: Node, key: str) -> bool:
        """Asks the dataclass what is wrong with its keys taken together (`inspect`); True: nothing."""
        if not hasattr(kind, "inspect"):
            return True
        complaints = list(kind.inspect(given))
        for name, code, expected, where in complaints:
            path = f"{key}.{name}" if name and key else name or key
            self.refuse(where or given.get(name, node), path, code, expected)
        return not complaints

    def _field(self, kind: Any, name: str, given: Mapping[str, Node], node: Node, key: str) -> Any:
        spec = keys_of(kind)[name]
        path = f"{key}.{name}" if key else name
        if name in given:
            return self.bind(hints_of(kind)[spec.name], given[name], path if node.mapping is not None else key)
        if spec.default is not MISSING:
            return spec.default
        if spec.default_factory is not MISSING:
            return spec.default_factory()
        return self.refuse(node, path, "key_missing", "缺少这个键")

    def _made(self, kind: Any, values: dict[str, Any], node: Node, key: str) -> Any:
        try:
            return kind(**values)
        except RefusedError as refused:
            return self.refuse(node, key, refused.code, refused.expected)


_KINDS: dict[type, str] = {
    str: "文字",
    int: "整数",
    Decimal: "数字",
    bool: " true 或 false",
    date: "日期（如 2025-01-01）",
}


def show(node: Node) -> str:
    """The value as the message shows it."""
    if node.mapping is not None:
        return "键值对"
    if node.sequence is not None:
        return "列表"
    return "空" if node.value is None else str(node.value)


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """The type hints of a section by field, with what is annotated."""
    return get_type_hints(kind, include_extras=True)


@cache
def keys_of(kind: Any) -> "dict[str, Field[Any]]":
    """The keys a section may have, in the order of its dataclass; fields marked `derived` are not written in files."""
    written = [spec for spec in fields(kind) if spec.name != "line" and not spec.metadata.get("derived")]
    return {spec.metadata.get("key", spec.name): spec for spec in written}
