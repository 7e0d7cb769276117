"""What may happen to a referral: issue, amend, hand in again, withdraw, revoke. Nothing else writes referrals."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Role
from accounts.services import find_enrolled
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from referrals import diagnoses
from referrals.bodies import AmendReferral, ReferralInput
from referrals.checks import replacing_message
from referrals.models import Referral, illness_hash
from regions.models import Institution
from reviews.lifecycle import Actor, Case
from reviews.locking import locked
from reviews.models import Kind, Status, Submission
from reviews.services import amending, conclude, drafted, enter
from reviews.workflow import Action, permit

# Columns that are taken from the request as they are.
PLAIN = ("reason", "summary", "destination", "issued_on")


def issue(
    account: Account, content: ReferralInput, *, address: str = "", key: UUID | None = None, replacing: bool = True
) -> Case:
    """Issue a referral for an insured person.

    It enters the queue where the area reviews referrals, else it stands at once. Raises NotFound `not_registered`,
    WrongState `enrollment_ambiguous` or `referral_overlaps`, Invalid with every finding, Forbidden for all but hospitals.
    `key`: the id it is to have; what was issued under it already is returned as it is. Not `replacing`: WrongState
    `referral_replaces` where one for the same illness stands, which this one would end.
    """
    _require_hospital(account)
    enrollment = find_enrolled(
        content.patient.name,
        content.patient.identity,
        area=content.insured_area,
        insurance=content.insurance or "",
        account=account,
        address=address,
    )
    return issue_for(account, enrollment, content, key=key, replacing=replacing)


def issue_for(
    account: Account,
    enrollment: Enrollment,
    content: AmendReferral,
    *,
    key: UUID | None = None,
    replacing: bool = True,
) -> Case:
    """The same for an enrolment that was found already; `content` says everything that a new referral says."""
    hospital = _require_hospital(account)
    with transaction.atomic():
        # Whoever issues for the same person waits here, so that the second sees the first.
        Enrollment.objects.select_for_update(of=("self",), no_key=True).get(pk=enrollment.pk)
        if key and Submission.objects.filter(pk=key).exists():
            return _already_issued(account, key)
        referral = _blank(enrollment, hospital)
        referral.id = key or referral.id
        _set_columns(referral, content)
        referral.predecessor = before = _standing(referral)
        if before and not replacing:
            raise WrongState(replacing_message(before.number), code="referral_replaces", attr="replacing")
        actor = Actor(account)
        with drafted(referral, actor=actor) as case:
            enter(case, actor=actor)
        return case


def _require_hospital(account: Account) -> Institution:
    if account.role != Role.HOSPITAL or account.institution is None:
        raise Forbidden(_("只有医疗机构的经办人员可以开具转诊。"))
    return account.institution


def _already_issued(account: Account, key: UUID) -> Case:
    referral: Referral | None = Referral.objects.visible_to(account).filter(pk=key).first()
    if referral is None:
        raise Invalid(_("页面已过期，请刷新后重新填写。"), code="key_taken")
    return Case(referral)


def _blank(enrollment: Enrollment, issuer: Institution) -> Referral:
    return Referral(
        kind=Kind.REFERRAL,
        person=enrollment.person,
        enrollment=enrollment,
        area=enrollment.area,
        issuer=issuer,
        issued_on=clock.today(),
    )


def _set_columns(referral: Referral, content: AmendReferral) -> list[str]:
    """Put what was given into the row; return the names of the columns set."""
    values = content.given(*PLAIN)
    if content.diagnosis is not None:
        diagnosis = diagnoses.complete(**content.diagnosis)
        values |= {"diagnosis_code": diagnosis.code, "diagnosis_name": diagnosis.name}
        values["illness"] = illness_hash(diagnosis.code)
    if content.doctor is not None:
        values |= {"doctor_name": content.doctor["name"], "doctor_rank": content.doctor["rank"]}
    if "receiving_institution" in content.model_fields_set:
        values["receiver"] = _receiver(content.receiving_institution)
    for name, value in values.items():
        setattr(referral, name, value)
    return list(values)


def _receiver(code: str | None) -> Institution | None:
    if not code:
        return None
    receiver: Institution | None = Institution.objects.select_related("area").filter(code=code).first()
    if receiver is None:
        message = _("没有找到所选的接收医院，请重新选择。")
        raise Invalid(message, code="institution_unknown", attr="receiving_institution")
    return receiver


def _standing(referral: Referral) -> Referral | None:
    """The referral for the same illness that this one supersedes when it is approved."""
    same = Referral.objects.of_illness(referral.enrollment_id, referral.illness).filter(status=Status.APPROVED)
    return same.exclude(pk=referral.pk).order_by("-id").first()


def amend(referral: Referral, content: AmendReferral, *, actor: Actor, version: int | None = None) -> Referral:
    """Mend what the agency returned (PATCH): all but the patient and the hospital."""
    with amending(referral, content.model_fields_set, actor=actor, version=version) as case:
        names = _set_columns(case.submission, content)
        before = _standing(case.submission)
        case.change(**{name: getattr(case.submission, name) for name in names}, predecessor=before)
    return case.submission  # type: ignore[no-any-return]


def revoke(referral: Referral, *, actor: Actor, reason: str, version: int | None = None) -> Referral:
    """The issuing hospital takes a referral back that stands; the filing it made ends. Raises Invalid `reason_required`."""
    with locked(referral, version=version) as case:
        permit(case.submission, Action.REVOKE, actor.account)
        if not reason.strip():
            raise Invalid(_("请写明撤销转诊的原因。"), code="reason_required", attr="reason")
        conclude(case, Action.REVOKE, actor=actor, note=reason.strip())
    return case.submission  # type: ignore[no-any-return]
