"""The life of a commitment (承诺书, RULES.md §2.3): signed, due, reminded of, met by a proof, broken, released."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core import clock
from filings import schedule
from filings.models import Commitment, CommitmentStatus, FiledBy, Filing, Proof
from policies.language.filing_rules import commitment_due
from policies.language.wording import day, document_label
from reviews.bodies import CommitmentInput
from reviews.lifecycle import SYSTEM, Case
from reviews.locking import locked
from reviews.models import Status
from reviews.presenting import about
from reviews.services import conclude
from reviews.workflow import Action


def sign(case: Case, given: CommitmentInput | None) -> None:
    """Put the signed letter with a draft or returned filing, in place of an earlier one; None: it rests on documents."""
    if not case.new:
        Commitment.objects.filter(filing=case.submission).delete()
    _HELD_BY.set_cached_value(case.submission, None)
    case.change(filed_by=FiledBy.COMMITMENT if given else FiledBy.DOCUMENT)
    if given:
        letter = {"kind": given["kind"], "signed_name": given["signed_name"]}
        _keep(case, Commitment(filing=case.submission, signed_at=clock.now(), **letter))


def forget(case: Case) -> None:
    """The draft it was signed in was thrown away."""
    Commitment.objects.filter(filing=case.submission).delete()
    _HELD_BY.set_cached_value(case.submission, None)


def _keep(case: Case, signed: Commitment) -> None:
    """Store a commitment; that of a new filing is written with it."""
    if case.new:
        case.add(signed)
    else:
        signed.save(force_insert=True)


_HELD_BY: Any = Filing._meta.get_field("commitment")


def carry_over(old: Filing, case: Case) -> None:
    """A change that keeps place and type keeps its open commitment, with the day it is due."""
    signed = old.signed
    if signed is None or signed.status != CommitmentStatus.OPEN or old.filed_by != FiledBy.COMMITMENT:
        return
    names = ("kind", "signed_name", "signed_at", "due_on")
    _keep(case, Commitment(filing=case.submission, **{name: getattr(signed, name) for name in names}))
    case.change(filed_by=FiledBy.COMMITMENT)


def bearer(filing: Filing) -> Filing:
    """The filing that bears the promise now: itself, or the approved change of it that carried the promise on."""
    while filing.status == Status.SUPERSEDED:
        heirs = Filing.objects.filter(predecessor=filing.pk, type=filing.type, destination=filing.destination_id)
        heir = heirs.filter(status__in=[Status.APPROVED, Status.SUPERSEDED]).first()
        if heir is None:
            break
        filing = heir
    return filing


def start(case: Case) -> None:
    """The filing is approved: the time for the promised document begins to run, where one has to follow at all.

    Where none has to, the promise is kept by the letter; but it stays open, without a last day, where the document would
    open care at home before its time (青岛: `dual_benefit.proof_waives`).
    """
    filing: Filing = case.submission
    signed = filing.signed
    if signed is None or signed.due_on is not None:
        return
    due = commitment_due(filing.rules, schedule.started_on(filing))
    if due is not None:
        _store(signed, due_on=due)
    elif not filing.rules.dual_benefit.proof_waives:
        _close(filing, CommitmentStatus.MET)
        case.change(filed_by=FiledBy.DOCUMENT)


def reminder_of(filing: Filing) -> str:
    """What the commitment asks of the person, after an approval."""
    signed = filing.signed if filing.filed_by == FiledBy.COMMITMENT else None
    if signed is None or signed.due_on is None:
        return ""
    words = {"day": day(signed.due_on), "what": document_label(signed.kind)}
    return _("请在%(day)s前补交承诺的材料：%(what)s。") % words


def release(filing: Filing) -> None:
    """The filing ended: nobody waits for the document any more."""
    _close(filing, CommitmentStatus.RELEASED)


def reopen(case: Case, was: str) -> None:
    """The decision is undone: the promise is open again; after an approval its time does not run yet, as before it."""
    filing: Filing = case.submission
    if filing.signed is None or filing.signed.status not in (*_SETTLED_BY_DECIDING, CommitmentStatus.OPEN):
        return
    begun = {"due_on": None} if was == Status.APPROVED else {}
    _store(filing.signed, status=CommitmentStatus.OPEN, settled_on=None, **begun)
    case.change(filed_by=FiledBy.COMMITMENT)


_SETTLED_BY_DECIDING = (CommitmentStatus.MET, CommitmentStatus.RELEASED)


def pursue(case: Case) -> bool:
    """Remind of an open promise, or draw the consequence of a broken one. Returns whether the filing ended."""
    filing: Filing = case.submission
    signed = filing.signed if filing.filed_by == FiledBy.COMMITMENT else None
    if signed is None or signed.status != CommitmentStatus.OPEN or signed.due_on is None:
        return False
    if clock.today() > signed.due_on:
        return not schedule.proof_pending(filing) and _break(case, filing)
    _remind(case, filing, signed)
    return False


def _remind(case: Case, filing: Filing, signed: Commitment) -> None:
    assert signed.due_on is not None
    planned = schedule.reminders(filing.rules, schedule.started_on(filing), signed.due_on)
    passed = sum(moment <= clock.now() for moment in planned)
    if passed <= signed.reminders:
        return
    _store(signed, reminders=passed)
    case.reconsider()
    case.record("remind", actor=SYSTEM, of="commitment", count=passed)
    text = _("%(about)s：请在%(day)s前补交承诺的材料（%(what)s），逾期将按参保地规定处理，并限制以后的承诺备案。")
    words = {"about": about(case), "day": day(signed.due_on), "what": document_label(signed.kind)}
    case.tell(f"commitment_due_{passed}", _("请补交承诺的材料"), text % words)


def _break(case: Case, filing: Filing) -> bool:
    """The promise is broken: cancel, or treat as other temporary care, as the area says; and the bar begins."""
    _close(filing, CommitmentStatus.BROKEN)
    rules = filing.rules.commitment
    bar = _("%s内不能再以承诺方式备案。") % rules.bar.label if rules.bar else ""
    if rules.broken == "cancel":
        conclude(case, Action.END, actor=SYSTEM, code="commitment_broken")
        what = _("备案已取消，需要时请凭材料重新备案。")
    else:
        case.change(travel="other")
        case.record("commitment_broken", actor=SYSTEM, travel="other")
        what = _("备案改按其他临时外出就医结算。")
    text = _("%(about)s：承诺的材料未按期补交，%(what)s%(bar)s") % {
        "about": about(case),
        "what": what,
        "bar": bar,
    }
    case.tell("commitment_broken", _("承诺未按期履行"), text)
    return rules.broken == "cancel"


def _close(filing: Filing, status: str) -> None:
    """The commitment is open no longer, if it was."""
    if filing.signed is not None and filing.signed.status == CommitmentStatus.OPEN:
        _store(filing.signed, status=status, settled_on=clock.today())


def _store(signed: Commitment, **fields: Any) -> None:
    """Change a commitment; one that is not stored yet is written with its filing."""
    for name, value in fields.items():
        setattr(signed, name, value)
    if not signed._state.adding:
        signed.save(update_fields=list(fields))


def met(proof: Proof) -> bool:
    """A proof was approved: the promise is kept, the filing rests on documents from now on. False: nothing waited for it."""
    with locked(bearer(proof.proves)) as case:
        filing: Filing = case.submission
        if filing.signed is None or filing.signed.status != CommitmentStatus.OPEN:
            return False
        _close(filing, CommitmentStatus.MET)
        lock = filing.rules.types[filing.type].lock  # type: ignore[index]
        case.change(
            filed_by=FiledBy.DOCUMENT, **(_UNLOCKED if lock.waived_by_documents or lock.commitment_only else {})
        )
        case.record("commitment_met", actor=SYSTEM, proof=str(proof.pk))
    return True


_UNLOCKED: dict[str, Any] = {"change_locked_until": None, "cancel_locked_until": None}


def proof_failed(proof: Proof) -> None:
    """A proof was refused or taken back: if the promise is overdue by now, the sweep must look at the filing again."""
    with locked(bearer(proof.proves)) as case:
        if case.submission.status == Status.APPROVED:
            case.wake(schedule.next_moment(case.submission, without=proof.pk))
            case.record("proof_failed", actor=SYSTEM, proof=str(proof.pk))
