"""The life of a commitment (承诺书, RULES.md §2.3): signed, due, reminded of, met by a proof, broken, released."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core import clock
from filings import schedule
from filings.models import Commitment, CommitmentStatus, FiledBy, Filing, Proof
from filings.wording import document_label
from policies.language.filing_rules import commitment_due
from policies.language.wording import day
from reviews.case import SYSTEM, Case
from reviews.locking import locked
from reviews.models import Status
from reviews.services import conclude
from reviews.workflow import Action


def sign(filing: Filing, *, kind: str, signed_name: str) -> Commitment:
    """Put the signed letter with a draft or returned filing, in place of an earlier one."""
    Commitment.objects.filter(filing=filing).delete()
    return Commitment.objects.create(filing=filing, kind=kind, signed_name=signed_name, signed_at=clock.now())


def tear_up(filing: Filing) -> None:
    """The filing no longer rests on a commitment."""
    Commitment.objects.filter(filing=filing).delete()


def carry_over(old: Filing, new: Filing) -> bool:
    """A change that keeps place and type keeps its open promise, with the day it is due. Returns whether there was one."""
    promise = old.promise if old.filed_by == FiledBy.COMMITMENT else None
    if promise is None or promise.status != CommitmentStatus.OPEN:
        return False
    copy = sign(new, kind=promise.kind, signed_name=promise.signed_name)
    Commitment.objects.filter(pk=copy.pk).update(signed_at=promise.signed_at, due_on=promise.due_on)
    return True


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
    """The filing is approved: the time for the promised document begins to run, where one has to follow at all."""
    filing: Filing = case.submission
    promise = filing.promise
    if promise is None or promise.due_on is not None:
        return
    due = commitment_due(filing.rules, schedule.started_on(filing))
    if due is None:
        _settle(filing, CommitmentStatus.MET)
        case.change(filed_by=FiledBy.DOCUMENT)
    else:
        Commitment.objects.filter(pk=promise.pk).update(due_on=due)


def said(filing: Filing) -> str:
    """What the promise asks of the person, after an approval."""
    promise = filing.promise if filing.filed_by == FiledBy.COMMITMENT else None
    if promise is None or promise.due_on is None:
        return ""
    return _("请在%(day)s前补交承诺的材料：%(what)s。") % {
        "day": day(promise.due_on),
        "what": document_label(promise.kind),
    }


def release(filing: Filing) -> None:
    """The filing ended: nobody waits for the document any more."""
    _settle(filing, CommitmentStatus.RELEASED)


def pursue(case: Case) -> bool:
    """Remind of an open promise, or draw the consequence of a broken one. Returns whether the filing ended."""
    filing: Filing = case.submission
    promise = filing.promise if filing.filed_by == FiledBy.COMMITMENT else None
    if promise is None or promise.status != CommitmentStatus.OPEN or promise.due_on is None:
        return False
    if clock.today() > promise.due_on:
        return not schedule.proof_pending(filing) and _break(case, filing, promise)
    _remind(case, filing, promise)
    return False


def _remind(case: Case, filing: Filing, promise: Commitment) -> None:
    assert promise.due_on is not None
    planned = schedule.reminders(filing.rules, schedule.started_on(filing), promise.due_on)
    passed = sum(moment <= clock.now() for moment in planned)
    if passed <= promise.reminders:
        return
    Commitment.objects.filter(pk=promise.pk).update(reminders=passed)
    case.reconsider()
    case.record("remind", actor=SYSTEM, of="commitment", count=passed)
    text = _(
        "受理编号%(number)s：请在%(day)s前补交承诺的材料（%(what)s），逾期将按参保地规定处理，并限制以后的承诺备案。"
    )
    words = {"number": filing.number, "day": day(promise.due_on), "what": document_label(promise.kind)}
    case.tell(f"commitment_due_{passed}", _("请补交承诺的材料"), text % words)


def _break(case: Case, filing: Filing, promise: Commitment) -> bool:
    """The promise is broken: cancel, or treat as other temporary care, as the area says; and the bar begins."""
    _settle(filing, CommitmentStatus.BROKEN)
    rules = filing.rules.commitment
    bar = _("%s内不能再以承诺方式备案。") % rules.bar.label if rules.bar else ""
    if rules.broken == "cancel":
        conclude(case, Action.END, actor=SYSTEM, code="commitment_broken")
        what = _("备案已取消，需要时请凭材料重新备案。")
    else:
        case.change(travel="other")
        case.record("commitment_broken", actor=SYSTEM, travel="other")
        what = _("备案改按其他临时外出就医结算。")
    text = _("受理编号%(number)s：承诺的材料未按期补交，%(what)s%(bar)s") % {
        "number": filing.number,
        "what": what,
        "bar": bar,
    }
    case.tell("commitment_broken", _("承诺未按期履行"), text)
    return rules.broken == "cancel"


def _settle(filing: Filing, status: str) -> None:
    promise = Commitment.objects.filter(filing=filing.pk, status=CommitmentStatus.OPEN)
    promise.update(status=status, settled_on=clock.today())


def met(proof: Proof) -> bool:
    """A proof was approved: the promise is kept, the filing rests on documents from now on. False: nothing waited for it."""
    with locked(bearer(proof.proves)) as case:
        filing: Filing = case.submission
        if filing.promise is None or filing.promise.status != CommitmentStatus.OPEN:
            return False
        _settle(filing, CommitmentStatus.MET)
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
