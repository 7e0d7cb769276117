"""The simulated clock's jumps: every stop in order, every decision at its own time, one mover at a time."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Message
from core import clock
from core.errors import Invalid, WrongState
from filings.lifecycle import FilingLifecycle
from reviews import clock_simulation, history, queue, services
from reviews.locking import simulated_moment
from reviews.models import Event, Submission
from tests import factories as make
from tests.monday import NOW, decisions, verbs

START = make.moment(NOW)


class Machine:
    """The machine's own time, in the test's hands."""

    time = START

    def passes(self, seconds):
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def machine(monkeypatch, db):
    """Simulation on a machine whose clock says Monday, 2 March 2026, ten o'clock."""
    machine = Machine()
    monkeypatch.setattr(timezone, "now", lambda: machine.time)
    make.working_calendar()
    return machine


def refused(error, *args):
    with pytest.raises(error) as refusal:
        clock_simulation.move_clock(*args)
    return refusal.value.code


def moments(submission):
    return dict(Event.objects.filter(submission=submission).values_list("verb", "at"))


def while_approving(monkeypatch, act):
    """Let something happen whenever an approval takes effect, in the middle of a sweep's transaction."""
    approved = FilingLifecycle.approved

    def hook(lifecycle, case):
        act(case.submission)
        approved(lifecycle, case)

    monkeypatch.setattr(FilingLifecycle, "approved", hook)


# Stops


def test_next_goes_to_the_next_thing_due_and_does_it(machine):
    filings = sorted((make.submitted() for _number in range(3)), key=simulated_moment)
    for filing in filings:
        assert clock_simulation.move_clock() == 1
        assert clock.now() == simulated_moment(filing)
        filing.refresh_from_db()
        assert (filing.status, filing.decided_at) == ("approved", simulated_moment(filing))


def test_a_month_passes_in_one_move_and_every_decision_carries_its_own_time(machine):
    early = [make.submitted() for _number in range(6)]
    returned = make.submitted()
    services.return_for_correction(returned, reviewer=make.reviewer(), reason="看不清")

    drawn = {filing.pk: simulated_moment(filing) for filing in early}

    assert clock_simulation.move_clock(make.moment("2026-04-02 12:00")) == 6 + 2  # the returned one reminds and lapses

    assert clock.now() == make.moment("2026-04-02 12:00")

    for filing in early:
        filing.refresh_from_db()
        assert filing.decided_at == drawn[filing.pk] <= filing.due_at
        assert filing.decisions.get().decided_at == drawn[filing.pk]
        assert moments(filing)["approve"] == drawn[filing.pk]

    [told] = Message.objects.filter(kind="correction_ending")
    assert told.created_at == make.moment("2026-03-29 09:00")
    assert moments(returned)["lapse"] == make.moment("2026-04-01 10:00")

    in_order = list(Event.objects.order_by("id").values_list("at", flat=True))
    assert in_order == sorted(in_order)
    assert history.disagreements() == (7, [])


def test_what_follows_from_a_decision_is_met_on_the_way(machine):
    """Approved, reminded of seven days before the half year is over, expired: 2 March to 1 September."""
    filing = make.submitted()

    clock_simulation.move_clock(make.moment("2026-09-10 00:00"))

    assert moments(filing) == {
        "create": START,
        "submit": START,
        "approve": simulated_moment(filing),
        "remind": make.moment("2026-08-25 09:00"),
        "expire": make.moment("2026-09-02 00:00"),
    }


def test_what_is_overdue_is_done_where_the_clock_stands(machine):
    filing = make.submitted()

    machine.passes(7 * 24 * 3600)

    assert clock_simulation.move_clock() == 1

    filing.refresh_from_db()

    assert filing.decided_at == START + timedelta(days=7) == clock.now()


def test_afterwards_the_clock_runs_on(machine):
    clock_simulation.move_clock(make.moment("2026-05-01 08:00"))

    machine.passes(90)

    assert clock.now() == make.moment("2026-05-01 08:01") + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("to", "error", "code"),
    [
        ("2026-03-02 09:59", Invalid, "clock_backwards"),
        (None, WrongState, "nothing_due"),
    ],
)
def test_refused_moves_leave_the_clock_alone(machine, to, error, code):
    assert refused(error, make.moment(to) if to else None) == code

    machine.passes(60)

    assert clock.now() == START + timedelta(seconds=60)


def test_outside_simulation_there_is_no_clock_to_move(machine, settings):
    settings.SIMULATION = False

    assert refused(WrongState, make.moment("2026-05-01 08:00")) == "not_simulated"


def test_the_command_moves_it_too(machine, capsys):
    filing = make.submitted()
    call_command("clock", "--next")

    filing.refresh_from_db()

    assert filing.decided_at == simulated_moment(filing)


