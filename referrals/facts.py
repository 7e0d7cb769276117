"""The facts of referrals for their checks, many at a time with a fixed number of queries; and those that filings name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import Enrollment
from core.text import number
from filings.facts import insured, places
from filings.filing_case import Place
from filings.filing_case import Referral as Certificate
from filings.models import Filing
from filings.travel import is_home
from referrals.checks import Hospital, ReferralCase
from referrals.models import NamedReferral, Referral, bare
from regions.models import Institution
from reviews.lifecycle import Case
from reviews.models import Status, Submission

WAITING = [Status.SUBMITTED, Status.RETURNED]


def gather(cases: Sequence[Case]) -> list[ReferralCase]:
    """The facts of each referral, in order."""
    rows = [case.submission for case in cases]
    known = places({code for row in rows for code in (row.area_id, row.destination_id)})
    waiting, standing = _waiting(rows), _standing(rows)
    return [_case(row, known, waiting, standing) for row in rows]


def _standing(rows: Sequence[Referral]) -> dict[Any, str]:
    """The numbers of those before them that still stand, by id."""
    before = [row.predecessor_id for row in rows if row.predecessor_id]
    standing = Submission.objects.filter(pk__in=before, status=Status.APPROVED)
    return dict(standing.values_list("pk", "number")) if before else {}


def _waiting(rows: Sequence[Referral]) -> list[Referral]:
    """What waits for a decision of the same people."""
    enrollments = {row.enrollment_id for row in rows}
    waiting = Referral.objects.filter(enrollment__in=enrollments, status__in=WAITING)
    return list(waiting.only("id", "number", "enrollment_id", "illness").order_by("id"))


def _case(
    row: Referral, known: dict[str, Place], waiting: Sequence[Referral], standing: dict[Any, str]
) -> ReferralCase:
    rivals = (
        other.number
        for other in waiting
        if other.pk != row.pk and (other.enrollment_id, other.illness) == (row.enrollment_id, row.illness)
    )
    there = known[row.destination_id]
    return ReferralCase(
        rules=row.rules,
        insured=insured(row.enrollment, row.person, known[row.area_id], row.issued_on),
        destination=there,
        local=is_home(row.area, there),
        issuer=hospital(row.issuer),
        receiver=hospital(row.receiver) if row.receiver else None,
        doctor_rank=row.doctor_rank,
        issued_on=row.issued_on,
        filed_on=row.filed_on,
        renewal=row.predecessor_id is not None,
        replaces=standing.get(row.predecessor_id),
        rival=next(rivals, None),
    )


def hospital(row: Institution) -> Hospital:
    return Hospital(
        code=row.code,
        name=row.name,
        level=row.level,
        areas=frozenset({row.area_id, row.area.province_code}),
        entitled=row.issues_referrals,
    )


def referred(enrollment: Enrollment, institution: Institution, on: date) -> bool:
    """Whether a referral that stands on the day sends this person to this hospital (基层首诊: POLICY.md's `referred`)."""
    there = Place.of(institution.area)
    standing: Any = Referral.objects.standing_on(on).filter(enrollment=enrollment)
    named = standing.filter(receiver=institution)
    unnamed = standing.filter(receiver__isnull=True, destination__in=[there.code, there.province])
    return bool(named.exists() or unnamed.exists())


def named_by(filings: Sequence[Filing]) -> list[NamedReferral]:
    """What filings name; that of a new filing stands with it."""
    new = [row.named_referral for row in filings if row._state.adding and hasattr(row, "named_referral")]
    stored = [row.pk for row in filings if not row._state.adding]
    return new + list(NamedReferral.objects.filter(filing__in=stored).select_related("referral"))


def find(text: str, person: Any) -> Referral | None:
    """The person's referral with this number, verification code or id; another's is as if there were none."""
    spelt = Q(number=number(text)) | Q(verification_code=bare(text))
    with suppress(ValueError):
        spelt |= Q(pk=UUID(text))
    return Referral.objects.filter(spelt, person=person).first()


def certificate(row: Referral, person: Any) -> Certificate:
    return Certificate(
        id=str(row.pk),
        number=row.number,
        issued_on=row.issued_on,
        valid_until=row.valid_until or row.issued_on,
        destination=row.destination_id,
        standing=row.status == Status.APPROVED,
        same_person=row.person_id == person,
        diagnosis=row.diagnosis_code,
    )
