"""A filing in the queue: what it needs, what decisions and time do to it, how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Role
from accounts.presenting import certificate_shape
from core import clock
from core.errors import WrongState
from core.sealing import mask_name, mask_phone
from filings import checks, commitments, emergencies, facts, schedule
from filings.agents import tell_the_person
from filings.bodies import AgentShape, CommitmentShape, FilingColumns, FilingRest
from filings.filing_case import CHANNEL, period, type_of, usual_end
from filings.models import FiledBy, Filing, FilingAgent, FilingType
from policies.language.filing_rules import lock_until
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Document, TypeRules
from policies.language.wording import day, document_label, listed
from reviews.checks import STATEMENT, Finding, Level, run
from reviews.lifecycle import MATERIALS, SYSTEM, Actor, Case, Lifecycle, Resting
from reviews.models import Kind, Status, Submission
from reviews.needs import Need
from reviews.presenting import Whole, about
from reviews.schedule import reminder_due
from reviews.services import conclude, cut, end_with_enrollment, resting, supersede, take_effect
from reviews.workflow import Action


class FilingLifecycle(Lifecycle[Filing]):
    """Filings: one review, or none in the instant lane; in force for a time."""

    kind = Kind.FILING
    reopens = True
    model = Filing
    joins = (*Lifecycle.joins, "destination")
    named_by = ("destination", "commitment")
    shown_with = ("destination__parent", "commitment", "notice", "predecessor")
    destination = "filing__destination__code"
    columns = (
        (gettext_lazy("就医地"), lambda row: row.destination.name),
        (gettext_lazy("备案类型"), lambda row: row.get_type_display()),
        (gettext_lazy("起止"), lambda row: period(row.valid_from or row.starts_on, row.valid_until or row.ends_on)),
    )
    resting = Resting(gettext_lazy("备案"), gettext_lazy("仍需异地就医请"), gettext_lazy("重新备案"))
    verbs = {
        "commitment_met": gettext_lazy("承诺已履行"),
        "commitment_broken": gettext_lazy("承诺未按期履行"),
        "proof_failed": gettext_lazy("补交的材料未通过或已撤回"),
    }

    entry = (
        (gettext_lazy("异地就医备案"), "admin:enter_filing"),
        (gettext_lazy("急诊报告"), "admin:enter_emergency"),
    )
    fields = (
        ("destination", gettext_lazy("就医地")),
        ("type", gettext_lazy("备案类型")),
        ("starts_on", gettext_lazy("开始日期")),
        ("ends_on", gettext_lazy("结束日期")),
        ("contact_phone", gettext_lazy("联系电话")),
        ("address", gettext_lazy("就医地住址")),
        ("commitment", gettext_lazy("个人承诺书")),
        MATERIALS,
    )

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
        """The insured person hears of an agent's; in the instant lane (自助备案) it takes effect at once, but not what a clerk enters."""
        if again or actor.entering:
            return
        if actor.mandate is None:
            tell_the_person(case)
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
        words = {"about": about(case), "start": day(filing.starts_on), "until": until}
        text = _("%(about)s已通过，%(start)s起生效，%(until)s。") % words + _("就医时请出示医保码或社保卡。")
        return case.tell("approved", _("异地就医备案已通过"), text + commitments.reminder_of(filing))

    def rejected(self, case: Case) -> None:
        """Nobody is held to a promise any more; tell the applicant, with the reason."""
        filing: Filing = case.submission
        if filing.filed_by == FiledBy.COMMITMENT:
            commitments.release(filing)
        text = _("%s未通过，请按原因准备好后重新办理。") % about(case)
        more = _("原备案继续有效。") if filing.predecessor_id else ""
        case.tell("rejected", _("异地就医备案未通过"), text + more, reasoned=True)

    def reopened(self, case: Case, was: str) -> None:
        """It covers nothing again and its promise is open as it was; what took over from another filing stays."""
        filing: Filing = case.submission
        if was == Status.APPROVED and (filing.predecessor_id or filing.proofs.exists()):
            raise resting(_("补交的材料") if not filing.predecessor_id else _("对原备案的替代"))
        if was != Status.RETURNED:
            commitments.reopen(case, was)
        if was == Status.APPROVED:
            case.change(**dict.fromkeys(_FIXED), travel="")

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

    # How it is shown.

    def row(self, row: Filing) -> FilingColumns:
        """What a list shows of a filing; its joins are `destination` and `commitment`."""
        return {
            "type": row.type,
            "type_label": str(
                FilingType(row.type).label
            ),  # Django's own way looks at every type of the list, in each row
            "destination": row.destination_id,
            "destination_name": row.destination.name,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "lane": row.lane,
            "travel": row.travel,
            "filed_by": row.filed_by,
            "predecessor": str(row.predecessor_id) if row.predecessor_id else None,
            "report_by": row.report_by,
            "locked_until": max(filter(None, (row.change_locked_until, row.cancel_locked_until)), default=None),
            "lock": {"change_until": row.change_locked_until, "cancel_until": row.cancel_locked_until},
            "commitment": commitment(row),
        }

    def described(self, row: Filing, *, unmasked: bool = False) -> Iterator[tuple[Any, Any]]:
        """What a filing is about, for the reviewer's page; `unmasked`: how people can be reached in full."""
        yield _("备案类型"), row.get_type_display()
        yield _("就医地"), row.destination.name
        yield _("起止日期"), period(row.starts_on, row.ends_on)
        if row.valid_from:
            yield _("有效期"), period(row.valid_from, row.valid_until)
        yield _("联系人"), " ".join(_reached_at(row.contact_name, row.contact_phone, unmasked))
        if row.address:
            yield _("就医地住址"), row.address if unmasked else _("已填写")
        if row.injury:
            yield _("因外伤就医"), _("是")
        yield _("证明方式"), row.get_filed_by_display()
        if signed := commitment(row):
            unlimited = _("不限期") if row.valid_from else _("备案通过后起算")
            due = _("应于%s前补齐") % day(signed["due_on"]) if signed["due_on"] else unlimited
            yield _("承诺"), f"{signed['label']}，{due}"
        yield from _described_beside(row, unmasked)

    def about(self, row: Filing) -> str:
        return _("到%s的异地就医备案") % row.destination.name

    def summary(self, row: Filing) -> str:
        """北京市 · 其他临时外出就医人员 · 2026年3月2日 起"""
        return f"{self.title(row)} · {period(row.valid_from or row.starts_on, row.valid_until or row.ends_on)}"

    def title(self, row: Filing) -> str:
        """北京市 · 其他临时外出就医人员"""
        return f"{row.destination.name} · {FilingType(row.type).label}"

    def forget(self, case: Case) -> None:
        commitments.forget(case)
        FilingAgent.objects.filter(filing=case.submission).delete()

    def needs(self, row: Filing, *, followed: Set[str]) -> Iterable[Need]:
        return schedule.needs(row, followed=followed)

    def documents(self, rules: FilingRules, row: Filing | None) -> Iterable[Document]:
        """Those of its type; the form is filled in, not handed in."""
        types = [rules.types[type_of(row.type)]] if row else rules.types.values()
        papers = [document for each in types for document in each.documents if document.kind != "filing_form"]
        return [*papers, STATEMENT] if row is None or row.injury else papers


