"""Reading policy files: the text, its entries, the checks across them; and the files of an area laid along time."""

import copyreg
import hashlib
import os
import pickle
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar, cast

from policies.language.binding import BAD, Binder, keys_of
from policies.language.checks import Checked, check
from policies.language.examples import Example
from policies.language.filing_types import Source
from policies.language.merging import Section, cut, resolve
from policies.language.schema import Benefit, Head, NotIncluded, PolicyFile, Supplement
from policies.language.text import Node, PolicyError, Problem, read_text

NATIONAL = "000000"
SHIPPED = Path(__file__).resolve().parents[1] / "data"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report:
    """What reading one file gave: the policy, or what is wrong with it."""

    path: Path
    policy: PolicyFile | None
    problems: tuple[Problem, ...]


class Dated(Protocol):
    """What a timeline needs to know of a file."""

    @property
    def area(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def effective_from(self) -> date: ...
    @property
    def effective_until(self) -> date | None: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class Period(Generic[D]):
    """A file and the days it really counts for, from `start` until the day before `end`."""

    start: date
    end: date | None
    policy: D

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Timeline(Generic[D]):
    """The periods of one area in order; they never overlap."""

    periods: tuple[Period[D], ...]

    def on(self, day: date) -> D | None:
        """The file that counts on a day."""
        return next((period.policy for period in self.periods if period.holds(day)), None)


def lay_out(policies: Iterable[D]) -> tuple[Timeline[D], list[Problem]]:
    """One area's files as a timeline, and a problem for each that begins inside another's closed period."""
    periods: list[Period[D]] = []
    problems: list[Problem] = []
    for policy in sorted(policies, key=lambda p: (p.effective_from, p.file)):
        start = policy.effective_from
        clash = next((p for p in periods if p.start == start or (p.policy.effective_until and p.holds(start))), None)
        if clash is not None:
            problems.append(_overlap(policy, clash))
            continue
        if periods and periods[-1].end is None:
            periods[-1] = replace(periods[-1], end=start)
        periods.append(Period(start, policy.effective_until, policy))
    return Timeline(tuple(periods)), problems


def _overlap(policy: Dated, clash: Period[D]) -> Problem:
    until = f"{clash.end} 前" if clash.end else "无截止日"
    expected = (
        f"开始日 {policy.effective_from} 落在 {clash.policy.file} 的有效期内（{clash.start} 起，{until}）；"
        "同一地区同一天只能有一份文件"
    )
    return Problem(policy.file, 1, "effective_from", "period_overlaps", expected)


def load_text(text: str, file: str, *, shipped: bool = False) -> PolicyFile:
    """A policy from its text; `shipped` asks for a source for every figure. Raises PolicyError with everything wrong."""
    root, problems = read_text(text, file)
    binder = Binder(problems)
    head = _head(binder, root)
    sources = _entries(binder, Source, root, "sources")
    filing = _filing(binder, root, sources)
    benefits = _entries(binder, Benefit, root, "benefits")
    supplements = _entries(binder, Supplement, root, "supplements")
    not_included = _entries(binder, NotIncluded, root, "not_included")
    examples = _entries(binder, Example, root, "examples")
    problems += check(Checked(file, root, benefits, supplements, not_included, filing, shipped))
    if problems:
        raise PolicyError(problems)
    return PolicyFile(
        **head,
        file=file,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sources=tuple(sources.values()),
        filing=filing,
        benefits=tuple(benefits.values()) if "benefits" in (root.mapping or {}) else None,
        supplements=tuple(supplements.values()),
        not_included=tuple(not_included.values()),
        examples=tuple(examples.values()),
    )


_LISTS = ("sources", "filing", "benefits", "supplements", "not_included", "examples")


def _head(binder: Binder, root: Node) -> dict[str, Any]:
    """The plain keys of a file; a mapping with anything else in it is refused."""
    if root.mapping is None:
        binder.refuse(root, "", "type_wrong", "文件应为键值对：area、name、effective_from …")
        return {}
    known = (*keys_of(Head), *_LISTS)
    for name in root.mapping.keys() - set(known):
        binder.refuse(root.mapping[name], name, "key_unknown", f"没有这个键；这里可以写 {'、'.join(known)}")
    plain = {name: node for name, node in root.mapping.items() if name in keys_of(Head)}
    head = binder.bind(Head, Node(plain, root.line, root.file), "")
    return {} if head is BAD else {spec.name: getattr(head, spec.name) for spec in keys_of(Head).values()}


def _entries(binder: Binder, kind: type[T], root: Node, name: str) -> dict[int, T]:
    """The entries of a list that read well, by position; what is wrong with the others is noted."""
    node = (root.mapping or {}).get(name)
    if node is None or node.value is None:
        return {}
    if node.sequence is None:
        binder.refuse(node, name, "type_wrong", "应为列表")
        return {}
    entries = {i: binder.bind(kind, entry, f"{name}[{i}]") for i, entry in enumerate(node.sequence)}
    return {i: entry for i, entry in entries.items() if entry is not BAD}


def _filing(binder: Binder, root: Node, sources: Mapping[int, Source]) -> Section | None:
    """The filing section, tried over the national one, so that it is known to be whole and well written."""
    node = (root.mapping or {}).get("filing")
    if node is None:
        return None
    try:
        section = cut(node, {source.id: source for source in sources.values()})
        below = () if _is_national(root) else (national_filing(),)
        resolve(NATIONAL, (*below, section))
    except PolicyError as refused:
        binder.problems += refused.problems
        return None
    return section


def _is_national(root: Node) -> bool:
    area = (root.mapping or {}).get("area")
    return area is not None and area.value == NATIONAL


@cache
def national_filing() -> Section:
    """The national filing rules that the project ships, the ground under every area's own."""
    filing = load_path(SHIPPED / "national.yaml").filing
    if filing is None:
        raise RuntimeError("policies/data/national.yaml has no filing section")
    return filing


def load_path(path: Path) -> PolicyFile:
    """A policy file. Raises PolicyError with everything wrong, OSError if it cannot be opened."""
    shipped = path.resolve().is_relative_to(SHIPPED)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyError([Problem(str(path), 1, "", "encoding", "文件应为 UTF-8 编码")]) from None
    return load_text(text, path.name if shipped else str(path), shipped=shipped)


def read_reports(paths: Iterable[Path]) -> list[Report]:
    """One report per file, in order; files of one area that overlap fail together with their reason."""
    reports = [_report(path) for path in paths]
    policies = [report.policy for report in reports if report.policy is not None]
    overlaps = {problem.file: problem for problem in _lay_out_areas(policies)[1]}
    return [_with(report, overlaps) for report in reports]


def _report(path: Path) -> Report:
    try:
        return Report(path, load_path(path), ())
    except PolicyError as refused:
        return Report(path, None, tuple(refused.problems))
    except OSError as unread:
        return Report(path, None, (Problem(str(path), 1, "", "unreadable", f"无法读取：{unread.strerror}"),))


def _with(report: Report, overlaps: Mapping[str, Problem]) -> Report:
    overlap = overlaps.get(report.policy.file) if report.policy is not None else None
    return Report(report.path, None, (overlap,)) if overlap is not None else report


def _lay_out_areas(policies: Iterable[PolicyFile]) -> tuple[dict[str, Timeline[PolicyFile]], list[Problem]]:
    by_area: dict[str, list[PolicyFile]] = {}
    for policy in policies:
        by_area.setdefault(policy.area, []).append(policy)
    timelines: dict[str, Timeline[PolicyFile]] = {}
    overlaps: list[Problem] = []
    for area, files in by_area.items():
        timelines[area], problems = lay_out(files)
        overlaps += problems
    return timelines, overlaps


def load_folder(folder: Path) -> Mapping[str, Timeline[PolicyFile]]:
    """The timelines of a folder's files by area. Raises PolicyError with everything wrong in all of them."""
    reports = read_reports(policy_files(folder))
    problems = [problem for report in reports for problem in report.problems]
    if problems:
        raise PolicyError(problems)
    return _lay_out_areas(report.policy for report in reports if report.policy is not None)[0]


def load_shipped() -> Mapping[str, Timeline[PolicyFile]]:
    """The project's own files, read and checked: once for all processes, as Python compiles its files once.

    What was read is kept beside them under a name that says of which texts, by which code, for which Python. Where nothing
    can be written, nothing is kept.
    """
    kept = SHIPPED / "__pycache__" / f"shipped-{_digest()}.pickle"
    try:
        return cast("Mapping[str, Timeline[PolicyFile]]", pickle.loads(kept.read_bytes()))  # noqa: S301 - as trusted as a .pyc
    except Exception:
        timelines = load_folder(SHIPPED)
    with suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        for old in kept.parent.glob("shipped-*"):  # of other texts, or half written
            old.unlink(missing_ok=True)
        new = kept.with_suffix(f".{os.getpid()}")
        new.write_bytes(pickle.dumps(timelines))
        new.replace(kept)
    return timelines


def _digest() -> str:
    """Of the files, of the code that reads them, and of Python."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=16)
    for path in [*policy_files(SHIPPED), *sorted(Path(__file__).parent.glob("*.py"))]:
        digest.update(f"{path.name} {path.stat().st_size} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _proxy(entries: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(entries)


copyreg.pickle(MappingProxyType, lambda proxy: (_proxy, (dict(proxy),)))


def policy_files(folder: Path) -> list[Path]:
    """The policy files of a folder and the folders below it, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
