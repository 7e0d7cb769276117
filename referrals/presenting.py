"""Referrals as clients and reviewers see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core.printing import qr
from core.sealing import mask_name
from policies.language.terms import TRAVEL_LABELS, Travel
from policies.language.wording import day
from referrals.bodies import HospitalShape, ReferralBenefitShape, ReferralColumns, ReferralRest
from referrals.certificate import counts, spaced
from referrals.models import Referral
from regions.models import Institution
from reviews.models import Status


def row(referral: Referral) -> ReferralColumns:
    """What a list shows of a referral; its joins are `destination`, `issuer`, `receiver` and `made_filing`."""
    return {
        "issuer": _hospital(referral.issuer),
        "receiver": _hospital(referral.receiver) if referral.receiver else None,
        "destination": referral.destination_id,
        "destination_name": referral.destination.name,
        "reason": referral.reason,
        "reason_label": referral.get_reason_display(),
        "issued_on": referral.issued_on,
        "valid_from": referral.valid_from,
        "valid_until": referral.valid_until,
        "verification_code": spaced(referral.verification_code),
        "filing": str(referral.made_filing_id) if referral.made_filing_id else None,
        "predecessor": str(referral.predecessor_id) if referral.predecessor_id else None,
    }


def _hospital(institution: Institution) -> HospitalShape:
    return {"code": institution.code, "name": institution.name, "level": institution.level}


def detail(referral: Referral, account: Account, verify_url: str) -> ReferralRest:
    """What one referral shows besides: the illness, except to administrators; the code to verify it; what it changes."""
    told = account.role != Role.ADMIN
    return {
        "diagnosis": {"code": referral.diagnosis_code, "name": referral.diagnosis_name} if told else None,
        "summary": referral.summary if told else "",
        "doctor": {"name": referral.doctor_name, "rank": referral.doctor_rank, "rank_label": referral.get_doctor_rank_display()},
        "valid": counts(referral),
        "verify_url": verify_url,
        "qr_svg": qr(verify_url) if counts(referral) else None,
        "benefit": _benefit(referral),
    }  # fmt: skip


def _benefit(referral: Referral) -> ReferralBenefitShape | None:
    """As what care there settles under the filing it made; None: it made none, or that counts no longer."""
    filing = referral.made_filing
    if filing is None or filing.status != Status.APPROVED:
        return None
    return {
        "travel": filing.travel,
        "travel_label": TRAVEL_LABELS[cast(Travel, filing.travel)],
        "filing": str(filing.pk),
        "filing_number": filing.number,
        "valid_from": filing.valid_from,
        "valid_until": filing.valid_until,
    }


def described(referral: Referral, *, unmasked: bool = False) -> Iterator[tuple[Any, Any]]:
    """What a referral is about, for the reviewer's page; `unmasked`: the doctor's name in full."""
    yield _("开具医疗机构"), f"{referral.issuer.name}（{referral.issuer.get_level_display()}）"
    yield _("诊断"), f"{referral.diagnosis_name}（{referral.diagnosis_code}）"
    yield _("转诊原因"), referral.get_reason_display()
    yield _("病情摘要"), referral.summary
    yield _("转往地区"), referral.destination.name
    if referral.receiver:
        yield _("接收医疗机构"), f"{referral.receiver.name}（{referral.receiver.get_level_display()}）"
    doctor = referral.doctor_name if unmasked else mask_name(referral.doctor_name)
    yield _("医师"), f"{doctor}（{referral.get_doctor_rank_display()}）"
    yield _("开具日期"), day(referral.issued_on)
    if referral.valid_until:
        yield _("有效期至"), day(referral.valid_until)
    if referral.predecessor:
        yield _("替代"), referral.predecessor.number
