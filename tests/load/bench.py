"""`make bench`: the production server, PostgreSQL and Redis on this machine, measured with locust over real HTTP.

Nothing fails on time: figures are printed and written as JSON. The data are generated (tests/load/population.py) in a
folder of their own, first for the smaller number of filings, then for the larger, so that growth shows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
READS = ["List", "Detail", "Options", "Eligibility", "Estimate"]
TILLS = ["Quote", "Settle", "SettleStay", "SettleLong", "Reverse", "Bills"]
NATIONAL = ["National2207", "National2304"]
"""The same bills through the national interface: 2207 an outpatient's, 2304 a stay's, each of a visit that has its lines."""
SCENARIOS = ["SignIn", *READS, "Submit", *TILLS, *NATIONAL]
FEWEST = 10_000  # filings, where only tills are measured
CODES_A_SECOND = 500  # insurance codes loaded for each second that a till settles; each is used once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows",
        type=int,
        nargs="+",
        default=[10_000, 100_000],
        help="numbers of filings, and of settlements, ascending",
    )
    parser.add_argument("--seconds", type=int, default=10, help="how long each scenario runs")
    parser.add_argument("--users", type=int, default=8, help="how many ask at once")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=SCENARIOS, help="these scenarios alone")
    parser.add_argument("--json", type=Path, default=ROOT / ".local" / "bench.json", help="where the figures go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yidi-bench-") as folder:
        results = run(Path(folder), options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2, ensure_ascii=False))
    print(f"\nwritten to {options.json}")


def run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Start the services, measure at each size, stop everything."""
    os.environ.update(
        DATA_DIR=str(folder / "data"),
        ENV_FILE=os.devnull,
        SIMULATION="1",
        PORT=str(_free_port()),
        LOG_LEVEL="WARNING",
        LIMIT_SIGN_IN="1000000/min",
    )
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from config.environment import DATA_DIR
    from devservices.services import missing_services, running_services

    with running_services(DATA_DIR, missing_services()) as services:
        os.environ.update(services.environment)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("load_reference", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        tokens: list[str] = []
        sizes = [_at_size(rows, options, tokens) for rows in options.rows]
    return {"users": options.users, "seconds": options.seconds, "sizes": sizes, "growth": _growth(sizes)}


def _at_size(rows: int, options: argparse.Namespace, tokens: list[str]) -> dict[str, Any]:
    """Fill up to this many filings and settlements, then measure every scenario and the sweep. `tokens`: of citizens so far."""
    from filings.models import Filing
    from settlements.models import Settlement
    from tests.load import population, tills, visits

    began = time.monotonic()
    tills.fill(max(0, rows - Settlement.objects.count()), seed=rows)
    filings = rows if set(options.only) - {*TILLS, *NATIONAL} else min(rows, FEWEST)
    tokens += population.fill(max(0, filings - Filing.objects.count()), seed=rows)
    _settle_down()
    print(f"\n{filings} filings, {rows} settlements (loaded in {time.monotonic() - began:.0f} s)")
    known = Path(os.environ["DATA_DIR"]) / "bench-known.json"
    figures = {}
    with _server() as pids:
        said = _known(tokens)
        for order, scenario in enumerate(options.only):
            codes = CODES_A_SECOND * options.seconds if scenario in TILLS else 0
            said |= tills.known(codes, seed=rows + order) if scenario in TILLS else {}
            if scenario in NATIONAL:
                said |= visits.known(
                    CODES_A_SECOND * options.seconds, stays=scenario == "National2304", seed=rows + order
                )
            known.write_text(json.dumps(said))
            figures[scenario] = _measure(scenario, known, pids, options)
            _print(scenario, figures[scenario])
        memory = _web_memory(pids)
    if options.only == SCENARIOS:
        figures["Sweep"] = _sweep()
        _print("Sweep", figures["Sweep"])
    print(f"  a web process takes {memory:.0f} MB")
    return {"rows": rows, "figures": figures, "web_process_mb": memory}


def _settle_down() -> None:
    """Do what the database would do by itself soon after so many rows, so that it is not measured as part of a request."""
    from django.db import connection

    from core.grants import owner

    with owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _known(tokens: list[str]) -> dict[str, Any]:
    """What the benchmark's users need to know."""
    from knox.auth import TokenAuthentication

    from accounts.models import Enrollment
    from core import clock
    from filings.models import Filing
    from regions.models import Area, Institution

    citizens = []
    for token in tokens:
        account, _token = TokenAuthentication().authenticate_credentials(token.encode())
        filings = Filing.objects.filter(applicant=account).values_list("pk", flat=True)[:50]
        enrollments = Enrollment.objects.filter(person__mandates__account=account).values_list("pk", flat=True)
        citizens.append({"token": token, "filings": _texts(filings), "enrollments": _texts(enrollments)})
    cities = Area.objects.filter(level="city", parent__pools_at="city").values_list("code", flat=True)
    return {
        "citizens": citizens,
        "today": clock.today().isoformat(),
        "cities": list(cities),
        "institutions": list(Institution.objects.values_list("code", flat=True)),
        "filing": _filing(citizens[0], cities[0]),
    }


def _texts(keys: Any) -> list[str]:
    return [str(key) for key in keys]


def _filing(citizen: dict[str, Any], city: str) -> dict[str, Any]:
    """A filing as a phone would send it, with the notice that the options name."""
    import httpx

    from core import clock

    answer = httpx.get(
        f"{_base()}/api/v1/filing-options/",
        params={"enrollment": citizen["enrollments"][0], "destination": city},
        headers={"Authorization": f"Bearer {citizen['token']}"},
        timeout=30,
        trust_env=False,
    ).json()
    notice = next(option["notice"]["id"] for option in answer["options"] if option["type"] == "other")
    today = clock.today().isoformat()
    return {
        "type": "other", "starts_on": today, "contact_name": "测试", "contact_phone": "13900000000",
        "notice": notice, "materials": [],
    }  # fmt: skip


def _measure(scenario: str, known: Path, pids: list[int], options: argparse.Namespace) -> dict[str, float]:
    """Let locust's users do one thing for a while; return rates, times and the CPU it took."""
    before = _cpu(pids)
    command = [
        sys.executable, "-m", "locust", "-f", str(ROOT / "tests/load/traffic.py"), scenario, "--headless",
        "--host", _base(), "-u", str(options.users), "-r", str(options.users), "-t", f"{options.seconds}s",
        "--json", "--only-summary", "--loglevel", "ERROR",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "BENCH_FILE": str(known)}, capture_output=True, text=True, check=False
    )
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    row = next((row for name, row in rows.items() if "refused" not in name and not name.startswith("(")), None)
    if row is None:
        raise SystemExit(f"{scenario}: locust measured nothing.\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    spent = {name: value - before[name] for name, value in _cpu(pids).items()}
    total = sum(each["num_requests"] for each in rows.values())
    return {
        "per_second": row["num_requests"] / max(1.0, row["last_request_timestamp"] - row["start_time"]),
        "p50_ms": _percentile(row["response_times"], 0.50),
        "p95_ms": _percentile(row["response_times"], 0.95),
        "failures": row["num_failures"],
        "refused": sum(each["num_requests"] for name, each in rows.items() if "refused" in name),
        "web_cpu_ms": 1000 * spent["web"] / total,
        "database_cpu_ms": 1000 * spent["database"] / total,
    }


def _percentile(times: dict[str, int], share: float) -> float:
    """The response time, in ms, that `share` of the requests stayed under."""
    wanted = share * sum(times.values())
    for time_ms, count in sorted((float(time_ms), count) for time_ms, count in times.items()):
        wanted -= count
        if wanted <= 0:
            return time_ms
    return 0.0


def _sweep(count: int = 2_000) -> dict[str, float]:
    """Decide what is due, in one process, as a worker does."""
    from core import clock
    from reviews import queue
    from tests.load import population

    woken = population.wake(count)
    began, cpu = time.monotonic(), time.process_time()
    with clock.standing_at(clock.now()):
        done = queue.drain()
    seconds = time.monotonic() - began
    return {"per_second": done / seconds, "decisions": woken, "web_cpu_ms": 1000 * (time.process_time() - cpu) / done}


@contextmanager
def _server() -> Iterator[list[int]]:
    """The production server on its port; yields the process ids of the web server and of PostgreSQL."""
    import httpx
    import psutil

    from devservices.management.commands.up import server

    command = [sys.executable, *server("127.0.0.1", int(os.environ["PORT"]))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as web:
        try:
            for _attempt in range(200):
                try:
                    httpx.get(f"{_base()}/healthz", timeout=2, trust_env=False).raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.1)
            database = [p.pid for p in psutil.process_iter(["name", "cmdline"]) if _is_our_postgres(p)]
            yield [web.pid, *database]
        finally:
            web.terminate()
            try:
                web.wait(20)
            except subprocess.TimeoutExpired:  # told to stop while its workers still started
                web.kill()


def _is_our_postgres(process: Any) -> bool:
    command = " ".join(process.info["cmdline"] or [])
    return os.environ["DATA_DIR"] in command and "postgres" in command


def _cpu(pids: list[int]) -> dict[str, float]:
    """CPU seconds so far of the web server with its children, and of PostgreSQL with its."""
    web, *database = pids
    return {"web": _tree(web), "database": sum(_tree(pid) for pid in database)}


def _tree(pid: int) -> float:
    import psutil

    process = psutil.Process(pid)
    times = [each.cpu_times() for each in [process, *process.children(recursive=True)]]
    own = process.cpu_times()
    return sum(each.user + each.system for each in times) + own.children_user + own.children_system


def _web_memory(pids: list[int]) -> float:
    """The largest web process, in MB."""
    import psutil

    return max(each.memory_info().rss for each in psutil.Process(pids[0]).children(recursive=True)) / 2**20


def _growth(sizes: list[dict[str, Any]]) -> dict[str, float]:
    """What the largest data cost against the smallest: CPU of web and database together, per request."""
    first, last = sizes[0]["figures"], sizes[-1]["figures"]

    def cost(figure: dict[str, float]) -> float:
        return figure["web_cpu_ms"] + figure.get("database_cpu_ms", 0.0)

    return {name: round(cost(last[name]) / cost(first[name]), 2) for name in first}


def _base() -> str:
    return f"http://127.0.0.1:{os.environ['PORT']}"


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print(name: str, figures: dict[str, float]) -> None:
    print(f"  {name:11}", "  ".join(f"{key} {value:9.1f}" for key, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
