"""Gathers the facts of filings and proofs for their checks, many at a time with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, cast

from accounts.models import Enrollment, Person
from core import clock
from filings import emergencies
from filings.bodies import StayShape
from filings.filing_case import FilingCase, Hospital, Insured, Place, Predecessor, Referral, Stay, type_of
from filings.models import Commitment, CommitmentStatus, FiledBy, Filing
from policies.language.filing_rules import commitment_barred_until, rules_for
from policies.language.filing_schema import FilingRules
from policies.notices import notices_under
from regions.models import Institution, areas_with_parents
from reviews import checks
from reviews.checks import Material
from reviews.lifecycle import LIFECYCLES, Case, materials_of
from reviews.models import Kind, Status
from reviews.models.submission import live_holders


class Referrals(Protocol):
    """What filings ask of the app of referrals, which stands above this one: its lifecycle answers."""

    def certificates(self, filings: Sequence[Filing]) -> Mapping[Any, Referral]:
        """The referrals the filings name, by the filing's id; one that does not exist is left out."""

    def naming(self, filings: Sequence[Filing]) -> set[Any]:
        """The ids of the filings that name a referral at all."""

    def name(self, case: Case, referral: str | None) -> None:
        """Remember that the filing names this referral, or (empty) none any more; the foreign key stands on the higher side.

        Raises Invalid `referral_unknown`.
        """


def referrals() -> Referrals:
    """The referrals of this system."""
    return cast(Referrals, LIFECYCLES[Kind.REFERRAL])


def places(codes: Iterable[str]) -> dict[str, Place]:
    """The areas of these codes, in one query."""
    return {area.code: Place.of(area) for area in areas_with_parents(codes=[*codes])}


def gather(cases: Sequence[Case]) -> list[FilingCase]:
    """The facts of each filing, in order."""
    known = _Known.about(cases)
    return [_case(case, known) for case in cases]


@dataclass
class _Known:
    """What the database says about several filings, found by their ids."""

    places: dict[str, Place] = field(default_factory=dict)
    materials: dict[Any, list[Material]] = field(default_factory=lambda: defaultdict(list))
    commitments: dict[Any, Commitment] = field(default_factory=dict)
    broken: dict[Any, date] = field(default_factory=dict)
    hospitals: dict[Any, list[Hospital]] = field(default_factory=lambda: defaultdict(list))
    stays: dict[str, Hospital] = field(default_factory=dict)
    predecessors: dict[Any, Filing] = field(default_factory=dict)
    keys: dict[Any, tuple[str, str]] = field(default_factory=dict)
    holders: dict[str, tuple[Any, str]] = field(default_factory=dict)
    referrals: dict[Any, Referral] = field(default_factory=dict)
    naming_referral: set[Any] = field(default_factory=set)

    @classmethod
    def about(cls, cases: Sequence[Case]) -> _Known:
        known, filings = cls(), [case.submission for case in cases]
        known._learn_places(cases)
        known.materials = materials_of(cases)
        known._learn_commitments(filings)
        known._learn_hospitals(cases)
        known._learn_stays(filings)
        known._learn_rivals(filings)
        known._learn_referrals([filing for filing in filings if filing.type == "referral"])
        return known

    def _learn_places(self, cases: Sequence[Case]) -> None:
        """A new filing was made from areas that were read before; those of others are read together."""
        for case in cases:
            if case.new:
                areas = (case.submission.area, case.submission.destination)
                self.places |= {area.code: Place.of(area) for area in areas}
        stored = [case.submission for case in cases if not case.new]
        codes = {code for filing in stored for code in (filing.area_id, filing.destination_id)}
        if missing := codes - self.places.keys():
            self.places |= places(missing)

    def _learn_commitments(self, filings: Sequence[Filing]) -> None:
        by_commitment = [filing for filing in filings if filing.filed_by == FiledBy.COMMITMENT]
        if not by_commitment:
            return
        new = {row.pk: row.signed for row in by_commitment if row._state.adding and row.signed is not None}
        stored = [filing.pk for filing in by_commitment if filing.pk not in new]
        self.commitments = {c.filing_id: c for c in Commitment.objects.filter(filing__in=stored)} | new
        persons = {filing.person_id for filing in by_commitment}
        broken = Commitment.objects.filter(filing__person__in=persons, status=CommitmentStatus.BROKEN)
        for person, day in broken.order_by("settled_on").values_list("filing__person_id", "settled_on"):
            self.broken[person] = day or date.min

    def _learn_hospitals(self, cases: Sequence[Case]) -> None:
        for case in cases:
            self.hospitals[case.submission.pk] += map(_hospital, case.institutions or ())
        stored = [case.submission.pk for case in cases if case.institutions is None]
        for filing, institution in Filing.objects.chosen_for(stored) if stored else ():
            self.hospitals[filing].append(_hospital(institution))

    def _learn_stays(self, filings: Sequence[Filing]) -> None:
        codes = {
            stay.institution for filing in filings if filing.makes_up_for and (stay := Stay.read(filing.makes_up_for))
        }
        if codes:
            rows = Institution.objects.filter(code__in=codes).select_related("area")
            self.stays = {row.code: _hospital(row) for row in rows}

    def _learn_rivals(self, filings: Sequence[Filing]) -> None:
        before = [filing.predecessor_id for filing in filings if filing.predecessor_id]
        self.predecessors = Filing.objects.in_bulk(before) if before else {}
        self.keys = {row.pk: (row.key_in_force, f"after:{row.predecessor_id}") for row in filings}
        keys = [key for pair in self.keys.values() for key in pair]
        self.holders = {key: (pk, number) for key, pk, number in live_holders(keys=keys)}

    def _learn_referrals(self, filings: Sequence[Filing]) -> None:
        if filings:
            self.referrals = dict(referrals().certificates(filings))
            self.naming_referral = referrals().naming(filings)

    def rival_of(self, filing: Filing) -> str | None:
        """The number of the live filing that stands in the way, its own predecessor aside."""
        own = {filing.pk, filing.predecessor_id}
        holders = (self.holders[key] for key in self.keys[filing.pk] if key in self.holders)
        return next((number for pk, number in holders if pk not in own), None)


