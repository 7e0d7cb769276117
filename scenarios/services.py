"""Scenarios are put into the queue here; `running` works them off."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core import clock
from core.errors import Forbidden, Invalid
from policies.models import PolicyVersion
from policies.published import Published, in_force
from scenarios.models import MOST_SETTLED, PolicyScenario, StaffingScenario
from scenarios.tasks import run_scenarios
from settlements.models import Settlement

log = logging.getLogger(__name__)


def request(
    account: Account,
    draft: PolicyVersion,
    *,
    size: int,
    seed: int,
    bills: str = PolicyScenario.Bills.GENERATED,
) -> PolicyScenario:
    """Put a comparison into the queue.

    Raises Invalid `baseline_missing`: the area has no policy to compare with; `bills_missing`: none was settled there.
    """
    baseline = baseline_of(draft)
    if bills == PolicyScenario.Bills.SETTLED:
        size = min(size, MOST_SETTLED, settled_count(draft))
    scenario = PolicyScenario.objects.create(
        draft=draft,
        baseline=baseline.id,
        bills=bills,
        size=size,
        seed=seed,
        requested_by=account,
        requested_at=timezone.now(),
    )
    transaction.on_commit(_wake_a_worker)
    return scenario


def request_staffing(account: Account, scenario: StaffingScenario) -> StaffingScenario:
    """Put a staffing simulation into the queue. Raises Forbidden: it is of an area that the account does not supervise."""
    if account.role != Role.ADMIN and (account.role, account.area_id) != (Role.SUPERVISOR, scenario.area_id):
        raise Forbidden(_("只能测算本地区的审核人力。"))
    scenario.requested_by, scenario.requested_at = account, timezone.now()
    scenario.save(force_insert=True)
    transaction.on_commit(_wake_a_worker)
    return scenario


def baseline_of(draft: PolicyVersion) -> Published:
    """What would count without the draft on its first day; of one that lies behind, what counts today. Raises Invalid."""
    baseline = in_force(draft.area, max(draft.effective_from, clock.today()))
    if baseline is None:
        raise Invalid(_("该地区目前没有已发布的待遇政策，无从对照。"), code="baseline_missing", attr="draft")
    return baseline


def settled_count(draft: PolicyVersion) -> int:
    """How many settled bills there are to compare by. Raises Invalid `bills_missing`."""
    bills = Settlement.objects.standing().filter(area=draft.area).count()
    if not bills:
        raise Invalid(_("该地区还没有结算记录，请改用模拟账单。"), code="bills_missing", attr="bills")
    return bills


def _wake_a_worker() -> None:
    """Tell a worker now; if the broker is away, the beat finds the row within seconds."""
    try:
        run_scenarios.delay()
    except Exception as error:
        log.warning("scenario_not_announced", extra={"error": type(error).__name__})
