"""The one clock: the machine's, or the machine's plus an offset that is only ever moved forward."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken

from accounts.tokens import TOKEN_AND_CLOCK
from core import clock, hooks
from core.clock import LEASE, SHANGHAI
from core.errors import WrongState
from core.models import ClockState
from tests import factories as make

START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """The machine's time, in the test's hands."""

    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def passes(self, delta):
        self.time += delta


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(timezone, "now", machine.now)
    return machine


def test_without_simulation_it_is_the_machines_time_in_shanghai(machine, settings):
    settings.SIMULATION = False

    assert clock.now().isoformat() == "2026-11-20T12:00:00+08:00"


def test_the_day_begins_in_shanghai(machine, settings):
    settings.SIMULATION = False

    machine.time = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)

    assert clock.today().isoformat() == "2026-11-21"


def test_a_simulated_clock_that_was_never_moved(db, machine):
    assert clock.now() == START


def test_while_it_is_held_it_stands(db, machine):
    assert clock.hold(START + 5 * HOUR) == START + 5 * HOUR

    machine.passes(timedelta(seconds=20))

    assert clock.now() == START + 5 * HOUR
    assert clock.now().tzinfo is SHANGHAI


def test_when_released_it_runs_on_from_where_it_stood(db, machine):
    clock.hold(START + 5 * HOUR)
    machine.passes(timedelta(seconds=20))

    clock.release()

    assert clock.now() == START + 5 * HOUR

    machine.passes(HOUR)

    assert clock.now() == START + 6 * HOUR


def test_when_its_mover_dies_it_runs_on_by_itself(db, machine):
    clock.hold(START + 5 * HOUR)

    machine.passes(HOUR)

    assert clock.now() == START + 6 * HOUR

    clock.release()

    assert clock.now() == START + 6 * HOUR


def test_it_never_goes_back(db, machine):
    clock.hold(START + 5 * HOUR)

    assert clock.hold(START + 2 * HOUR) == START + 5 * HOUR
    assert clock.now() == START + 5 * HOUR


def test_a_thread_may_stand_at_a_moment_of_its_own(db, machine):
    moment = datetime(2030, 1, 1, tzinfo=UTC)

    with clock.standing_at(moment):
        assert clock.now() == moment
        assert clock.today().isoformat() == "2030-01-01"
        with clock.standing_at(moment + HOUR):
            assert clock.now() == moment + HOUR
        assert clock.now() == moment
        assert clock.simulated_now() == START

    assert clock.now() == START


def test_one_request_has_one_time_from_when_it_is_first_asked_for(db, machine):
    with clock.standing():
        machine.passes(HOUR)
        first = clock.now()
        machine.passes(HOUR)
        assert clock.now() == first == START + HOUR

    with clock.standing_at(START), clock.standing():
        assert clock.now() == START


def test_a_request_reads_the_clock_beside_its_token(db, machine):
    clock.hold(START + HOUR)
    client = make.api(make.citizen())
    client.get("/api/v1/messages/")

    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/v1/messages/").status_code == 200

    assert ["knox_authtoken" in query["sql"] for query in queries if "core_clockstate" in query["sql"]] == [True]


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ([], START + LEASE),  # nobody ever moved it
        ([clock.hold], START + HOUR + LEASE),  # held, but whoever held it has died
        ([clock.hold, lambda _to: clock.release()], START + HOUR + LEASE),
    ],
)
def test_what_the_clock_tells_beside_a_token_is_what_it_tells(db, machine, moves, told):
    account = make.citizen()
    token, _key = AuthToken.objects.create(account)
    for move in moves:
        move(START + HOUR)
    held = clock.simulated_now()

    with clock.standing():
        clock.told_by(TOKEN_AND_CLOCK.first(digest=token.digest, now=machine.now()))
        assert clock.now() == held
        machine.passes(LEASE)
        assert clock.now() == held  # it stands
    with clock.standing():
        clock.told_by(TOKEN_AND_CLOCK.first(digest=token.digest, now=machine.now()))
        assert clock.now() == clock.simulated_now() == told


def test_one_row_is_all_there_is(db, machine):
    clock.hold(START + HOUR)

    clock.hold(START + 2 * HOUR)

    assert ClockState.objects.count() == 1


def told(*args):
    out = StringIO()
    call_command("clock", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def moves(monkeypatch):
    asked = []

    def move(to=None):
        asked.append(to)
        return 3

    monkeypatch.setitem(hooks.followers, clock.moving.name, [move])
    return asked


def test_the_command_tells_the_time(db, machine):
    assert told() == "业务时间：2026-11-20 12:00:00（模拟）\n"


def test_the_command_moves_to_a_time(db, machine, moves):
    assert told("--to", "2026-11-24T17:00").startswith("已办理 3 件到期事项。\n")
    assert [moment.isoformat() for moment in moves] == ["2026-11-24T17:00:00+08:00"]


def test_the_command_moves_to_what_is_next(db, machine, moves):
    assert told("--next").startswith("已办理 3 件到期事项。\n")
    assert moves == [None]


@pytest.mark.parametrize("args", [("--to", "soon"), ("--next", "--to", "2026-11-24T17:00")])
def test_what_the_command_cannot_read(db, moves, args):
    with pytest.raises(CommandError):
        told(*args)

    assert moves == []


def test_the_command_says_why_a_move_is_refused(db, monkeypatch):
    def refuse(to=None):
        raise WrongState("目前没有等待处理的事项。", code="nothing_due")

    monkeypatch.setitem(hooks.followers, clock.moving.name, [refuse])

    with pytest.raises(CommandError, match="目前没有等待处理的事项。"):
        told("--next")