def _in_the_instant_lane(case: Case) -> bool:
    """Only where the area says so and nothing needs a second look; who files without a mandate waits for a review."""
    filing: Filing = case.submission
    kind = case.rules_on(case.filed_on).types[type_of(filing.type)]
    odd = any(finding["level"] == Level.WARNING for finding in filing.checks)
    return kind.lane.of(CHANNEL) == "instant" and not odd and not filing.makes_up_for


def _tell_deemed(case: Case, filing: Filing) -> None:
    """Nobody applied for it, so it is told as what it is (规程 art. 8)."""
    text = _("%(about)s：医院登记了急诊抢救，%(start)s在当地的这次就医视同已备案，不用另行办理。")
    words = {"about": about(case), "start": day(filing.starts_on)}
    case.tell("approved", _("急诊抢救视同已备案"), text % words)


_FIXED = ("valid_from", "valid_until", "change_locked_until", "cancel_locked_until", "report_by")


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
    text = _("%s已到期。有效期内入院的仍可直接结算；仍需异地就医请重新备案。")
    case.tell("expired", _("异地就医备案已到期"), text % about(case))


def _remind_of_expiry(case: Case, filing: Filing) -> None:
    if not reminder_due(filing):
        return
    case.change(reminded_at=clock.now())
    case.record("remind", actor=SYSTEM, of="expiry")
    text = _("%(about)s%(day)s到期。届时仍需异地就医的，请在到期后重新备案。")
    words = {"about": about(case), "day": day(filing.valid_until or clock.today())}
    case.tell("expiring", _("异地就医备案即将到期"), text % words)


