"""Where the watch listens: the ends at which text leaves the process."""

from __future__ import annotations

import base64
import copy
import gzip
import io
import logging
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pypdfium2
import redis
from django.core.handlers.base import BaseHandler
from django.db.models.signals import post_save
from knox.models import AuthTokenManager

from accounts import sms
from accounts.models import Account, Person, Role, SandboxDelivery
from accounts.security import factor
from accounts.services import vouchers
from tests.privacy.watch import Output, Watch, called

LINK = re.compile(r"""(?:https?://|(?<=["'(= ])/)[^\s"'<>()]{4,}""")
BODY = re.compile(rb'"body": ?"([A-Za-z0-9+/=]+)"')
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@contextmanager
def listening(watch: Watch) -> Iterator[None]:
    """Hear everything until the end of the run."""
    with ExitStack() as ears:
        for ear in (logs, sent_to_redis, requests, secrets, messages, names, processes):
            ears.enter_context(ear(watch))
        yield


@contextmanager
def logs(watch: Watch) -> Iterator[None]:
    """Every record, as it was made and as it is written: where loggers hand them over, for a second django.setup() replaces all handlers."""
    call = logging.Logger.callHandlers
    formatter = next(one.formatter for one in logging.getLogger().handlers if one.formatter)

    def heard(logger: logging.Logger, record: logging.LogRecord) -> None:
        written = formatter.format(copy.copy(record))
        watch.read("log", f"{record.name} {record.levelname}", f"{record.msg} {record.args or ''} {written}")
        call(logger, record)

    with patch.object(logging.Logger, "callHandlers", heard):
        yield


@contextmanager
def processes(watch: Watch) -> Iterator[None]:
    """What processes that tests start write to a file or to nowhere, read when the test has ended; what is collected from them, at once."""
    start, collect = subprocess.Popen.__init__, subprocess.Popen.communicate

    def started(process: Any, command: Any, *args: Any, **streams: Any) -> None:
        with ExitStack() as given:
            for name in ("stdout", "stderr"):
                if streams.get(name) == subprocess.DEVNULL:
                    streams[name] = given.enter_context(tempfile.NamedTemporaryFile(buffering=0))
            outputs = [
                Output(process, path)
                for path in {written_to(streams.get(name)) for name in ("stdout", "stderr")}
                if path
            ]
            start(process, command, *args, **streams)
            watch.outputs += outputs

    def collected(process: Any, *args: Any, **kwargs: Any) -> Any:
        written = collect(process, *args, **kwargs)
        for text in filter(None, written):
            said = text if isinstance(text, str) else text.decode("utf-8", "replace")
            watch.read("log", called(process), said)
        return written

    with patch.object(subprocess.Popen, "__init__", started), patch.object(subprocess.Popen, "communicate", collected):
        yield
    watch.overhear()


def written_to(stream: Any) -> str | None:
    """The file that a stream goes to, if it does."""
    path = getattr(stream, "name", None)
    return path if isinstance(path, str) and Path(path).is_file() else None


