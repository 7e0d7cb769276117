"""A filing and its proof in the queue: what they need, what decisions and time do to them, how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Mandate, Message, Relation
from core import clock
from core.errors import WrongState
from filings import checks, commitments, emergencies, facts, presenting, schedule
from filings.checks.application import PROOF_CHECKS
from filings.filing_case import CHANNEL, type_of, usual_end
from filings.models import FiledBy, Filing, FilingAgent, Proof
from policies.language.filing_rules import lock_until
from policies.language.filing_types import TypeRules
from policies.language.wording import day
from reviews.checks import Finding, Level, run
from reviews.lifecycle import SYSTEM, Actor, Case, Lifecycle, Resting
from reviews.models import Kind, Status, Submission
from reviews.schedule import reminder_due
from reviews.services import conclude, cut, end_with_enrollment, supersede, take_effect
from reviews.workflow import Action


class FilingLifecycle(Lifecycle[Filing]):
    """Filings: one review, or none in the instant lane; in force for a time."""

    kind = Kind.FILING
    model = Filing
    joins = (*Lifecycle.joins, "destination")
    resting = Resting(gettext_lazy("备案"), gettext_lazy("仍需异地就医请"), gettext_lazy("重新备案"))
    verbs = {
        "commitment_met": gettext_lazy("承诺已履行"),
        "commitment_broken": gettext_lazy("承诺未按期履行"),
        "proof_failed": gettext_lazy("补交的材料未通过或已撤回"),
    }

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        return [run(checks.CHECKS, case) for case in facts.gather(cases)]

    def allows(self, row: Filing, action: str) -> bool:
        """A change or a cancellation waits for the end of its lock, unless documents may lift it."""
        if action not in (Action.CHANGE, Action.CANCEL) or row.locked_on(action, clock.today()) is None:
            return True
        return row.rules.types[type_of(row.type)].lock.waived_by_documents

    def parties(self, row: Filing) -> set[str]:
        return set(FilingAgent.objects.filter(filing=row.pk).values_list("id_hash", flat=True))

    def entered(self, case: Case, *, actor: Actor, again: bool) -> None:
        """The insured person hears of an agent's; in the instant lane (自助备案) it takes effect at once."""
        if again:
            return
        if actor.mandate is None:
            _tell_the_person(case)
        elif _in_the_instant_lane(case):
            case.change(lane="instant")
            take_effect(case, actor=SYSTEM, lane="instant")

    def overtaken(self, row: Filing, rival: Submission | None) -> WrongState:
        number = rival.number if rival else ""
        message = _("同一事项已有正在办理或有效的备案（受理编号%s），请在备案记录中查看。") % number
        return WrongState(message, code="filing_overlaps", attr="destination")

    def approved(self, case: Case) -> None:
        """The filing takes effect: validity, locks, what it settles as; it takes over from its predecessor."""
        filing: Filing = case.submission
        _fix_validity(case, filing)
        if filing.filed_by == FiledBy.COMMITMENT:
            commitments.start(case)
        if filing.predecessor_id:
            supersede(filing.predecessor_id, by=filing, last=filing.starts_on - timedelta(days=1))
            case.change(live_key=filing.key_in_force)
        if filing.lane == "deemed":
            return _tell_deemed(case, filing)
        until = _("至%s") % day(filing.valid_until) if filing.valid_until else _("长期有效")
        text = _(
            "受理编号%(number)s：到%(place)s就医的备案已通过，%(start)s起生效，%(until)s。就医时请出示医保码或社保卡。"
        )
        place = filing.destination.name
        words = {"number": filing.number, "place": place, "start": day(filing.starts_on), "until": until}
        return case.tell("approved", _("异地就医备案已通过"), text % words + commitments.reminder_of(filing))

    def rejected(self, case: Case) -> None:
        """Nobody is held to a promise any more; tell the applicant (the reason stands with the decision)."""
        filing: Filing = case.submission
        if filing.filed_by == FiledBy.COMMITMENT:
            commitments.release(filing)
        text = _("受理编号%s：备案未通过，请在备案记录中查看原因后重新办理。") % filing.number
        more = _("原备案继续有效。") if filing.predecessor_id else ""
        case.tell("rejected", _("异地就医备案未通过"), text + more)

    def ended(self, case: Case) -> None:
        """Withdrawn, cancelled, expired or superseded: what it covered is cut, its promise is released."""
        filing: Filing = case.submission
        if filing.filed_by == FiledBy.COMMITMENT:
            commitments.release(filing)
        if filing.status == Status.CANCELLED and filing.valid_from:
            yesterday = clock.today() - timedelta(days=1)
            cut(case, min(yesterday, filing.enrollment.valid_until or yesterday))

    def next_moment(self, row: Filing) -> datetime | None:
        return schedule.next_moment(row)

    def on_wake(self, case: Case) -> None:
        """Do what is due for an approved filing: its end, a broken promise, a reminder. What ended it before is written."""
        filing: Filing = case.submission
        today = clock.today()
        if filing.enrollment.status_on(today) == "ended":
            end_with_enrollment(case)
        elif filing.valid_until and filing.valid_until < today:
            _expire(case, filing)
        elif not commitments.pursue(case):
            _remind_of_expiry(case, filing)

    def row(self, row: Filing) -> Mapping[str, Any]:
        return presenting.row(row)

    def described(self, row: Filing, *, unmasked: bool = False) -> Iterable[tuple[Any, Any]]:
        return presenting.described(row, unmasked=unmasked)

    def correctable(self, row: Filing) -> list[tuple[str, Any]]:
        return presenting.correctable(row)


