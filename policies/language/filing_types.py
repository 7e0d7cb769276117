"""What holds for one type of filing: lane, documents, validity, lock … (POLICY.md §5); keys under `filing.types`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal, TypeAlias

from policies.language.terms import (
    DOCUMENT_LABELS,
    TYPE_LABELS,
    Care,
    Channel,
    DocumentKind,
    FilingType,
    Insurance,
    LaneName,
    Person,
    Span,
    Travel,
    valid_within,
)
from policies.language.values import CalendarSpan, DiagnosisPrefix, DiseaseCode, SpanOrNone, Term, Whole

Grade: TypeAlias = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a figure comes from; grade A official … D unreliable."""

    id: str
    title: str
    publisher: str = ""
    url: str | None = None
    year: Whole | None = None
    grade: Grade
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How a filing is decided: `review`ed, `instant`ly, or not accepted (`closed`); channels may differ."""

    SHORT: ClassVar = ("default",)
    default: LaneName
    channels: Mapping[Channel, LaneName] = field(default_factory=lambda: MappingProxyType({}))
    source: str | None = None

    def of(self, channel: Channel | None = None) -> LaneName:
        return self.default if channel is None else self.channels.get(channel, self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document (材料). Any of `alternatives` does as well; `commitment`: a letter of commitment may stand in."""

    SHORT: ClassVar = ("kind",)
    kind: DocumentKind
    label: str = ""
    required: bool = True
    alternatives: "tuple[Alternative, ...]" = ()
    commitment: bool = False
    note: str = ""
    source: str | None = None
    kinds: tuple[DocumentKind, ...] = field(default=(), metadata={"derived": True})
    """Every kind of material that satisfies this document."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or self._default_label())
        object.__setattr__(self, "kinds", (self.kind, *(other.kind for other in self.alternatives)))

    def _default_label(self) -> str:
        *others, last = (DOCUMENT_LABELS[self.kind], *(other.label for other in self.alternatives))
        return f"{'、'.join(others)}或者{last}（任选其一）" if others else last

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """What may stand in for it: other kinds of material, and `commitment` where a promise does for now."""
        return (*self.kinds[1:], *(("commitment",) if self.commitment else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another paper that does as well."""

    SHORT: ClassVar = ("kind",)
    kind: DocumentKind
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or DOCUMENT_LABELS[self.kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class LongerValidity:
    """A longer validity for certain diseases (郑州: tumours), which a referral tells by its diagnosis.

    `diagnoses`: the beginnings of their ICD-10 codes: C for every malignant tumour, N18 for kidney failure.
    """

    label: str
    diseases: tuple[DiseaseCode, ...] = ()
    diagnoses: tuple[DiagnosisPrefix, ...] = ()
    term: CalendarSpan
    source: str | None = None

    def is_for(self, disease: str | None, diagnosis: str) -> bool:
        return disease in self.diseases or (bool(diagnosis) and diagnosis.startswith(self.diagnoses))


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """How long a filing counts (有效期). The person may choose an end between `at_least` and `at_most`."""

    SHORT: ClassVar = ("term",)
    term: Term
    at_least: CalendarSpan | None = None
    at_most: CalendarSpan | None = None
    by_commitment: CalendarSpan | None = None
    extension: CalendarSpan | None = None
    longer: tuple[LongerValidity, ...] = ()
    source: str | None = None

    def term_for(self, disease: str | None, diagnosis: str) -> Term:
        """The term for an illness: longer where the area says so."""
        return next((longer.term for longer in self.longer if longer.is_for(disease, diagnosis)), self.term)

    @property
    def label(self) -> str:
        if isinstance(self.term, Span):
            return valid_within(self.term.label)
        return {"open_ended": "长期有效", "single_visit": "当次有效"}[self.term]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """How long a filing may not be changed or cancelled (变更、取消时限), from its first day; None: always free."""

    SHORT: ClassVar = ("change", "cancel")
    change: SpanOrNone
    cancel: SpanOrNone
    waived_by_documents: bool = False
    commitment_only: bool = False
    source: str | None = None

    @property
    def label(self) -> str:
        if self.change == self.cancel:
            return f"{self.change.label}内不得变更或者取消" if self.change else "可以随时变更或者取消"
        spans = (("变更", self.change), ("取消", self.cancel))
        return "，".join(f"{span.label}内不得{verb}" if span else f"可以随时{verb}" for verb, span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """How far the first day may lie before (`back`) and after (`ahead`) the day of filing; None: not at all."""

    back: SpanOrNone
    ahead: SpanOrNone
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Residence:
    """How long one must have lived there, or mean to (最低居住时间); None: not asked."""

    SHORT: ClassVar = ("at_least",)
    at_least: SpanOrNone
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Who may not file this type. Without `persons` only people can tell (by `label`), not the program."""

    label: str
    persons: tuple[Person, ...] = ()
    insurance: Insurance | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRules:
    """What holds for one type of filing. `travel`: what it settles as; not `needed`: no filing at all (免申即享)."""

    type: FilingType = field(default="other", metadata={"derived": True})
    needed: bool
    travel: Travel
    covers: tuple[Care, ...]
    lane: Lane
    documents: tuple[Document, ...]
    validity: Validity
    lock: Lock
    starts: Starts
    residence: Residence
    not_for: tuple[Exclusion, ...]
    note: str

    @property
    def label(self) -> str:
        return TYPE_LABELS[self.type]

    @property
    def takes_commitment(self) -> bool:
        """Some document may be promised by a letter of commitment (个人承诺书)."""
        return any(document.commitment for document in self.documents)

    def excludes(self, person: str, insurance: str) -> Exclusion | None:
        """The exclusion that keeps this person from filing, if one does."""
        for rule in self.not_for:
            if person in rule.persons and rule.insurance in (None, insurance):
                return rule
        return None
