"""What goes wrong meanwhile: every fault in turn, in an order drawn from a seed, again and again; how often each has struck.

Processes are killed as a power cut would (SIGKILL), by their ids, and only those that the run itself started. What starts them
again gives up when something keeps dying (`devservices`); here none dies more than three times a minute.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import celery
import httpx
import psutil
import psycopg
import redis

from tests.chaos import disk
from tests.chaos.house import NAME, House

MOST_A_MINUTE = 3
FROZEN_SECONDS = 3.0
TASKS = {"reviews.tasks.sweep": "decide", "reviews.tasks.process_waiting_materials": "convert", "accounts.tasks.deliver": "deliver"}  # fmt: skip


class Trouble:
    """Everything that can happen to one house. `token`: of somebody signed in, who may move the clock."""

    def __init__(self, house: House, *, seed: int, token: str) -> None:
        self.house, self.draw, self.token = house, random.Random(f"trouble {seed}"), token
        self.struck: Counter[str] = Counter()
        self.rounds = 0
        self._killed: dict[str, list[float]] = defaultdict(list)

    def goes_on(self, faults: Sequence[str], *, pause: float, go_on: Callable[[], bool]) -> None:
        """One after another, with pauses, while `go_on` says so."""
        while go_on():
            for fault in self.draw.sample(list(faults), len(faults)):
                if not go_on():
                    return
                self.strike(fault)
                time.sleep(pause * (0.5 + self.draw.random()))
            self.rounds += 1

    def strike(self, fault: str) -> None:
        """Let it happen; counted if it did (what is just starting again cannot be killed)."""
        with suppress(psutil.NoSuchProcess):
            self.struck[fault] += bool(FAULTS[fault](self))

    # Processes

    def kill(self, name: str, found: Sequence[psutil.Process], number: signal.Signals = signal.SIGKILL) -> bool:
        """One of them, unless as many of the name died within a minute as is bearable."""
        now = time.monotonic()
        self._killed[name] = [at for at in self._killed[name] if now - at < 60]
        if not found or len(self._killed[name]) >= MOST_A_MINUTE:
            return False
        self.draw.choice(list(found)).send_signal(number)
        self._killed[name].append(now)
        return True

    def web_process(self) -> bool:
        return self.kill("web process", self.house.children("granian"))

    def web_server(self) -> bool:
        return self.kill("web", self.house.mothers("granian"))

    def worker(self) -> bool:
        found = self.house.mothers("celery", "worker")
        one = self.draw.choice(found) if found else None
        return one is not None and self.kill(" ".join(one.cmdline()), [one])

    def worker_process(self) -> bool:
        """A worker's child, in the middle of its task perhaps."""
        return self.kill("worker process", self.house.children("celery", "worker"))

    def beat(self) -> bool:
        return self.kill("beat", self.house.mothers("celery", "beat"))

    # Services

    def flush(self) -> bool:
        """The broker's database and the cache's, which is the next."""
        address, _, number = self.house.broker.rpartition("/")
        with suppress(redis.RedisError):
            for database in (int(number), int(number) + 1):
                redis.Redis.from_url(f"{address}/{database}", socket_timeout=5).flushdb()
            return True
        return False

    def freeze(self) -> bool:
        """Redis takes connections and does not answer."""
        for server in self.house.named("redis-server"):
            server.suspend()
            time.sleep(FROZEN_SECONDS)
            server.resume()
            return True
        return False

    def redis_killed(self) -> bool:
        return self.kill("redis", self.house.named("redis-server"))

    def hang_up(self) -> bool:
        """Every connection of the house is cut, in the middle of what it does."""
        with suppress(psycopg.Error), psycopg.connect(self.house.database, connect_timeout=5) as connection:
            cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s"
            return bool((connection.execute(cut, [NAME]).fetchone() or [0])[0])
        return False

    def backend(self) -> bool:
        """A connection's process of PostgreSQL: all connections are cut, and the log is replayed."""
        found = [child for server in self.house.named("postgres") for child in server.children()]
        return self.kill("backend", [each for each in found if "postgres: yidi" in " ".join(each.cmdline())])

    def postgres_stopped(self) -> bool:
        """As `pg_ctl stop -m immediate`."""
        return self.kill("postgres", self.house.named("postgres"), signal.SIGQUIT)

    def postgres_killed(self) -> bool:
        return self.kill("postgres", self.house.named("postgres"))

    def disk_full(self) -> bool:
        with disk.full(self.house.switch):
            time.sleep(FROZEN_SECONDS)
        return True

    # The work itself

    def tasks_twice(self) -> bool:
        """As a broker that delivers again."""
        with celery.Celery(broker=self.house.broker, set_as_current=False) as app:
            app.conf.broker_transport_options = {"socket_timeout": 3, "socket_connect_timeout": 3}
            with suppress(Exception):
                for name, queue in [*TASKS.items(), *TASKS.items()]:
                    app.send_task(name, queue=queue, retry=False)
                return True
        return False

    def clock_jumps(self) -> bool:
        """A few hours ahead, through everything that is due on the way."""
        headers, base = (
            {"Authorization": f"Bearer {self.token}"},
            f"http://{self.house.host}:{self.house.port}/api/v1/clock/",
        )
        with suppress(httpx.HTTPError, ValueError, KeyError):
            now = datetime.fromisoformat(_json(httpx.get(base, timeout=5, trust_env=False))["now"])
            to = {"to": str(now + timedelta(minutes=self.draw.randrange(20, 240)))}
            return httpx.post(base, json=to, headers=headers, timeout=60, trust_env=False).is_success
        return False


def _json(answer: httpx.Response) -> Any:
    return answer.raise_for_status().json()


FAULTS: dict[str, Callable[[Trouble], bool]] = {
    "web process killed": Trouble.web_process,
    "web server killed": Trouble.web_server,
    "worker killed": Trouble.worker,
    "worker's child killed": Trouble.worker_process,
    "beat killed": Trouble.beat,
    "Redis flushed": Trouble.flush,
    "Redis frozen": Trouble.freeze,
    "Redis killed, started again": Trouble.redis_killed,
    "connections to PostgreSQL cut": Trouble.hang_up,
    "PostgreSQL backend killed": Trouble.backend,
    "PostgreSQL stopped at once": Trouble.postgres_stopped,
    "PostgreSQL killed": Trouble.postgres_killed,
    "disk for files full": Trouble.disk_full,
    "tasks twice": Trouble.tasks_twice,
    "clock jumps": Trouble.clock_jumps,
}
