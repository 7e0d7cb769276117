"""Redis through its Sentinels, which know the master of the moment: `sentinel://:PASSWORD@HOST:26379,HOST:26379,HOST:26379/0?master=NAME`.

One address, so that it fits wherever `redis://…` does. Without Django: the settings read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis.connection import ConnectionPool
from redis.sentinel import Sentinel, SentinelConnectionPool

SCHEME = "sentinel://"


@dataclass(frozen=True)
class Sentinels:
    """What such an address says. The password is Redis'; Sentinels themselves are asked without one."""

    nodes: tuple[tuple[str, int], ...]
    master: str
    password: str | None
    database: int

    @classmethod
    def of(cls, url: str) -> Sentinels:
        """Raises ValueError for an address that names no master or no Sentinel."""
        parts = urlsplit(url)
        login, _, hosts = parts.netloc.rpartition("@")
        [master] = parse_qs(parts.query).get("master", [""])
        nodes = tuple(
            (name, int(port or 26379)) for name, _, port in (each.partition(":") for each in hosts.split(","))
        )
        if not master or not all(name for name, _port in nodes):
            raise ValueError("sentinel://[:PASSWORD@]HOST:PORT,…/DATABASE?master=NAME")
        password = unquote(login.partition(":")[2]) or None
        return cls(nodes, master, password, int(parts.path.strip("/") or 0))


def broker_urls(url: str) -> str:
    """The same for Celery, which names each Sentinel in an address of its own; any other address as it is."""
    if not url.startswith(SCHEME):
        return url
    parts, given = urlsplit(url), Sentinels.of(url)
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return ";".join(f"{SCHEME}{login}{name}:{port}/{given.database}" for name, port in given.nodes)


def broker_options(url: str, timeouts: dict[str, Any]) -> dict[str, Any]:
    """What Celery must be told besides: the master's name, and how long a Sentinel may take."""
    if not url.startswith(SCHEME):
        return {}
    return {"master_name": Sentinels.of(url).master, "sentinel_kwargs": timeouts}


class Pool:
    """For Django's cache: connections to the master of the moment, or to the one Redis that the address names."""

    @staticmethod
    def from_url(url: str, **options: Any) -> ConnectionPool:
        if not url.startswith(SCHEME):
            return ConnectionPool.from_url(url, **options)
        given = Sentinels.of(url)
        timeouts = {name: options[name] for name in options if name.startswith("socket_")}
        asked = Sentinel(given.nodes, sentinel_kwargs=timeouts)  # type: ignore[no-untyped-call]
        return SentinelConnectionPool(  # type: ignore[no-untyped-call]
            given.master, asked, db=given.database, password=given.password, check_connection=False, **options
        )
