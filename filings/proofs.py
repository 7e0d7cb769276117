"""Proofs (承诺补充材料): the promised document of a commitment, reviewed while the filing stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core.errors import Forbidden, WrongState
from filings.models import CommitmentStatus, Filing, Proof
from filings.schedule import proof_pending
from reviews.case import Actor, Case
from reviews.materials import attach
from reviews.models import Kind, Status
from reviews.services import amending, check_draft, drafted, enter
from reviews.workflow import Who, standing


def prove(account: Account, filing: Filing, materials: Iterable[Any], *, draft: bool = False) -> Case:
    """Hand in the promised document, or keep a draft of it.

    Raises WrongState `commitment_not_open` (none, met, broken, or the filing ended) or `proof_pending`, Invalid.
    """
    if account.role != Role.CITIZEN:
        raise Forbidden(_("工作人员账户不能补交材料，请由参保人或代办人办理。"))
    _refuse_closed(filing)
    actor = Actor.of(account, filing.person_id)
    row = Proof(kind=Kind.PROOF, person=filing.person, enrollment=filing.enrollment, area=filing.area, proves=filing)
    with drafted(row, actor=actor) as case:
        attach(case, materials, account)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def _refuse_closed(filing: Filing) -> None:
    signed = filing.signed
    if filing.status == Status.APPROVED and signed is not None and signed.status == CommitmentStatus.OPEN:
        return
    message = _("该备案没有待履行的承诺，无需补交材料。")
    raise WrongState(message, code="commitment_not_open", attr="filing")


def may_prove(filing: Filing, account: Account) -> bool:
    """Whether this caller may hand in a proof for the filing now."""
    signed = filing.signed
    waits = filing.status == Status.APPROVED and signed is not None and signed.status == CommitmentStatus.OPEN
    return waits and standing(filing, account) in (Who.APPLICANT, Who.AGENT) and not proof_pending(filing)


def amend(proof: Proof, materials: Iterable[Any], *, actor: Actor, version: int | None = None) -> Proof:
    """Change the documents of a draft, or of a proof returned for correction (PATCH)."""
    with amending(proof, {"materials": materials}, actor=actor, version=version) as case:
        assert actor.account is not None
        attach(case, materials, actor.account)
    return case.submission  # type: ignore[no-any-return]
