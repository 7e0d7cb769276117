"""The filing rules of an area on a day, everything resolved (POLICY.md §5); the keys of a file's `filing:` section.

The top of `policies/data/national.yaml` explains how the keys are written and merged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import ClassVar, Literal, TypeAlias

from policies.language.filing_types import Document, Source, TypeRules
from policies.language.terms import CARE_LABELS, CareScope, FilingType, Person, Travel
from policies.language.text import RefusedError
from policies.language.values import (
    AnySpan,
    AreaCode,
    CalendarSpan,
    ClaimTerm,
    Clock,
    DiseaseCode,
    Place,
    SpanOrNone,
    Whole,
)

DoctorRank: TypeAlias = Literal["any", "attending", "associate_chief", "chief"]
RANKS: tuple[DoctorRank, ...] = ("any", "attending", "associate_chief", "chief")
BeforeProof: TypeAlias = Literal["local", "long_term", "referral", "emergency", "other", "unfiled", "refused"]
ReviewKind: TypeAlias = Literal["filing", "referral", "recognition", "claim", "proof"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyReport:
    """Notice of an emergency: `within` a span of the admission, `before_discharge`; what a `late` one counts as.

    `outside_network_only`: only for hospitals outside the national network.
    """

    within: AnySpan | None = None
    before_discharge: bool = False
    late: Travel = "unfiled"
    outside_network_only: bool = False
    note: str = ""
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Emergency care elsewhere: `deemed` filed (视同已备案), or to be `report`ed."""

    mode: Literal["deemed", "report"]
    report: EmergencyReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """The letter of commitment (个人承诺书): papers within `supply`, or `broken` follows, and a `bar`.

    `supply` None: the letter is enough, nothing has to follow.
    """

    accepted: bool
    supply: SpanOrNone
    bar: SpanOrNone
    broken: Literal["cancel", "treat_as_other"]
    remind_before: tuple[CalendarSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRules:
    """Where one files to: these provinces as a whole, others by city. `institutions`: how many to name (None: all)."""

    whole_provinces: tuple[AreaCode, ...]
    institutions: Whole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Places to which no filing is needed (免备案), while it lasts: from `since`, before `until`."""

    to: tuple[Place, ...]
    care: tuple[CareScope, ...] = ("inpatient", "outpatient", "chronic", "pharmacy")
    since: date | None = None
    until: date | None = None
    travel: Travel = "long_term"
    note: str = ""
    source: str | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise RefusedError("period_empty", f"until（{self.until}）应晚于 since（{self.since}）")

    def counts_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    @property
    def care_label(self) -> str:
        return "、".join(CARE_LABELS[care] for care in self.care)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacation:
    """Care of these persons elsewhere in their vacation (学生寒暑假) settles as `travel`; not `needed`: without a filing too."""

    travel: Travel
    persons: tuple[Person, ...] = ("student",)
    needed: bool = True
    note: str = ""
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Injury:
    """An injury (外伤) elsewhere: whether it is settled directly, and whether a statement is asked that no third party is liable."""

    direct: bool
    statement: bool
    note: str = ""
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newborns:
    """Care elsewhere of a child that has no number of its own yet, under its mother, `within` a span of its birth (None: no term).

    It settles as `travel`, or (None) as the mother travels.
    """

    direct: bool
    travel: Travel | None = None
    within: CalendarSpan | None = None
    note: str = ""
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maternity:
    """A stay for childbirth (生育) elsewhere: whether it is settled directly."""

    direct: bool
    note: str = ""
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DualBenefit:
    """Care at home while filed long-term elsewhere (双向享受待遇).

    It settles as `travel` once `after` has passed since the first day (None: at once; `proof_waives`: at once with the
    documents) and, where `proof` asks for it, the documents are in: of people filed by commitment, or of everybody, and
    only for filings to `proof_places` (empty: everywhere). Until then as `before`; `refused`: not directly.
    """

    allowed: bool
    travel: Travel
    after: SpanOrNone
    proof: Literal["none", "commitment", "always"]
    proof_places: tuple[AreaCode, ...]
    proof_waives: bool
    before: BeforeProof
    restored: AnySpan | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRules:
    """Who may refer (转诊) and how long the paper lasts.

    `lowest_level`: of the issuing hospital; `hospitals`: only these, if any are named; `paper`: how old a paper may be
    when one files; `renewal`: a hospital of the `insured` area renews, or the `treating` one; `make_up`: how long after
    the admission it may follow.
    """

    lowest_level: Whole
    hospitals: tuple[str, ...]
    doctor: DoctorRank
    validity: CalendarSpan
    paper: SpanOrNone
    review: bool
    names_receiver: bool
    renewal: Literal["insured", "treating"]
    make_up: AnySpan | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiseaseDocuments:
    """The documents of one chronic disease where they differ."""

    disease: DiseaseCode
    documents: tuple[Document, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronicRules:
    """Recognition of chronic and special diseases (门诊慢特病认定); `renewal` None: it lasts."""

    diseases: tuple[DiseaseCode, ...]
    documents: tuple[Document, ...]
    disease_documents: tuple[DiseaseDocuments, ...]
    lowest_level: Whole
    starts: Literal["next_month", "at_once"]
    renewal: SpanOrNone
    institutions: Whole | None
    note: str

    def documents_for(self, disease: str) -> tuple[Document, ...]:
        for own in self.disease_documents:
            if own.disease == disease:
                return own.documents
        return self.documents


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRules:
    """Manual reimbursement (零星报销): `deadline` after discharge; whose `catalogue` counts."""

    deadline: ClaimTerm
    documents: tuple[Document, ...]
    catalogue: Literal["insured", "care"]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeUp:
    """Filing after care began (补办): direct before the discharge settlement; `after`: how long a claim may follow."""

    before_discharge: bool
    after: SpanOrNone
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDays:
    """Working days of each stage of a review: [2] is one stage, [10, 10] first and expert review."""

    SHORT: ClassVar = ("stages",)
    stages: tuple[Whole, ...]
    source: str | None = None

    def __post_init__(self) -> None:
        if not self.stages:
            raise RefusedError("stages_empty", "至少要有一个审核环节的工作日数")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """Deadlines of the agency: working days per kind and stage, close of business, and what happens when time is up."""

    filing: ReviewDays
    referral: ReviewDays
    recognition: ReviewDays
    claim: ReviewDays
    proof: ReviewDays
    close_of_business: Clock
    approve_when_due: bool
    correction: CalendarSpan

    def working_days(self, kind: ReviewKind, stage: int = 1) -> int:
        """Working days of a stage (from 1) of this kind of submission."""
        days: ReviewDays = getattr(self, kind)
        return days.stages[stage - 1]

    def stages(self, kind: ReviewKind) -> int:
        days: ReviewDays = getattr(self, kind)
        return len(days.stages)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilingRules:
    """All filing rules of an area on a day, made once; `sources`: by key (`types.other.validity`, `exempt`)."""

    area: str = field(default="", metadata={"derived": True})
    types: Mapping[FilingType, TypeRules]
    emergency: Emergency
    commitment: Commitment
    destination: DestinationRules
    exempt: tuple[Exemption, ...]
    dual_benefit: DualBenefit
    vacation: Vacation | None
    injury: Injury
    newborns: Newborns | None
    maternity: Maternity | None
    make_up: MakeUp
    referral: ReferralRules
    chronic: ChronicRules
    claim: ClaimRules
    review: ReviewRules
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}), metadata={"derived": True})

    def cite(self, key: str) -> str:
        """The source of a rule by its key, as people can look it up; empty for one that names none."""
        source = self.source_of(key)
        return f"{source.title}（{source.publisher}）" if source else ""

    def source_of(self, key: str) -> Source | None:
        """The source of a rule by its key, of the nearest key above it that has one."""
        while key and key not in self.sources:
            key = key.rpartition(".")[0]
        return self.sources.get(key)
