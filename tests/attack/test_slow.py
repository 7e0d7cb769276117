"""Slow, endless, oversized and surplus connections cost no thread: others are answered meanwhile (config.asgi)."""

import http.client
import socket

import pytest

from tests import factories as make
from tests.settlements.served import served

pytestmark = pytest.mark.django_db(transaction=True)

AT = "2026-11-23 10:00"
POST = b"POST /api/v1/auth/wechat/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def here(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        make.working_calendar()
        with served(AT) as server:
            yield server


def raw(here, text: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", here.port), timeout=30)
    line.sendall(text)
    return line


def answer_of(line: socket.socket) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    return answer


def get(here, path: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", here.port, timeout=30)
    line.request("GET", path)
    status = line.getresponse().status
    line.close()
    return status


def test_bodies_that_never_end_leave_the_threads_to_others(here):
    lines = [raw(here, POST + b"Content-Length: 100\r\n\r\n{") for _ in range(60)]

    statuses = [get(here, path) for path in ("/healthz", "/api/v1/areas/", "/api/v1/clock/")]

    assert statuses == [200, 200, 200]
    for line in lines:  # what a server has begun to read it waits for when it ends
        line.sendall(b"}" * 99)
        assert answer_of(line).status == 400
        line.close()
