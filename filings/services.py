"""What may happen to a filing: file, amend, hand in, change, cancel. One verb per function; nothing else writes filings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import reviews.services
from accounts.models import Account, Enrollment, Mandate, Message, Relation
from core import clock
from core.errors import Invalid, NotFound, Refusal, WrongState
from filings import commitments, facts, stays
from filings.filing_case import type_of
from filings.models import FiledBy, Filing, FilingAgent
from policies.language.terms import Channel
from policies.language.wording import day
from regions.models import Institution
from reviews.case import SYSTEM, Actor, Case
from reviews.checks import Level
from reviews.locking import locked, write
from reviews.materials import attach
from reviews.models import LIVE, Kind, Submission
from reviews.services import check_draft, conclude, create, enter, take_effect
from reviews.workflow import Action, permit

# This system is a channel of the national platform; some areas decide by channel (枣庄, POLICY.md §5).
CHANNEL: Channel = "national"

# Columns that are taken from the request as they are.
PLAIN = ("type", "destination", "starts_on", "ends_on", "contact_name", "contact_phone", "address", "notice")


def file(account: Account, enrollment: Enrollment, asked: dict[str, Any], *, draft: bool = False) -> Filing:
    """File for an enrolment the account may act for, or keep a draft. `asked` are validated fields of API.md.

    Raises NotFound (no such enrolment, or no mandate), Invalid with every finding, WrongState `filing_overlaps`.
    """
    actor = Actor.of(account, enrollment.person_id)
    if actor.mandate is None:
        raise NotFound(_("没有找到该参保关系，请先绑定参保人。"), attr="enrollment")
    with transaction.atomic():
        filing = write_draft(blank(enrollment, asked), asked, actor, note_checks=draft)
        return filing if draft else hand_in(filing, actor=actor)


def blank(enrollment: Enrollment, asked: dict[str, Any]) -> Filing:
    """An unsaved filing of an enrolment, with the columns that every draft needs."""
    return Filing(
        kind=Kind.FILING,
        person=enrollment.person,
        enrollment=enrollment,
        area=enrollment.area,
        type=asked["type"],
        destination=asked["destination"],
        starts_on=asked.get("starts_on") or clock.today(),
    )


def write_draft(row: Filing, asked: dict[str, Any], actor: Actor, *, note_checks: bool) -> Filing:
    """Store a new draft with all that was asked for, in the caller's transaction."""
    _set_columns(row, asked)
    case = Case(create(row, actor=actor))  # nobody else sees it yet: it needs no lock
    _fill(case, asked, actor)
    if note_checks:
        check_draft(case)
    write([case])
    return row


def _set_columns(filing: Filing, asked: dict[str, Any]) -> list[str]:
    """Put the plain fields into the row; return the names of all columns set."""
    names = [name for name in PLAIN if name in asked and not (name in ("starts_on", "notice") and asked[name] is None)]
    for name in names:
        setattr(filing, name, asked[name])
    if "notice" in names:
        filing.notice_read_at = clock.now()
        names.append("notice_read_at")
    if "makes_up_for" in asked:
        filing.makes_up_for = stays.written(asked["makes_up_for"])
        names.append("makes_up_for")
    _refuse_backwards(filing)
    return names


def _refuse_backwards(filing: Filing) -> None:
    """Not even a draft ends before it begins."""
    if filing.ends_on and filing.ends_on < filing.starts_on:
        said = _("结束日期不能早于开始日期（%s），请修改。") % day(filing.starts_on)
        raise Invalid(said, code="ends_before_start", attr="ends_on")


def _fill(case: Case, asked: dict[str, Any], actor: Actor) -> None:
    """What stands in rows of its own: documents, commitment, institutions, referral."""
    filing: Filing = case.submission
    if "materials" in asked:
        assert actor.account is not None
        attach(case, [*asked["materials"], *_authority(filing)], actor.account)
    if "commitment" in asked:
        _commit(case, asked["commitment"])
    if "institutions" in asked:
        filing.institutions.set(_institutions(asked["institutions"]))
    if asked.get("referral"):
        facts.referrals().name(filing, asked["referral"])


