"""What stands between the connections and the threads (config.asgi, config.admission)."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import admission, asgi
from config.admission import FIRST, USUAL, Admission, Busy, Deadline, Gone

FOREVER = asyncio.Future


def run(story):
    """Run it on a loop of its own, in a thread of its own: the browser's tests keep a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, story).result(30)


def scope(path="/api/v1/areas/", method="GET", **more):
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"transfer-encoding", b"chunked")], "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        **more,
    }  # fmt: skip


def ask(asked, *messages, application=None):
    """What the application sends: status, headers and body. After the messages nothing more comes."""
    sent, coming = [], list(messages)

    async def receive():
        return coming.pop(0) if coming else await FOREVER()

    async def send(message):
        sent.append(message)

    run((application or asgi.Application(1))(asked, receive, send))
    if not sent:
        return None
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def piece(body=b"", more=False):
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture
def echo(monkeypatch):
    """In Django's place: who answers what it was sent."""
    seen = []

    def answer(environ, start):
        seen.append(environ)
        start("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read()]

    monkeypatch.setattr(asgi, "django", answer)
    return seen


def problem(answer):
    status, _headers, said = answer
    return status, json.loads(said)["errors"][0]["code"]


def test_a_body_comes_whole_whatever_its_pieces_were(echo):
    answer = ask(scope(method="POST"), piece(b"a" * 70_000, True), piece(b"", True), piece(b"b" * 30_000))

    assert answer[0] == 200
    assert answer[2] == b"a" * 70_000 + b"b" * 30_000
    assert echo[0]["CONTENT_LENGTH"] == "100000"


def test_a_stated_size_beyond_the_limit_is_refused_before_anything_is_read(echo):
    answer = ask(scope("/api/v1/filings/", "POST", headers=[(b"content-length", b"131073")]))

    assert problem(answer) == (413, "body_too_large")
    assert "128 KB" in answer[2].decode()
    assert echo == []


def test_an_unstated_size_is_counted(echo):
    pieces = [piece(b"x" * 65_536, True) for _ in range(3)]

    assert problem(ask(scope("/api/v1/filings/", "POST"), *pieces)) == (413, "body_too_large")
    assert echo == []


def test_a_file_sent_to_the_sign_in_page_is_refused_before_it_is_stored(echo):
    status, _headers, said = ask(scope("/admin/login/", "POST", headers=[(b"content-length", b"10000000")]))

    assert (status, "16 KB" in said.decode(), echo) == (413, True, [])


def test_a_body_that_does_not_come_is_given_up(echo, monkeypatch):
    monkeypatch.setattr(Deadline, "PATIENCE", 0.01)

    assert problem(ask(scope(method="POST"), piece(b"{", True))) == (408, "body_too_slow")
    assert echo == []


def test_what_has_come_earns_time(monkeypatch):
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    deadline = Deadline()
    monkeypatch.setattr("time.monotonic", lambda: 1004.0)

    assert (deadline.left(0), deadline.left(16 * 1024)) == (6.0, 8.0)  # 10 - 4, and 2 more for 16 KB at 8 KB/s


def test_who_hangs_up_before_the_body_is_whole_is_forgotten(echo):
    assert ask(scope(method="POST"), piece(b"{", True), {"type": "http.disconnect"}) is None
    assert echo == []


@pytest.mark.parametrize(
    "headers", [[(b"x-%d" % number, b"1") for number in range(101)], [(b"x-long", b"x" * 17_000)]], ids=["many", "long"]
)
def test_too_many_headers(echo, headers):
    assert problem(ask(scope(headers=headers), piece())) == (431, "headers_too_large")
    assert echo == []


def test_a_header_that_could_pass_for_another_is_left_out(echo):
    headers = [
        (b"x_forwarded_for", b"1.2.3.4"),
        (b"x-forwarded-for", b"5.6.7.8"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
    ]

    ask(scope(headers=headers), piece())

    assert echo[0]["HTTP_X_FORWARDED_FOR"] == "5.6.7.8"
    assert echo[0]["HTTP_COOKIE"] == "a=1; b=2"


def test_a_path_reaches_django_as_it_was_sent(echo):
    ask(scope("/api/v1/areas/重庆/", raw_path=b"/api/v1/areas/%E9%87%8D%E5%BA%86/"), piece())

    assert echo[0]["PATH_INFO"].encode("latin-1").decode() == "/api/v1/areas/重庆/"


def test_healthz_needs_no_thread(echo):
    application = asgi.Application(1)
    application.admission.free = 0

    assert ask(scope("/healthz"), application=application)[0] == 200


def test_a_long_answer_is_sent_in_pieces(monkeypatch):
    def answer(environ, start):
        start("200 OK", [])
        return (b"x" * 100_000 for _ in range(5))

    monkeypatch.setattr(asgi, "django", answer)

    assert len(ask(scope(), piece())[2]) == 500_000


def test_without_a_thread_in_time_one_is_told_when_to_come_again(echo, monkeypatch):
    monkeypatch.setitem(admission.LONGEST_WAIT, USUAL, 0.01)
    application = asgi.Application(1)
    application.admission.free = 0

    answer = ask(scope(), piece(), application=application)

    assert problem(answer) == (503, "busy")
    assert answer[1][b"retry-after"] == b"2"
    assert echo == []


def test_who_asks_without_a_body_is_still_there_while_waiting(echo, monkeypatch):
    monkeypatch.setitem(admission.LONGEST_WAIT, USUAL, 0.01)
    application = asgi.Application(1)
    application.admission.free = 0

    assert problem(ask(scope(headers=[]), piece(), application=application)) == (503, "busy")


def test_a_defect_frees_the_thread(monkeypatch):
    monkeypatch.setattr(asgi, "django", lambda environ, start: 1 / 0)
    application = asgi.Application(1)

    with pytest.raises(ZeroDivisionError):
        ask(scope(), piece(), application=application)

    assert application.admission.free == 1


# Who enters, and when


def admitted(story):
    return run(story())


def test_the_urgent_enter_first_then_who_came_first():
    async def story():
        door, entered = Admission(1), []

        async def come(name, urgency):
            await door.wait(urgency, FOREVER())
            entered.append(name)

        assert door.enters()
        waiting = [
            asyncio.create_task(come(name, urgency))
            for name, urgency in [("first", USUAL), ("second", USUAL), ("till", FIRST)]
        ]
        await asyncio.sleep(0)
        for _ in waiting:
            door.leave(0.001)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        return entered

    assert admitted(story) == ["till", "first", "second"]


def test_who_would_wait_too_long_is_refused_on_arrival():
    async def story():
        door = Admission(2)
        door.free, door.mean = 0, 0.5
        waiting = [asyncio.create_task(door.wait(USUAL, FOREVER())) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):  # five of half a second before it, on two threads: 1.25 s
            await door.wait(USUAL, FOREVER())
        urgent = asyncio.create_task(door.wait(FIRST, FOREVER()))  # nobody stands before it
        await asyncio.sleep(0)
        door.leave(0.5)
        await urgent
        for task in waiting:
            task.cancel()

    admitted(story)


def test_who_hangs_up_while_waiting_takes_no_thread():
    async def story():
        door = Admission(1)
        assert door.enters()
        hung_up = FOREVER()
        waiting = asyncio.create_task(door.wait(USUAL, hung_up))
        await asyncio.sleep(0)
        hung_up.set_result(None)
        with pytest.raises(Gone):
            await waiting
        door.leave(0.001)
        return door.free

    assert admitted(story) == 1


def test_after_a_flood_everything_is_as_before(echo, monkeypatch):
    monkeypatch.setitem(admission.LONGEST_WAIT, USUAL, 0.05)
    application, held = asgi.Application(1), threading.Event()

    def slow(environ, start):
        held.wait(5)
        start("200 OK", [])
        return [b""]

    monkeypatch.setattr(asgi, "django", slow)

    async def flood():
        async def one():
            sent, coming = [], [piece()]

            async def receive():
                return coming.pop(0) if coming else await FOREVER()

            async def send(message):
                sent.append(message)

            await application(scope(), receive, send)
            return sent[0]["status"]

        asked = [asyncio.create_task(one()) for _ in range(20)]
        await asyncio.wait(asked[1:])
        held.set()
        return [await task for task in asked]

    statuses = run(flood())

    assert sorted(statuses) == [200] + [503] * 19
    assert application.admission.free == 1
    assert ask(scope(), piece(), application=application)[0] == 200
