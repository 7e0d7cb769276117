"""What must hold across a file's rules, beyond each key by itself (POLICY.md §1): one check, one function."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from policies.language.facts import Condition, When
from policies.language.figures import figures
from policies.language.merging import Section
from policies.language.reach import never_matching, never_reached
from policies.language.schema import Benefit, NotIncluded, Rule, Supplement
from policies.language.text import Node, Problem


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a file when its entries have been read: the nodes, and the entries that read well, by position."""

    file: str
    root: Node
    benefits: Mapping[int, Benefit]
    supplements: Mapping[int, Supplement]
    not_included: Mapping[int, NotIncluded]
    filing: Section | None
    shipped: bool

    def problem(self, line: int, key: str, code: str, expected: str) -> Problem:
        return Problem(self.file, line, key, code, expected)


Check: TypeAlias = Callable[[Checked], Iterator[Problem]]
Placed: TypeAlias = Sequence[tuple[int, Rule]]
"""Rules with their positions in the list of the file."""


_SOURCE = re.compile(r"(^|\.)source(\[\d+\])?$")
NEVER = "永远轮不到这一条：前面的规则已经包括它的全部情形"
MEASURES = ("pooled", "scope")
UNLISTED = "没有一项待遇会列出这一条：它的情形没有待遇可算（或条件自相矛盾）"
IMPOSSIBLE = "永远轮不到这一条：它的条件与所在的待遇（或自身）矛盾"


def ids_once(checked: Checked) -> Iterator[Problem]:
    """Within a list every id stands once."""
    for name in ("sources", "benefits", "supplements"):
        seen: dict[object, int] = {}
        listed = (checked.root.mapping or {}).get(name)
        for i, entry in enumerate((listed.sequence if listed else None) or ()):
            node = (entry.mapping or {}).get("id")
            if node is None:
                continue
            if node.value in seen:
                expected = f"{node.value} 已用于第 {seen[node.value]} 行"
                yield checked.problem(node.line, f"{name}[{i}].id", "id_duplicate", expected)
            seen.setdefault(node.value, node.line)


def sources_known(checked: Checked) -> Iterator[Problem]:
    """Every `source` names one of the file's sources, each of several too."""
    known = _source_ids(checked.root)
    for key, node in _walk(checked.root, ""):
        if _SOURCE.search(key) and node.sequence is None and node.value is not None and node.value not in known:
            expected = f"sources 里没有 {node.value}；应为 {'、'.join(sorted(known)) or '（sources 为空）'} 之一"
            yield checked.problem(node.line, key, "source_unknown", expected)


def figures_sourced(checked: Checked) -> Iterator[Problem]:
    """In the files the project ships every figure has a source, its own or its parent's."""
    if not checked.shipped:
        return
    for name in ("benefits", "supplements"):
        listed = (checked.root.mapping or {}).get(name)
        for figure in figures(listed, name) if listed else ():
            if figure.source is None:
                line, expected = figure.node.line, "随项目发布的文件，每个数字都要写明 source"
                yield checked.problem(line, figure.key, "source_missing", expected)


def filing_sourced(checked: Checked) -> Iterator[Problem]:
    """In the files the project ships every filing rule has a source."""
    if not checked.shipped or checked.filing is None:
        return
    for path, unit in checked.filing.units.items():
        entries = unit.node.sequence or ()
        own = bool(entries) and all("source" in (entry.mapping or {}) for entry in entries)
        if unit.source is None and not own and unit.node.sequence != ():
            key = ".".join(("filing", *path))
            yield checked.problem(
                unit.node.line, key, "source_missing", "随项目发布的文件，每条备案规则都要写明 source"
            )


def benefits_reached(checked: Checked) -> Iterator[Problem]:
    """Every benefit is the first that fits for some case."""
    order = sorted(checked.benefits)
    for position in never_reached([_scope(checked.benefits[i]) for i in order], ()):
        benefit = checked.benefits[order[position]]
        yield checked.problem(benefit.line, f"benefits[{order[position]}]", "unreachable", NEVER)


def rules_reached(checked: Checked) -> Iterator[Problem]:
    """Every rule of a list in which the first that matches counts is the first for some case."""
    for i, benefit in checked.benefits.items():
        within = _scope(benefit, level=not benefit.level_as)
        for name, placed in _first_lists(benefit):
            yield from _never(checked, f"benefits[{i}].{name}", placed, within)
        yield from _never(checked, f"benefits[{i}].level_as", list(enumerate(benefit.level_as)), _scope(benefit))
    for i, supplement in checked.supplements.items():
        for name, rules in _supplement_lists(supplement):
            within = _supplement_scope(supplement)
            yield from _never(checked, f"supplements[{i}].{name}", list(enumerate(rules)), within)


def caps_reached(checked: Checked) -> Iterator[Problem]:
    """Every cap of a benefit is the first of its measure for some case; one not known that names no measure, of either."""
    for i, benefit in checked.benefits.items():
        within = _scope(benefit, level=not benefit.level_as)
        caps = list(enumerate(benefit.annual_cap))
        unreached = {of: _unreached([(n, cap) for n, cap in caps if cap.of in (of, None)], within) for of in MEASURES}
        for n, cap in caps:
            reasons = [unreached[of].get(n) for of in MEASURES if cap.of in (of, None)]
            if all(reasons) and reasons[0]:
                yield checked.problem(cap.line, f"benefits[{i}].annual_cap[{n}]", "unreachable", reasons[0])


