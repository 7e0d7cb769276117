"""Gathers the facts of recognitions for their checks, many at a time with a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chronic.checks import Earlier, Hospital, Old, RecognitionCase
from chronic.models import Recognition
from filings.facts import insured, places
from filings.filing_case import Place
from filings.models import Commitment, CommitmentStatus
from filings.travel import is_home
from policies.language.filing_rules import commitment_barred_until
from regions.models import Area, Institution
from reviews import checks
from reviews.checks import Material
from reviews.lifecycle import Case, materials_of
from reviews.models import LIVE, Status


def gather(cases: Sequence[Case]) -> list[RecognitionCase]:
    """The facts of each recognition, in order."""
    known = _Known.about(cases)
    return [_case(case.submission, known) for case in cases]


@dataclass
class _Known:
    """What the database says about several recognitions."""

    places: dict[str, Place] = field(default_factory=dict)
    materials: dict[Any, list[Material]] = field(default_factory=lambda: defaultdict(list))
    hospitals: dict[str, Institution] = field(default_factory=dict)
    chosen: dict[Any, list[str]] = field(default_factory=lambda: defaultdict(list))
    siblings: list[Recognition] = field(default_factory=list)
    broken: dict[Any, date] = field(default_factory=dict)

    @classmethod
    def about(cls, cases: Sequence[Case]) -> _Known:
        known, rows = cls(), [case.submission for case in cases]
        known.places = places({row.area_id for row in rows})
        known.materials = materials_of(cases)
        known._learn_chosen(cases)
        known._learn_hospitals(rows)
        known._learn_siblings(rows)
        known._learn_broken(rows)
        return known

    def _learn_chosen(self, cases: Sequence[Case]) -> None:
        for case in cases:
            self.chosen[case.submission.pk] += [each.code for each in case.institutions or ()]
        stored = [case.submission.pk for case in cases if case.institutions is None]
        if stored:
            for row in Recognition.institutions.through.objects.filter(recognition__in=stored):
                self.chosen[row.recognition_id].append(row.institution_id)

    def _learn_hospitals(self, rows: Sequence[Recognition]) -> None:
        codes = {code for chosen in self.chosen.values() for code in chosen}
        codes |= {row.diagnosing_institution_id for row in rows if row.diagnosing_institution_id}
        hospitals = Institution.objects.filter(code__in=codes).select_related("area__parent")
        self.hospitals = {hospital.code: hospital for hospital in hospitals}

    def _learn_siblings(self, rows: Sequence[Recognition]) -> None:
        """All recognitions of these persons that live, or counted once."""
        persons = {row.person_id for row in rows}
        recognitions = Recognition.objects.filter(person__in=persons).select_related("area").order_by("-created_at")
        self.siblings = [each for each in recognitions if each.status in LIVE or each.valid_from]

    def _learn_broken(self, rows: Sequence[Recognition]) -> None:
        """The last broken promise of each person, of a filing or a recognition; only where one makes a new one."""
        persons = {row.person_id for row in rows if row.commitment_kind}
        if not persons:
            return
        filed = Commitment.objects.filter(filing__person__in=persons, status=CommitmentStatus.BROKEN)
        own = [each for each in self.siblings if each.commitment_status == CommitmentStatus.BROKEN]
        days = [*filed.values_list("filing__person_id", "settled_on")]
        for person, day in [*days, *((each.person_id, each.commitment_settled_on) for each in own)]:
            self.broken[person] = max(day or date.min, self.broken.get(person, date.min))


def _case(row: Recognition, known: _Known) -> RecognitionCase:
    rules, broken = row.rules, known.broken.get(row.person_id)
    diagnosing = known.hospitals.get(row.diagnosing_institution_id or "")
    return RecognitionCase(
        rules=rules,
        insured=insured(row.enrollment, row.person, known.places[row.area_id], row.filed_on),
        disease=row.disease_id,
        disease_name=row.disease.name,
        filed_on=row.filed_on,
        diagnosed_on=row.diagnosed_on,
        diagnosed_at=hospital(diagnosing, row.area, row.disease_id) if diagnosing else None,
        chosen=tuple(hospital(known.hospitals[code], row.area, row.disease_id) for code in known.chosen[row.pk]),
        materials=tuple(known.materials[row.pk]),
        commitment=checks.Commitment(row.commitment_kind, row.signed_name) if row.commitment_kind else None,
        barred_until=commitment_barred_until(rules, broken) if broken else None,
        rival=_rival(row, known.siblings),
        old=_old(row, known.siblings),
        earlier=_earlier(row, known.siblings),
    )


def hospital(institution: Institution, home: Area, disease: str) -> Hospital:
    """An institution as the checks see it (its area and province are asked for)."""
    return Hospital(
        name=institution.name,
        level=institution.level,
        at_home=is_home(home, Place.of(institution.area)),
        open=institution.open_for("chronic", disease),
    )


def _rival(row: Recognition, siblings: Iterable[Recognition]) -> str | None:
    """The number of the live recognition that stands in the way, its own predecessor aside."""
    keys, own = {row.key_in_force, f"after:{row.predecessor_id}"}, {row.pk, row.predecessor_id}
    return next(
        (each.number for each in siblings if each.status in LIVE and each.live_key in keys and each.pk not in own), None
    )


def _old(row: Recognition, siblings: Iterable[Recognition]) -> Old | None:
    old = next((each for each in siblings if row.predecessor_id and each.pk == row.predecessor_id), None)
    if old is None:
        return None
    live = old.status == Status.APPROVED
    return Old(number=old.number, live=live, renewable_from=old.renewal_opens, commitment_open=old.commitment_open)


def _earlier(row: Recognition, siblings: Iterable[Recognition]) -> Earlier | None:
    others = (each for each in siblings if each.disease_id == row.disease_id and each.pk != row.pk)
    past = next((each for each in others if each.valid_from), None)
    if past is None or past.valid_from is None:
        return None
    return Earlier(number=past.number, area=past.area.name, valid_from=past.valid_from)