# How it is shown to clients, in full and in parts.


def commitment(filing: Filing) -> CommitmentShape | None:
    """The commitment of a filing: what, by when, how it stands."""
    signed = filing.signed
    if signed is None:
        return None
    label = document_label(signed.kind)
    return {"kind": signed.kind, "label": label, "due_on": signed.due_on, "status": signed.status}


def in_full(columns: Mapping[str, Any], filing: Filing, account: Account, whole: Whole) -> dict[str, Any]:
    """One filing with what it shows besides: contact in full to those who file, masked to everyone else."""
    own = account.role == Role.CITIZEN
    shown: FilingRest = {
        "contact_name": filing.contact_name if own else mask_name(filing.contact_name),
        "contact_phone": filing.contact_phone if own else mask_phone(filing.contact_phone),
        "address": filing.address if own else "",
        "injury": filing.injury,
        "notice": str(filing.notice_id) if filing.notice_id else None,
        "institutions": filing.chosen_codes if whole.institutions is None else whole.institutions,
        "makes_up_for": facts.stay_of(filing) if filing.makes_up_for else None,
        "referral": facts.referral_of(filing) if filing.type == "referral" else None,
        "agent": None if filing.mandate_id else _agent(FilingAgent.objects.filter(filing=filing).first()),
    }
    if own and columns["commitment"]:
        signed = {**columns["commitment"], "signed_name": filing.commitment.signed_name}
        return {**columns, **shown, "commitment": signed}
    return {**columns, **shown}


def _agent(agent: FilingAgent | None) -> AgentShape | None:
    """An agent is shown masked, to the person too."""
    if agent is None:
        return None
    return {
        "name": mask_name(agent.name),
        "id_number": agent.masked_id_number,
        "certificate": certificate_shape(agent),
        "phone": mask_phone(agent.phone),
        "relation": agent.relation,
    }


def _reached_at(name: str, phone: str, unmasked: bool) -> tuple[str, str]:
    return (name, phone) if unmasked else (mask_name(name), mask_phone(phone))


def _described_beside(filing: Filing, unmasked: bool) -> Iterator[tuple[Any, Any]]:
    chosen = [institution.name for institution in filing.institutions.all()]
    if chosen:
        yield _("选定医疗机构"), listed(chosen)
    if stay := facts.stay_of(filing):
        words = {"day": day(stay["admitted_on"]), "hospital": stay["institution_name"]}
        yield _("补办的就诊"), _("%(hospital)s，%(day)s入院") % words
    if filing.notice:
        yield _("已阅读告知书"), str(filing.notice)
    if filing.predecessor:
        yield _("变更自"), filing.predecessor.number
    if agent := FilingAgent.objects.filter(filing=filing).first():
        name, phone = _reached_at(agent.name, agent.phone, unmasked)
        yield _("代办人"), f"{name}（{agent.get_relation_display()}）{phone}"