def adjustments_match(checked: Checked) -> Iterator[Problem]:
    """Every adjustment matches some case of its benefit."""
    for i, benefit in checked.benefits.items():
        within = _scope(benefit, level=not benefit.level_as)
        lists: list[tuple[str, Sequence[Rule]]] = [("share.adjust", benefit.share.adjust)]
        if benefit.deductible is not None:
            lists.append(("deductible.adjust", benefit.deductible.adjust))
        for name, rules in lists:
            for position in never_matching([rule.when for rule in rules], within):
                key = f"benefits[{i}].{name}[{position}]"
                yield checked.problem(rules[position].line, key, "unreachable", IMPOSSIBLE)


def omissions_reached(checked: Checked) -> Iterator[Problem]:
    """Every entry of `not_included` is listed in some answer: a benefit of the file is for its cases."""
    listed = (checked.root.mapping or {}).get("benefits")
    if len((listed and listed.sequence) or ()) > len(
        checked.benefits
    ):  # one did not read well: what it is for is unknown
        return
    scopes = [_scope(benefit, level=not benefit.level_as) for benefit in checked.benefits.values()]
    for i, entry in checked.not_included.items():
        if all(never_matching([_omitted(entry)], scope) for scope in scopes):
            yield checked.problem(entry.line, f"not_included[{i}]", "unreachable", UNLISTED)


def omitted_funds_unknown(checked: Checked) -> Iterator[Problem]:
    """A fund that `not_included` says is not known is no supplement of the same insurance for the same facts."""
    for i, entry in checked.not_included.items():
        for supplement in checked.supplements.values():
            if entry.kind == "fund" and entry.fund == supplement.fund and _meet(entry, supplement):
                expected = f"第 {supplement.line} 行的 {supplement.id} 已写明这项基金对同样情形的支付，不能又说没有计入"
                yield checked.problem(entry.line, f"not_included[{i}]", "fund_known", expected)


CHECKS: tuple[Check, ...] = (
    ids_once,
    sources_known,
    figures_sourced,
    filing_sourced,
    benefits_reached,
    rules_reached,
    caps_reached,
    adjustments_match,
    omissions_reached,
    omitted_funds_unknown,
)


def check(checked: Checked) -> list[Problem]:
    """All that the checks find."""
    return list(chain.from_iterable(one(checked) for one in CHECKS))


def _never(checked: Checked, key: str, placed: Placed, within: When) -> Iterator[Problem]:
    rules = dict(placed)
    for position, expected in _unreached(placed, within).items():
        yield checked.problem(rules[position].line, f"{key}[{position}]", "unreachable", expected)


def _unreached(placed: Placed, within: When) -> dict[int, str]:
    """The positions of rules that are never the first that matches, and why."""
    whens = [rule.when for _, rule in placed]
    impossible = never_matching(whens, within)
    return {placed[i][0]: IMPOSSIBLE if i in impossible else NEVER for i in never_reached(whens, within)}


def _scope(benefit: Benefit, *, level: bool = True) -> When:
    """The cases a benefit is for; without the level where `level_as` replaces it."""
    conditions = [Condition("insurance", (benefit.insurance,)), Condition("care", (benefit.care,))]
    if benefit.diseases:
        conditions.append(Condition("disease", benefit.diseases))
    return (*conditions, *(c for c in benefit.when if level or c.fact != "level"))


def _supplement_scope(supplement: Supplement) -> When:
    care = (Condition("care", supplement.care),) if supplement.care else ()
    return (Condition("insurance", (supplement.insurance,)), *care, *supplement.when)


def _omitted(entry: NotIncluded) -> When:
    """The cases an entry of `not_included` is for."""
    insurance = (Condition("insurance", (entry.insurance,)),) if entry.insurance else ()
    care = (Condition("care", entry.care),) if entry.care else ()
    return (*insurance, *care, *entry.when)


def _meet(entry: NotIncluded, supplement: Supplement) -> bool:
    """Whether there is a case for which the supplement applies and the entry says that its fund is not known."""
    thresholds: list[When] = [rule.when for rule in supplement.thresholds] or [()]
    within = (*_omitted(entry), *_supplement_scope(supplement))
    return len(never_matching(thresholds, within)) < len(thresholds)


def _first_lists(benefit: Benefit) -> Iterator[tuple[str, Placed]]:
    """A benefit's lists in which the first rule that matches counts; of limits and caps, the first of each `of`."""
    for name in ("not_covered", "not_known", "first_pay", "floor"):
        yield name, list(enumerate(getattr(benefit, name)))
    if benefit.deductible is not None:
        yield "deductible.amounts", list(enumerate(benefit.deductible.amounts))
    for b, band in enumerate(benefit.share.bands):
        yield f"share.bands[{b}].ratios", list(enumerate(band.ratios))
    for measure in MEASURES:
        yield "limits", [(i, rule) for i, rule in enumerate(benefit.limits) if rule.of == measure]


def _supplement_lists(supplement: Supplement) -> Iterator[tuple[str, Sequence[Rule]]]:
    yield from (("thresholds", supplement.thresholds), ("ratios", supplement.ratios))
    yield "annual_cap", supplement.annual_cap
    for b, band in enumerate(supplement.bands):
        yield f"bands[{b}].ratios", band.ratios


def _source_ids(root: Node) -> set[str]:
    sources = (root.mapping or {}).get("sources")
    entries = (sources.sequence if sources else None) or ()
    return {str(entry.mapping["id"].value) for entry in entries if entry.mapping and "id" in entry.mapping}


def _walk(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    yield key, node
    for name, child in (node.mapping or {}).items():
        yield from _walk(child, f"{key}.{name}" if key else name)
    for i, child in enumerate(node.sequence or ()):
        yield from _walk(child, f"{key}[{i}]")
