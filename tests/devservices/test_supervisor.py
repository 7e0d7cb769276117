"""The supervisor: what ends is started again, what keeps ending is given up, nothing is left behind."""

import os
import sys

import pytest

from devservices import supervisor
from devservices.supervisor import GaveUp, Program, Supervisor

STAYS = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 2.0)


def program(tmp_path, code: str) -> Program:
    return Program("demo", [sys.executable, "-c", code], tmp_path / "demo.log")


def ups(one: Program) -> int:
    return one.log.read_text().count("up\n") if one.log.exists() else 0


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_program_that_ended_is_started_again(tmp_path):
    one = program(tmp_path, STAYS)
    team = Supervisor([one], tmp_path)

    with team.running():
        assert team.wait_until(lambda: ups(one) == 1, seconds=30)
        one.child.kill()
        assert team.wait_until(lambda: ups(one) == 2, seconds=30)
        last = one.child.pid

    assert is_gone(last)


def test_program_that_keeps_ending_is_given_up_with_the_end_of_its_log(tmp_path):
    team = Supervisor([program(tmp_path, "raise SystemExit('no such database')")], tmp_path)

    with (
        pytest.raises(GaveUp, match=r"demo ended 5 times within a minute \(code 1\)[\s\S]*no such database"),
        team.running(),
    ):
        team.wait_until(lambda: False, seconds=60)


def test_what_a_killed_program_left_behind_goes_with_it(tmp_path):
    leaves = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {STAYS!r}]); print(p.pid, flush=True); p.wait()"
    one = program(tmp_path, leaves)
    team = Supervisor([one], tmp_path)

    with team.running():
        assert team.wait_until(lambda: ups(one) == 1, seconds=30)
        orphan = int(one.log.read_text().split()[0])
        one.child.kill()
        assert team.wait_until(lambda: is_gone(orphan), seconds=30)


def test_program_that_does_not_listen_is_ended_all_the_same(tmp_path):
    one = program(tmp_path, "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + STAYS)
    team = Supervisor([one], tmp_path)

    with team.running():
        assert team.wait_until(lambda: ups(one) == 1, seconds=30)
        deaf = one.child.pid

    assert is_gone(deaf)


def test_what_never_gets_ready_is_told(tmp_path):
    team = Supervisor([program(tmp_path, STAYS)], tmp_path)

    with team.running():
        assert not team.wait_until(lambda: False, seconds=0.05)


def test_it_ends_when_what_it_needs_is_gone(tmp_path):
    team = Supervisor([program(tmp_path, STAYS)], tmp_path)

    with pytest.raises(GaveUp, match="database or Redis is gone"), team.running():
        team.keep(while_=lambda: False)
