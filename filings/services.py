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
from filings.bodies import AmendInput, FilingFields
from filings.filing_case import type_of
from filings.models import Filing, FilingAgent, unsigned
from policies.language.wording import day
from reviews.lifecycle import SYSTEM, Actor, Case
from reviews.locking import locked
from reviews.models import Channel, Kind, Status
from reviews.presenting import about
from reviews.services import (
    acting_for,
    amending,
    attach,
    check_draft,
    choose,
    conclude,
    cut,
    drafted,
    enter,
    institutions_named,
)
from reviews.workflow import Action, permit

# Columns that are taken from the request as they are; and those in which nothing says nothing.
PLAIN = ("type", "destination", "ends_on", "contact_name", "contact_phone", "address", "injury")
SAYING = ("starts_on", "notice")


def file(
    account: Account,
    enrollment: Enrollment,
    content: FilingFields,
    *,
    draft: bool = False,
    entering: Channel | None = None,
) -> Case:
    """File for an enrolment the account may act for, or keep a draft; `entering`: as a clerk of the insured area.

    In the instant lane (自助备案) it is approved in the same transaction, unless something is odd. Raises NotFound (no
    such enrolment, or no mandate), Invalid with every finding, WrongState `filing_overlaps`.
    """
    actor = acting_for(account, enrollment, entering) if entering else Actor.of(account, enrollment.person_id)
    if actor.mandate is None and not actor.entering:
        raise NotFound(_("没有找到该参保关系，请先绑定参保人。"), attr="enrollment")
    with drafted(blank(enrollment, content), actor=actor) as case:
        fill(case, content, actor=actor)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def blank(enrollment: Enrollment, content: FilingFields) -> Filing:
    """An unsaved filing of an enrolment, with the columns that were given."""
    columns = columns_of(content)
    if "starts_on" not in columns:
        columns["starts_on"] = clock.today()
    return unsigned(kind=Kind.FILING, person=enrollment.person, enrollment=enrollment, area=enrollment.area, **columns)


def columns_of(content: FilingFields) -> dict[str, Any]:
    """The columns that were given; an empty notice or first day says nothing."""
    given = content.model_fields_set
    columns = {name: getattr(content, name) for name in PLAIN if name in given}
    columns |= {name: value for name in SAYING if (value := getattr(content, name)) is not None}
    if "makes_up_for" in given:
        columns["makes_up_for"] = str(content.makes_up_for or "")
    return columns


def fill(case: Case, content: FilingFields, *, actor: Actor) -> None:
    """What goes with the columns: when the notice was read, documents, commitment, institutions, referral."""
    filing, given = case.submission, content.model_fields_set
    _refuse_backwards(filing)
    if content.notice is not None:
        filing.notice_read_at = case.now
        case.changed.add("notice_read_at")
    if content.materials or ("materials" in given and not case.new):
        assert actor.account is not None
        attach(case, [*content.materials, *_authority(filing)], actor.account)
    if content.commitment or ("commitment" in given and not case.new):
        commitments.sign(case, content.commitment)
    if "institutions" in given:
        choose(case, institutions_named(content.institutions))
    if content.referral or ("referral" in given and not case.new):
        facts.referrals().name(case, content.referral)


def _refuse_backwards(filing: Filing) -> None:
    """Not even a draft ends before it begins."""
    if filing.ends_on and filing.ends_on < filing.starts_on:
        message = _("结束日期不能早于开始日期（%s），请修改。") % day(filing.starts_on)
        raise Invalid(message, code="ends_before_start", attr="ends_on")


def _authority(filing: Filing) -> list[Any]:
    """An agent's letter of authority stays with the filing, whatever else of its documents is exchanged."""
    if filing.mandate_id:
        return []
    return list(FilingAgent.objects.filter(filing=filing).values_list("authority_id", flat=True))


def amend(filing: Filing, content: AmendInput, *, actor: Actor, version: int | None = None) -> Filing:
    """Change a draft, or a filing returned for correction (PATCH). Raises WrongState, Stale, Invalid."""
    with amending(filing, content.model_fields_set, actor=actor, version=version) as case:
        if content.enrollment not in (None, case.submission.enrollment_id):
            message = _("不能更换参保关系，请另行填写一份备案。")
            raise Invalid(message, code="enrollment_fixed", attr="enrollment")
        case.change(**columns_of(content))
        fill(case, content, actor=actor)
    return case.submission  # type: ignore[no-any-return]


def change(
    filing: Filing, content: FilingFields, *, actor: Actor, version: int | None = None, draft: bool = False
) -> Case:
    """Make a successor with what is given differently; it takes over when it is approved (DESIGN.md §3, §5).

    Returns the successor's case. Raises WrongState `filing_locked` with the day it opens, or `filing_overlaps`.
    """
    with transaction.atomic():
        with locked(filing, version=version) as old:
            permit(old.submission, Action.CHANGE, actor.account)
            successor = _successor(old.submission, content)
            old.record(Action.CHANGE, actor=actor, successor=str(successor.id))
        with drafted(successor, actor=actor) as case:
            fill(case, content, actor=actor)
            _carry_over(old.submission, case, content.model_fields_set)
            check_draft(case) if draft else enter(case, actor=actor)
        return case


def _successor(old: Filing, content: FilingFields) -> Filing:
    """A copy of the filing, with what is given differently, that begins today, or with it if that lies ahead."""
    successor = unsigned(
        kind=Kind.FILING,
        person=old.person,
        enrollment=old.enrollment,
        area=old.area,
        predecessor_id=old.pk,
        type=old.type,
        destination=old.destination,
        starts_on=max(clock.today(), old.valid_from or clock.today()),
        ends_on=old.ends_on,
        contact_name=old.contact_name,
        contact_phone=old.contact_phone,
        address=old.address,
        injury=old.injury,
        notice_id=old.notice_id,
        notice_read_at=old.notice_read_at,
    )
    for name, value in columns_of(content).items():
        setattr(successor, name, value)
    return successor


def _carry_over(old: Filing, case: Case, given: set[str]) -> None:
    """What the change leaves as it was: the open commitment, the chosen institutions."""
    new: Filing = case.submission
    if "institutions" not in given and new.destination_id == old.destination_id:
        choose(case, list(old.institutions.select_related("area__parent")))
    same = (new.type, new.destination_id) == (old.type, old.destination_id)
    if same and not {"materials", "commitment"} & given:
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
        case.tell("cancelled", _("备案已取消"), _("%s已取消，在就医地不能再直接结算。") % about(case))
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
