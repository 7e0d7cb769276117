"""A release under load: migrations first, by the new code; then host after host, new beside old; no request may fail.

The new release is a copy of the product with one migration more. On each web host it starts on the port that is free; when both
front hosts have let it in, the one before is asked to end: it says that it is stopping, answers on until nobody sends it anything
(`config.draining`), and goes. A worker ends its tasks before it goes.
"""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from config.environment import BASE_DIR
from tests.chaos.calling import Deed
from tests.chaos.people import Town
from tests.hosts.loading import AFTER, BEFORE, Reader, Shown, longest_gap, reckon, under_load
from tests.hosts.network import Host
from tests.hosts.site import Site
from tests.hosts.topology import CURRENT, WEB_PORTS

RELEASE = "release of new code"
LEFT_BEHIND = (".*", "tests", "node_modules", "__pycache__", "docs", "clients")
MIGRATION = """from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("config", "{last}")]
    operations = [migrations.RunSQL("CREATE TABLE of_the_release (id int)", "DROP TABLE of_the_release")]
"""


def new_release(folder: Path) -> Path:
    """A copy of the product, which migrates further."""
    place = folder / "release-2"
    shutil.copytree(BASE_DIR, place, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    migrations = place / "config" / "migrations"
    last = max(each.stem for each in migrations.glob("0*.py"))
    (migrations / "0999_of_the_release.py").write_text(MIGRATION.format(last=last))
    return place


def release(site: Site, town: Town, seed: int) -> tuple[Shown, list[Deed]]:
    """Change every host that runs the product, under load; what was shown, the calls that failed among it."""
    shown, place = Shown(RELEASE, host="all", none_fails=True), new_release(site.topology.folder)
    with Reader(site, patience=20) as reader, under_load(site, town, seed, jumps=False) as clients:
        site.wait_until("writes are acknowledged", lambda: bool(clients.acknowledged_at))
        time.sleep(BEFORE)
        began = time.monotonic()
        site.migrate(place)
        for host in site.topology.of("web"):
            change_web(site, host, place)
        for host in site.topology.of("work"):
            change_workers(host, place)
        shown.whole = time.monotonic() - began
        site.wait_until_ready()
        time.sleep(AFTER)
        ended = time.monotonic()
        shown.writes_gap = longest_gap(clients.acknowledged_at, began, ended)
    shown.reads_gap = longest_gap(reader.answered_at, began, ended)
    shown.failed = clients.failed + reader.failed
    reckon(site, shown, clients.deeds)
    return shown, clients.deeds


def change_web(site: Site, host: Host, place: Path) -> None:
    """The new code is let in before the old leaves; it leaves by itself, nobody tells the front hosts."""
    _point(host, place)
    before, after = sorted(WEB_PORTS, key=lambda port: not site.answers(host, port))
    host.switch_on(f"web-{after}")
    site.wait_until(f"{host.name} is let in", lambda: _states(site, f"{host.name}-{after}") == {"UP"})
    host.switch_off(f"web-{before}", "granian", "--port", before, seconds=90)


def change_workers(host: Host, place: Path) -> None:
    """The task in hand is ended first; what waits is the other host's, or its own later."""
    _point(host, place)
    host.end("celery", "beat", seconds=60)
    host.end("celery", "worker", seconds=160)


def _point(host: Host, place: Path) -> None:
    link = host.folder / CURRENT
    link.unlink()
    link.symlink_to(place)


def _states(site: Site, server: str) -> set[str]:
    """What the front hosts' HAProxy say of a server."""
    return {state_of(front.folder / "haproxy.sock", server) for front in site.topology.of("front")}


def state_of(balancer: Path, server: str) -> str:
    """What HAProxy says of a web server, at its socket: UP, NOLB (it gets no more), DOWN."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(balancer))
        line.sendall(b"show stat\n")
        names, *rows = line.makefile().read().lstrip("# ").splitlines()
    told = [dict(zip(names.split(","), row.split(","), strict=False)) for row in rows]
    [state] = [each["status"] for each in told if (each.get("pxname"), each.get("svname")) == ("web", server)]
    return state