def _tell_the_person(case: Case) -> None:
    """The insured person learns of it in their own account, if they have one."""
    filing: Filing = case.submission
    own = Mandate.objects.active().filter(person=filing.person_id, relation=Relation.SELF)
    text = _("受理编号%s：有代办人为您提交了异地就医备案。如非您本人委托，请撤回或联系经办机构。") % filing.number
    for account in own.values_list("account_id", flat=True):
        case.add(
            Message(
                account_id=account,
                key=f"agent_filed:{filing.pk.hex}",
                kind="agent_filed",
                title=_("有人代您办理备案"),
                text=text,
                submission=filing.pk,
                created_at=clock.now(),
            )
        )


def _in_the_instant_lane(case: Case) -> bool:
    """Only where the area says so and nothing needs a second look; who files without a mandate waits for a review."""
    filing: Filing = case.submission
    kind = case.rules_on(case.filed_on).types[type_of(filing.type)]
    odd = any(finding["level"] == Level.WARNING for finding in filing.checks)
    return kind.lane.of(CHANNEL) == "instant" and not odd and not filing.makes_up_for


def _tell_deemed(case: Case, filing: Filing) -> None:
    """Nobody applied for it, so it is told as what it is (规程 art. 8)."""
    text = _("受理编号%(number)s：医院登记了急诊抢救，%(start)s在%(place)s的这次就医视同已备案，不用另行办理。")
    words = {"number": filing.number, "place": filing.destination.name, "start": day(filing.starts_on)}
    case.tell("approved", _("急诊抢救视同已备案"), text % words)


def _fix_validity(case: Case, filing: Filing) -> None:
    kind = filing.rules.types[type_of(filing.type)]
    by_commitment = filing.filed_by == FiledBy.COMMITMENT
    start = filing.starts_on
    report_by = emergencies.report_of(filing)
    case.change(
        valid_from=start,
        valid_until=filing.ends_on or _last_day(filing, kind),
        change_locked_until=lock_until(kind, start, "change", by_commitment=by_commitment),
        cancel_locked_until=lock_until(kind, start, "cancel", by_commitment=by_commitment),
        report_by=report_by,
        travel=emergencies.travel(filing, report_by) if filing.type == "emergency" else kind.travel,
    )


def _last_day(filing: Filing, kind: TypeRules) -> date | None:
    """The last day on which care may begin. An emergency for one visit is for the admission that was reported."""
    if filing.type == "emergency" and kind.validity.term == "single_visit":
        return filing.starts_on
    named = facts.referrals().certificates([filing]).get(filing.pk) if kind.validity.longer else None
    by_commitment = filing.filed_by == FiledBy.COMMITMENT
    return usual_end(kind, filing.starts_on, by_commitment=by_commitment, diagnosis=named.diagnosis if named else "")


def _expire(case: Case, filing: Filing) -> None:
    conclude(case, Action.EXPIRE, actor=SYSTEM)
    if filing.type == "emergency":
        return
    text = _("受理编号%(number)s：到%(place)s就医的备案已到期。有效期内入院的仍可直接结算；仍需异地就医请重新备案。")
    words = {"number": filing.number, "place": filing.destination.name}
    case.tell("expired", _("异地就医备案已到期"), text % words)


def _remind_of_expiry(case: Case, filing: Filing) -> None:
    if not reminder_due(filing):
        return
    case.change(reminded_at=clock.now())
    case.record("remind", actor=SYSTEM, of="expiry")
    text = _("受理编号%(number)s：到%(place)s就医的备案%(day)s到期。届时仍需异地就医的，请在到期后重新备案。")
    words = {"number": filing.number, "place": filing.destination.name, "day": day(filing.valid_until or clock.today())}
    case.tell("expiring", _("异地就医备案即将到期"), text % words)


class ProofLifecycle(Lifecycle[Proof]):
    """Proofs: the promised document of a commitment, which somebody looks at."""

    kind = Kind.PROOF
    model = Proof

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        return [run(PROOF_CHECKS, case) for case in facts.gather_proofs(cases)]

    def overtaken(self, row: Proof, rival: Submission | None) -> WrongState:
        message = _("已有一份补充材料在审核中，请等待结果，或先撤回。")
        return WrongState(message, code="proof_pending", attr="filing")

    def approves_itself(self, row: Proof) -> bool:
        return False

    def parties(self, row: Proof) -> set[str]:
        return set(FilingAgent.objects.filter(filing=row.proves_id).values_list("id_hash", flat=True))

    def approved(self, case: Case) -> None:
        """The promised document is in."""
        proof: Proof = case.submission
        if commitments.met(proof):
            text = _("受理编号%s：补交的材料已通过审核，承诺已履行，备案继续有效。") % proof.number
            case.tell("commitment_met", _("承诺已履行"), text)
        else:
            text = _("受理编号%s：补交的材料已通过审核；所补材料的备案已结束，无需再办理。") % proof.number
            case.tell("proof_approved", _("补交的材料已通过"), text)

    def rejected(self, case: Case) -> None:
        """The document does not do; the promise stands, and may be overdue by now."""
        proof: Proof = case.submission
        commitments.proof_failed(proof)
        text = _("受理编号%s：补交的材料未通过审核，请在记录中查看原因，并在期限内重新补交。") % proof.number
        case.tell("proof_rejected", _("补交的材料未通过"), text)

    def ended(self, case: Case) -> None:
        """Taken back, or never corrected. A draft was never counted on."""
        if case.submission.submitted_at:
            commitments.proof_failed(case.submission)

    def row(self, row: Proof) -> Mapping[str, Any]:
        return presenting.proof_row(row)

    def described(self, row: Proof, *, unmasked: bool = False) -> Iterable[tuple[Any, Any]]:
        return presenting.proof_described(row)
