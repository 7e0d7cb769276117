"""`make chaos` in short: what is acknowledged while things break is there once and in time; without the locks it is not."""

import os
import sys
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from tests.chaos.house import House
from tests.chaos.run import chaos

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS = [
    "web process killed", "worker killed", "worker's child killed", "beat killed", "Redis flushed",
    "connections to PostgreSQL cut", "disk for files full", "tasks twice", "clock jumps",
]  # fmt: skip
"""What can happen here: PostgreSQL and Redis are the whole suite's."""


class Here(House):
    """Its commands run in this process, which is quicker than a new one for each."""

    def run(self, *arguments):
        told = StringIO()
        try:
            call_command(*arguments, stdout=told, stderr=told)
        except CommandError as wrong:
            raise AssertionError(f"{arguments[0]}: {told.getvalue()} {wrong}") from wrong
        finally:
            connection.close()
        return (told.getvalue().strip().splitlines() or [""])[-1]


@pytest.fixture
def outcome_of(tmp_path):
    """Plays on the test's database, with one web server and one worker."""

    def play(*how, faults, writes, patience=200):
        call_command("load_reference", verbosity=0)
        at = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        services = {"DATABASE_URL": at.geturl(), "REDIS_URL": settings.REDIS_URL}
        house = Here(
            Path(tmp_path), command=(sys.executable, "-m", "tests.chaos.entry", "small", *how), services=services
        )
        with house.running():
            return chaos(
                house, faults, writes=writes, minutes=10, seed=1, threads=4, patience=patience, pause=0.5, people=12, places=20,
            )  # fmt: skip

    return play


def test_what_was_acknowledged_is_there_once_and_in_time(outcome_of):
    outcome = outcome_of(faults=FAULTS, writes=150)

    assert outcome.wrong == []
    assert all(line.acknowledged for line in outcome.lines)
    assert [fault for fault in FAULTS if not outcome.struck[fault]] == []


def test_without_locks_and_keys_it_breaks(outcome_of):
    outcome = outcome_of("unguarded", faults=["tasks twice"], writes=40, patience=10)  # some of it is a 500 for ever

    assert outcome.struck["tasks twice"]
    assert "drafts" in outcome.wrong
