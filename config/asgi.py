"""The ASGI application, which stands between the connections and the threads: `granian --interface asgi config.asgi:application`.

Django answers in threads, of which there are few. What a slow or hostile connection could hold up happens before and after: a
body is read whole, within its size and time (`core.http.json.largest`, `config.admission.Deadline`), an answer is made whole
before it is sent, and a request waits for its thread by `config.admission`. `/healthz` needs no thread at all, nor does
`/readyz` of a process that is about to end (`config.draining`).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.db import connection

from config.admission import Admission, Busy, Deadline, Gone, urgency
from config.draining import CLOSE, STOPPING, Draining, Message, Receive, Send
from config.wsgi import application as django
from core.errors import Problem
from core.http.errors import API_PREFIX, RETRY_AFTER, SENTENCES, body
from core.http.json import dumps, largest, too_large

Scope = Message
Answer = tuple[int, list[tuple[bytes, bytes]], bytes | IO[bytes]]

IN_MEMORY = 256 * 1024
PIECE = 64 * 1024
MOST_HEADERS, LONGEST_HEADERS = 100, 16 * 1024
SIGNING = {b"_api_" + name for name in (b"name", b"version", b"timestamp", b"access_key", b"signature")}
FRAMING = {b"content-type", b"content-length", b"transfer-encoding"}
JSON, TEXT = b"application/json", b"text/plain; charset=utf-8"
SLOW = "内容没有在时限内传完，请检查网络后重试。"
HEADERS = "请求头过多，请减少后重试。"


class NotTaken(Exception):
    """A request that never reaches a thread: its status, code and sentence."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence = status, code, sentence


