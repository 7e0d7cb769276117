"""A web process that is asked to end while it is used (config.draining): nobody is turned away, what is in hand is answered."""

import http.client
import json
import socket
import subprocess
import sys
import time
from contextlib import closing

import psutil
import pytest

from devservices.management.commands import up
from devservices.state import free_port
from tests import factories as make
from tests.settlements.served import environment, served

pytestmark = pytest.mark.django_db(transaction=True)

AT = "2026-11-23 10:00"
BODY = b'{"code": "sandbox:nobody"}'
BEGUN = b"POST /api/v1/auth/wechat/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def get(server, path):
    """Status, headers and body."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def until(is_so):
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_closed(server):
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.fixture
def server():
    make.working_calendar()
    with served(AT, DRAIN_SECONDS="5") as server:
        yield server


@pytest.fixture
def waiting(server):
    """A connection that is kept open between requests."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as line:
        line.request("GET", "/healthz")
        line.getresponse().read()
        yield line


@pytest.fixture
def in_hand(server):
    """A request that has begun to come."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(BEGUN % len(BODY) + BODY[:5])
        yield line


def test_it_says_that_it_leaves_answers_on_and_ends_what_it_has_in_hand(server, waiting, in_hand):
    before = get(server, "/healthz")

    server.process.terminate()
    until(lambda: all(get(server, "/readyz?part=database")[0] == 503 for _either_process in range(10)))
    told = get(server, "/readyz?part=database")
    alive, page = get(server, "/healthz"), get(server, "/api/v1/areas/?level=province")
    waiting.request("GET", "/api/v1/clock/")
    on_the_line = waiting.getresponse()
    on_the_line.read()
    until(lambda: is_closed(server))
    in_hand.sendall(BODY[5:])
    late = http.client.HTTPResponse(in_hand)
    late.begin()
    late.close()

    assert json.loads(told[2]) == {"status": "stopping", "parts": {}}
    assert (alive[0], page[0], on_the_line.status) == (200, 200, 200)
    assert late.status in (200, 408)  # answered, and be it that its sender took more than ten seconds
    assert "connection" not in before[1]
    assert (page[1]["connection"], on_the_line.headers["Connection"]) == ("close", "close")
    assert server.process.wait(60) == 0


def test_asked_to_end_while_it_starts_it_ends(db, tmp_path):
    said = tmp_path / "said"
    with said.open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, *up.server("127.0.0.1", free_port())], env=environment(), stderr=log, stdout=log
        )
    try:
        until(
            lambda: len(starting := psutil.Process(web.pid).children()) == up.WORKERS and all(map(is_loading, starting))
        )
    finally:
        web.terminate()

    assert web.wait(60) == 0
    assert "Stopped worker-2" in said.read_text()
    assert "Killing" not in said.read_text()


def is_loading(process):
    """Whether it has begun to read the application: a library of its own is there."""
    return any("orjson" in each.path for each in process.memory_maps())
