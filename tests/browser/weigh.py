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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from devservices.management.commands.up import server
from tests.browser.acts import sign_in, wait_for_the_kept_pages
from tests.factories import enrollment, person, submitted

ROOT = Path(__file__).parents[2]
LATENCY_MS, BITS_A_SECOND, CPU = 400, 1_600_000, 4
NETWORK = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BITS_A_SECOND / 8, "uploadThroughput": BITS_A_SECOND / 8}
READY_SECONDS = 60
PATIENCE_MS = 60_000
ROUNDS = int(os.environ.get("ROUNDS", "3"))

USABLE = """(() => {
  const look = () => {
    const page = document.getElementById("page");
    if (page?.querySelector(":scope > section") && !page.querySelector(".skeleton")) window.usableAt ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
})()"""


@pytest.fixture
def served(monday, tmp_path) -> Iterator[str]:
    """The address of a production server on the tests' database: files hashed and compressed, answers compressed as they leave."""
    port = free_port()
    where = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{settings.DATABASES['default']['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": where.geturl(),
        "STATIC_ROOT": str(tmp_path / "static"),
        "DATA_DIR": str(tmp_path / "data"),
        "LOG_LEVEL": "WARNING",
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    with subprocess.Popen([sys.executable, *server("127.0.0.1", port)], cwd=ROOT, env=environment) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
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
            return httpx.get(url, timeout=5, trust_env=False).raise_for_status() and None
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail("The server did not answer.")


@dataclass
class Wire:
    """What crosses the network for one visit, whoever asked: the page or its service worker."""

    paths: dict[str, str] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    served_at_home: set[str] = field(default_factory=set)

    def received(self, event) -> None:
        response = event["response"]
        self.paths[event["requestId"]] = urlsplit(response["url"]).path
        if response.get("fromDiskCache") or response.get("fromServiceWorker") or response["url"].startswith("data:"):
            self.served_at_home.add(event["requestId"])

    def finished(self, event) -> None:
        self.weights[event["requestId"]] = event["encodedDataLength"]

    @property
    def requests(self) -> list[str]:
        return [path for number, path in self.paths.items() if number not in self.served_at_home]

    @property
    def kilobytes(self) -> float:
        return sum(weight for number, weight in self.weights.items() if number not in self.served_at_home) / 1000


class Worker:
    """The service worker's own line to the debugger, which the page's does not reach: throttled and counted like it, from its first request on."""

    def __init__(self, session: CDPSession, wire: Wire) -> None:
        self.session, self.wire, self.number = session, wire, 0
        self.session.on("Target.receivedMessageFromTarget", self.heard)
        self.session.on("Target.attachedToTarget", self.attached)
        each = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}
        self.session.send("Target.setAutoAttach", each)

    def attached(self, event) -> None:
        if os.environ.get("TRACE"):
            print("attached", event["targetInfo"]["type"])
        throttled = ("Network.emulateNetworkConditions", NETWORK)
        for method, params in (("Network.enable", {}), throttled, ("Runtime.runIfWaitingForDebugger", {})):
            self.number += 1
            message = json.dumps({"id": self.number, "method": method, "params": params})
            self.session.send("Target.sendMessageToTarget", {"sessionId": event["sessionId"], "message": message})

    def heard(self, event) -> None:
        message = json.loads(event["message"])
        if message.get("method") == "Network.responseReceived":
            self.wire.received(message["params"])
        elif message.get("method") == "Network.loadingFinished":
            self.wire.finished(message["params"])
        elif "error" in message:
            print(message)


@dataclass
class Visit:
    requests: list[str]
    kilobytes: float
    seconds: float


@contextmanager
def slow_page(browser: Browser, context: BrowserContext) -> Iterator[tuple[Page, Wire]]:
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


def visit(browser: Browser, context: BrowserContext, address: str) -> Visit:
    with slow_page(browser, context) as (page, wire):
        page.goto(address, timeout=PATIENCE_MS)
        page.wait_for_function("window.usableAt") if False else None
        while not (usable := page.evaluate("window.usableAt ?? 0")):
            page.wait_for_timeout(100)
        page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
        wait_for_the_kept_pages(page)
        page.wait_for_timeout(1500)
        if os.environ.get("TRACE"):
            print(json.dumps(page.evaluate("performance.getEntriesByType('resource').map(e => [e.name.replace(location.origin,''), Math.round(e.startTime), Math.round(e.responseEnd)])"), ensure_ascii=False, indent=0))
            print(page.evaluate("JSON.stringify(performance.getEntriesByType('paint').map(e=>[e.name,Math.round(e.startTime)]))"))
            print(wire.requests)
        return Visit(wire.requests, wire.kilobytes, usable / 1000)


def both(browser: Browser, address: str, state) -> tuple[Visit, Visit]:
    context = browser.new_context(viewport={"width": 375, "height": 740}, locale="zh-CN", storage_state=state)
    try:
        return visit(browser, context, address), visit(browser, context, address)
    finally:
        context.close()


def test_weigh(served, chromium):
    owner = enrollment(person("王秀兰"))
    entry = chromium.new_context(locale="zh-CN")
    phone = entry.new_page()
    phone.goto(f"{served}/")
    account = sign_in(phone, "王秀兰", owner.person)
    filing = submitted(owner, account=account)
    state = entry.storage_state()
    entry.close()
    pages = {
        "signed-out home": ("#/", None),
        "signed-in home": ("#/", state),
        "record": (f"#/records/{filing.pk}", state),
        "estimate": ("#/estimate", state),
        "code": ("#/code", state),
    }
    print(f"\n{LATENCY_MS} ms, {BITS_A_SECOND / 1e6} Mbit/s, CPU 1/{CPU}; the median of {ROUNDS}\n")
    print(f"{'page':18}{'first: requests':>16}{'kB':>8}{'usable':>9}{'second: requests':>20}{'kB':>8}{'usable':>9}")
    for name, (hash_, signed) in pages.items():
        rounds = [both(chromium, f"{served}/{hash_}", signed) for _ in range(ROUNDS)]
        first, second = (sorted(visits, key=lambda each: each.seconds)[ROUNDS // 2] for visits in zip(*rounds, strict=True))
        print(
            f"{name:18}{len(first.requests):16}{first.kilobytes:8.1f}{first.seconds:8.2f}s"
            f"{len(second.requests):20}{second.kilobytes:8.1f}{second.seconds:8.2f}s"
        )
