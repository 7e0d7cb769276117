"""`make weigh`: what the phone pages cost, from the production server over a slow network on a slow phone.

Run as `pytest tests/browser/weigh.py -s`; the name keeps it out of the ordinary run. Nothing fails on time: what is printed are
requests and bytes on the wire and the time until a page is usable (its own content stands, nothing is still loading), at the first
visit with an empty phone and at the second, when the phone was closed in between. The service worker is throttled like the page.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, StorageState

from devservices.management.commands.up import server
from tests.browser.acts import sign_in, wait_for_the_kept_pages
from tests.factories import enrollment, person, submitted

ROOT = Path(__file__).parents[2]
LATENCY_MS, BITS_A_SECOND, CPU = 400, 1_600_000, 4
NETWORK = {
    "offline": False,
    "latency": LATENCY_MS,
    "downloadThroughput": BITS_A_SECOND / 8,
    "uploadThroughput": BITS_A_SECOND / 8,
}
READY_SECONDS = 60
PATIENCE_MS = 60_000
SETTLES_MS = 1500
ASKED = "asked "
ROUNDS = int(os.environ.get("ROUNDS", "3"))
"""Of each page; ROUNDS=1 for a look."""

USABLE = """(() => {
  const look = () => {
    const page = document.getElementById("page");
    if (page?.querySelector(":scope > section") && !page.querySelector(".skeleton")) window.usableAt ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
})()"""


@dataclass
class Served:
    """A running production server, and what it was asked so far."""

    url: str
    log: Path

    def asked(self) -> list[str]:
        lines = self.log.read_text("utf-8").splitlines()
        return [line.partition(ASKED)[2] for line in lines if ASKED in line]


@pytest.fixture
def served(monday, tmp_path) -> Iterator[Served]:
    """On the tests' database: files hashed and compressed, answers compressed as they leave, no simulation."""
    port, log = free_port(), tmp_path / "web.log"
    where = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{settings.DATABASES['default']['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": where.geturl(),
        "STATIC_ROOT": str(tmp_path / "static"),
        "DATA_DIR": str(tmp_path / "data"),
        "LOG_LEVEL": "WARNING",
        "SIMULATION": "0",
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    command = [
        sys.executable,
        *server("127.0.0.1", port),
        "--access-log",
        "--access-log-fmt",
        ASKED + "%(path)s %(status)d",
    ]
    with log.open("w") as out, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/")
            yield Served(f"http://127.0.0.1:{port}", log)
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            httpx.get(url, timeout=5, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail("The server did not answer.")


@dataclass
class Wire:
    """What crosses the network for one visit, whoever asked: the page or its service worker."""

    weights: dict[str, float] = field(default_factory=dict)
    at_home: set[str] = field(default_factory=set)

    def received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if response.get("fromDiskCache") or response.get("fromServiceWorker"):
            self.at_home.add(event["requestId"])

    def finished(self, event: dict[str, Any]) -> None:
        self.weights[event["requestId"]] = event["encodedDataLength"]

    @property
    def kilobytes(self) -> float:
        return sum(weight for number, weight in self.weights.items() if number not in self.at_home) / 1000


class Worker:
    """The service worker's own line to the debugger, which the page's does not reach: throttled and counted like it, from its first request on."""

    def __init__(self, session: CDPSession, wire: Wire) -> None:
        self.session, self.wire, self.number = session, wire, 0
        self.session.on("Target.receivedMessageFromTarget", self.heard)
        self.session.on("Target.attachedToTarget", self.attached)
        each = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}
        self.session.send("Target.setAutoAttach", each)

    def attached(self, event: dict[str, Any]) -> None:
        throttled = ("Network.emulateNetworkConditions", NETWORK)
        for method, params in (("Network.enable", {}), throttled, ("Runtime.runIfWaitingForDebugger", {})):
            self.number += 1
            message = json.dumps({"id": self.number, "method": method, "params": params})
            self.session.send("Target.sendMessageToTarget", {"sessionId": event["sessionId"], "message": message})

    def heard(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if message.get("method") == "Network.responseReceived":
            self.wire.received(message["params"])
        elif message.get("method") == "Network.loadingFinished":
            self.wire.finished(message["params"])


@dataclass
class Visit:
    """The requests that reached the server (the 304s among them), the bytes that came, the time until the page was usable."""

    requests: list[str]
    kilobytes: float
    seconds: float

    def __str__(self) -> str:
        unchanged = sum(each.endswith(" 304") for each in self.requests)
        counted = f"{len(self.requests)} ({unchanged} × 304)" if unchanged else str(len(self.requests))
        return f"{counted:>14}{self.kilobytes:9.1f}{self.seconds:8.2f} s"


@contextmanager
def slow_page(context: BrowserContext) -> Iterator[tuple[Page, Wire]]:
    page, wire = context.new_page(), Wire()
    page.add_init_script(USABLE)
    session = context.new_cdp_session(page)
    session.on("Network.responseReceived", wire.received)
    session.on("Network.loadingFinished", wire.finished)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    Worker(session, wire)
    yield page, wire
    page.close()


def visit(context: BrowserContext, served: Served, hash_: str) -> Visit:
    before = len(served.asked())
    with slow_page(context) as (page, wire):
        page.goto(f"{served.url}/{hash_}", timeout=PATIENCE_MS)
        while not (usable := page.evaluate("window.usableAt ?? 0")):
            page.wait_for_timeout(100)
        page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
        wait_for_the_kept_pages(page)
        page.wait_for_timeout(SETTLES_MS)
        return Visit(served.asked()[before:], wire.kilobytes, usable / 1000)


def two_visits(browser: Browser, served: Served, hash_: str, state: StorageState | None) -> tuple[Visit, Visit]:
    """On a phone that has nothing of the pages, and again after it was closed."""
    context = browser.new_context(viewport={"width": 375, "height": 740}, locale="zh-CN", storage_state=state)
    try:
        return visit(context, served, hash_), visit(context, served, hash_)
    finally:
        context.close()


def quickest(visits: Iterable[Visit]) -> Visit:
    """What else runs on this machine only ever makes it slower."""
    return min(visits, key=lambda each: each.seconds)


def test_weigh(served, chromium):
    owner = enrollment(person("王秀兰"))
    entry = chromium.new_context(locale="zh-CN")
    phone = entry.new_page()
    phone.goto(f"{served.url}/")
    filing = submitted(owner, account=sign_in(phone, "王秀兰", owner.person))
    state = entry.storage_state()
    entry.close()
    pages = {
        "home, signed out": ("#/", None),
        "home, signed in": ("#/", state),
        "record": (f"#/records/{filing.pk}", state),
        "estimate": ("#/estimate", state),
        "code": ("#/code", state),
    }
    print(f"\n{LATENCY_MS} ms, {BITS_A_SECOND / 1e6} Mbit/s, CPU 1/{CPU}; the quickest of {ROUNDS}\n")
    print(
        f"{'':18}{'first visit':>33}{'second visit':>33}\n{'page':18}" + 2 * f"{'requests':>14}{'kB':>9}{'usable':>10}"
    )
    for name, (hash_, signed) in pages.items():
        rounds = [two_visits(chromium, served, hash_, signed) for _ in range(ROUNDS)]
        print(f"{name:18}" + "".join(str(quickest(visits)) for visits in zip(*rounds, strict=True)))