class Application:
    """One process's application, with its threads. `drain`: seconds in which it says that it leaves, and answers on."""

    def __init__(self, threads: int, drain: int = 0) -> None:
        self.admission, self.draining = Admission(threads), Draining(drain)
        self._threads = ThreadPoolExecutor(threads, "request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.draining.live(receive, send, _require_keys)
        elif scope["type"] == "http":
            leaves = self.draining.begun and scope["http_version"] != "2"
            await self._http(scope, receive, self.draining.closing(send) if leaves else send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        probe = scope["path"] if scope["method"] in ("GET", "HEAD") else ""
        try:
            if probe == "/healthz":
                await _tell(scope, send, 200, b'{"status": "ok"}', JSON)
            elif probe == "/readyz" and self.draining.begun:
                await _tell(scope, send, 503, STOPPING, JSON)
            else:
                await self._serve(scope, receive, send)
        except NotTaken as reason:
            await _refuse(scope, send, reason)
        except Gone:
            return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        with ExitStack() as closing:
            sent = await _read(scope, headers, receive, closing)
            if not self.admission.enters():
                await self._wait(scope, receive)
            status, told, answer = await self._answer(_environ(scope, headers, sent), closing.pop_all())
        await send({"type": "http.response.start", "status": status, "headers": told})
        if isinstance(answer, bytes):
            await send({"type": "http.response.body", "body": answer})
            return
        with answer:
            async for piece, more in _pieces(answer):
                await send({"type": "http.response.body", "body": piece, "more_body": more})

    async def _wait(self, scope: Scope, receive: Receive) -> None:
        hung_up = asyncio.ensure_future(_hung_up(receive))
        try:
            await self.admission.wait(urgency(scope["path"]), hung_up)
        except Busy:
            raise NotTaken(503, "busy", str(SENTENCES["busy"])) from None
        finally:
            hung_up.cancel()

    async def _answer(self, environ: dict[str, Any], closing: ExitStack) -> Answer:
        """Django's answer, made in a thread, which is free again, and what it read closed, even if nobody waits any more."""
        loop, began = asyncio.get_running_loop(), time.monotonic()

        def done(_work: object) -> None:
            closing.close()
            self.admission.leave(time.monotonic() - began)

        work = loop.run_in_executor(self._threads, _run, environ)
        work.add_done_callback(done)
        return await asyncio.shield(work)


async def _hung_up(receive: Receive) -> None:
    """Return when whoever asked has gone; a request without a body still has its empty one to come."""
    while (await receive())["type"] == "http.request":
        pass


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name, those that came several times as one. Raises NotTaken for too many.

    A header whose name has an underscore could pass for another, and is left out; but for those by which some hospitals sign.
    """
    sent = scope["headers"]
    if len(sent) > MOST_HEADERS or sum(len(name) + len(value) for name, value in sent) > LONGEST_HEADERS:
        raise NotTaken(431, "headers_too_large", HEADERS)
    headers: dict[bytes, bytes] = {}
    for name, value in sent:
        if name in headers:
            value = headers[name] + (b"; " if name == b"cookie" else b",") + value
        if b"_" not in name or name in SIGNING:
            headers[name] = value
    return headers


async def _read(scope: Scope, headers: dict[bytes, bytes], receive: Receive, closing: ExitStack) -> IO[bytes]:
    """The whole body, in memory if it is small, and its size as `scope["received"]`. Raises NotTaken: too large, too slow; Gone."""
    stated, most = headers.get(b"content-length", b""), largest(scope["path"])
    if stated.isdigit() and int(stated[:20]) > most:
        raise _too_large(most)
    if not stated and b"transfer-encoding" not in headers:
        scope["received"] = 0
        return BytesIO()
    sent = closing.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
    received, deadline, more = 0, Deadline(), True
    while more:
        try:
            async with asyncio.timeout(deadline.left(received)):
                message = await receive()
        except TimeoutError:
            raise NotTaken(408, "body_too_slow", SLOW) from None
        if message["type"] != "http.request":
            raise Gone
        piece, more = message.get("body", b""), message.get("more_body", False)
        received += len(piece)
        if received > most:
            raise _too_large(most)
        sent.write(piece)
    sent.seek(0)
    scope["received"] = received
    return sent


def _too_large(most: int) -> NotTaken:
    refusal = too_large(most)
    return NotTaken(refusal.status, refusal.code, refusal.detail)


def _environ(scope: Scope, headers: dict[bytes, bytes], sent: IO[bytes]) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333)."""
    host, port = scope.get("server") or ("", 0)
    path = unquote_to_bytes(scope["raw_path"].partition(b"?")[0]) if scope.get("raw_path") else scope["path"].encode()
    return {
        **{_name(name): value.decode("latin-1") for name, value in headers.items() if name not in FRAMING},
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "CONTENT_TYPE": headers.get(b"content-type", b"").decode("latin-1"),
        "CONTENT_LENGTH": str(scope["received"]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": sent,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


@lru_cache(1000)
def _name(header: bytes) -> str:
    return f"HTTP_{header.decode('latin-1').upper().replace('-', '_')}"


def _run(environ: dict[str, Any]) -> Answer:
    """Call Django; the answer's body is whole when this returns: in memory, or in a file if it is long or made bit by bit."""
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
        started[:] = [
            int(status[:3]),
            [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers],
        ]
        return _never_written

    parts: Any = django(environ, start)
    try:
        whole = _in_file(parts) if getattr(parts, "streaming", True) else b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return started[0], started[1], whole


def _in_file(parts: Iterable[bytes]) -> IO[bytes]:
    with ExitStack() as failing:
        whole = failing.enter_context(tempfile.SpooledTemporaryFile(4 * IN_MEMORY))
        whole.writelines(parts)
        whole.seek(0)
        failing.pop_all()
    return whole


def _never_written(piece: bytes) -> None:
    raise NotImplementedError("Django answers with what it returns")


async def _pieces(answer: IO[bytes]) -> AsyncIterator[tuple[bytes, bool]]:
    """The answer in pieces, with whether more follows."""
    piece = answer.read(PIECE)
    while piece:
        following = answer.read(PIECE)
        yield piece, bool(following)
        piece = following
        if not piece:
            return
    yield b"", False


def _require_keys() -> None:
    """In a thread of its own, whose connection goes with it. Imported here: Django is ready since `config.wsgi` was read."""
    from accounts import rotation

    try:
        rotation.require_keys()
    finally:
        connection.close()


async def _refuse(scope: Scope, send: Send, reason: NotTaken) -> None:
    """The refusal as the API words it; outside the API as a line of text."""
    if scope["path"].startswith(API_PREFIX):
        said = dumps(body(reason.status, [Problem(reason.code, reason.sentence)]))
        await _tell(scope, send, reason.status, said, JSON)
    else:
        await _tell(scope, send, reason.status, reason.sentence.encode(), TEXT)


async def _tell(scope: Scope, send: Send, status: int, said: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(said)), (b"cache-control", b"no-store")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER))
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE) and scope["http_version"] != "2":
        headers.append(CLOSE)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else said})


application = Application(settings.WEB_THREADS, settings.DRAIN_SECONDS)
