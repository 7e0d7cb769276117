"""What may happen to a claim: apply, amend, hand in, correct, revoke. Nothing else writes claims but their effects and payments."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import reviews.services
from accounts.models import Account, Enrollment, Role
from claims import costs
from claims.models import Claim, Payment
from core.errors import Forbidden, Invalid, Refusal, WrongState
from policies.language.examples import Cost
from regions.models import Area
from reviews.case import Actor, Case
from reviews.locking import locked
from reviews.materials import attach
from reviews.models import LIVE, Kind, Submission
from reviews.services import check_draft, conclude, create
from reviews.services.deciding import guard_reviewer
from reviews.services.stages import start_stage
from reviews.workflow import Action, fits, permit
from settlements.services import undo

PLAIN = (
    "care", "emergency", "admitted_on", "discharged_on", "invoice_code", "invoice_number", "bank_account",
    "bank_holder", "reason",
)  # fmt: skip


def apply(account: Account, enrollment: Enrollment, asked: dict[str, Any], *, draft: bool = False) -> Claim:
    """Claim a bill for an enrolment the account may act for, or keep a draft. `asked` are validated fields of API.md.

    Raises Invalid or WrongState with every error its checks find; WrongState `invoice_claimed` if a rival was quicker.
    """
    if account.role != Role.CITIZEN:
        raise Forbidden(_("工作人员账户不能申请手工报销，请由参保人或代办人办理。"))
    actor = Actor.of(account, enrollment.person_id)
    row = Claim(kind=Kind.CLAIM, person=enrollment.person, enrollment=enrollment, area=enrollment.area)
    for name, value in _columns(row, asked).items():
        setattr(row, name, value)
    with transaction.atomic():
        claim = create(row, actor=actor)
        with locked(claim) as case:
            _attach(case, asked, actor)
            if draft:
                check_draft(case)
        return case.submission if draft else hand_in(claim, actor=actor)


def _columns(row: Claim, asked: dict[str, Any]) -> dict[str, Any]:
    """What was said, column by column; what follows from it with it."""
    found = {name: asked[name] for name in PLAIN if name in asked}
    if "disease" in asked or "care" in asked:
        chronic = asked.get("care", row.care) == "chronic"
        found["disease"] = asked.get("disease", row.disease) if chronic else None
    if asked.get("institution"):
        found |= {"institution": asked["institution"], "institution_name": asked["institution"].name, "place": None}
    elif asked.get("institution_name"):
        found |= {"institution": None, "institution_name": asked["institution_name"], "level": None}
    if "place" in asked and not asked.get("institution"):
        found["place"] = asked["place"]
    if "cost" in asked:
        found |= {"entered": _kept(asked["cost"]), "corrected": "", "total": costs.totalled(asked["cost"])[0]}
    return found


def _kept(cost: Cost) -> str:
    return json.dumps(costs.written(cost), ensure_ascii=False)


def _attach(case: Case, asked: dict[str, Any], actor: Actor) -> None:
    if "materials" in asked:
        assert actor.account is not None
        attach(case, asked["materials"], actor.account)


def amend(claim: Claim, asked: dict[str, Any], *, actor: Actor, version: int | None = None) -> Claim:
    """Change a draft, or a claim returned for correction (PATCH). Another cost takes the place of a reviewer's correction."""
    with locked(claim, version=version) as case:
        permit(case.submission, Action.AMEND, actor.account)
        case.change(**_columns(case.submission, asked))
        _attach(case, asked, actor)
        check_draft(case)
        case.record(Action.AMEND, actor=actor, fields=sorted(asked))
    return case.submission  # type: ignore[no-any-return]


def hand_in(claim: Claim, *, actor: Actor, version: int | None = None) -> Claim:
    """Submit a draft. Raises Invalid or WrongState with every error found."""
    return _alone(reviews.services.submit, claim, actor, version)


def resubmit(claim: Claim, *, actor: Actor, version: int | None = None) -> Claim:
    """Put a corrected claim back into the queue."""
    return _alone(reviews.services.resubmit, claim, actor, version)


