"""What may happen to a filing: file, amend, hand in, change, cancel. One verb per function; nothing else writes filings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment
from core import clock
from core.errors import Invalid, NotFound, WrongState
from filings import commitments, facts
from filings.filing_case import type_of
from filings.models import Filing, FilingAgent, unsigned
from policies.language.wording import day
from reviews.lifecycle import SYSTEM, Actor, Case
from reviews.locking import locked
from reviews.models import Kind, Status
from reviews.services import amending, attach, check_draft, choose, conclude, cut, drafted, enter, institutions_named
from reviews.workflow import Action, permit

# Columns that are taken from the request as they are.
PLAIN = ("type", "destination", "starts_on", "ends_on", "contact_name", "contact_phone", "address", "notice")


def file(account: Account, enrollment: Enrollment, fields: dict[str, Any], *, draft: bool = False) -> Case:
    """File for an enrolment the account may act for, or keep a draft. `fields` are validated fields of API.md.

    In the instant lane (自助备案) it is approved in the same transaction, unless something is odd. Raises NotFound (no
    such enrolment, or no mandate), Invalid with every finding, WrongState `filing_overlaps`.
    """
    actor = Actor.of(account, enrollment.person_id)
    if actor.mandate is None:
        raise NotFound(_("没有找到该参保关系，请先绑定参保人。"), attr="enrollment")
    with drafted(blank(enrollment, fields), actor=actor) as case:
        write_down(case, fields, actor=actor)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def blank(enrollment: Enrollment, fields: dict[str, Any]) -> Filing:
    """An unsaved filing of an enrolment, with the columns that every draft needs."""
    return unsigned(
        kind=Kind.FILING,
        person=enrollment.person,
        enrollment=enrollment,
        area=enrollment.area,
        type=fields["type"],
        destination=fields["destination"],
        starts_on=fields.get("starts_on") or clock.today(),
    )


def write_down(case: Case, fields: dict[str, Any], *, actor: Actor) -> None:
    """Fill in what was given: the columns, and what stands in rows of its own."""
    case.changed.update(_set_columns(case, fields))
    _fill(case, fields, actor)


def _set_columns(case: Case, fields: dict[str, Any]) -> list[str]:
    """Put the plain fields into the row; return the names of all columns set."""
    filing: Filing = case.submission
    names = [
        name for name in PLAIN if name in fields and not (name in ("starts_on", "notice") and fields[name] is None)
    ]
    for name in names:
        setattr(filing, name, fields[name])
    if "notice" in names:
        filing.notice_read_at = case.now
        names.append("notice_read_at")
    if "makes_up_for" in fields:
        filing.makes_up_for = str(fields["makes_up_for"] or "")
        names.append("makes_up_for")
    _refuse_backwards(filing)
    return names


def _refuse_backwards(filing: Filing) -> None:
    """Not even a draft ends before it begins."""
    if filing.ends_on and filing.ends_on < filing.starts_on:
        message = _("结束日期不能早于开始日期（%s），请修改。") % day(filing.starts_on)
        raise Invalid(message, code="ends_before_start", attr="ends_on")


def _fill(case: Case, fields: dict[str, Any], actor: Actor) -> None:
    """What stands in rows of its own: documents, commitment, institutions, referral."""
    if fields.get("materials") or ("materials" in fields and not case.new):
        assert actor.account is not None
        attach(case, [*fields["materials"], *_authority(case.submission)], actor.account)
    if fields.get("commitment") or ("commitment" in fields and not case.new):
        commitments.sign(case, fields["commitment"])
    if "institutions" in fields:
        choose(case, institutions_named(fields["institutions"]))
    if fields.get("referral"):
        facts.referrals().name(case, fields["referral"])


def _authority(filing: Filing) -> list[Any]:
    """An agent's letter of authority stays with the filing, whatever else of its documents is exchanged."""
    if filing.mandate_id:
        return []
    return list(FilingAgent.objects.filter(filing=filing).values_list("authority_id", flat=True))


def amend(filing: Filing, fields: dict[str, Any], *, actor: Actor, version: int | None = None) -> Filing:
    """Change a draft, or a filing returned for correction (PATCH). Raises WrongState, Stale, Invalid."""
    with amending(filing, fields, actor=actor, version=version) as case:
        _keep_enrollment(case.submission, fields)
        write_down(case, fields, actor=actor)
    return case.submission  # type: ignore[no-any-return]


def _keep_enrollment(filing: Filing, fields: dict[str, Any]) -> None:
    enrollment = fields.get("enrollment")
    if enrollment is not None and enrollment != filing.enrollment_id:
        raise Invalid(_("不能更换参保关系，请另行填写一份备案。"), code="enrollment_fixed", attr="enrollment")


def change(
    filing: Filing, fields: dict[str, Any], *, actor: Actor, version: int | None = None, draft: bool = False
) -> Case:
    """Make a successor with what is given differently; it takes over when it is approved (DESIGN.md §3, §5).

    Returns the successor's case. Raises WrongState `filing_locked` with the day it opens, or `filing_overlaps`.
    """
    with transaction.atomic():
        with locked(filing, version=version) as old:
            permit(old.submission, Action.CHANGE, actor.account)
            successor = _successor(old.submission, fields)
            old.record(Action.CHANGE, actor=actor, successor=str(successor.id))
        with drafted(successor, actor=actor) as case:
            write_down(case, fields, actor=actor)
            _carry_over(old.submission, case, fields)
            check_draft(case) if draft else enter(case, actor=actor)
        return case


def _successor(old: Filing, fields: dict[str, Any]) -> Filing:
    """A copy of the filing that begins today, or with it if that lies ahead."""
    start = max(clock.today(), old.valid_from or clock.today())
    return unsigned(
        kind=Kind.FILING,
        person=old.person,
        enrollment=old.enrollment,
        area=old.area,
        predecessor_id=old.pk,
        type=old.type,
        destination=old.destination,
        starts_on=fields.get("starts_on") or start,
        ends_on=old.ends_on,
        contact_name=old.contact_name,
        contact_phone=old.contact_phone,
        address=old.address,
        notice_id=old.notice_id,
        notice_read_at=old.notice_read_at,
    )


def _carry_over(old: Filing, case: Case, fields: dict[str, Any]) -> None:
    """What the change leaves as it was: the open commitment, the chosen institutions."""
    new: Filing = case.submission
    if "institutions" not in fields and new.destination_id == old.destination_id:
        choose(case, list(old.institutions.select_related("area__parent")))
    same = (new.type, new.destination_id) == (old.type, old.destination_id)
    if same and not {"materials", "commitment"} & set(fields):
        commitments.carry_over(old, case)


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
    message = _("按参保地规定，该备案在%(day)s前（含当日）不能取消，请之后再办理%(more)s。") % {
        "day": day(until),
        "more": more,
    }
    raise WrongState(message, code="filing_locked")


def visit_done(filing: Filing, admitted_on: date) -> None:
    """A filing for one visit (单次有效) ends with the visit that was settled under it; others are left as they are.

    One that was made up during the stay (补办) keeps its first day: it counted, and a corrected bill settles under it again.
    """
    if filing.rules.types[type_of(filing.type)].validity.term != "single_visit":
        return
    with locked(filing) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.EXPIRE, actor=SYSTEM, code="visit_done")
            cut(case, max(admitted_on, case.submission.valid_from or admitted_on))
