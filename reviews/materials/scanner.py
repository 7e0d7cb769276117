"""A virus scanner beside the worker, where the operator runs one (`SCANNER_URL`): ClamAV's INSTREAM protocol, one file a call."""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

PORT = 3310
CHUNK = 1 << 16
SECONDS = 30
LONGEST_ANSWER = 4096


class ScannerFailed(Exception):
    """No answer, or none that says whether the file is clean: it is asked again later, and the file waits."""


def finding(content: bytes) -> str:
    """The name of what the scanner found; empty where nothing was, or no scanner is set. Raises ScannerFailed."""
    if not settings.SCANNER_URL:
        return ""
    try:
        with _connected() as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), CHUNK):
                chunk = content[at : at + CHUNK]
                scanner.sendall(struct.pack("!I", len(chunk)) + chunk)
            scanner.sendall(struct.pack("!I", 0))
            return _found(_answer(scanner))
    except OSError as reason:
        raise ScannerFailed(type(reason).__name__) from reason


def _connected() -> socket.socket:
    """To `tcp://host:port` or `unix:///path`."""
    where = urlsplit(settings.SCANNER_URL)
    if where.scheme == "unix":
        scanner = socket.socket(socket.AF_UNIX)
        try:
            scanner.settimeout(SECONDS)
            scanner.connect(where.path)
        except OSError:
            scanner.close()
            raise
        return scanner
    return socket.create_connection((where.hostname or "127.0.0.1", where.port or PORT), timeout=SECONDS)


def _answer(scanner: socket.socket) -> str:
    """Everything up to the end of the line, which is a NUL."""
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (more := scanner.recv(LONGEST_ANSWER)):
        answer += more
    return answer.partition(b"\0")[0].decode(errors="replace").strip()


def _found(answer: str) -> str:
    """`stream: OK`, or `stream: NAME FOUND`; anything else is no answer."""
    told = answer.removeprefix("stream:").strip()
    if told == "OK":
        return ""
    if told.endswith(" FOUND"):
        return told.removesuffix(" FOUND")
    raise ScannerFailed(told[:200] or "closed without an answer")
