"""`make bench`: the production server, PostgreSQL and Redis on this machine, measured over real HTTP, each operation beside its floor.

Nothing fails on time: figures are printed and written as JSON. The data are generated in a folder of their own, for each number of
rows that is asked for, so that growth shows. docs/performance.md says how to read what comes out.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from devservices.state import free_port
from tests.load import engine, generator, report
from tests.load.machine import Worktree, machine

ROOT = Path(__file__).resolve().parent.parent.parent
FEWEST = 10_000
"""So many filings, and so many settlements, are made one by one; more are these again and again."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add(
        "--rows",
        type=int,
        nargs="+",
        default=[10_000, 100_000],
        help="numbers of filings, and of settlements, ascending",
    )
    add("--rounds", type=int, default=3, help="how often the servers take turns in each operation")
    add("--writes", type=int, default=100, help="requests of a write in a round")
    add("--seconds", type=int, default=3, help="how long a read is asked in a round")
    add("--connections", type=int, default=4, help="how many ask at once")
    add("--only", nargs="+", default=[], help="these operations alone")
    add("--against", metavar="REV", help="a commit that is served beside this one")
    add(
        "--evening",
        type=int,
        default=100,
        metavar="BILLS",
        help="the mix of a day from ten times as many at once, with repetitions",
    )
    add(
        "--soak",
        type=int,
        default=0,
        metavar="MINUTES",
        help="the mix of a day without a pause: memory, tables, latency",
    )
    add("--keep", type=Path, metavar="FOLDER", help="a folder for the database, which stays and is used again")
    add("--json", type=Path, default=ROOT / ".local" / "bench.json", help="where the figures go")
    add(
        "--document",
        action="store_true",
        help="write docs/performance.json, the chart and the tables of docs/performance.md",
    )
    return parser.parse_args()


def main() -> None:
    asked = options()
    generator.require()
    with tempfile.TemporaryDirectory(prefix="yidi-bench-") as folder:
        figures = run(Path(folder), asked.keep or Path(folder, "data"), asked)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    print(f"\nwritten to {asked.json}")
    if asked.document:
        report.document(figures)


def run(folder: Path, data: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Start the services, measure at each size, stop everything."""
    with ExitStack() as stack:
        environment = {}
        if asked.against:
            environment["PARENT_ROOT"] = str(stack.enter_context(Worktree(ROOT, folder, asked.against)))
        stack.enter_context(_services(data))
        sizes = [_at_size(rows, asked, folder, environment) for rows in sorted(asked.rows)]
    return {
        "machine": machine(), "against": asked.against, "connections": asked.connections, "engine": engine.measure(),
        "sizes": sizes, "growth": report.growth(sizes),
    }  # fmt: skip


@contextmanager
def _services(data: Path) -> Iterator[None]:
    """PostgreSQL and Redis in a folder of their own, with the schema and what every installation knows."""
    os.environ.update(
        DATA_DIR=str(data), ENV_FILE=os.devnull, SIMULATION="1", PORT=str(free_port()), LOG_LEVEL="WARNING",
        LIMIT_SIGN_IN="1000000/min", LIMIT_UPLOAD="1000000/hour", LIMIT_ESTIMATE="1000000/min",
    )  # fmt: skip
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from config.environment import DATA_DIR
    from devservices.services import missing_services, running_services

    with running_services(DATA_DIR, missing_services()) as services:
        os.environ.update(services.environment)
        import django

        django.setup()
        from django.core.management import call_command

        if not (data / "static").exists():
            for command in ("migrate", "load_reference"):
                call_command(command, verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
        yield


def _at_size(rows: int, asked: argparse.Namespace, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Fill up to so many filings and settlements, then measure every operation and the sweep."""
    from core.grants import owner
    from tests.load import filling, floor, measuring, servers, stories
    from tests.load.operations import OPERATIONS

    began = time.monotonic()
    with owner():  # COPY into tables whose rows are looked at by policies is the owner's
        filling.fill(rows, FEWEST)
    print(f"\n{rows} filings and settlements (loaded in {time.monotonic() - began:.0f} s)", flush=True)
    plan = measuring.Plan(asked.rounds, asked.writes, asked.seconds, asked.connections)
    names = [servers.OURS, servers.FLOOR, servers.PLAIN, *([servers.PARENT] if asked.against else [])]
    chosen = asked.only or [*OPERATIONS]
    with owner():
        asks = {name: measuring.asks_for(OPERATIONS[name], names, plan) for name in chosen}
        mixed = stories.mix(asked.evening, again=True) if asked.evening and not asked.only else []
    filling.settle_down()  # before it is copied: a copy without statistics is planned badly, and vacuumed meanwhile
    with filling.copied() as copy:
        recorded = {name: floor.record(asks[name][servers.FLOOR]) for name in chosen}
        floor.keep(recorded, folder / "floor")
        environment |= {"FLOOR_FILE": str(folder / "floor"), "FLOOR_DATABASE": copy}
        postgres = servers.database()
        with servers.running(names, port=int(os.environ["PORT"]), **environment) as up:
            figures = {}
            report.heading()
            for name in chosen:
                prepared = measuring.Prepared(OPERATIONS[name].once, asks[name], recorded[name])
                figures[name] = measuring.measure(name, prepared, up, postgres, plan)
                report.line(name, figures[name])
            memory = up[servers.OURS].memory()
            print(f"  a web process takes {memory:.0f} MB", flush=True)
            size = {"rows": rows, "operations": figures, "web_process_mb": memory}
            size |= _stories(asked, up[servers.OURS], postgres, mixed)
    if not asked.only:
        size["sweep"] = filling.sweep()
        print(
            f"  sweep: {size['sweep']['per_second']:.0f} decisions/s, {size['sweep']['cpu_ms']:.2f} ms of CPU each",
            flush=True,
        )
    return size


def _stories(asked: argparse.Namespace, server: Any, postgres: Any, mixed: Any) -> dict[str, Any]:
    """The evening and the soak, where they are asked for."""
    from tests.load import stories

    told: dict[str, Any] = {}
    if mixed:
        told["evening"] = stories.evening(mixed, server, postgres)
        print(
            "  evening: " + ", ".join(f"{key} {value:.1f}" for key, value in told["evening"].items() if key != "said"),
            flush=True,
        )
    if asked.soak:
        from core.grants import owner

        with owner():
            told["soak"] = stories.soak(asked.soak, server)
    return told


if __name__ == "__main__":
    main()