def _alone(verb: Any, claim: Claim, actor: Actor, version: int | None) -> Claim:
    """Say which claim was quicker where the database refused a rival."""
    try:
        done: Claim = verb(claim, actor=actor, version=version)
    except WrongState as refusal:
        raise _named(refusal, claim) from refusal
    return done


def _named(refusal: WrongState, claim: Claim) -> Refusal:
    if refusal.code != "already_live":
        return refusal
    rival = Submission.objects.filter(live_key=claim.key_in_force, status__in=LIVE).first()
    own = rival is not None and rival.person_id == claim.person_id
    which = _("（受理编号%s），请在报销记录中查看") % rival.number if rival and own else _("，请核对票据号码")
    return WrongState(_("该票据已有报销申请%s。") % which, code="invoice_claimed", attr="invoice_number")


def correct(
    claim: Claim,
    *,
    reviewer: Account,
    cost: Cost | None = None,
    level: int | None = None,
    place: Area | None = None,
    version: int | None = None,
) -> Claim:
    """A reviewer enters or corrects the cost, and says what a hospital outside the lists is (核定); the person's stays on record.

    Two people approve the same figures: a correction at the second stage starts a new round at the first.
    Raises Forbidden and WrongState as a decision does; Invalid where the cost contradicts itself.
    """
    with locked(claim, version=version) as case:
        guard_reviewer(case, reviewer)
        permit(case.submission, Action.CORRECT, reviewer)
        if not fits(Action.CORRECT, case.submission, reviewer):
            raise WrongState(_("此件正由其他审核员承办，请先接手再核定。"), code="already_assigned")
        before = case.submission.total
        _change(case, cost, level, place)
        after = case.submission.total
        case.record(Action.CORRECT, actor=Actor(reviewer), before=str(before), after=str(after))
        if case.submission.stage > 1:
            case.change(round=case.submission.round + 1, escalated_at=None)
            start_stage(case, 1)
        check_draft(case)
    return case.submission  # type: ignore[no-any-return]


def _change(case: Case, cost: Cost | None, level: int | None, place: Area | None) -> None:
    if cost is not None:
        total, wrong = costs.totalled(cost)
        if wrong is not None:
            raise Invalid(wrong.detail, code=wrong.code, attr=wrong.attr)
        case.change(corrected=_kept(cost), total=total)
    if case.submission.institution_id is None:
        found = {"level": level, "place": place}
        case.change(**{name: value for name, value in found.items() if value is not None})


def revoke(claim: Claim, *, supervisor: Account, reason: str, version: int | None = None) -> Claim:
    """The agency undoes an approval before the money left: the entry is reversed, the invoice is free again.

    Raises Forbidden `not_supervisor`, or as a decision does; WrongState `money_left` once it stands in a payment file,
    `later_settlement_exists`; Invalid without a reason.
    """
    if supervisor.role != Role.SUPERVISOR:
        raise Forbidden(_("只有参保地的主管可以撤销已通过的报销。"), code="not_supervisor")
    if not reason.strip():
        raise Invalid(_("请写明撤销的原因。"), code="reason_required", attr="reason")
    with locked(claim, version=version) as case:
        guard_reviewer(case, supervisor)
        row: Claim = case.submission
        permit(row, Action.REVOKE, supervisor)
        if row.batch_id is not None or row.settlement is None:
            raise WrongState(_("款项已列入支付文件，不能撤销；请追回后按规定更正。"), code="money_left")
        undo(supervisor, row.settlement, reason=reason.strip())
        case.change(payment_status=Payment.NONE)
        conclude(case, Action.REVOKE, actor=Actor(supervisor), note=reason.strip())
        text = _("受理编号%(number)s：手工报销的审核结果已由参保地经办机构撤销：%(reason)s")
        case.tell("revoked", _("手工报销已撤销"), text % {"number": row.number, "reason": reason.strip()})
    return case.submission  # type: ignore[no-any-return]
