"""Gathers the facts of filings and proofs for their checks, many at a time with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, cast

from accounts.models import Enrollment, Person
from core import clock
from core.prepared import Param, PreparedQuery
from filings import emergencies, stays
from filings.checks.proof import ProofCase
from filings.commitments import bearer
from filings.filing_case import FilingCase, Hospital, Insured, Place, Predecessor, Referral, type_of
from filings.models import Commitment, CommitmentStatus, FiledBy, Filing, Proof
from filings.places import places
from filings.wording import document_label
from policies.language.filing_rules import commitment_barred_until, rules_for
from policies.language.filing_schema import FilingRules
from policies.notices import current_notice
from regions.models import Institution
from reviews.commitments import Promise
from reviews.documents import Paper, papers_of
from reviews.lifecycle import lifecycle_of
from reviews.models import LIVE, Kind, Status, Submission


class Referrals(Protocol):
    """What filings ask of the app of referrals, which stands above this one: its lifecycle answers."""

    def certificates(self, filings: Sequence[Filing]) -> Mapping[Any, Referral]:
        """The referrals the filings name, by the filing's id; one that does not exist is left out."""

    def naming(self, filings: Sequence[Filing]) -> set[Any]:
        """The ids of the filings that name a referral at all."""

    def name(self, filing: Filing, referral: str) -> None:
        """Remember that the filing names this referral; the foreign key stands on the higher side.

        Raises Invalid `referral_unknown`.
        """


def referrals() -> Referrals:
    """The referrals of this system."""
    return cast(Referrals, lifecycle_of(Kind.REFERRAL))


def gather(filings: Sequence[Filing]) -> list[FilingCase]:
    """The facts of each filing, in order."""
    known = _Known.about(filings)
    return [_case(filing, known) for filing in filings]


@dataclass
class _Known:
    """What the database says about several filings, found by their ids."""

    places: dict[str, Place] = field(default_factory=dict)
    papers: dict[Any, list[Paper]] = field(default_factory=lambda: defaultdict(list))
    promises: dict[Any, Commitment] = field(default_factory=dict)
    broken: dict[Any, date] = field(default_factory=dict)
    hospitals: dict[Any, list[Hospital]] = field(default_factory=lambda: defaultdict(list))
    stays: dict[str, Hospital] = field(default_factory=dict)
    predecessors: dict[Any, Filing] = field(default_factory=dict)
    holders: dict[str, tuple[Any, str]] = field(default_factory=dict)
    referrals: dict[Any, Referral] = field(default_factory=dict)
    asked: set[Any] = field(default_factory=set)

    @classmethod
    def about(cls, filings: Sequence[Filing]) -> _Known:
        known = cls()
        ids = [filing.pk for filing in filings]
        known.places = places({code for filing in filings for code in (filing.area_id, filing.destination_id)})
        known.papers = papers_of(ids)
        known._learn_promises(filings)
        known._learn_hospitals(ids)
        known._learn_stays(filings)
        known._learn_rivals(filings)
        known._learn_referrals([filing for filing in filings if filing.type == "referral" or filing.status == "draft"])
        return known

    def _learn_promises(self, filings: Sequence[Filing]) -> None:
        by_promise = [filing for filing in filings if filing.filed_by == FiledBy.COMMITMENT]
        if not by_promise:
            return
        self.promises = {c.filing_id: c for c in Commitment.objects.filter(filing__in=by_promise)}
        persons = {filing.person_id for filing in by_promise}
        broken = Commitment.objects.filter(filing__person__in=persons, status=CommitmentStatus.BROKEN)
        for person, day in broken.order_by("settled_on").values_list("filing__person_id", "settled_on"):
            self.broken[person] = day or date.min

    def _learn_hospitals(self, ids: Iterable[Any]) -> None:
        for row in CHOSEN(filings=[*ids]):
            self.hospitals[row.filing_id].append(_hospital(row.institution))

    def _learn_stays(self, filings: Sequence[Filing]) -> None:
        codes = {stay.institution for filing in filings if (stay := stays.read(filing.makes_up_for))}
        if codes:
            rows = Institution.objects.filter(code__in=codes).select_related("area")
            self.stays = {row.code: _hospital(row) for row in rows}

    def _learn_rivals(self, filings: Sequence[Filing]) -> None:
        before = [filing.predecessor_id for filing in filings if filing.predecessor_id]
        self.predecessors = Filing.objects.in_bulk(before) if before else {}
        keys = {key for filing in filings for key in (filing.key_in_force, f"after:{filing.predecessor_id}")}
        self.holders = {key: (pk, number) for key, pk, number in HOLDERS(keys=[*keys])}

    def _learn_referrals(self, filings: Sequence[Filing]) -> None:
        naming = [filing for filing in filings if filing.type == "referral"]
        if naming:
            self.referrals = dict(referrals().certificates(naming))
            self.asked = referrals().naming(naming)

    def rival_of(self, filing: Filing) -> str | None:
        """The number of the live filing that stands in the way, its own predecessor aside."""
        own = {filing.pk, filing.predecessor_id}
        keys = [filing.key_in_force, f"after:{filing.predecessor_id}"]
        holders = (self.holders[key] for key in keys if key in self.holders)
        return next((number for pk, number in holders if pk not in own), None)


