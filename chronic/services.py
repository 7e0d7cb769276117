"""What may happen to a recognition: apply, amend, hand in, renew, choose. Nothing else writes recognitions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Role
from chronic import commitments, facts
from chronic.bodies import RecognitionFields, RenewInput
from chronic.checks import chosen_fit
from chronic.models import Recognition
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from policies.language.filing_rules import rules_for
from policies.language.wording import day
from regions.models import Disease
from reviews.lifecycle import Actor, Case
from reviews.locking import locked
from reviews.models import Channel, Kind, Status
from reviews.services import (
    acting_for,
    amending,
    attach,
    check_draft,
    drafted,
    enter,
    institutions_named,
    refuse_errors,
)
from reviews.services import choose as choose_institutions
from reviews.workflow import Action, permit

PLAIN = ("disease", "diagnosed_on", "diagnosing_institution")


def apply(
    account: Account,
    enrollment: Enrollment,
    content: RecognitionFields,
    *,
    draft: bool = False,
    entering: Channel | None = None,
) -> Case:
    """Apply for an enrolment the account may act for, or keep a draft; `entering`: as a clerk of the insured area.

    Raises Invalid with every finding, WrongState `recognition_running` with the number of the one that lives.
    """
    if account.role != Role.CITIZEN and entering is None:
        raise Forbidden(_("工作人员账户不能提交认定申请，请由参保人或代办人办理。"))
    row = Recognition(
        kind=Kind.RECOGNITION,
        person=enrollment.person,
        enrollment=enrollment,
        area=enrollment.area,
        **content.given(*PLAIN),
    )
    actor = acting_for(account, enrollment, entering) if entering else Actor.of(account, enrollment.person_id)
    return _write_down(row, content, actor=actor, draft=draft)


def _write_down(row: Recognition, content: RecognitionFields | RenewInput, *, actor: Actor, draft: bool) -> Case:
    with drafted(row, actor=actor) as case:
        _fill(case, content, actor)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def _fill(case: Case, content: RecognitionFields | RenewInput, actor: Actor) -> None:
    """What stands in rows of its own, or is signed: documents, commitment, institutions."""
    given = content.model_fields_set
    if "materials" in given:
        assert actor.account is not None
        attach(case, content.materials, actor.account)
    if "commitment" in given:
        commitments.sign(case, content.commitment)
    if "institutions" in given:
        choose_institutions(case, institutions_named(content.institutions))


def amend(
    recognition: Recognition, content: RecognitionFields, *, actor: Actor, version: int | None = None
) -> Recognition:
    """Change a draft, or an application returned for correction (PATCH); a renewal keeps its disease."""
    with amending(recognition, content.model_fields_set, actor=actor, version=version) as case:
        _keep_disease(case.submission, content.disease)
        case.change(**content.given(*PLAIN))
        _fill(case, content, actor)
    return case.submission  # type: ignore[no-any-return]


def _keep_disease(recognition: Recognition, disease: Disease | None) -> None:
    if recognition.predecessor_id and disease is not None and disease.pk != recognition.disease_id:
        message = _("续期不能更换病种，请为该病种另行申请认定。")
        raise Invalid(message, code="disease_fixed", attr="disease")


def renew(
    recognition: Recognition, content: RenewInput, *, actor: Actor, version: int | None = None, draft: bool = False
) -> Case:
    """Make a successor with fresh documents, which takes over when it is approved: no gap (S-54).

    Returns the successor's case. Raises WrongState `renewal_too_early` with the day it opens, `renewal_not_needed`,
    `renewal_running`.
    """
    with transaction.atomic():
        with locked(recognition, version=version) as case:
            old: Recognition = case.submission
            permit(old, Action.RENEW, actor.account)
            _refuse_early(old)
            successor = _successor(old)
            case.record(Action.RENEW, actor=actor, successor=str(successor.id))
        if "institutions" not in content.model_fields_set:
            chosen = list(old.institutions.values_list("code", flat=True))
            content = content.model_copy(update={"institutions": chosen})
        return _write_down(successor, content, actor=actor, draft=draft)


def _refuse_early(old: Recognition) -> None:
    if old.renewable(clock.today()):
        return
    if old.renewal_opens is None:
        raise WrongState(_("该认定长期有效，不需要续期。"), code="renewal_not_needed")
    raise WrongState(_("请在%s或之后办理续期。") % day(old.renewal_opens), code="renewal_too_early")


def _successor(old: Recognition) -> Recognition:
    same = {name: getattr(old, name) for name in ("person", "enrollment", "area", *PLAIN)}
    return Recognition(kind=Kind.RECOGNITION, predecessor_id=old.pk, **same)


def choose(
    recognition: Recognition, institutions: Iterable[str], *, actor: Actor, version: int | None = None
) -> Recognition:
    """Change the designated institutions of a recognition that counts, and of a renewal of it that is under way."""
    with locked(recognition, version=version) as case:
        row: Recognition = case.submission
        permit(row, Action.CHOOSE, actor.account)
        wanted = institutions_named(institutions)
        rules = rules_for(row.area_id, clock.today()).chronic
        fitting = tuple(facts.hospital(each, row.area, row.disease_id) for each in wanted)
        unfit = chosen_fit(rules, fitting, row.disease.name)
        refuse_errors([unfit] if unfit else [])
        row.institutions.set(wanted)
        renewals = Recognition.objects.filter(predecessor=row.pk)
        for renewal in renewals.filter(status__in=[Status.DRAFT, Status.SUBMITTED, Status.RETURNED]):
            renewal.institutions.set(wanted)
        case.record(Action.CHOOSE, actor=actor, institutions=sorted(each.code for each in wanted))
        case.reconsider()
    return case.submission  # type: ignore[no-any-return]
