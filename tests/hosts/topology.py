"""Which hosts there are, what each runs, and with which of deploy/'s files: twelve of them, of which any one may be lost.

Three database hosts (PostgreSQL under Patroni, etcd), three with Redis and Sentinel, two web hosts and two worker hosts with
HAProxy and PgBouncer beside the product's processes, and two with HAProxy before the web hosts. Files and backups are in folders
that all of them see, as on a mounted store.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from config.environment import BASE_DIR
from tests.chaos.house import NO_LIMITS
from tests.hosts.network import NETWORK, Host, NotHere, Service

DELIVERED = BASE_DIR / "deploy"
ADDRESSES = {
    **{f"db{number}": f"10.77.0.{10 + number}" for number in (1, 2, 3)},
    **{f"cache{number}": f"10.77.0.{20 + number}" for number in (1, 2, 3)},
    **{f"web{number}": f"10.77.0.{30 + number}" for number in (1, 2)},
    **{f"work{number}": f"10.77.0.{40 + number}" for number in (1, 2)},
    **{f"front{number}": f"10.77.0.{50 + number}" for number in (1, 2)},
}
PROGRAMS = {
    "patroni": "patroni", "etcd": "etcd-server", "haproxy": "haproxy", "pgbouncer": "pgbouncer", "pgbackrest": "pgbackrest",
    "redis-server": "redis-server", "redis-sentinel": "redis-sentinel", "nft": "nftables", "ip": "iproute2",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
}  # fmt: skip
WEB_PORTS = ("8000", "8001")
CURRENT = "current"
"""What the product's processes of a host run: a link to a release."""
DATABASE, OWNER, APPLICATION, PURGE = "yidi", "yidi", "yidi_app", "yidi_purge"


def require_programs() -> None:
    """Raises NotHere with what to install."""
    path = os.environ["PATH"] + os.pathsep + "/usr/sbin"
    missing = [package for name, package in PROGRAMS.items() if shutil.which(name, path=path) is None]
    if missing:
        raise NotHere(f"apt-get install --no-install-recommends {' '.join(missing)}")


def _password() -> str:
    return secrets.token_urlsafe(18)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass
