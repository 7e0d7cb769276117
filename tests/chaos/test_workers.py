"""Two real workers, one killed in the middle, the broker flushed, every task delivered twice: the queue loses nothing.

More than five hundred submissions of three days are decided while the clock is moved through their moments. Nothing here
depends on how fast the machine is: the test waits for states, with generous limits.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy as clone
from datetime import timedelta
from typing import Any

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Min

from accounts.models import Message
from core import clock
from core.ids import new_id
from filings.lifecycle import FilingLifecycle
from filings.models import Filing
from regions.models import Area
from reviews import history, queue, tasks
from reviews.lifecycle import Case
from reviews.locking import next_wake
from reviews.models import Decision, Event, Submission
from tests import factories as make
from tests import roles
from tests.load.population import copy

SUBMISSIONS = 520
STEP, CROWD = 60, 150
LIMIT_SECONDS = 60.0

pytestmark = pytest.mark.django_db(transaction=True)


def until(state: Callable[[], bool], *, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Wait for a state."""
    end = time.monotonic() + LIMIT_SECONDS
    while not state():
        assert time.monotonic() < end, "waited too long"
        meanwhile()
        time.sleep(0.005)


def crowd() -> list[Filing]:
    """Many filings of one person, each for another city or on another enrolment, submitted over three days."""
    start = clock.simulated_now()
    cities = [make.area(code) for code, row in make._areas.items() if row.level == "city" and row.pools_at == "city"]
    owner = make.person("测试员")
    enrolled = [make.enrollment(owner, code=code) for code in ("520100", "530100", "450100")]
    account = make.citizen(owner)
    with clock.standing_at(start):
        patterns = [make.submitted(of, account=account, to="610100") for of in enrolled]
    rows = []
    for order in range(SUBMISSIONS - len(patterns)):
        pattern = patterns[order % len(patterns)]
        rows.append(cloned(pattern, cities[order // len(patterns) % len(cities)], order))
    copy(rows, model=Submission)
    copy(rows)
    copy([event for row in rows for event in events_of(row)])
    return [*patterns, *rows]


def cloned(pattern: Filing, city: Area, order: int) -> Filing:
    """The same filing for another city, made a little later."""
    row = clone(pattern)
    row.id = row.submission_ptr_id = new_id()
    row.number = f"{pattern.number[:8]}-{900_000 + order}-0"
    row.destination = city
    row.live_key = f"{pattern.live_key}:{order}"
    row.created_at = row.submitted_at = row.stage_started_at = pattern.submitted_at + timedelta(minutes=8 * order)
    due = FilingLifecycle().due(Case(row), row.submitted_at)
    row.due_at, row.due_provisional = due.at, due.provisional
    row.wake_at = next_wake(row)
    return row


def events_of(row: Filing) -> list[Event]:
    both = [("create", "draft", "draft"), ("submit", "draft", "submitted")]
    return [
        Event(submission_id=row.pk, at=row.submitted_at, actor=row.applicant, mandate=row.mandate, verb=verb,
              from_status=was, to_status=to)
        for verb, was, to in both
    ]  # fmt: skip


class Worker:
    """A Celery worker of its own, on the test's database and broker."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--concurrency", "1", "-O", "fair",
             "--without-gossip", "--without-mingle", "--without-heartbeat", "-n", f"{self.name}@chaos"],
            env={**os.environ, **roles.environment(), "REDIS_URL": settings.REDIS_URL, "PGAPPNAME": self.name},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def send(self, number: signal.Signals) -> None:
        """Signal the worker and its child."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """As a machine that loses its power would."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def caught(self) -> bool:
        """Stop it where it stands; if that is not between two statements of a batch, let it go on."""
        if not self._holds_submissions():
            return False
        self.send(signal.SIGSTOP)
        until(self._stopped)
        until(lambda: not self._holds_submissions("active"))
        if self._holds_submissions("idle in transaction"):
            return True
        self.send(signal.SIGCONT)
        return False

    def _stopped(self) -> bool:
        """Whether the kernel has stopped the worker and its child."""
        main = psutil.Process(self.process.pid)
        return all(each.status() == psutil.STATUS_STOPPED for each in [main, *main.children(recursive=True)])

    def _holds_submissions(self, state: str = "%") -> bool:
        """Whether a connection of this worker has rows of submissions under lock (and is in a state)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE application_name = %s AND state LIKE %s"
                " AND relation = 'reviews_submission'::regclass AND mode = 'RowShareLock'",
                [self.name, state],
            )
            return cursor.fetchone() is not None

    def gone(self) -> bool:
        """Whether the database has noticed that it is dead."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [self.name])
            return cursor.fetchone() is None


@contextmanager
def workers() -> Iterator[tuple[Worker, Worker]]:
    pair = Worker("chaos-1"), Worker("chaos-2")
    try:
        yield pair
    finally:
        for worker in pair:
            worker.kill()
        redis.Redis.from_url(settings.REDIS_URL).flushdb()


def twice() -> None:
    """As a broker that delivers again would."""
    tasks.sweep.delay()
    tasks.sweep.delay()


def step(count: int) -> None:
    """Move the clock so far that about `count` are due and nobody is late, and hold it there."""
    waiting = Submission.objects.filter(status="submitted")
    wakes = list(waiting.order_by("wake_at").values_list("wake_at", flat=True)[:count])
    latest = waiting.aggregate(first=Min("due_at"))["first"] - timedelta(seconds=1)
    moment = clock.hold(max(wakes[0], min(wakes[-1], latest)))
    assert moment <= waiting.aggregate(first=Min("due_at"))["first"]


def nothing_is_due() -> bool:
    return not queue.due().exists()


def hold_on() -> None:
    """Keep the clock where it stands while the workers work, and remind them, as the beat does."""
    clock.hold(clock.simulated_now())


def under_lock() -> set[Any]:
    """What is due and held by somebody."""
    with transaction.atomic():
        free = queue.due().select_for_update(skip_locked=True)
        return set(queue.due().values_list("pk", flat=True)) - {row.pk for row in free}


def killed_in_the_middle(first: Worker, second: Worker) -> None:
    """Kill the first worker while it holds a batch under lock; what it had not committed is as it was."""
    second.send(signal.SIGSTOP)
    step(CROWD)
    twice()
    until(first.caught, meanwhile=hold_on)
    held = under_lock()
    assert held
    first.kill()
    until(first.gone)
    assert set(queue.due().filter(pk__in=held, status="submitted").values_list("pk", flat=True)) == held
    assert not Decision.objects.filter(submission__in=held).exists()
    assert not Submission.objects.filter(status="approved", decisions=None).exists()
    assert not Decision.objects.exclude(submission__status="approved").exists()
    first.start()
    second.send(signal.SIGCONT)


def test_nothing_is_lost_and_nothing_happens_twice():
    make.working_calendar()
    filings = crowd()
    broker = redis.Redis.from_url(settings.REDIS_URL)

    with workers() as (first, second):
        for number in range(SUBMISSIONS):
            if not Submission.objects.filter(status="submitted").exists():
                break
            if number == 2:
                killed_in_the_middle(first, second)
            else:
                step(STEP)
            twice()
            if number == 4:
                broker.flushdb()
                twice()
            until(nothing_is_due, meanwhile=lambda: (hold_on(), remind()))

    assert_all_decided_once_in_time(filings)


_reminded = [0.0]


def remind() -> None:
    """The beat: what a dead worker or a flushed broker forgot is asked for again every second."""
    if time.monotonic() - _reminded[0] > 1:
        _reminded[0] = time.monotonic()
        twice()


def assert_all_decided_once_in_time(filings: list[Filing]) -> None:
    every = Submission.objects.all()
    assert every.count() == len(filings) == SUBMISSIONS
    assert set(every.values_list("status", flat=True)) == {"approved"}
    assert not every.filter(decided_at__gt=F("due_at")).exists()
    assert set(every.annotate(n=Count("decisions")).values_list("n", flat=True)) == {1}
    approvals = Event.objects.filter(verb="approve")
    assert approvals.count() == approvals.values("submission").distinct().count() == SUBMISSIONS
    told = Message.objects.filter(kind="approved")
    assert told.count() == told.values("submission").distinct().count() == SUBMISSIONS
    assert history.disagreements() == (SUBMISSIONS, [])
