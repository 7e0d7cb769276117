"""What may happen to a referral: issue, amend, hand in again, withdraw, revoke. Nothing else writes referrals."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

import reviews.services
from accounts.models import Account, Enrollment, Role
from accounts.services import find_enrolled
from core import clock
from core.errors import Forbidden, Invalid
from filings.places import place
from filings.travel import is_home
from policies.language.terms import last_day
from referrals import diagnoses
from referrals.models import Referral, illness_hash
from regions.models import Institution
from reviews.case import SYSTEM, Actor, Case
from reviews.checks import Level
from reviews.locking import locked
from reviews.models import Kind, Status, Submission
from reviews.services import conclude, create, enter, take_effect
from reviews.workflow import Action, permit

# Columns that are taken from the request as they are.
PLAIN = ("reason", "summary", "destination", "issued_on")


def issue(account: Account, asked: dict[str, Any], *, address: str = "", key: UUID | None = None) -> Referral:
    """Issue a referral for an insured person. `asked` are validated fields of API.md, `patient` a name and an ID number.

    It enters the queue where the area reviews referrals, else it stands at once. Raises NotFound `not_registered`,
    WrongState `enrollment_ambiguous` or `referral_overlaps`, Invalid with every finding, Forbidden for all but hospitals.
    `key`: the id it is to have; what was issued under it already is returned as it is.
    """
    if account.role != Role.HOSPITAL or account.institution is None:
        raise Forbidden(_("只有医疗机构的经办人员可以开具转诊。"))
    enrollment = find_enrolled(
        **asked["patient"],
        area=asked.get("insured_area", ""),
        insurance=asked.get("insurance", ""),
        account=account,
        address=address,
    )
    with transaction.atomic():
        # Whoever issues for the same person waits here, so that the second sees the first.
        Enrollment.objects.select_for_update(of=("self",), no_key=True).get(pk=enrollment.pk)
        if key and Submission.objects.filter(pk=key).exists():
            return _already_issued(account, key)
        referral = _blank(enrollment, account.institution)
        referral.id = key or referral.id
        _set_columns(referral, asked)
        referral.predecessor = _standing(referral)
        return _hand_in(create(referral, actor=Actor(account)), Action.SUBMIT, actor=Actor(account))


def _already_issued(account: Account, key: UUID) -> Referral:
    found: Referral | None = Referral.objects.visible_to(account).filter(pk=key).first()
    if found is None:
        raise Invalid(_("页面已过期，请刷新后重新填写。"), code="key_taken")
    return found


def _blank(enrollment: Enrollment, issuer: Institution) -> Referral:
    return Referral(
        kind=Kind.REFERRAL,
        person=enrollment.person,
        enrollment=enrollment,
        area=enrollment.area,
        issuer=issuer,
        issued_on=clock.today(),
    )


def _set_columns(referral: Referral, asked: dict[str, Any]) -> list[str]:
    """Put what was asked into the row; return the names of the columns set."""
    values = {name: asked[name] for name in PLAIN if name in asked}
    if "diagnosis" in asked:
        found = diagnoses.complete(**asked["diagnosis"])
        values |= {"diagnosis_code": found.code, "diagnosis_name": found.name, "illness": illness_hash(found.code)}
    if "doctor" in asked:
        values |= {"doctor_name": asked["doctor"]["name"], "doctor_rank": asked["doctor"]["rank"]}
    if "receiving_institution" in asked:
        values["receiver"] = _receiver(asked["receiving_institution"])
    for name, value in values.items():
        setattr(referral, name, value)
    return list(values)


def _receiver(code: str | None) -> Institution | None:
    if not code:
        return None
    found: Institution | None = Institution.objects.select_related("area").filter(code=code).first()
    if found is None:
        said = _("没有找到所选的接收医院，请重新选择。")
        raise Invalid(said, code="institution_unknown", attr="receiving_institution")
    return found


def _standing(referral: Referral) -> Referral | None:
    """The referral for the same illness that this one supersedes when it is approved."""
    same = Referral.objects.of_illness(referral.enrollment_id, referral.illness).filter(status=Status.APPROVED)
    return same.exclude(pk=referral.pk).order_by("-id").first()


def _hand_in(referral: Referral, action: Action, *, actor: Actor, version: int | None = None) -> Referral:
    """Into the queue; approved in the same transaction where the area does not review, and for referrals at home."""
    with locked(referral, version=version) as case:
        if action == Action.RESUBMIT:
            case.change(round=case.submission.round + 1, correct_by=None, escalated_at=None)
        enter(case, action, actor=actor)
        _fix_validity(case)
        if _stands_at_once(case.submission):
            take_effect(case, actor=SYSTEM, lane="instant")
    return case.submission  # type: ignore[no-any-return]


def _fix_validity(case: Case) -> None:
    referral: Referral = case.submission
    until = last_day(referral.issued_on, referral.rules.referral.validity)
    case.change(valid_from=referral.issued_on, valid_until=until)


def _stands_at_once(referral: Referral) -> bool:
    odd = any(finding["level"] == Level.WARNING for finding in referral.checks)
    return not odd and (is_home(referral.area, place(referral.destination)) or not referral.rules.referral.review)


def amend(referral: Referral, asked: dict[str, Any], *, actor: Actor, version: int | None = None) -> Referral:
    """Mend what the agency returned (PATCH): all but the patient and the hospital."""
    with locked(referral, version=version) as case:
        permit(case.submission, Action.AMEND, actor.account)
        names = _set_columns(case.submission, asked)
        before = _standing(case.submission)
        case.change(**{name: getattr(case.submission, name) for name in names}, predecessor=before)
        reviews.services.check_draft(case)
        case.record(Action.AMEND, actor=actor, fields=sorted(asked))
    return case.submission  # type: ignore[no-any-return]


def resubmit(referral: Referral, *, actor: Actor, version: int | None = None) -> Referral:
    """Put a mended referral back into the queue."""
    return _hand_in(referral, Action.RESUBMIT, actor=actor, version=version)


def revoke(referral: Referral, *, actor: Actor, reason: str, version: int | None = None) -> Referral:
    """The issuing hospital takes a referral back that stands; the filing it made ends. Raises Invalid `reason_required`."""
    with locked(referral, version=version) as case:
        permit(case.submission, Action.REVOKE, actor.account)
        if not reason.strip():
            raise Invalid(_("请写明撤销转诊的原因。"), code="reason_required", attr="reason")
        conclude(case, Action.REVOKE, actor=actor, note=reason.strip())
    return case.submission  # type: ignore[no-any-return]