class Topology:
    """The hosts, with their folders below one; passwords and keys are made for this run."""

    folder: Path
    passwords: dict[str, str] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.chmod(0o755)
        for name in ("postgres", "replication", "redis", OWNER, APPLICATION, PURGE):
            self.passwords[name] = _password()
        self._secrets = {"SECRET_KEY": secrets.token_urlsafe(48), "DATA_KEYS": f"hosts:{_key()}", "HASH_KEY": _key()}
        for name in ("backups", "materials"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "backups", "postgres", "postgres")
        for name, address in ADDRESSES.items():
            self.hosts[name] = Host(name, address, self.folder / name)
            (self.folder / name).mkdir()
            (self.folder / name / CURRENT).symlink_to(BASE_DIR)
            self.hosts[name].services = getattr(self, "_" + name.rstrip("123"))(self.hosts[name])

    # Files

    def values(self, host: Host) -> dict[str, str]:
        """What the names in deploy/hosts/ stand for on a host."""
        return {
            **{name.upper(): address for name, address in ADDRESSES.items()},
            "NAME": host.name, "ADDRESS": host.address, "FOLDER": str(host.folder), "NETWORK": NETWORK,
            "BACKUPS": str(self.folder / "backups"), "SHARED_BUFFERS": "64MB",
            "REPLICA_OF": "" if host.name == "cache1" else f"replicaof {ADDRESSES['cache1']} 6379",
            **{f"{name.upper()}_PASSWORD": self.passwords[name] for name in ("postgres", "replication", "redis")},
        }  # fmt: skip

    def _filled(self, host: Host, name: str, owner: str = "") -> Path:
        """A delivered file in the host's folder, filled in; kept if it is there (Sentinel goes on writing its own)."""
        file = host.folder / name
        file.write_text(filled((DELIVERED / "hosts" / name).read_text("utf-8"), self.values(host)), "utf-8")
        if owner:
            file.chmod(0o600)
            for path in (host.folder, file):
                shutil.chown(path, owner, owner)
        return file

    def _pgbouncer(self, host: Host) -> Service:
        """The delivered file, to the HAProxy beside it."""
        text = (
            (DELIVERED / "pgbouncer" / "pgbouncer.ini")
            .read_text("utf-8")
            .replace("listen_addr = *", "listen_addr = 127.0.0.1")
        )
        text = text.replace("host=postgres port=5432", "host=127.0.0.1 port=5000")
        users, file = host.folder / "users", host.folder / "pgbouncer.ini"
        users.write_text("".join(f'"{name}" "{self.passwords[name]}"\n' for name in (APPLICATION, PURGE)))
        file.write_text(text.replace("/run/secrets/pgbouncer_users", str(users)))
        return Service("pgbouncer", ["pgbouncer", "-q", str(file)], user="nobody")

    # What each runs

    def _db(self, host: Host) -> list[Service]:
        etcd = variables(self._filled(host, "etcd.env").read_text())
        self._filled(host, "pgbackrest.conf", "postgres")
        patroni = self._filled(host, "patroni.yml", "postgres")
        return [
            Service("etcd", ["etcd"], etcd, "postgres"),
            Service("patroni", ["patroni", str(patroni)], {}, "postgres"),
        ]

    def _cache(self, host: Host) -> list[Service]:
        redis, sentinel = (self._filled(host, f"{name}.conf", "redis") for name in ("redis", "sentinel"))
        return [
            Service("redis", ["redis-server", str(redis)], user="redis"),
            Service("sentinel", ["redis-sentinel", str(sentinel)], user="redis"),
        ]

    def _beside(self, host: Host) -> list[Service]:
        return [
            Service("haproxy", ["haproxy", "-f", str(self._filled(host, "haproxy-database.cfg"))]),
            self._pgbouncer(host),
        ]

    def _web(self, host: Host) -> list[Service]:
        """A release starts on the port that is free, beside the one before."""
        return [*self._beside(host), *(self._serving(host, port) for port in WEB_PORTS)]

    def _serving(self, host: Host, port: str) -> Service:
        serve = started_by("yidi-web@.service", {"127.0.0.1": host.address, "%i": port})
        given = variables((DELIVERED / "yidi.env").read_text("utf-8"))
        return self._product(
            host,
            f"web-{port}",
            serve,
            DATABASE_URL=self.pooled("yidi_web"),
            DATABASE_REPLICA_URL=self.direct(APPLICATION, "127.0.0.1:5001"),
            DRAIN_SECONDS=given["DRAIN_SECONDS"],
        )

    def _work(self, host: Host) -> list[Service]:
        queues = {"-Q %i": "-Q decide,deliver,convert", "%i@%H": f"worker@{host.name}", "${PROCESSES}": "2"}
        work, remind = started_by("yidi-worker@.service", queues), started_by("yidi-beat.service", {})
        return [
            *self._beside(host),
            self._product(host, "worker", work, DATABASE_PURGE_URL=self.pooled(DATABASE, PURGE)),
            self._product(host, "beat", remind),
        ]

    def _front(self, host: Host) -> list[Service]:
        return [Service("haproxy", ["haproxy", "-f", str(self._filled(host, "haproxy-web.cfg"))])]

    # The product

    def _product(self, host: Host, name: str, arguments: list[str], **own: str) -> Service:
        """Switched off until there are tables."""
        host.switch(name).touch()
        return Service(name, arguments, self.environment(host) | own, folder=str(host.folder / CURRENT))

    def environment(self, host: Host) -> dict[str, str]:
        """Of every process of the product on a host, and of its commands."""
        return {
            **self._secrets, **NO_LIMITS,
            "DATABASE_URL": self.pooled(DATABASE), "DATABASE_POOLED": "1", "REDIS_URL": self.redis(),
            "ENV_FILE": os.devnull, "DATA_DIR": str(host.folder), "MEDIA_ROOT": str(self.folder / "materials"),
            "SIMULATION": "1", "HOST": host.address, "PORT": "8000", "ALLOWED_HOSTS": "*", "PROXIES": "1",
            "LOG_LEVEL": "ERROR", "PYTHONUNBUFFERED": "1", "PYTHONPATH": ".",
        }  # fmt: skip

    def pooled(self, database: str, role: str = APPLICATION) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:6432/{database}"

    def redis(self) -> str:
        nodes = ",".join(f"{address}:26379" for name, address in ADDRESSES.items() if name.startswith("cache"))
        return f"sentinel://:{self.passwords['redis']}@{nodes}/0?master=yidi"

    def direct(self, role: str, host: str = "127.0.0.1:5000", database: str = DATABASE) -> str:
        """To whoever leads, from a host with a HAProxy of its own; or to one host."""
        return f"postgresql://{role}:{self.passwords[role]}@{host}/{database}"

    def of(self, kind: str) -> list[Host]:
        return [host for name, host in self.hosts.items() if name.startswith(kind)]


def filled(text: str, values: Mapping[str, str]) -> str:
    """As `envsubst`. Raises KeyError for a name that nothing stands for."""
    return Template(text).substitute(values)


def variables(text: str) -> dict[str, str]:
    """A file for systemd's EnvironmentFile."""
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def started_by(unit: str, here: Mapping[str, str]) -> list[str]:
    """What a delivered unit of systemd starts, with this place's words and environment for Python."""
    text = (DELIVERED / "systemd" / unit).read_text("utf-8")
    [line] = re.findall("^ExecStart=(.*)$", text, re.MULTILINE)
    for said, meant in here.items():
        line = line.replace(said, meant)
    program, _, arguments = line.partition(" ")
    return [str(Path(sys.executable).parent / Path(program).name), *arguments.split()]