@contextmanager
def sent_to_redis(watch: Watch) -> Iterator[None]:
    """Every command with its arguments, the messages of the broker opened."""
    send = redis.connection.AbstractConnection.send_packed_command

    def heard(connection: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
        packed = [command] if isinstance(command, bytes) else command
        watch.read("redis", "a command", opened(b"".join(bytes(part) for part in packed)))
        return send(connection, command, *args, **kwargs)

    with patch.object(redis.connection.AbstractConnection, "send_packed_command", heard):
        yield


def opened(stored: bytes) -> str:
    """What is stored, with the bodies of tasks, which travel in base64."""
    parts = [stored]
    for body in BODY.findall(stored):
        with suppress(ValueError):
            parts.append(base64.b64decode(body))
    return b" ".join(parts).decode("utf-8", "replace")


def kept_in_redis(watch: Watch, client: Any) -> int:
    """Read every key of a database with its value; how many there are."""
    keys = list(client.scan_iter(count=1000))
    for key in keys:
        watch.read("redis", "a value", opened(b" ".join([key, *values(client, key)])))
    return len(keys)


def values(client: Any, key: bytes) -> list[bytes]:
    """What stands under a key, in pieces."""
    match client.type(key):
        case b"string":
            return [client.get(key) or b""]
        case b"hash":
            return [part for pair in client.hgetall(key).items() for part in pair]
        case b"set":
            return list(client.smembers(key))
        case b"zset":
            return list(client.zrange(key, 0, -1))
        case b"list":
            return list(client.lrange(key, 0, -1))
        case _:
            return []


@contextmanager
def requests(watch: Watch) -> Iterator[None]:
    """Every address that is asked for, and what is answered: addresses in it, and files."""
    answer = BaseHandler.get_response

    def heard(handler: Any, request: Any) -> Any:
        path = request.get_full_path()
        watch.address(f"asked for {request.path}", path)
        response = answer(handler, request)
        answered(watch, request.path, response)
        return response

    with patch.object(BaseHandler, "get_response", heard):
        yield


def answered(watch: Watch, path: str, response: Any) -> None:
    """Read the addresses of an answer, and the file, if it is one that leaves with people."""
    if "Location" in response:
        watch.address(f"sent on from {path}", response["Location"])
    kind = response.get("Content-Type", "").split(";")[0]
    if kind in FILES:
        whole(
            response, lambda content: watch.read("export", f"{path} {kind}", FILES[kind](unpacked(response, content)))
        )
    elif not response.streaming and kind in ("text/html", "application/json"):
        text = unpacked(response, response.content).decode("utf-8", "replace")
        for link in set(LINK.findall(text)):
            watch.address(f"linked in {path}", link)


def unpacked(response: Any, content: bytes) -> bytes:
    """A body as it was before it was packed for a browser."""
    return gzip.decompress(content) if response.get("Content-Encoding") == "gzip" else content


def whole(response: Any, read: Callable[[bytes], None]) -> None:
    """Have a file read when all of it is there; one that is written while it is sent, when that has ended."""
    if not response.streaming:
        read(response.content)
        return

    def passed_on(chunks: Iterable[bytes]) -> Iterator[bytes]:
        kept = []
        for chunk in chunks:
            kept.append(chunk)
            yield chunk
        read(b"".join(kept))

    response.streaming_content = passed_on(response.streaming_content)


def text_of_workbook(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return " ".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def text_of_paper(content: bytes) -> str:
    paper = pypdfium2.PdfDocument(content)
    return " ".join(page.get_textpage().get_text_range() for page in paper)


FILES: dict[str, Callable[[bytes], str]] = {
    "text/csv": lambda content: content.decode("utf-8", "replace"),
    XLSX: text_of_workbook,
    "application/pdf": text_of_paper,
}


@contextmanager
def secrets(watch: Watch) -> Iterator[None]:
    """Know tokens and codes when they are made."""
    token, voucher, code, recovery = AuthTokenManager.create, vouchers.issue, sms.Service.new_code, factor.digest

    def made_token(*args: Any, **kwargs: Any) -> Any:
        made = token(*args, **kwargs)
        watch.knows(made[1], "a bearer token")
        return made

    def made_voucher(*args: Any, **kwargs: Any) -> Any:
        made = voucher(*args, **kwargs)
        watch.knows(made.token, "an insurance code")
        return made

    def made_code(*args: Any, **kwargs: Any) -> Any:
        made = code(*args, **kwargs)
        watch.knows(made, "a code by text message")
        return made

    def read_code(text: str) -> Any:
        watch.knows(text, "a recovery code or one of enrolment")
        return recovery(text)

    with (
        patch.object(AuthTokenManager, "create", made_token),
        patch.object(vouchers, "issue", made_voucher),
        patch.object(sms.Service, "new_code", made_code),
        patch.object(factor, "digest", read_code),
    ):
        yield


@contextmanager
def messages(watch: Watch) -> Iterator[None]:
    """What is sent out by text message: a code is what it is for, nothing else of anybody."""

    def sent(sender: Any, instance: Any, **_more: Any) -> None:
        watch.read("message", instance.channel, re.sub(r"(?<!\d)\d{6}(?!\d)", "", instance.text))

    post_save.connect(sent, sender=SandboxDelivery, dispatch_uid="privacy-sent")
    try:
        yield
    finally:
        post_save.disconnect(sender=SandboxDelivery, dispatch_uid="privacy-sent")


@contextmanager
def names(watch: Watch) -> Iterator[None]:
    """Know people when they are written down."""

    def written(sender: Any, instance: Any, **_more: Any) -> None:
        if len(instance.name) >= 3 and getattr(instance, "role", Role.CITIZEN) == Role.CITIZEN:
            watch.names.add(instance.name)

    for model in (Person, Account):
        post_save.connect(written, sender=model, dispatch_uid=f"privacy-{model.__name__}")
    try:
        yield
    finally:
        for model in (Person, Account):
            post_save.disconnect(sender=model, dispatch_uid=f"privacy-{model.__name__}")