def _case(filing: Filing, known: _Known) -> FilingCase:
    rules, stay = filing.rules, stays.read(filing.makes_up_for)
    promise = known.promises.get(filing.pk)
    barred, old = known.broken.get(filing.person_id), known.predecessors.get(filing.predecessor_id)
    return FilingCase(
        type=type_of(filing.type),
        rules=rules,
        insured=insured(filing.enrollment, filing.person, known.places[filing.area_id], filing.starts_on),
        destination=known.places[filing.destination_id],
        filed_on=filing.filed_on,
        starts_on=filing.starts_on,
        ends_on=filing.ends_on,
        papers=tuple(known.papers[filing.pk]),
        promise=Promise(promise.kind, promise.signed_name) if promise else None,
        barred_until=commitment_barred_until(rules, barred) if barred else None,
        contact_name=filing.contact_name,
        contact_phone=filing.contact_phone,
        hospitals=tuple(known.hospitals[filing.pk]),
        referral_asked=filing.pk in known.asked,
        referral=known.referrals.get(filing.pk),
        stay=stay,
        stay_at=known.stays.get(stay.institution) if stay else None,
        rival=known.rival_of(filing),
        predecessor=_predecessor(old),
        carried=old is not None and _same_matter(old, filing) and old.filed_by == FiledBy.DOCUMENT,
        notice_current=_notice_is_current(filing, old),
        report_by=emergencies.report_of(filing),
    )


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


def _notice_is_current(filing: Filing, old: Filing | None) -> bool:
    """A draft acknowledges the notice in force; a change and a correction may rest on the one read before, of the same type."""
    if filing.status not in (Status.DRAFT, Status.RETURNED):
        return True
    read_before = filing.status == Status.RETURNED or (old is not None and old.notice_id == filing.notice_id)
    if read_before and filing.notice is not None:
        return (filing.notice.area_id, filing.notice.type) == (filing.area_id, filing.type)
    return current_notice(filing.area_id, filing.type).pk == filing.notice_id


CHOSEN = PreparedQuery(
    lambda: Filing.institutions.through.objects.filter(filing__any=Param("filings")).select_related("institution__area")
)
HOLDERS = PreparedQuery(
    lambda: Submission.objects.filter(live_key__any=Param("keys"), status__in=LIVE).values_list(
        "live_key", "pk", "number"
    )
)


def _hospital(institution: Any) -> Hospital:
    return Hospital(
        name=institution.name,
        areas=frozenset({institution.area_id, institution.area.province_code}),
        open=institution.inpatient or institution.outpatient or bool(institution.chronic),
    )


def gather_proofs(proofs: Sequence[Proof]) -> list[ProofCase]:
    """The facts of each proof, in order."""
    named = Filing.objects.in_bulk([proof.proves_id for proof in proofs])
    filings = {key: bearer(filing) for key, filing in named.items()}
    promises = {c.filing_id: c for c in Commitment.objects.filter(filing__in=filings.values())}
    papers = papers_of([proof.pk for proof in proofs])
    return [_proof_case(filings[p.proves_id], promises.get(filings[p.proves_id].pk), papers[p.pk]) for p in proofs]


def _proof_case(filing: Filing, promise: Commitment | None, papers: Sequence[Paper]) -> ProofCase:
    kind = promise.kind if promise else ""
    return ProofCase(
        label=document_label(kind),
        kinds=frozenset(kinds_that_redeem(filing.rules, filing.type, kind)),
        papers=tuple(papers),
        filing_live=filing.status == Status.APPROVED,
        open=promise is not None and promise.status == CommitmentStatus.OPEN,
    )


def kinds_that_redeem(rules: FilingRules, filing_type: str, promised: str) -> tuple[str, ...]:
    """The kinds of documents that satisfy a promise: the one named, and whatever the area takes in its place."""
    documents = rules.types[type_of(filing_type)].documents
    return next((document.kinds for document in documents if promised in document.kinds), (promised,))


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
