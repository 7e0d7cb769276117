"""The facts of one filing, as its automatic checks see them: plain frozen values, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, cast

from policies.language.filing_rules import exemptions, validity_end
from policies.language.filing_schema import Exemption, FilingRules
from policies.language.filing_types import TypeRules
from policies.language.terms import LONG_TERM, Care, Channel, FilingType, Span, due_on, last_day
from policies.language.wording import day as spoken
from reviews.checks import Commitment, Material

if TYPE_CHECKING:
    from regions.models import Area

# This system is a channel of the national platform; some areas decide by channel (枣庄, POLICY.md §5).
CHANNEL: Channel = "national"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An area. `pools_at`: whether its province is filed to as a whole, by city, or not at all (`none`: 港澳台)."""

    code: str
    name: str
    level: str
    pools_at: str
    province: str
    province_name: str
    local_to: tuple[str, ...] = ()

    @classmethod
    def of(cls, area: Area) -> Place:
        """The place that an area is (its `parent` is asked for)."""
        province = area.parent or area
        return cls(
            code=area.code,
            name=area.name,
            level=area.level,
            pools_at=area.pools_at,
            province=province.code,
            province_name=province.name,
            local_to=tuple(area.local_to),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Insured:
    """The enrolment (参保关系) and what of its person the rules ask for. `until` is the last day covered."""

    area: Place
    since: date
    until: date | None
    insurance: str
    category: str
    age: int
    name: str

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Stay:
    """An admission that began before the filing (补办): the institution's code, and since when."""

    institution: str
    admitted_on: date

    @classmethod
    def read(cls, text: str) -> Stay | None:
        """The stay as a filing keeps it (`H11010100001 2026-11-19`); None for one that names none."""
        if not text:
            return None
        institution, _, day = text.rpartition(" ")
        return cls(institution, date.fromisoformat(day))

    def __str__(self) -> str:
        """As it is kept."""
        return f"{self.institution} {self.admitted_on.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """A chosen institution: its name, the areas it lies in (city and province), what it is open for across areas."""

    name: str
    areas: frozenset[str]
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A referral certificate (转诊证明) of the system, as the app of referrals states it. `valid_until`: the last day.

    `diagnosis`: its ICD-10 code.
    """

    id: str
    number: str
    issued_on: date
    valid_until: date
    destination: str
    standing: bool
    same_person: bool
    diagnosis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The filing that this one changes: until when that is locked, and since when it counts."""

    number: str
    live: bool
    valid_from: date | None
    locked_until: date | None
    waived_by_documents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingCase:
    """Everything the checks of a filing ask for. `filed_on`: the day it was submitted, or today for a draft.

    `carried`: a change that keeps place and type, of a filing whose documents were accepted. `exemptions`: by kind of care,
    what opens the place from the first day on without a filing (免备案); `at_home`: the place is the insured area or local to it.
    """

    type: FilingType
    rules: FilingRules
    insured: Insured
    destination: Place
    filed_on: date
    starts_on: date
    ends_on: date | None = None
    materials: tuple[Material, ...] = ()
    commitment: Commitment | None = None
    barred_until: date | None = None
    injury: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    hospitals: tuple[Hospital, ...] = ()
    referral_named: bool = False
    referral: Referral | None = None
    stay: Stay | None = None
    stay_at: Hospital | None = None
    rival: str | None = None
    predecessor: Predecessor | None = None
    carried: bool = False
    notice_current: bool = True
    report_by: date | None = None
    kind: TypeRules = field(init=False)
    long_term: bool = field(init=False)
    exemptions: Mapping[Care, Exemption] = field(init=False)
    at_home: bool = field(init=False)

    def __post_init__(self) -> None:
        place, types = self.destination, self.rules.types
        home = self.insured.area
        at_home = place.code == home.code or place.code in home.local_to
        covers = () if at_home else types["other"].covers
        free = exemptions(self.rules, place.code, place.province, covers, self.starts_on)
        object.__setattr__(self, "kind", types[self.type])
        object.__setattr__(self, "long_term", self.type in LONG_TERM)
        object.__setattr__(self, "exemptions", free)
        object.__setattr__(self, "at_home", at_home)

    @property
    def earliest_start(self) -> date:
        """The first day that may still be asked for: back-dating, wider for an admission that is made up for (补办)."""
        earliest = earlier(self.filed_on, self.kind.starts.back) if self.kind.starts.back else self.filed_on
        if self.stay and self.rules.make_up.before_discharge:
            earliest = min(earliest, self.stay.admitted_on)
        if self.predecessor and self.predecessor.valid_from:
            earliest = max(earliest, self.predecessor.valid_from)
        return earliest

    @property
    def latest_start(self) -> date:
        """The last day that may be asked for; an emergency has happened."""
        if self.type == "emergency":
            return self.filed_on
        return due_on(self.filed_on, self.kind.starts.ahead) if self.kind.starts.ahead else self.filed_on

    @property
    def shortest_end(self) -> date:
        """The earliest end a person may choose."""
        shortest = self.kind.validity.at_least
        return last_day(self.starts_on, shortest) if shortest else self.starts_on

    @property
    def longest_end(self) -> date | None:
        """The latest end a person may choose; None: no bound.

        For an illness that only a paper tells, a reviewer sees whether the longer term is right.
        """
        diagnosis = self.referral.diagnosis if self.referral else ""
        latest = longest_end(self.kind, self.starts_on, by_commitment=self.commitment is not None, diagnosis=diagnosis)
        if latest is None or not self._told_on_paper:
            return latest
        return max([latest, *(last_day(self.starts_on, longer.term) for longer in self.kind.validity.longer)])

    @property
    def _told_on_paper(self) -> bool:
        """No referral of the system says what the illness is, and somebody reads the papers."""
        return self.referral is None and self.kind.lane.of(CHANNEL) == "review"


def usual_end(kind: TypeRules, starts_on: date, *, by_commitment: bool, diagnosis: str = "") -> date | None:
    """The last day a filing covers where the person chose none; None: open-ended, or for one visit.

    `diagnosis`: of the referral it rests on, where the system knows it; some illnesses have longer.
    """
    end = validity_end(kind, starts_on, by_commitment=by_commitment, diagnosis=diagnosis)
    return end or longest_end(kind, starts_on, by_commitment=by_commitment)


def longest_end(kind: TypeRules, starts_on: date, *, by_commitment: bool, diagnosis: str = "") -> date | None:
    """The last day a filing may cover; None: open-ended, or for one visit."""
    validity = kind.validity
    if by_commitment and validity.by_commitment:
        return last_day(starts_on, validity.by_commitment)
    if validity.at_most:
        return last_day(starts_on, validity.at_most)
    term = validity.term_for(None, diagnosis)
    return last_day(starts_on, term) if isinstance(term, Span) else None


def earlier(day: date, span: Span) -> date:
    """The day `span` (days or months) before `day`, month ends clamped: the inverse of a time limit."""
    back = Span(-span.count, span.unit)
    return due_on(day, back)


def type_of(name: str) -> FilingType:
    return cast(FilingType, name)


def period(first: date, last: date | None) -> str:
    """2026年11月21日 至 2027年5月20日, or open-ended."""
    return f"{spoken(first)} 至 {spoken(last)}" if last else f"{spoken(first)} 起"