def _authority(filing: Filing) -> list[Any]:
    """An agent's letter of authority stays with the filing, whatever else of its documents is exchanged."""
    if filing.mandate_id:
        return []
    return list(FilingAgent.objects.filter(filing=filing).values_list("authority_id", flat=True))


def _commit(case: Case, given: dict[str, str] | None) -> None:
    if given:
        commitments.sign(case.submission, kind=given["kind"], signed_name=given["signed_name"])
    else:
        commitments.tear_up(case.submission)
    case.change(filed_by=FiledBy.COMMITMENT if given else FiledBy.DOCUMENT)


def _institutions(codes: Iterable[str]) -> list[Institution]:
    wanted = list(dict.fromkeys(codes))
    found = list(Institution.objects.filter(code__in=wanted))
    if len(found) != len(wanted):
        raise Invalid(_("没有找到所选的医疗机构，请重新选择。"), code="institution_unknown", attr="institutions")
    return found


def amend(filing: Filing, asked: dict[str, Any], *, actor: Actor, version: int | None = None) -> Filing:
    """Change a draft, or a filing returned for correction (PATCH). Raises WrongState, Stale, Invalid."""
    with locked(filing, version=version) as case:
        permit(case.submission, Action.AMEND, actor.account)
        _keep_enrollment(case.submission, asked)
        names = _set_columns(case.submission, asked)
        case.change(**{name: getattr(case.submission, name) for name in names})
        _fill(case, asked, actor)
        check_draft(case)
        case.record(Action.AMEND, actor=actor, fields=sorted(asked))
    return case.submission  # type: ignore[no-any-return]


def _keep_enrollment(filing: Filing, asked: dict[str, Any]) -> None:
    enrollment = asked.get("enrollment")
    if enrollment is not None and enrollment != filing.enrollment_id:
        raise Invalid(_("不能更换参保关系，请另行填写一份备案。"), code="enrollment_fixed", attr="enrollment")


def hand_in(filing: Filing, *, actor: Actor, version: int | None = None) -> Filing:
    """Submit a draft; in the instant lane (自助备案) it is approved in the same transaction, unless something is odd.

    Raises Invalid or WrongState with every error found; `filing_overlaps` names the live filing that was quicker.
    """
    try:
        with locked(filing, version=version) as case:
            enter(case, Action.SUBMIT, actor=actor)
            lane = lane_of(case, actor)
            case.change(lane=lane)
            if actor.mandate is None:
                _tell_the_person(case)
            if lane == "instant":
                take_effect(case, actor=SYSTEM, lane=lane)
    except WrongState as refusal:
        raise _overlap(refusal, filing) from refusal
    return case.submission  # type: ignore[no-any-return]


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


def lane_of(case: Case, actor: Actor) -> str:
    """Instant only where the area says so, nothing needs a second look, and the applicant holds a mandate."""
    filing: Filing = case.submission
    lane = filing.rules.types[type_of(filing.type)].lane.of(CHANNEL)
    odd = any(finding["level"] == Level.WARNING for finding in filing.checks)
    late = bool(filing.makes_up_for)
    return "instant" if lane == "instant" and actor.mandate and not odd and not late else "review"


def resubmit(filing: Filing, *, actor: Actor, version: int | None = None) -> Filing:
    """Put a corrected filing back into the queue."""
    try:
        return reviews.services.resubmit(filing, actor=actor, version=version)  # type: ignore[no-any-return]
    except WrongState as refusal:
        raise _overlap(refusal, filing) from refusal


def _overlap(refusal: WrongState, filing: Filing) -> Refusal:
    """The database refused a rival: say which filing was quicker, by its number."""
    if refusal.code != "already_live":
        return refusal
    holder = Submission.objects.filter(live_key__in=[filing.live_key_now(), filing.key_in_force], status__in=LIVE)
    rival = holder.exclude(pk__in=[filing.pk, filing.predecessor_id or filing.pk]).first()
    number = rival.number if rival else ""
    said = _("同一事项已有正在办理或有效的备案（受理编号%s），请在备案记录中查看。") % number
    return WrongState(said, code="filing_overlaps", attr="destination")


