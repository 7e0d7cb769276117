"""How long visits are kept: what nobody goes on with is closed, what came to nothing is deleted, the rest after its term.

Counted by business time from the last call of a visit. Settlements stay: they are the ledger's. Safe to run twice and not to
run at all for a while.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core import clock
from gateway.files import purge_files
from gateway.models import FeeLine, Visit, VisitBill, VisitStatus
from gateway.replay import purge_calls

OUTPATIENT_OPEN, STAY_OPEN = timedelta(days=30), timedelta(days=180)
"""So long an open visit may wait for its next call."""
NOTHING_KEPT, SETTLED_KEPT = timedelta(days=90), timedelta(days=730)
"""So long a visit without any settlement is kept, and one with some, after its last call or after it was closed."""
AT_ONCE = 500


def close_visits() -> int:
    """Close the visits that nobody goes on with; return how many. What is settled of one stays reversible."""
    now = clock.now()
    open_ = Visit.objects.filter(status=VisitStatus.OPEN)
    old = {False: now - OUTPATIENT_OPEN, True: now - STAY_OPEN}
    return sum(
        open_.filter(inpatient=inpatient, changed_at__lt=since).update(status=VisitStatus.CLOSED, changed_at=now)
        for inpatient, since in old.items()
    )


def purge_visits() -> int:
    """Delete the visits whose term is over, with their lines; return how many."""
    now = clock.now()
    billed = Visit.objects.alias(billed=Exists(VisitBill.objects.filter(visit=OuterRef("pk"))))
    over = (VisitStatus.CANCELLED, VisitStatus.CLOSED, VisitStatus.DISCHARGED)
    nothing = billed.filter(billed=False, status__in=over, changed_at__lt=now - NOTHING_KEPT)
    settled = billed.filter(billed=True, changed_at__lt=now - SETTLED_KEPT)
    return _delete(nothing) + _delete(settled)


def _delete(rows: QuerySet[Visit]) -> int:
    """Some at a time, each batch locked and asked again: what is in somebody's hands, or was settled meanwhile, stays."""
    count, last = 0, UUID(int=0)
    while True:
        with transaction.atomic():
            page = rows.filter(pk__gt=last).order_by("pk").select_for_update(skip_locked=True, of=("self",))
            locked = list(page.values_list("pk", flat=True)[:AT_ONCE])
            gone = list(rows.filter(pk__in=locked).values_list("pk", flat=True))
            FeeLine.objects.filter(visit__in=gone).delete()
            VisitBill.objects.filter(visit__in=gone).delete()
            count += Visit.objects.filter(pk__in=gone).delete()[0]
        if not locked:
            return count
        last = locked[-1]


@shared_task(ignore_result=True)
def purge() -> int:
    """Every hour: delete old files; close the visits nobody goes on with; delete old visits, and calls with their answers.

    The longest comes last, so that a time-out skips nothing else.
    """
    files = purge_files()
    close_visits()
    return files + purge_visits() + purge_calls()
