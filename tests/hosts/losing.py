"""How each host is lost, and brought back."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx
import redis

from tests.hosts.network import Host
from tests.hosts.site import Site

Back = Callable[[], None]


@dataclass(frozen=True)
class Loss:
    """One way of losing a host. `whom`: the host, as things stand; `how`: does it, and returns what undoes it."""

    name: str
    whom: Callable[[Site], Host]
    how: Callable[[Site, Host], Back]
    leads: bool = False
    """Whether another must lead the database before anything is written again."""
    none_fails: bool = False
    """Whether each call must be answered at the first time."""


def killed(_site: Site, host: Host) -> Back:
    host.kill()
    return host.start


def frozen(_site: Site, host: Host) -> Back:
    host.freeze()
    return host.thaw


def unplugged(_site: Site, host: Host) -> Back:
    host.unplug()
    return host.plug_in


def cut_from_its_peers(site: Site, host: Host) -> Back:
    """Web and workers still reach it: two that both take writes would be the worst of all."""
    host.cut_from([peer for peer in site.topology.of(host.name[:-1]) if peer is not host])
    return host.heal


def handed_over(site: Site, host: Host) -> Back:
    """Planned: the synchronous standby takes over."""
    asked = {"leader": host.name, "candidate": site.synchronous()}
    httpx.post(f"http://{host.address}:8008/switchover", json=asked, timeout=60, trust_env=False)
    return _nothing


def _nothing() -> None:
    """There is nothing to undo."""


def leader(site: Site) -> Host:
    return site.hosts[site.leader()]


def standby(site: Site) -> Host:
    return site.hosts[site.synchronous()]


def cache_master(site: Site) -> Host:
    """As the Sentinels see it; asked until one answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for host in site.topology.of("cache"):
            with (
                suppress(redis.RedisError),
                redis.Redis(host.address, 26379, socket_timeout=2, decode_responses=True) as asked,
            ):
                address = asked.sentinel_get_master_addr_by_name("yidi")[0]
                return next(each for each in site.topology.of("cache") if each.address == address)
    raise AssertionError("no Sentinel answers")


def named(name: str) -> Callable[[Site], Host]:
    return lambda site: site.hosts[name]


LOSSES = [
    Loss("nothing", named("web1"), lambda _site, _host: _nothing, none_fails=True),
    Loss("database leader killed", leader, killed, leads=True),
    Loss("database leader frozen", leader, frozen, leads=True),
    Loss("database leader unplugged", leader, unplugged, leads=True),
    Loss("database leader cut from its peers", leader, cut_from_its_peers, leads=True),
    Loss("database leader hands over", leader, handed_over, leads=True),
    Loss("synchronous standby killed", standby, killed),
    Loss("synchronous standby frozen", standby, frozen),
    Loss("Redis master killed", cache_master, killed),
    Loss("Redis master frozen", cache_master, frozen),
    Loss("Redis master cut from its peers", cache_master, cut_from_its_peers),
    Loss("web host killed", named("web1"), killed),
    Loss("web host frozen", named("web2"), frozen),
    Loss("web host unplugged", named("web1"), unplugged),
    Loss("worker host killed", named("work1"), killed),
    Loss("worker host frozen", named("work2"), frozen),
    Loss("worker host unplugged", named("work1"), unplugged),
    Loss("front host killed", named("front1"), killed),
    Loss("front host frozen", named("front2"), frozen),
]
