"""A commitment (承诺书) in place of documents: it is kept by handing the documents in with a renewal, else the recognition ends.

Filings have a kind of submission of its own for that (`Proof`); a recognition has its renewal, which brings fresh documents
anyway, is reviewed twice too, and takes over from what it proves.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from chronic.models import Recognition
from core import clock
from core.clock import SHANGHAI
from filings import schedule
from filings.bodies import CommitmentShape
from filings.models import CommitmentStatus, FiledBy
from policies.language.filing_rules import commitment_due
from policies.language.wording import day, document_label
from reviews.bodies import CommitmentInput
from reviews.lifecycle import SYSTEM, Case
from reviews.presenting import about
from reviews.services import conclude
from reviews.workflow import Action


def sign(case: Case, given: CommitmentInput | None) -> None:
    """Put the signed letter with a draft or returned application, in place of an earlier one; None: it rests on documents."""
    case.change(
        filed_by=FiledBy.COMMITMENT if given else FiledBy.DOCUMENT,
        commitment_kind=given["kind"] if given else "",
        signed_name=given["signed_name"] if given else "",
        commitment_status=CommitmentStatus.OPEN if given else "",
    )


def shown(recognition: Recognition) -> CommitmentShape | None:
    """What was promised, by when, how it stands."""
    if not recognition.commitment_kind:
        return None
    return {
        "kind": recognition.commitment_kind,
        "label": document_label(recognition.commitment_kind),
        "due_on": recognition.commitment_due_on,
        "status": recognition.commitment_status,
    }


def start(case: Case) -> None:
    """Approved: the time for the promised document begins to run, where one has to follow at all."""
    recognition: Recognition = case.submission
    if not recognition.commitment_open:
        return
    due = commitment_due(recognition.rules, clock.today())
    if due is None:
        _close(case, CommitmentStatus.MET)
    else:
        case.change(commitment_due_on=due)


def reminder_of(recognition: Recognition) -> str:
    """What the promise asks of the person, after an approval."""
    if not recognition.commitment_open or recognition.commitment_due_on is None:
        return ""
    words = {"day": day(recognition.commitment_due_on), "what": document_label(recognition.commitment_kind)}
    return _("请在%(day)s前办理续期并上传承诺的材料：%(what)s。") % words


def release(case: Case, *, kept: bool = False) -> None:
    """The recognition ended: the promise is kept where a renewal took over, else nobody waits for it any more."""
    if case.submission.commitment_open:
        _close(case, CommitmentStatus.MET if kept else CommitmentStatus.RELEASED)


def reopen(case: Case) -> None:
    """A refusal is undone: the promise it released is open again."""
    if case.submission.commitment_status == CommitmentStatus.RELEASED:
        case.change(commitment_status=CommitmentStatus.OPEN, commitment_settled_on=None)


def pursue(case: Case) -> bool:
    """Remind of an open promise, or end the recognition over a broken one. Returns whether it ended."""
    recognition: Recognition = case.submission
    if not recognition.commitment_open or recognition.commitment_due_on is None:
        return False
    if clock.today() > recognition.commitment_due_on:
        _break(case, recognition)
        return True
    passed = sum(moment <= clock.now() for moment in reminders(recognition))
    if passed > recognition.commitment_reminders:
        case.change(commitment_reminders=passed)
        case.record("remind", actor=SYSTEM, of="commitment", count=passed)
        text = _("%(about)s：请在%(day)s前办理续期并上传承诺的材料（%(what)s），逾期认定将终止。")
        words = {"about": about(case), "day": day(recognition.commitment_due_on)}
        words["what"] = document_label(recognition.commitment_kind)
        case.tell(f"commitment_due_{passed}", _("请补交承诺的材料"), text % words)
    return False


def reminders(recognition: Recognition) -> list[datetime]:
    """When to remind of the promise: as for filings (RULES.md §2.3)."""
    approved = recognition.decided_at or recognition.created_at
    assert recognition.commitment_due_on is not None
    return schedule.reminders(recognition.rules, approved.astimezone(SHANGHAI).date(), recognition.commitment_due_on)


def _break(case: Case, recognition: Recognition) -> None:
    """It ends, whatever the area does with filings (`treat_as_other` is no way to recognise a disease); the bar begins."""
    _close(case, CommitmentStatus.BROKEN)
    conclude(case, Action.END, actor=SYSTEM, code="commitment_broken")
    bar = recognition.rules.commitment.bar
    more = _("%s内不能再以承诺方式申请。") % bar.label if bar else ""
    text = _("%(about)s：承诺的材料未按期补交，认定已终止，请凭材料重新申请。%(more)s")
    case.tell("commitment_broken", _("承诺未按期履行"), text % {"about": about(case), "more": more})


def _close(case: Case, status: str) -> None:
    case.change(commitment_status=status, commitment_settled_on=clock.today())
