"""When an approved filing must be looked at again (reminders, its end, its enrolment's, a promise's), and what it asks of its people."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from core.clock import SHANGHAI
from filings.filing_case import earlier
from filings.models import Commitment, CommitmentStatus, FiledBy, Filing, FilingType, Proof
from policies.language.filing_schema import FilingRules
from policies.language.wording import day, document_label
from reviews.models import Kind, Status
from reviews.needs import Need, NeedKind, Period, promised
from reviews.schedule import at_nine, midnight_after, of_validity


def next_moment(filing: Filing, *, without: Any = None) -> datetime | None:
    """The next business moment at which something of this approved filing falls due; None: nothing ever.

    `without`: the proof whose end is being written, and is not stored yet.
    """
    return min(_moments(filing, without), default=None)


def _moments(filing: Filing, without: Any) -> Iterator[datetime]:
    yield from of_validity(filing)
    if filing.filed_by == FiledBy.COMMITMENT:
        signed = filing.signed
        if signed is not None and signed.status == CommitmentStatus.OPEN:
            yield from _of_commitment(filing, signed, without)


def _of_commitment(filing: Filing, signed: Commitment, without: Any) -> Iterator[datetime]:
    if signed.due_on is None:
        return
    if clock.today() <= signed.due_on:
        yield from reminders(filing.rules, started_on(filing), signed.due_on)[signed.reminders :][:1]
    if not proof_pending(filing, without=without):
        yield midnight_after(signed.due_on)


def started_on(filing: Filing) -> date:
    """The day from which the time for a promise runs: that of the approval."""
    return (filing.decided_at or filing.created_at).astimezone(SHANGHAI).date()


def reminders(rules: FilingRules, start: date, due: date) -> list[datetime]:
    """When to remind of a promise: at half time, and as long before its last day as the rules say (3 days)."""
    half = start + (due - start) // 2
    days = {half, *(earlier(due, span) for span in rules.commitment.remind_before)}
    return [at_nine(day) for day in sorted(days) if start < day <= due]


def proof_pending(filing: Filing, *, without: Any = None) -> bool:
    """A proof is with the agency or back for correction: the promise is not broken while it is."""
    pending = Proof.objects.filter(proves__in=_borne_by(filing), status__in=[Status.SUBMITTED, Status.RETURNED])
    return pending.exclude(pk=without).exists()


def _borne_by(filing: Filing) -> list[Any]:
    """The filing and those whose promise it carried on: a proof may have been handed in for one of them."""
    ids, last = [filing.pk], filing
    while last.predecessor_id:
        same = Filing.objects.filter(
            pk=last.predecessor_id, type=filing.type, destination=filing.destination_id
        ).first()
        if same is None:
            break
        ids, last = [*ids, same.pk], same
    return ids


def needs(filing: Filing, *, followed: Set[str]) -> Iterator[Need]:
    """A promised document that is not with the agency yet; an emergency to report; an end that is near."""
    signed = filing.signed if filing.filed_by == FiledBy.COMMITMENT else None
    if signed and signed.status == CommitmentStatus.OPEN and Kind.PROOF not in followed:
        yield promised(document_label(signed.kind), signed.due_on)
    if filing.lane == "deemed" and filing.report_by and filing.report_by >= clock.today():
        text = _("请在%s前（出院结算前）向参保地经办机构报告急诊就医，以免降低待遇。")
        yield Need(NeedKind.REPORT, text % day(filing.report_by), filing.report_by)
    near = Period(filing.valid_from, filing.valid_until).expiring()
    if near and filing.type != FilingType.EMERGENCY and not followed:
        yield near
