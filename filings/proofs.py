"""Proofs (承诺补充材料): the promised document of a commitment, reviewed while the filing stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import reviews.services
from accounts.models import Account, Role
from core.errors import Forbidden, WrongState
from filings.models import Commitment, CommitmentStatus, Filing, Proof
from filings.schedule import proof_pending
from reviews.case import Actor
from reviews.locking import locked
from reviews.materials import attach
from reviews.models import Kind, Status
from reviews.services import check_draft, create
from reviews.workflow import Action, Who, permit, standing


def prove(account: Account, filing: Filing, materials: Iterable[Any], *, draft: bool = False) -> Proof:
    """Hand in the promised document, or keep a draft of it.

    Raises WrongState `commitment_not_open` (none, met, broken, or the filing ended) or `proof_pending`, Invalid.
    """
    if account.role != Role.CITIZEN:
        raise Forbidden(_("工作人员账户不能补交材料，请由参保人或代办人办理。"))
    _refuse_closed(filing)
    actor = Actor.of(account, filing.person_id)
    row = Proof(kind=Kind.PROOF, person=filing.person, enrollment=filing.enrollment, area=filing.area, proves=filing)
    with transaction.atomic():
        proof = create(row, actor=actor)
        with locked(proof) as case:
            attach(case, materials, account)
            if draft:
                check_draft(case)
        return case.submission if draft else hand_in(proof, actor=actor)


def _refuse_closed(filing: Filing) -> None:
    promise = filing.promise
    if filing.status == Status.APPROVED and promise is not None and promise.status == CommitmentStatus.OPEN:
        return
    said = _("该备案没有待履行的承诺，无需补交材料。")
    raise WrongState(said, code="commitment_not_open", attr="filing")


def may_prove(filing: Filing, account: Account) -> bool:
    """Whether this caller may hand in a proof for the filing now."""
    promise: Commitment | None = getattr(filing, "commitment", None)
    waits = filing.status == Status.APPROVED and promise is not None and promise.status == CommitmentStatus.OPEN
    return waits and standing(filing, account) in (Who.APPLICANT, Who.AGENT) and not proof_pending(filing)


def hand_in(proof: Proof, *, actor: Actor, version: int | None = None) -> Proof:
    """Submit a draft of a proof. Raises WrongState `proof_pending` where one is under review already."""
    return _one_at_a_time(reviews.services.submit, proof, actor, version)


def resubmit(proof: Proof, *, actor: Actor, version: int | None = None) -> Proof:
    """Put a corrected proof back into the queue."""
    return _one_at_a_time(reviews.services.resubmit, proof, actor, version)


def _one_at_a_time(verb: Any, proof: Proof, actor: Actor, version: int | None) -> Proof:
    try:
        done: Proof = verb(proof, actor=actor, version=version)
    except WrongState as refusal:
        if refusal.code != "already_live":
            raise
        said = _("已有一份补充材料在审核中，请等待结果，或先撤回。")
        raise WrongState(said, code="proof_pending", attr="filing") from refusal
    return done


def amend(proof: Proof, materials: Iterable[Any], *, actor: Actor, version: int | None = None) -> Proof:
    """Change the documents of a draft, or of a proof returned for correction (PATCH)."""
    with locked(proof, version=version) as case:
        permit(case.submission, Action.AMEND, actor.account)
        assert actor.account is not None
        attach(case, materials, actor.account)
        check_draft(case)
        case.record(Action.AMEND, actor=actor, fields=["materials"])
    return case.submission  # type: ignore[no-any-return]
