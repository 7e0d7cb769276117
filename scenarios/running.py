"""Comparisons asked for in the admin and worked off by a worker. Killed in the middle, one is begun again: nothing is half."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from core import clock
from core.errors import Invalid
from policies.engine import compile_policy
from policies.models import PolicyVersion
from policies.published import Published, by_id, compiled, in_force, read
from scenarios.models import MOST_STORED, WhatIf
from settlements.models import Settlement

log = logging.getLogger(__name__)
ABANDONED = timedelta(minutes=2)
"""Progress is noted every few moments; a run that says nothing for this long has lost its worker."""


def ask(account: Account, draft: PolicyVersion, *, size: int, seed: int, bills: str = WhatIf.Bills.GENERATED) -> WhatIf:
    """Put a comparison into the queue.

    Raises Invalid `baseline_missing`: the area has no policy to compare with; `bills_missing`: none was settled there.
    """
    baseline = baseline_of(draft)
    if bills == WhatIf.Bills.STORED:
        size = min(size, MOST_STORED, stored_count(draft))
    row = WhatIf.objects.create(
        draft=draft, baseline=baseline.id, bills=bills, size=size, seed=seed, asked_by=account, asked_at=timezone.now()
    )
    transaction.on_commit(_wake)
    return row


def baseline_of(draft: PolicyVersion) -> Published:
    """What would count without the draft on its first day; of one that lies behind, what counts today. Raises Invalid."""
    found = in_force(draft.area, max(draft.effective_from, clock.today()))
    if found is None:
        said = _("该地区目前没有已发布的待遇政策，无从对照。")
        raise Invalid(said, code="baseline_missing", attr="draft")
    return found


def stored_count(draft: PolicyVersion) -> int:
    """How many settled bills there are to compare by. Raises Invalid `bills_missing`."""
    found = Settlement.objects.standing().filter(area=draft.area).count()
    if not found:
        said = _("该地区还没有结算记录，请改用模拟账单。")
        raise Invalid(said, code="bills_missing", attr="bills")
    return found


def _wake() -> None:
    """Tell a worker now; if the broker is away, the beat finds the row within seconds."""
    from scenarios.tasks import run_what_ifs

    try:
        run_what_ifs.delay()
    except Exception as error:
        log.warning("what_if_not_announced", extra={"error": type(error).__name__})


def work() -> int:
    """Work off what is queued or was abandoned, one after another. Returns how many."""
    worked = 0
    while (row := _claim()) is not None:
        _run(row)
        worked += 1
    return worked


def _claim() -> WhatIf | None:
    """Take one that nobody works on; rivals skip what is locked."""
    with transaction.atomic():
        abandoned = Q(status=WhatIf.Status.RUNNING, claimed_at__lt=timezone.now() - ABANDONED)
        waiting = WhatIf.objects.filter(Q(status=WhatIf.Status.QUEUED) | abandoned).order_by("asked_at")
        row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if row is not None:
            row.status, row.claimed_at, row.done = WhatIf.Status.RUNNING, timezone.now(), 0
            row.save(update_fields=["status", "claimed_at", "done"])
        return row


def _run(row: WhatIf) -> None:
    mine = WhatIf.objects.filter(pk=row.pk, status=WhatIf.Status.RUNNING)
    try:
        result = _compare(row)
    except Exception as error:
        log.exception("what_if_failed", extra={"what_if": str(row.pk)})
        mine.update(status=WhatIf.Status.FAILED, error=str(error)[:300], finished_at=timezone.now())
    else:
        mine.update(status=WhatIf.Status.DONE, result=result, done=2 * row.size, finished_at=timezone.now())


def _compare(row: WhatIf) -> dict[str, Any]:
    from scenarios.comparing import compare  # NumPy only where it is used: web processes do without
    from scenarios.many import settle_many
    from scenarios.population import generate
    from scenarios.stored import stored

    baseline = by_id(row.baseline)
    if baseline is None:
        raise LookupError(f"policy {row.baseline} is gone")
    draft = read(row.draft)
    if row.bills == WhatIf.Bills.STORED:
        bills = stored(row.draft.area, most=row.size)
    else:
        bills = generate([baseline.file, draft], size=row.size, seed=row.seed)
    note = _Progress(row)
    before = settle_many(compiled(baseline), bills, note.at(0))
    after = settle_many(compile_policy(draft), bills, note.at(row.size))
    return compare(bills, before, after)


class _Progress:
    """Writes how far a run is, at most once a second."""

    def __init__(self, row: WhatIf) -> None:
        self.row, self.noted_at = row, timezone.now()

    def at(self, offset: int) -> Any:
        def note(done: int) -> None:
            now = timezone.now()
            if now - self.noted_at >= timedelta(seconds=1):
                self.noted_at = now
                WhatIf.objects.filter(pk=self.row.pk).update(done=offset + done, claimed_at=now)

        return note
