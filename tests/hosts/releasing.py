"""A release under load: migrations first, by the new code; then host after host, new beside old; no request may fail.

The new release is a copy of the product with one migration more. A web host is taken out at both front hosts, ends what it was
asked, starts the new code, and is let in again when it says that it is ready; a worker ends its tasks before it goes.
"""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from config.environment import BASE_DIR
from tests.chaos.calling import Deed
from tests.chaos.people import Town
from tests.hosts.loading import AFTER, BEFORE, Shown, longest_gap, reckon, under_load
from tests.hosts.network import Host
from tests.hosts.site import Site
from tests.hosts.topology import CURRENT

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
    shown, place = Shown(RELEASE, host="all"), new_release(site.topology.folder)
    with under_load(site, town, seed, jumps=False) as clients:
        site.wait_until("writes are acknowledged", lambda: bool(clients.acknowledged_at))
        time.sleep(BEFORE)
        clients.failed.clear()
        began = time.monotonic()
        site.migrate(place)
        for host in site.topology.of("web"):
            change_web(site, host, place)
        for host in site.topology.of("work"):
            change_workers(host, place)
        shown.whole = time.monotonic() - began
        site.wait_until_ready()
        time.sleep(AFTER)
        shown.writes_gap = longest_gap(clients.acknowledged_at, began, time.monotonic())
        shown.failed = list(clients.failed)
    reckon(site, shown, clients.deeds)
    return shown, clients.deeds


def change_web(site: Site, host: Host, place: Path) -> None:
    """No request is on its way to it when it ends, and none comes before it is ready."""
    _told(site, f"set server web/{host.name} state drain")
    site.wait_until(f"{host.name} has answered all", lambda: _open_sessions(site, host) == 0)
    _point(host, place)
    host.end("granian", seconds=60)
    site.wait_until(f"{host.name} is ready", lambda: site.answers(host))
    _told(site, f"set server web/{host.name} state ready")
    site.wait_until(f"{host.name} is let in", lambda: all(state == "UP" for state, _open in _states(site, host)))


def change_workers(host: Host, place: Path) -> None:
    """The task in hand is ended first; what waits is the other host's, or its own later."""
    _point(host, place)
    host.end("celery", "beat", seconds=60)
    host.end("celery", "worker", seconds=160)


def _point(host: Host, place: Path) -> None:
    link = host.folder / CURRENT
    link.unlink()
    link.symlink_to(place)


def _told(site: Site, words: str) -> list[str]:
    """The same to HAProxy of each front host; what each said."""
    said = []
    for front in site.topology.of("front"):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(front.folder / "haproxy.sock"))
            line.sendall(f"{words}\n".encode())
            said.append(line.makefile().read())
    return said


def _states(site: Site, host: Host) -> list[tuple[str, int]]:
    """At each front host: the state of a web host, and how many requests are with it."""
    found = []
    for said in _told(site, "show stat"):
        names = said.splitlines()[0].lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","), strict=False)) for line in said.splitlines()[1:]]
        [row] = [row for row in rows if row.get("pxname") == "web" and row.get("svname") == host.name]
        found.append((row["status"], int(row["scur"])))
    return found


def _open_sessions(site: Site, host: Host) -> int:
    return sum(count for _state, count in _states(site, host))
