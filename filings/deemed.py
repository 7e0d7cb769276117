"""Filings nobody files: recorded for the person by what a hospital did, and approved in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _

from filings.models import Filing
from reviews.lifecycle import SYSTEM, Actor, Case
from reviews.locking import locked
from reviews.models import Status
from reviews.presenting import about
from reviews.services import conclude, drafted, next_number, supersede, take_effect
from reviews.workflow import Action


def record(
    filing: Filing, *, actor: Actor, code: str, then: Callable[[Case], None] | None = None, silently: bool = False
) -> Filing:
    """File and approve in one moment. What is live of the same type for the same place gives way, with `code`.

    `then` adds what is to be said beside its approval; `silently`: the caller's own message speaks of it.
    """
    with drafted(filing, actor=actor) as case:
        _clear_the_way(filing, code)
        now = case.now
        case.change(
            live_key=filing.key_in_force,
            number=next_number(now.date()),
            submitted_at=now,
            stage_started_at=now,
            due_at=now,
        )
        case.record(Action.SUBMIT, actor=actor, to=Status.SUBMITTED)
        take_effect(case, actor=SYSTEM, lane=filing.lane)
        if then is not None:
            then(case)
        if silently:
            case.told.clear()
    return filing


def _clear_the_way(filing: Filing, code: str) -> None:
    """Older filings of this type for this place give way: those in force are superseded, those under review end."""
    same = Filing.objects.live().filter(
        enrollment=filing.enrollment_id, destination=filing.destination_id, type=filing.type
    )
    for older in same.exclude(pk=filing.pk).order_by("-pk"):
        if older.status == Status.APPROVED:
            supersede(older.pk, by=filing, last=filing.starts_on - timedelta(days=1))
            continue
        with locked(older) as case:
            conclude(case, Action.END, actor=SYSTEM, code=code, successor=str(filing.pk))


def end_deemed(filing: Filing, *, code: str, why: str) -> None:
    """End a filing whose reason fell away, if it is still in force; a stay that began under it stays covered."""
    with locked(filing) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.END, actor=SYSTEM, code=code)
            text = _("%(about)s已终止：%(why)s。已入院的仍可直接结算。") % {"about": about(case), "why": why}
            case.tell("filing_ended", _("异地就医备案已终止"), text)
