"""`make hosts`: existing engines as hosts of their own on this machine; each is lost in turn under load; what was kept, as a table.

`ARGS="--only leader"`: the losses whose names match. `--up`: come up, and stay until Ctrl-C. It ends by itself, and takes
away whatever it made, however it ends.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos import reckoning
from tests.chaos.calling import Deed
from tests.chaos.people import settle_in
from tests.chaos.run import proved, to_the_last_deadline
from tests.hosts import network
from tests.hosts.loading import AFTER, BEFORE, COLUMNS, HOLD, Shown, lose, reads, sent_twice
from tests.hosts.losing import LOSSES
from tests.hosts.releasing import RELEASE, release
from tests.hosts.restoring import restored
from tests.hosts.site import READY_SECONDS, Site
from tests.hosts.topology import Topology, require_programs

FOLDER = "YIDI_HOSTS_FOLDER"
PEOPLE, PLACES = 60, 150


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="the losses whose names match this pattern")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--up", action="store_true", help="come up and stay, until Ctrl-C")
    given = parser.parse_args()
    if network.is_inside():
        return inside(given)
    try:
        require_programs()
        with tempfile.TemporaryDirectory(prefix="yidi-hosts-") as folder:
            os.environ[FOLDER] = folder
            return network.come_inside(["-m", "tests.hosts.run", *sys.argv[1:]])
    except network.NotHere as reason:
        print(reason, file=sys.stderr)
        return 2


def inside(given: argparse.Namespace) -> int:
    """In the namespaces. The folder goes when we have gone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tell(f"{time.strftime('%Y-%m-%d %H:%M')}, {platform.platform()}, {os.cpu_count()} cores, seed {given.seed}")
    tell(
        f"seconds of load: {BEFORE:.0f} before a loss, at least {HOLD:.0f} while it lasts, {AFTER:.0f} after; {READY_SECONDS:.0f} for anything waited for"
    )
    site, began = Site(Topology(Path(os.environ[FOLDER]))), time.monotonic()
    try:
        with site.running():
            tell(
                f"{len(site.hosts)} hosts are up and well after {time.monotonic() - began:.0f} s; {site.leader()} leads"
            )
            if given.up:
                return stay(site)
            return drill(site, given.only, given.seed)
    except KeyboardInterrupt:
        return 130


def stay(site: Site) -> int:
    tell(
        "Into a host: nsenter -t PID -a sh; "
        + ", ".join(f"{name} {host.first().pid}" for name, host in site.hosts.items())
    )
    signal.pause()
    return 0


def drill(site: Site, only: str, seed: int) -> int:
    """Each loss in turn, a release, then the books. `only`: a pattern that the names of those wanted have."""
    losses = [loss for loss in LOSSES if re.search(only, loss.name)]
    town = settle_in(site, people=PEOPLE, places=PLACES, seed=seed)
    every: list[Deed] = []
    wrong = []
    tell(headline())
    for number, loss in enumerate(losses):
        shown, deeds = lose(site, town, loss, seed + number)
        every += deeds
        wrong += tell_of(shown)
    if re.search(only, RELEASE):
        shown, deeds = release(site, town, seed + len(LOSSES))
        every += deeds
        wrong += tell_of(shown)
    tell(f"archived and backed up from {site.leader()}, checked and verified: {site.back_up():.0f} s")
    wrong += brought_back(site, every)
    wrong += told_in_the_end(site, every)
    tell(
        "\nDoes not hold: " + ", ".join(wrong)
        if wrong
        else "\nEverything acknowledged is there, once, in time; the books balance."
    )
    return 1 if wrong else 0


def tell_of(shown: Shown) -> list[str]:
    """A line of the table, and the first calls that failed where none may; the names of what does not hold."""
    tell(line(shown))
    if shown.none_fails and shown.failed:
        tell("    failed: " + "; ".join(shown.failed[:5]))
    return [] if shown.holds else [shown.name]


def brought_back(site: Site, deeds: list[Deed]) -> list[str]:
    """What was acknowledged, looked for in a database made of the backup and the archive; the names of what does not hold."""
    began = time.monotonic()
    with restored(site) as address:
        lines = reckoning.lines(address, deeds)
        seconds = time.monotonic() - began
    found = {name: sum(getattr(line, name) for line in lines) for name in ("acknowledged", "lost", "doubled")}
    tell(
        f"restored on another host: {seconds:.0f} s; " + ", ".join(f"{name}: {count}" for name, count in found.items())
    )
    return ["what was restored"] if found["lost"] or found["doubled"] else []


def told_in_the_end(site: Site, deeds: list[Deed]) -> list[str]:
    """After the last deadline has passed; the names of what does not hold."""
    tell(
        "reads of open reference data answered by "
        + ", ".join(f"{name}: {count}" for name, count in reads(site).items())
    )
    now = to_the_last_deadline(site)
    late = reckoning.late(site.database, now)
    said = {**reckoning.books(site.database, deeds), **proved(site)}
    said |= {"none late after the last deadline": f"{late} late" if late else ""}
    said |= {
        "no message went out twice, though two beats remind": f"{twice} did" if (twice := sent_twice(site)) else ""
    }
    for name, wrong in said.items():
        tell(f"{name}: {wrong or 'holds'}")
    return [name for name, wrong in said.items() if wrong]


def headline() -> str:
    names = ("host", "no write", "no read", "leader", "whole", *COLUMNS, "late", "failed")
    return f"\n{'seconds and counts':38}" + "".join(f"{name:>13}" for name in names)


def line(shown: Shown) -> str:
    leader = "" if shown.new_leader is None else f"{shown.new_leader:.1f}"
    cells = [shown.host, f"{shown.writes_gap:.1f}", f"{shown.reads_gap:.1f}", leader, f"{shown.whole:.1f}"]
    cells += [str(shown.counts[name]) for name in COLUMNS] + [str(shown.late), str(len(shown.failed))]
    return f"{shown.name:38}" + "".join(f"{cell:>13}" for cell in cells)


def tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
