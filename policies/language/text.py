"""Strict YAML (POLICY.md §1): every value keeps its line, numbers come from their text, nothing is guessed; and what is refused."""

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias, cast

import yaml

Scalar: TypeAlias = str | int | Decimal | bool | date | None
UNREAD: Any = object()
"""The value of a scalar that was refused."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One refusal; `code` is stable, `expected` is for people."""

    file: str
    line: int
    key: str
    code: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key or '(文件)'}: {self.expected} [{self.code}]"


class PolicyError(ValueError):
    """Everything that is wrong with one or several policy files, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RefusedError(Exception):
    """A reader's answer to a value it does not take."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file: a scalar, a tuple of nodes, or a mapping of nodes."""

    value: "Scalar | tuple[Node, ...] | dict[str, Node]"
    line: int
    file: str
    quoted: bool = False

    @property
    def mapping(self) -> "dict[str, Node] | None":
        return self.value if isinstance(self.value, dict) else None

    @property
    def sequence(self) -> "tuple[Node, ...] | None":
        return self.value if isinstance(self.value, tuple) else None


@lru_cache(4096)
def decimal_of(written: str | int) -> Decimal:
    """A figure; the same one each time, for most stand in many files and all files stay in memory."""
    return Decimal(written)


def read_date(text: str) -> date:
    """A day of the calendar, written 2026-01-31. Raises RefusedError."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("date_invalid", f"应为真实存在的日期（如 2025-01-01），实际是 {text}") from None


def _refuse_number(text: str) -> Scalar:
    raise RefusedError(
        "number_ambiguous", f"数字只能写成 12 或 0.85 的样子，{text} 会被 YAML 另作解释；如果是文字请加引号"
    )


def _refuse_boolean(text: str) -> Scalar:
    raise RefusedError("boolean_ambiguous", f"{text} 会被 YAML 当作真假值：真假写 true 或 false，文字请加引号")


# The first pattern that fits a plain scalar decides what it is; none fits: it is text.
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (re.compile(r"null|~|"), lambda _: None),
    (re.compile(r"true"), lambda _: True),
    (re.compile(r"false"), lambda _: False),
    (re.compile(r"y|n|yes|no|on|off|true|false|null", re.IGNORECASE), _refuse_boolean),
    (re.compile(r"-?(0|[1-9]\d*)"), int),
    (re.compile(r"-?(0|[1-9]\d*)\.\d+"), decimal_of),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), read_date),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ][ \d:.+Zz-]*)?"), read_date),
    (re.compile(r"[-+]?[\d.][\d_,.]*([eE][-+]?\d+)?"), _refuse_number),  # 010, 1_000, +5, .5, 1e5
    (re.compile(r"[-+]?0[xXbBoO][\da-fA-F_]+"), _refuse_number),
    (re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?"), _refuse_number),  # base 60
    (re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE), _refuse_number),
)


def _plain(text: str) -> Scalar:
    for pattern, read in _PLAIN:
        if pattern.fullmatch(text):
            return read(text)
    return sys.intern(text)


class _Reader:
    """Turns one file's YAML events into nodes and collects what it refuses."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def refuse(self, mark: Any, key: str, code: str, expected: str) -> None:
        self.problems.append(Problem(self.file, mark.line + 1 if mark else 1, key, code, expected))

    def read(self, node: yaml.Node, key: str, line: int = 0) -> Node:
        """A node and all below it; the value of a key stands on the line of its key."""
        line = line or node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return Node(self.mapping(node, key), line, self.file)
        if isinstance(node, yaml.SequenceNode):
            items = tuple(self.read(item, f"{key}[{i}]") for i, item in enumerate(node.value))
            return Node(items, line, self.file)
        assert isinstance(node, yaml.ScalarNode)
        return Node(self.scalar(node, key), line, self.file, quoted=bool(node.style))

    def mapping(self, node: yaml.MappingNode, key: str) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for key_node, value_node in node.value:
            name = self.key(key_node, key)
            if name is None:
                continue
            path = f"{key}.{name}" if key else name
            if name in entries:
                self.refuse(key_node.start_mark, path, "key_duplicate", f"只能写一次，第 {entries[name].line} 行已写过")
                continue
            entries[name] = self.read(value_node, path, key_node.start_mark.line + 1)
        return entries

    def key(self, node: yaml.Node, parent: str) -> str | None:
        value = self.scalar(node, parent) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(value, str):
            return value
        if value is UNREAD:
            return None
        if isinstance(node, yaml.ScalarNode) and re.fullmatch(r"\d+", node.value):
            self.refuse(node.start_mark, parent, "code_unquoted", f'由数字组成的代码要加引号："{node.value}"')
        else:
            self.refuse(node.start_mark, parent, "key_invalid", "键应为文字")
        return None

    def scalar(self, node: yaml.ScalarNode, key: str) -> Scalar:
        if node.style:  # quoted or a block of text
            return sys.intern(node.value)
        try:
            return _plain(node.value)
        except RefusedError as refused:
            self.refuse(node.start_mark, key, refused.code, refused.expected)
            return cast(Scalar, UNREAD)


def _screen(text: str, reader: _Reader) -> None:
    """Refuses, before anything is built, what makes a file mean more than it shows: anchors, tags, endless nesting."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > MAX_DEPTH:
            reader.refuse(event.start_mark, "", "too_deep", f"嵌套不得超过 {MAX_DEPTH} 层")
            return
        if documents > 1:
            reader.refuse(event.start_mark, "", "syntax", "一个文件里只能有一份政策（不得用 --- 分成多份）")
            return
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            reader.refuse(event.start_mark, "", "alias", "不得使用 YAML 的锚点与引用（& 与 *），请写全")
        if getattr(event, "tag", None):
            reader.refuse(event.start_mark, "", "tag", "不得使用 YAML 标签（!）")


def read_text(text: str, file: str) -> tuple[Node, list[Problem]]:
    """The file's nodes, and what the text itself does wrong. Raises PolicyError where it cannot be read at all."""
    reader = _Reader(file)
    if len(text.encode()) > MAX_BYTES:
        raise PolicyError([Problem(file, 1, "", "too_large", f"文件不得超过 {MAX_BYTES} 字节")])
    try:
        _screen(text, reader)
        if reader.problems:
            raise PolicyError(reader.problems)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        reader.refuse(mark, "", "syntax", f"不是有效的 YAML：{getattr(broken, 'problem', None) or broken}")
        raise PolicyError(reader.problems) from broken
    node = reader.read(root, "") if root is not None else Node(None, 1, file)
    return node, reader.problems
