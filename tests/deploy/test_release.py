"""A release as docs/operations.md has it, behind the delivered HAProxy: the new server beside the old, which then leaves; no call fails.

Nothing is sent twice: a refusal, a broken connection and a late answer all count. `make hosts` does the same with hosts of their own.
"""

import http.client
import re
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager

import pytest

from devservices.state import free_port
from tests import factories as make
from tests.deploy.delivered import DEPLOY
from tests.deploy.programs import found, program
from tests.hosts.releasing import state_of
from tests.settlements.served import served

pytestmark = [pytest.mark.django_db(transaction=True), program("haproxy", "haproxy")]

AT, CALLERS = "2026-11-23 10:00", 3
SETTINGS = {"DRAIN_SECONDS": "5", "LIMIT_SIGN_IN": "1000000/min"}
SIGN_IN = ("POST", "/api/v1/auth/wechat/", '{"code": "sandbox:nobody"}', {"Content-Type": "application/json"})
READ = ("GET", "/api/v1/areas/?level=province", None, {})


class Callers:
    """Some who read and write all the time, each on a connection that it keeps as long as it may; each call is made once."""

    def __init__(self, port):
        self.answered, self.failed, self._port, self._over = 0, [], port, threading.Event()
        self._threads = [
            threading.Thread(target=self._call, args=(READ if n % 2 else SIGN_IN,)) for n in range(CALLERS)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _call(self, asked):
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as line:
            while not self._over.is_set():
                try:
                    line.request(*asked)
                    answer = line.getresponse()
                    said = answer.read()
                except (OSError, http.client.HTTPException) as reason:
                    self.failed.append(repr(reason))
                    line.close()
                else:
                    self.answered += answer.status == 200
                    self.failed += [] if answer.status == 200 else [f"{answer.status} {said[:80]!r}"]

    def go_on(self, calls=40):
        """Until so many more were answered."""
        wanted = self.answered + calls
        until(lambda: self.answered >= wanted)


def until(is_so, seconds=240):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def haproxy(folder, *servers):
    """The delivered file, with these ports in the place of its servers; the port where it listens."""
    port = free_port()
    text = (DEPLOY / "hosts" / "haproxy-web.cfg").read_text().replace("${FOLDER}", str(folder))
    text = re.sub(r"    server .*\n", "", text).replace("bind ${ADDRESS}:80", f"bind 127.0.0.1:{port}")
    text += "".join(f"    server web-{number} 127.0.0.1:{number}\n" for number in servers)
    (folder / "haproxy.cfg").write_text(text.replace("hdr Host yidi.example", "hdr Host 127.0.0.1"))
    with subprocess.Popen(
        [found("haproxy"), "-db", "-f", folder / "haproxy.cfg"], stderr=subprocess.DEVNULL
    ) as running:
        try:
            yield port
        finally:
            running.terminate()


def test_a_release_under_load_fails_no_call(tmp_path):
    make.working_calendar()
    old, new = free_port(), free_port()
    balancer = tmp_path / "haproxy.sock"

    with haproxy(tmp_path, old, new) as port, served(AT, old, **SETTINGS) as before:
        until(lambda: state_of(balancer, f"web-{old}") == "UP")
        with Callers(port) as callers:
            callers.go_on()
            with served(AT, new, **SETTINGS):
                until(lambda: state_of(balancer, f"web-{new}") == "UP")
                callers.go_on()
                before.process.terminate()
                until(lambda: state_of(balancer, f"web-{old}") == "NOLB")
                ended = before.process.wait(120)
                callers.go_on()
                callers.stop()

    assert (Counter(callers.failed), ended) == ({}, 0)
