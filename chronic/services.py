"""What may happen to a recognition: apply, amend, hand in, renew, choose. Nothing else writes recognitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import reviews.services
from accounts.models import Account, Enrollment, Role
from chronic import facts, promises, schedule
from chronic.checks import chosen_fit
from chronic.models import Recognition
from core import clock
from core.errors import Forbidden, Invalid, Refusal, WrongState
from policies.language.filing_rules import rules_for
from policies.language.wording import day
from regions.models import Institution
from reviews.case import Actor, Case
from reviews.locking import locked
from reviews.materials import attach
from reviews.models import LIVE, Kind, Status, Submission
from reviews.services import check_draft, create, refuse_errors
from reviews.workflow import Action, permit

PLAIN = ("disease", "diagnosed_on", "diagnosing_institution")


def apply(account: Account, enrollment: Enrollment, asked: dict[str, Any], *, draft: bool = False) -> Recognition:
    """Apply for an enrolment the account may act for, or keep a draft. `asked` are validated fields of API.md.

    Raises Invalid with every finding, WrongState `recognition_running` with the number of the one that lives.
    """
    if account.role != Role.CITIZEN:
        raise Forbidden(_("工作人员账户不能提交认定申请，请由参保人或代办人办理。"))
    actor = Actor.of(account, enrollment.person_id)
    row = Recognition(kind=Kind.RECOGNITION, person=enrollment.person, enrollment=enrollment, area=enrollment.area)
    for name in PLAIN:
        setattr(row, name, asked.get(name))
    with transaction.atomic():
        recognition = _write_draft(row, asked, actor, note_checks=draft)
        return recognition if draft else hand_in(recognition, actor=actor)


def _write_draft(row: Recognition, asked: dict[str, Any], actor: Actor, *, note_checks: bool) -> Recognition:
    recognition = create(row, actor=actor)
    with locked(recognition) as case:
        _fill(case, asked, actor)
        if note_checks:
            check_draft(case)
    return case.submission  # type: ignore[no-any-return]


def _fill(case: Case, asked: dict[str, Any], actor: Actor) -> None:
    """What stands in rows of its own, or is signed: documents, commitment, institutions."""
    if "materials" in asked:
        assert actor.account is not None
        attach(case, asked["materials"], actor.account)
    if given := asked.get("commitment"):
        promises.sign(case, kind=given["kind"], signed_name=given["signed_name"])
    elif "commitment" in asked:
        promises.tear_up(case)
    if "institutions" in asked:
        case.submission.institutions.set(_institutions(asked["institutions"]))


def _institutions(codes: Iterable[str]) -> list[Institution]:
    wanted = list(dict.fromkeys(codes))
    found = list(Institution.objects.filter(code__in=wanted).select_related("area__parent"))
    if len(found) != len(wanted):
        raise Invalid(_("没有找到所选的医疗机构，请重新选择。"), code="institution_unknown", attr="institutions")
    return found


def amend(recognition: Recognition, asked: dict[str, Any], *, actor: Actor, version: int | None = None) -> Recognition:
    """Change a draft, or an application returned for correction (PATCH); a renewal keeps its disease."""
    with locked(recognition, version=version) as case:
        permit(case.submission, Action.AMEND, actor.account)
        fields = {name: asked[name] for name in PLAIN if name in asked}
        _keep_disease(case.submission, fields)
        case.change(**fields)
        _fill(case, asked, actor)
        check_draft(case)
        case.record(Action.AMEND, actor=actor, fields=sorted(asked))
    return case.submission  # type: ignore[no-any-return]


def _keep_disease(recognition: Recognition, fields: dict[str, Any]) -> None:
    asked = fields.get("disease")
    if recognition.predecessor_id and asked is not None and asked.pk != recognition.disease_id:
        said = _("续期不能更换病种，请为该病种另行申请认定。")
        raise Invalid(said, code="disease_fixed", attr="disease")


def hand_in(recognition: Recognition, *, actor: Actor, version: int | None = None) -> Recognition:
    """Submit a draft. Raises Invalid or WrongState with every error found."""
    return _alone(reviews.services.submit, recognition, actor, version)


def resubmit(recognition: Recognition, *, actor: Actor, version: int | None = None) -> Recognition:
    """Put a corrected application back into the queue."""
    return _alone(reviews.services.resubmit, recognition, actor, version)


def _alone(verb: Any, recognition: Recognition, actor: Actor, version: int | None) -> Recognition:
    """Say which application was quicker, by its number, where the database refused a rival."""
    try:
        done: Recognition = verb(recognition, actor=actor, version=version)
    except WrongState as refusal:
        raise _named(refusal, recognition) from refusal
    return done


def _named(refusal: WrongState, recognition: Recognition) -> Refusal:
    if refusal.code != "already_live":
        return refusal
    rival = Submission.objects.filter(live_key=recognition.live_key_now(), status__in=LIVE).first()
    said = _("该病种已有正在办理或有效的认定（受理编号%s），请在认定记录中查看。") % (rival.number if rival else "")
    return WrongState(said, code="recognition_running", attr="disease")


def renew(
    recognition: Recognition, asked: dict[str, Any], *, actor: Actor, version: int | None = None, draft: bool = False
) -> Recognition:
    """Make a successor with fresh documents, which takes over when it is approved: no gap (S-54).

    Returns the successor. Raises WrongState `renewal_too_early` with the day it opens, `renewal_not_needed`, `renewal_running`.
    """
    with transaction.atomic():
        with locked(recognition, version=version) as case:
            old: Recognition = case.submission
            permit(old, Action.RENEW, actor.account)
            _refuse_early(old)
            chosen = list(old.institutions.values_list("code", flat=True))
            successor = _write_draft(_successor(old), {"institutions": chosen, **asked}, actor, note_checks=draft)
            case.record(Action.RENEW, actor=actor, successor=str(successor.pk))
        return successor if draft else hand_in(successor, actor=actor)


def _refuse_early(old: Recognition) -> None:
    if schedule.renewable(old, clock.today()):
        return
    if old.renew_by is None:
        raise WrongState(_("该认定长期有效，不需要续期。"), code="renewal_not_needed")
    opens = day(schedule.renewal_opens(old.renew_by))
    raise WrongState(_("请在%s或之后办理续期。") % opens, code="renewal_too_early")


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
        wanted = _institutions(institutions)
        rules = rules_for(row.area_id, clock.today()).chronic
        fitting = tuple(facts.hospital(each, row.area, row.disease_id) for each in wanted)
        refuse_errors([found] if (found := chosen_fit(rules, fitting, row.disease.name)) else [])
        row.institutions.set(wanted)
        renewals = Recognition.objects.filter(predecessor=row.pk)
        for renewal in renewals.filter(status__in=[Status.DRAFT, Status.SUBMITTED, Status.RETURNED]):
            renewal.institutions.set(wanted)
        case.record(Action.CHOOSE, actor=actor, institutions=sorted(each.code for each in wanted))
        case.reconsider()
    return case.submission  # type: ignore[no-any-return]