def change(
    filing: Filing, asked: dict[str, Any], *, actor: Actor, version: int | None = None, draft: bool = False
) -> Filing:
    """Make a successor with what is asked differently; it takes over when it is approved (DESIGN.md §3, §5).

    Returns the successor. Raises WrongState `filing_locked` with the day it opens, or `filing_overlaps`.
    """
    with transaction.atomic():
        with locked(filing, version=version) as case:
            permit(case.submission, Action.CHANGE, actor.account)
            old: Filing = case.submission
            successor = write_draft(_successor(old, asked), asked, actor, note_checks=False)
            successor = _carry_over(old, successor, asked)
            case.record(Action.CHANGE, actor=actor, successor=str(successor.pk))
        return _noted(successor) if draft else hand_in(successor, actor=actor)


def _noted(draft: Filing) -> Filing:
    """Store what the checks find now that the draft is complete."""
    with locked(draft) as case:
        check_draft(case)
    return case.submission  # type: ignore[no-any-return]


def _successor(old: Filing, asked: dict[str, Any]) -> Filing:
    """A copy of the filing that begins today, or with it if that lies ahead."""
    start = max(clock.today(), old.valid_from or clock.today())
    return Filing(
        kind=Kind.FILING,
        person=old.person,
        enrollment=old.enrollment,
        area=old.area,
        predecessor_id=old.pk,
        type=old.type,
        destination_id=old.destination_id,
        starts_on=asked.get("starts_on") or start,
        ends_on=old.ends_on,
        contact_name=old.contact_name,
        contact_phone=old.contact_phone,
        address=old.address,
        notice_id=old.notice_id,
        notice_read_at=old.notice_read_at,
    )


def _carry_over(old: Filing, new: Filing, asked: dict[str, Any]) -> Filing:
    """What the change leaves as it was: the open promise, the chosen institutions."""
    if "institutions" not in asked and new.destination_id == old.destination_id:
        new.institutions.set(old.institutions.all())
    same = (new.type, new.destination_id) == (old.type, old.destination_id)
    if same and not {"materials", "commitment"} & set(asked) and commitments.carry_over(old, new):
        with locked(new) as case:
            case.change(filed_by=FiledBy.COMMITMENT)
        return case.submission  # type: ignore[no-any-return]
    return new


def cancel(
    filing: Filing, *, actor: Actor, reason: str = "", materials: Iterable[Any] = (), version: int | None = None
) -> Filing:
    """Cancel an approved filing. Raises WrongState `filing_locked` with the day it opens.

    Where the area lets documents lift the lock (FILING_RULES.md: 达州), `materials` do.
    """
    with locked(filing, version=version) as case:
        permit(case.submission, Action.CANCEL, actor.account)
        documented = bool(actor.account and attach(case, materials, actor.account)) if materials else False
        refuse_locked(case.submission, "cancel", documented=documented)
        conclude(case, Action.CANCEL, actor=actor, note=reason)
        case.tell("cancelled", _("备案已取消"), _("受理编号%s：备案已取消，在就医地不能再直接结算。") % filing.number)
    return case.submission  # type: ignore[no-any-return]


def refuse_locked(filing: Filing, verb: str, *, documented: bool = False) -> None:
    """Raise WrongState `filing_locked` while the lock counts; before its first day a filing is free."""
    until = filing.locked_on(verb, clock.today())
    waived = filing.rules.types[type_of(filing.type)].lock.waived_by_documents
    if until is None or (waived and documented):
        return
    more = _("，或提交证明材料后办理") if waived else ""
    said = _("按参保地规定，该备案在%(day)s前（含当日）不能取消，请之后再办理%(more)s。") % {
        "day": day(until),
        "more": more,
    }
    raise WrongState(said, code="filing_locked")