def test_a_broken_case_does_not_stop_the_clock(machine, monkeypatch):
    broken, sound = make.submitted(), make.submitted()

    def fail(row):
        if row.pk == broken.pk:
            raise ZeroDivisionError

    while_approving(monkeypatch, fail)
    Submission.objects.update(wake_at=make.moment("2026-03-03 11:00"))
    clock_simulation.move_clock(make.moment("2026-03-03 12:30"))

    broken.refresh_from_db()

    assert (clock.now(), broken.wake_at) == (make.moment("2026-03-03 12:30"), make.moment("2026-03-03 13:00"))
    assert (decisions(broken), decisions(sound)) == ([], [(1, 1, "approved")])


# Leases


def test_everybody_sees_the_moment_at_which_the_work_is_done(machine, monkeypatch):
    filing, seen = make.submitted(), []
    while_approving(monkeypatch, lambda row: seen.append(clock.simulated_now()))

    clock_simulation.move_clock(make.moment("2026-04-01 00:00"))

    assert seen == [simulated_moment(filing)]


def test_long_work_at_one_stop_does_not_let_the_clock_run(machine, monkeypatch):
    """Five batches of twenty seconds each: longer than the lease of thirty, renewed between them."""
    monkeypatch.setattr(queue, "BATCH", 1)
    stop, seen = make.moment("2026-03-03 11:00"), []
    for _number in range(5):
        Submission.objects.filter(pk=make.submitted().pk).update(wake_at=stop)

    def slowly(row):
        seen.append(clock.simulated_now())
        machine.passes(20)

    while_approving(monkeypatch, slowly)

    clock_simulation.move_clock(stop)

    assert seen == [stop] * 5
    assert set(Submission.objects.values_list("decided_at", flat=True)) == {stop}
    assert clock.now() == stop


def test_a_mover_that_is_stopped_lets_go(machine, monkeypatch):
    filing = make.submitted()

    def interrupt(row):
        raise KeyboardInterrupt

    while_approving(monkeypatch, interrupt)

    with pytest.raises(KeyboardInterrupt):
        clock_simulation.move_clock()

    monkeypatch.undo()

    assert verbs(filing) == ["create", "submit"]

    monkeypatch.setattr(timezone, "now", lambda: machine.time)
    machine.passes(60)

    assert clock.now() == simulated_moment(filing) + timedelta(seconds=60)
    assert clock_simulation.move_clock() == 1


# Other connections


def elsewhere(act):
    """Run something on a connection of its own; return what it returned, or was refused with."""
    results = []

    def run():
        try:
            results.append(act())
        except (Invalid, WrongState) as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert results, "waited too long"
    return results[0]


@pytest.mark.django_db(transaction=True)
def test_two_movers_at_once(machine, monkeypatch):
    filing, rival = make.submitted(), []

    while_approving(
        monkeypatch,
        lambda row: rival.append(elsewhere(lambda: clock_simulation.move_clock(make.moment("2027-01-01 00:00")))),
    )

    assert clock_simulation.move_clock() == 1

    assert rival == ["clock_moving"]
    assert clock.now() == simulated_moment(filing)


@pytest.mark.django_db(transaction=True)
def test_a_mover_that_dies_leaves_a_running_clock(machine):
    """Nobody else moves it while it is held; the hold runs out by itself, and the next one may."""
    stop = make.moment("2026-06-01 12:00")

    elsewhere(lambda: clock_simulation.Mover().hold(stop))

    assert clock.now() == stop
    assert refused(WrongState, stop + timedelta(days=1)) == "clock_moving"

    machine.passes(45)

    assert clock.now() == stop + timedelta(seconds=45)

    clock_simulation.move_clock(make.moment("2026-06-02 00:00"))

    assert clock.now() == make.moment("2026-06-02 00:00")


@pytest.mark.django_db(transaction=True)
def test_a_mover_that_slept_too_long_has_lost_the_clock_to_the_next(machine):
    first, second = clock_simulation.Mover(), clock_simulation.Mover()
    first.hold(make.moment("2026-03-02 11:00"))
    machine.passes(31)
    second.hold(make.moment("2026-03-03 11:00"))

    with pytest.raises(WrongState) as refusal:
        first.hold(make.moment("2026-03-09 11:00"))
    first.release()

    assert refusal.value.code == "clock_moving"
    assert clock.simulated_now() == make.moment("2026-03-03 11:00")

    machine.passes(20)

    assert clock.simulated_now() == make.moment("2026-03-03 11:00")  # still held: by the second
    second.release()
    assert clock.simulated_now() == make.moment("2026-03-03 11:00")
