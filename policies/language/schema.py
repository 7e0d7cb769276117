"""A policy file as it is written (POLICY.md §1–4): frozen dataclasses whose fields are the keys a file may have.

The engine compiles them; it reads no YAML. Money is yuan, ratios lie between 0 and 1, points are percentage points.
Lists named in POLICY.md §1 as "first that matches" and "every one that matches" keep the order of the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from policies.language.binding import Complaint, OneOrMany, exactly_one, in_order, number
from policies.language.examples import Example
from policies.language.facts import When
from policies.language.filing_types import Source
from policies.language.merging import Section
from policies.language.omissions import OmissionKind
from policies.language.questions import Questions
from policies.language.terms import Care, Fund, Insurance
from policies.language.text import Node, RefusedError
from policies.language.values import (
    AreaCode,
    DiseaseCode,
    Factor,
    Identifier,
    Level,
    Money,
    MonthDay,
    Points,
    Ratio,
    Reason,
    Signed,
)


def bands_rise(bands: Node) -> Iterator[Complaint]:
    """Edges rise from band to band, and only the last band is open above."""
    edges = [(band.mapping or {}).get("upto") for band in bands.sequence or ()]
    below = Decimal(0)
    for i, edge in enumerate(edges):
        value = number(edge) if edge is not None else None
        last = i == len(edges) - 1
        if edge is not None and last and edge.value is not None:
            yield f"bands[{i}].upto", "last_band_closed", "最后一段应为 upto: null（不设上限）", edge
        elif edge is not None and not last and edge.value is None:
            yield f"bands[{i}].upto", "bands_unordered", "只有最后一段可以写 upto: null", edge
        elif value is not None and value <= below:
            yield f"bands[{i}].upto", "bands_unordered", f"各段上限应当逐段升高：{value} 不大于 {below}", edge
        below = value if value is not None else below
    if not edges:
        yield "bands", "bands_empty", "至少要有一段", None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule of a list may carry: the facts it asks for, its source, and the line it stands on."""

    when: When = ()
    source: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRule(Rule):
    """`not_covered`, `not_known`: the answer is a refusal with this reason."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule(Rule):
    """`level_as`: by the rule of this level."""

    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioRule(Rule):
    """A ratio of `first_pay`, `ratios` and `floor`."""

    ratio: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountRule(Rule):
    """A sum in yuan: a supplement's threshold."""

    SHORT: ClassVar = ("amount",)
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductibleRule(Rule):
    """The deductible (起付线): a sum, or a share of the bill's total between `min` and `max`."""

    amount: Money | None = None
    percent_of_total: Ratio | None = None
    min: Money | None = None
    max: Money | None = None

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "amount", "percent_of_total")
        yield from in_order(given, "min", "max")
        if "amount" in given and given.keys() & {"min", "max"}:
            yield "", "keys_conflict", "min、max 只与 percent_of_total 一起用", None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductibleAdjustment(Rule):
    """Changes the deductible: `times` a factor, or `add` yuan (may be negative)."""

    times: Factor | None = None
    add: Signed | None = None

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "times", "add")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioAdjustment(Rule):
    """Changes a ratio: `points` percentage points, `times` a factor, or `self_times`: 1 − (1 − ratio) × factor."""

    points: Points | None = None
    times: Factor | None = None
    self_times: Factor | None = None
    min: Ratio | None = None
    max: Ratio | None = None

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "points", "times", "self_times")
        yield from in_order(given, "min", "max")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Rule):
    """A limit of pooled payment or of scope, of the year or the month; in chronic care the disease's own."""

    of: Literal["pooled", "scope"]
    period: Literal["year", "month"] = "year"
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FundCap(Rule):
    """What a supplement's fund pays in a year at most: a sum, or `not_known` with what was not found: then the answer says so."""

    SHORT: ClassVar[tuple[str, ...]] = ("amount",)
    WORDS: ClassVar[Mapping[str, str]] = {"not_known": "没有找到金额"}
    amount: Money | None = None
    not_known: Reason | None = None

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "amount", "not_known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap(FundCap):
    """The year's cap (封顶线) of pooled payment or of scope; what it shuts out is `beyond`. One not known may be of either."""

    SHORT: ClassVar[tuple[str, ...]] = ()
    of: Literal["pooled", "scope"] | None = None

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "amount", "not_known")
        if "amount" in given and "of" not in given:
            yield "of", "key_missing", "缺少这个键", None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIncluded(Rule):
    """A fund, a cap or a rule that the area has and the file does not know: every answer it may bear on lists it."""

    kind: OmissionKind
    fund: Fund | None = None
    insurance: Insurance | None = None
    care: tuple[Care, ...] = ()
    reason: Reason

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        kind = given["kind"].value if "kind" in given else None
        if kind == "fund" and "fund" not in given:
            yield "fund", "key_missing", "kind: fund 需要写 fund（哪一项基金）", None
        if kind == "rule" and "fund" in given:
            yield "fund", "keys_conflict", "fund 只用于 kind: fund 和 kind: cap", None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stretch of the scale up to `upto` (None: without end)."""

    upto: Money | None
    ratios: tuple[RatioRule, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deductible:
    """The deductible of an admission, a year or a month."""

    period: Literal["admission", "year", "month"] = "admission"
    amounts: tuple[DeductibleRule, ...] = ()
    adjust: tuple[DeductibleAdjustment, ...] = ()
    linked: bool = False
    annual_max: Money | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The pooled fund's share by bands of this stay or of the year; edges of `scope` count the deductible."""

    base: Literal["stay", "year"] = "stay"
    measure: Literal["scope", "payable"] = "scope"
    bands: tuple[Band, ...]
    adjust: tuple[RatioAdjustment, ...] = ()
    source: str | None = None

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        if "bands" in given:
            yield from bands_rise(given["bands"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What one insurance pays for one kind of care (POLICY.md §2)."""

    id: Identifier
    insurance: Insurance
    care: Care
    diseases: tuple[DiseaseCode, ...] = ()
    when: When = ()
    counter: Identifier | None = None
    not_covered: tuple[RefusalRule, ...] = ()
    not_known: tuple[RefusalRule, ...] = ()
    level_as: tuple[LevelRule, ...] = ()
    first_pay: tuple[RatioRule, ...] = ()
    deductible: Deductible | None = None
    share: Share
    floor: tuple[RatioRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    annual_cap: Annotated[tuple[Cap, ...], OneOrMany()] = ()
    source: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """A further fund that pays from what is beyond the cap, or from the burden above a threshold (POLICY.md §3)."""

    id: Identifier
    insurance: Insurance
    kind: Literal["above_cap", "burden"]
    fund: Fund
    when: When = ()
    ratios: tuple[RatioRule, ...] = ()
    bands: tuple[Band, ...] = ()
    period: Literal["year", "stay"] = "year"
    thresholds: tuple[AmountRule, ...] = ()
    measure: Literal["above", "burden"] = "above"
    includes: tuple[Literal["first_copay", "over_limit"], ...] = ()
    excludes_first_pay: bool = False
    care: tuple[Care, ...] = ()
    annual_cap: Annotated[tuple[FundCap, ...], OneOrMany()] = ()
    source: str | None = None
    line: int = field(default=0, compare=False)

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "ratios", "bands")
        if "bands" in given:
            yield from bands_rise(given["bands"])
        kind = given["kind"].value if "kind" in given else None
        if kind == "burden" and "thresholds" not in given:
            yield "thresholds", "key_missing", "kind: burden 需要写 thresholds（起付标准）", None
        misplaced = given.keys() & {"thresholds", "includes", "excludes_first_pay", "measure"}
        if kind == "above_cap" and misplaced:
            yield "", "keys_conflict", f"{'、'.join(sorted(misplaced))} 只用于 kind: burden", None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The keys of a file beside its lists and its filing rules."""

    area: AreaCode
    name: str
    effective_from: date
    effective_until: date | None = None
    year_starts: MonthDay = "01-01"
    stay_rule: Literal["discharge", "admission"] = "discharge"
    account_abroad: bool = True
    checked_on: date | None = None
    questions: Questions = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            expected = f"effective_until（{self.effective_until}）应晚于 effective_from（{self.effective_from}）"
            raise RefusedError("period_empty", expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile(Head):
    """One pooling area's rules for one period, read and checked. `benefits` None: the file says nothing of benefits."""

    file: str
    sha256: str
    sources: tuple[Source, ...] = ()
    filing: Section | None = None
    benefits: tuple[Benefit, ...] | None = None
    supplements: tuple[Supplement, ...] = ()
    not_included: tuple[NotIncluded, ...] = ()
    examples: tuple[Example, ...] = ()