def _case(case: Case, known: _Known) -> FilingCase:
    filing: Filing = case.submission
    filed_on = case.filed_on
    rules, stay = case.rules_on(filed_on), Stay.read(filing.makes_up_for) if filing.makes_up_for else None
    signed = known.commitments.get(filing.pk)
    barred, old = known.broken.get(filing.person_id), known.predecessors.get(filing.predecessor_id)
    return FilingCase(
        type=type_of(filing.type),
        rules=rules,
        insured=insured(filing.enrollment, filing.person, known.places[filing.area_id], filing.starts_on),
        destination=known.places[filing.destination_id],
        filed_on=filed_on,
        starts_on=filing.starts_on,
        ends_on=filing.ends_on,
        materials=tuple(known.materials[filing.pk]),
        commitment=checks.Commitment(signed.kind, signed.signed_name) if signed else None,
        barred_until=commitment_barred_until(rules, barred) if barred else None,
        injury=filing.injury,
        contact_name=filing.contact_name,
        contact_phone=filing.contact_phone,
        hospitals=tuple(known.hospitals[filing.pk]),
        referral_named=filing.pk in known.naming_referral,
        referral=known.referrals.get(filing.pk),
        stay=stay,
        stay_at=known.stays.get(stay.institution) if stay else None,
        rival=known.rival_of(filing),
        predecessor=_predecessor(old),
        carried=old is not None and _same_matter(old, filing) and old.filed_by == FiledBy.DOCUMENT,
        notice_current=_notice_is_current(filing, old, rules, filed_on),
        report_by=emergencies.report_of(filing) if filing.type == "emergency" else None,
    )


def stay_of(filing: Filing) -> StayShape | None:
    """The stay that a filing makes up for (补办), with the name of the hospital (its code, if it is in the list no more)."""
    stay = Stay.read(filing.makes_up_for)
    if stay is None:
        return None
    named = Institution.objects.filter(code=stay.institution).values_list("name", flat=True).first()
    name = named or stay.institution
    return {"institution": stay.institution, "institution_name": name, "admitted_on": stay.admitted_on}


def referral_of(filing: Filing) -> str | None:
    """The number of the person's own referral that a filing names."""
    named = referrals().certificates([filing]).get(filing.pk)
    return named.number if named and named.same_person else None


def insured(enrollment: Enrollment, person: Person, area: Place, day: date) -> Insured:
    """The enrolment as the checks see it; the age counts on `day`."""
    return Insured(
        area=area,
        since=enrollment.valid_from,
        until=enrollment.valid_until,
        insurance=enrollment.insurance,
        category=enrollment.category,
        age=person.age_on(day),
        name=person.name,
    )


def _predecessor(filing: Filing | None) -> Predecessor | None:
    if filing is None:
        return None
    return Predecessor(
        number=filing.number,
        live=filing.status == Status.APPROVED,
        valid_from=filing.valid_from,
        locked_until=filing.locked_on("change", clock.today()),
        waived_by_documents=filing.rules.types[type_of(filing.type)].lock.waived_by_documents,
    )


def _same_matter(old: Filing, new: Filing) -> bool:
    return (old.type, old.destination_id) == (new.type, new.destination_id)


def _notice_is_current(filing: Filing, old: Filing | None, rules: FilingRules, on: date) -> bool:
    """A draft acknowledges the notice in force; a change and a correction may rest on the one read before, of the same type."""
    if filing.status not in (Status.DRAFT, Status.RETURNED):
        return True
    read_before = filing.status == Status.RETURNED or (old is not None and old.notice_id == filing.notice_id)
    if read_before and filing.notice is not None:
        return (filing.notice.area_id, filing.notice.type) == (filing.area_id, filing.type)
    return notices_under(rules, (filing.type,), on)[filing.type].pk == filing.notice_id


def _hospital(institution: Any) -> Hospital:
    return Hospital(
        name=institution.name,
        areas=frozenset({institution.area_id, institution.area.province_code}),
        open=institution.inpatient or institution.outpatient or bool(institution.chronic),
    )


def hypothetical(
    enrollment: Enrollment, destination: Place, home: Place, filing_type: str, rival: str | None
) -> FilingCase:
    """A filing nobody has written yet, from today on: what the options are judged by."""
    today = clock.today()
    return FilingCase(
        type=type_of(filing_type),
        rules=rules_for(enrollment.area_id, today),
        insured=insured(enrollment, enrollment.person, home, today),
        destination=destination,
        filed_on=today,
        starts_on=today,
        rival=rival,
    )
