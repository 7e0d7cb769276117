"""Scenarios worked off by a worker, one after another. Killed in the middle, one is begun again: nothing is half."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.errors import Refusal
from policies.engine import Case, compile_policy
from policies.language.examples import Cost
from policies.language.schema import PolicyFile
from policies.published import Published, by_id, compiled, read
from scenarios.bills import COSTS, Bills, bills_of
from scenarios.comparing import compare, settle_many
from scenarios.models import PolicyScenario, Scenario, StaffingScenario, Status
from scenarios.population import generate
from scenarios.staffing.planning import plan
from settlements.adjudication import case_of
from settlements.models import Settlement

Row = TypeVar("Row", bound=Scenario)
log = logging.getLogger(__name__)
ABANDONED = timedelta(minutes=2)
"""Progress is written every few moments; a run that has written none for this long has lost its worker."""


def work() -> int:
    """Work off what is queued or was abandoned, one after another. Returns how many."""
    worked = 0
    while (comparison := _claim(PolicyScenario)) is not None:
        _run(comparison, _compare)
        worked += 1
    while (staffing := _claim(StaffingScenario)) is not None:
        _run(staffing, _plan)
        worked += 1
    return worked


def _claim(model: type[Row]) -> Row | None:
    """Take one that nobody works on; rivals skip what is locked."""
    with transaction.atomic():
        abandoned = Q(status=Status.RUNNING, claimed_at__lt=timezone.now() - ABANDONED)
        waiting = model._default_manager.filter(Q(status=Status.QUEUED) | abandoned).order_by("requested_at")
        scenario = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if scenario is not None:
            scenario.status, scenario.claimed_at, scenario.done = Status.RUNNING, timezone.now(), 0
            scenario.save(update_fields=["status", "claimed_at", "done"])
        return scenario


def _run(scenario: Row, compute: Callable[[Row], dict[str, Any]]) -> None:
    mine = type(scenario)._default_manager.filter(pk=scenario.pk, status=Status.RUNNING)
    try:
        result = compute(scenario)
    except Refusal as refusal:
        mine.update(status=Status.FAILED, error=refusal.detail[:300], finished_at=timezone.now())
    except Exception as error:
        log.exception("scenario_failed", extra={"scenario": str(scenario.pk)})
        mine.update(status=Status.FAILED, error=str(error)[:300], finished_at=timezone.now())
    else:
        mine.update(status=Status.DONE, result=result, done=scenario.total, finished_at=timezone.now())


def _compare(scenario: PolicyScenario) -> dict[str, Any]:
    baseline = by_id(scenario.baseline)
    if baseline is None:
        raise LookupError(f"policy {scenario.baseline} is gone")
    draft = read(scenario.draft)
    bills = _bills(scenario, baseline, draft)
    progress = _Progress(scenario)
    before = settle_many(compiled(baseline), bills, progress.after(0))
    after = settle_many(compile_policy(draft), bills, progress.after(scenario.size))
    return compare(bills, before, after)


def _plan(scenario: StaffingScenario) -> dict[str, Any]:
    return plan(scenario, _Progress(scenario).after(0))


def _bills(scenario: PolicyScenario, baseline: Published, draft: PolicyFile) -> Bills:
    if scenario.bills == PolicyScenario.Bills.SETTLED:
        return bills_of(list(_settled(scenario.draft.area, scenario.size)))
    return generate([baseline.file, draft], size=scenario.size, seed=scenario.seed)


def _settled(area: str, most: int) -> Iterator[Case]:
    """The latest settled bills of an area's insured, each with its year so far; reversed ones are left out."""
    rows = Settlement.objects.standing().filter(area=area).order_by("-settled_at").only("case", *COSTS)
    for row in rows[:most].iterator(2_000):
        case = case_of(row)
        yield Case(
            facts=case.facts,
            cost=Cost(**{name: getattr(row, name) for name in COSTS}),
            year_to_date=case.year_to_date,
            account_balance=case.account_balance,
        )


class _Progress:
    """Writes how far a run is, at most once a second."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.written_at = scenario, timezone.now()

    def after(self, earlier: int) -> Callable[[int], None]:
        """A listener for a part of the run that begins when so many bills are done."""

        def write(done: int) -> None:
            now = timezone.now()
            if now - self.written_at >= timedelta(seconds=1):
                self.written_at = now
                rows = type(self.scenario)._default_manager.filter(pk=self.scenario.pk)
                rows.update(done=earlier + done, claimed_at=now)

        return write
