"""The hosts as one site: comes up, is given its roles and tables, says who leads and whether it is well."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.sql import SQL, Identifier, Literal

from config.environment import BASE_DIR
from tests.hosts.network import Host, make_bridge
from tests.hosts.topology import ADDRESSES, APPLICATION, DATABASE, OWNER, PURGE, WEB_PORTS, Topology

READY_SECONDS = 300.0
ETCD = "http://%s:2379/health"
PATRONI = "http://%s:8008/cluster"


class Site:
    """What tests/chaos asks of a house: where it answers, its database, its commands."""

    port = 80

    def __init__(self, topology: Topology) -> None:
        self.topology, self.hosts = topology, topology.hosts
        self.addresses = [host.address for host in topology.of("front")]

    @property
    def host(self) -> str:
        return self.addresses[0]

    @property
    def database(self) -> str:
        """Of whoever leads now, by its own address and as the administrator."""
        return self.topology.direct("postgres", f"{ADDRESSES[self.leader()]}:5432")

    @contextmanager
    def running(self) -> Iterator[None]:
        """From nothing to ready; on leaving, all hosts are switched off."""
        make_bridge()
        try:
            self._databases_first()
            for name in ("cache", "web", "work", "front"):
                self._start(name)
            self._fill()
            self.wait_until_ready()
            yield
        finally:
            for host in self.hosts.values():
                host.kill()

    def _databases_first(self) -> None:
        self._start("db")
        self.wait_until("a database host leads", lambda: bool(self.leader()))
        self.wait_until("both standbys keep up", self.replicated)
        self._make_roles()
        self.pgbackrest("stanza-create")

    def pgbackrest(self, *command: str, on: Host | None = None) -> str:
        """On whoever leads now, or on another; what it said last. Raises AssertionError."""
        host = on or self.hosts[self.leader()]
        configured = (f"--config={host.folder / 'pgbackrest.conf'}", "--stanza=yidi")
        return self.on(host, "pgbackrest", *configured, *command, user="postgres")

    def back_up(self) -> float:
        """A full backup, whose files and archive are then verified; the seconds it took."""
        began = time.monotonic()
        for command in (("--type=full", "backup"), ("check",), ("verify",)):
            self.pgbackrest(*command)
        return time.monotonic() - began

    def _start(self, kind: str) -> None:
        for host in self.topology.of(kind):
            host.start()

    def _make_roles(self) -> None:
        """By the database's administrator, as docs/operations.md has it."""
        at = self.topology.direct("postgres", f"{ADDRESSES[self.leader()]}:5432", "postgres")
        with psycopg.connect(at, autocommit=True) as line:
            for role in (OWNER, APPLICATION, PURGE):
                password = Literal(self.topology.passwords[role])
                line.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role), password))
            line.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(DATABASE), Identifier(OWNER)))

    def _fill(self) -> None:
        """The tables, what each role may, and the reference data; then the product is switched on."""
        self.wait_until("a worker host finds who leads", self._finds_leader)
        self.migrate()
        self.run("load_reference", **self._direct())
        for kind, services in (("web", [f"web-{WEB_PORTS[0]}"]), ("work", ["worker", "beat"])):
            for host in self.topology.of(kind):
                for service in services:
                    host.switch_on(service)

    def _finds_leader(self) -> bool:
        """Whether HAProxy beside the product has looked already: until then it takes every database host for the leader."""
        asked = ("psql", self.topology.direct(OWNER), "-Atc", "SELECT pg_is_in_recovery()")
        return self.topology.of("work")[0].run(*asked, environment={}).stdout == "f\n"

    def migrate(self, release: Path = BASE_DIR) -> None:
        """As the owner, past the pooler."""
        self.run("migrate", release=release, **self._direct())

    def _direct(self) -> dict[str, str]:
        direct = self.topology.direct
        return {"DATABASE_URL": direct(APPLICATION), "DATABASE_OWNER_URL": direct(OWNER), "DATABASE_PURGE_URL": direct(PURGE),
                "DATABASE_POOLED": "0"}  # fmt: skip

    def run(self, *arguments: str, release: Path = BASE_DIR, **more: str) -> str:
        """One of the product's commands, on the first worker host that runs; what it said last. Raises AssertionError."""
        host = next(host for host in self.topology.of("work") if host.holder)
        given = self.topology.environment(host) | {"PYTHONPATH": str(release)} | more
        return self.on(host, sys.executable, str(release / "manage.py"), *arguments, environment=given)

    def on(self, host: Host, *command: str, environment: Mapping[str, str] | None = None, user: str = "") -> str:
        """A command on a host; what it said last. Raises AssertionError where it fails."""
        done = host.run(*command, environment=environment or {}, user=user)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}"
        return (done.stdout.strip().splitlines() or [""])[-1]

    def load(self, entries: Mapping[str, Any]) -> None:
        """Load a demo file (JSON is YAML too)."""
        file = self.topology.folder / "people.yaml"
        file.write_text(json.dumps(entries, ensure_ascii=False))
        self.run("load_demo", str(file))

    # How it is

    def members(self) -> list[dict[str, Any]]:
        """What Patroni says of its members, asked of whoever answers first; nothing where nobody does."""
        for host in self.topology.of("db"):
            with suppress(httpx.HTTPError, ValueError, KeyError):
                answer = httpx.get(PATRONI % host.address, timeout=2, trust_env=False).json()
                return list(answer["members"])
        return []

    def leader(self) -> str:
        """The database host that may be written to by its own word; empty while there is none."""
        for host in self.topology.of("db"):
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://{host.address}:8008/primary", timeout=2, trust_env=False).is_success:
                    return host.name
        return ""

    def synchronous(self) -> str:
        """The standby that has every acknowledged write."""
        return next((each["name"] for each in self.members() if each.get("role") == "sync_standby"), "")

    def replicated(self) -> bool:
        """One leads, one follows in step, one follows; all stream."""
        roles = sorted(each.get("role", "") for each in self.members() if each.get("state") in ("running", "streaming"))
        return roles == ["leader", "replica", "sync_standby"] and not any(each.get("lag") for each in self.members())

    def parts(self) -> dict[str, str]:
        """What /readyz says of each part, by one of the front hosts."""
        for address in self.addresses:
            with suppress(httpx.HTTPError, ValueError, KeyError):
                answer = httpx.get(f"http://{address}/readyz", timeout=10, trust_env=False)
                return dict(answer.json()["parts"])
        return {}

    def answers(self, host: Host, port: str) -> bool:
        """Whether a web host itself says that it can serve there."""
        with suppress(httpx.HTTPError):
            url = f"http://{host.address}:{port}/readyz?part=database"
            return httpx.get(url, timeout=5, trust_env=False).is_success
        return False

    def well(self) -> bool:
        parts = self.parts()
        return bool(parts) and all(said == "ok" for name, said in parts.items() if name != "sweep")

    def wait_until_ready(self) -> None:
        """Every part works, every database host is in step. Raises AssertionError with what is not."""
        self.wait_until("every part says ok", self.well)
        self.wait_until("both standbys keep up", self.replicated)

    def wait_until(self, what: str, is_so: Callable[[], bool], seconds: float = READY_SECONDS) -> float:
        """The seconds it took. Raises AssertionError with the logs' ends."""
        began = time.monotonic()
        while not is_so():
            if time.monotonic() > began + seconds:
                raise AssertionError(
                    f"not within {seconds:.0f} s: {what}\n{self.members()}\n{self.parts()}\n{self._logs()}"
                )
            time.sleep(0.3)
        return time.monotonic() - began

    def _logs(self) -> str:
        return "\n".join(
            f"── {host.name} {service.name}\n{host.log(service.name, 6)}"
            for host in self.hosts.values()
            for service in host.services
        )
