"""Making uploads safe, in the worker. Any number of deliveries, kills and rivals give one result.

A material is claimed for a short time of machine time, converted outside any transaction, and finished under its lock.
A worker that dies loses its claim; the sweep claims the row again, three times at most. The converter runs beside the
worker: a file that eats memory, time or the decoder itself takes only its child along.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from reviews.materials import scanner, storage
from reviews.materials.convert import PDF
from reviews.models import Material

PROGRAM = Path(__file__).with_name("convert.py")
SECONDS = 40
OWN_FAULT = frozenset(
    {signal.SIGXCPU, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
)
ATTEMPTS = 3
CLAIM = timedelta(seconds=SECONDS + 10)
GRACE = timedelta(seconds=15)
LATELY = timedelta(minutes=10)

log = structlog.get_logger(__name__)

# Converting


class NotConverted(Exception):
    """The file is at fault; `problem` is its stable code."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class ConverterFailed(Exception):
    """The converter was killed by someone else or ran out of time on a busy machine: worth another attempt."""


@dataclass(frozen=True)
class Converted:
    """`picture` is what is stored in the original's place; None where the original itself is kept (a PDF that can only be read)."""

    pages: int
    picture: bytes | None
    thumbnail: bytes


def convert(original: bytes, content_type: str, *page: str) -> Converted:
    """Convert in a child process; with a `page`, picture that page of a PDF. Raises NotConverted, ConverterFailed.

    The child inherits no environment (no keys) and reads and writes through pipes only: killed, it leaves nothing behind.
    """
    command = [sys.executable, "-I", str(PROGRAM), content_type, *page]
    try:
        child = subprocess.run(  # noqa: S603 - our own program; the type is one of five we chose, the page a number
            command, input=original, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
        )
    except (subprocess.TimeoutExpired, OSError) as reason:
        raise ConverterFailed(type(reason).__name__) from reason
    if -child.returncode in OWN_FAULT:
        raise NotConverted("file_too_complex")
    if child.returncode:
        raise ConverterFailed(f"exit {child.returncode}: {child.stderr[-300:].decode(errors='replace')}")
    return _read(child.stdout)


def _read(answer: bytes) -> Converted:
    line, _, parts = answer.partition(b"\n")
    head = json.loads(line)
    if problem := head.get("problem"):
        raise NotConverted(problem)
    picture, thumbnail = parts[: head["picture"]], parts[head["picture"] :]
    return Converted(head["pages"], picture or None, thumbnail)


# Working


def process(material_id: UUID) -> Material | None:
    """Process one material now. None: not waiting, or in another worker's hands."""
    material = _claim(_waiting().filter(id=material_id))
    return material and _work_on(material)


def process_next() -> Material | None:
    """Process the one whose turn it is. None: nothing waits, or all of it is in other workers' hands."""
    material = _claim_in_turn(_waiting())
    return material and _work_on(material)


def process_waiting(limit: int = 20) -> int:
    """Process what no task was heard of, or what a worker dropped; returns how many. Safe beside itself."""
    for done in range(limit):
        overlooked = Q(claimed_until__isnull=False) | Q(uploaded_at__lt=timezone.now() - GRACE)
        material = _claim_in_turn(_waiting().filter(overlooked))
        if material is None:
            return done
        _work_on(material)
    return limit


def lag() -> timedelta:
    """For how long the upload that waits longest, or is being worked on, has waited."""
    first = Material.objects.filter(status=Material.State.PROCESSING).order_by("uploaded_at")[:1]
    return max((timezone.now() - at for at in first.values_list("uploaded_at", flat=True)), default=timedelta())


def _waiting() -> QuerySet[Material]:
    """Processing, and in nobody's hands."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=timezone.now())
    return Material.objects.filter(free, status=Material.State.PROCESSING)


def _claim_in_turn(rows: QuerySet[Material]) -> Material | None:
    """Accounts take turns: everybody's first file of the last minutes comes before anybody's second.

    So sixty files of one account hold up nobody else's photo.
    """
    free = set(rows.values_list("id", flat=True))
    accounts = Material.objects.filter(status=Material.State.PROCESSING).values("account")
    lately = Q(status=Material.State.PROCESSING) | Q(uploaded_at__gt=timezone.now() - LATELY)
    turn = Window(RowNumber(), partition_by=F("account"), order_by="uploaded_at")
    theirs = Material.objects.filter(lately, account__in=accounts).annotate(turn=turn)
    in_turn = (one for one in theirs.order_by("turn", "uploaded_at").values_list("id", flat=True) if one in free)
    return next(filter(None, (_claim(_waiting().filter(id=one)) for one in in_turn)), None)


@transaction.atomic
def _claim(rows: QuerySet[Material]) -> Material | None:
    material = rows.select_for_update(skip_locked=True).order_by("uploaded_at").first()
    if material:
        material.attempts += 1
        material.claimed_until = timezone.now() + CLAIM
        material.save(update_fields=["attempts", "claimed_until"])
    return material


def _work_on(material: Material) -> Material:
    if material.attempts > ATTEMPTS:
        return _refuse(material, "processing_failed")
    try:
        original = storage.read(material.file.name or "")
        if found := scanner.finding(original):
            log.warning("material_infected", material=str(material.id), found=found)
            return _refuse(material, "file_infected")
        converted = convert(original, material.content_type)
    except NotConverted as reason:
        return _refuse(material, reason.problem)
    except FileNotFoundError:
        return _refuse(material, "processing_failed")
    except (scanner.ScannerFailed, OSError) as reason:
        return _put_off(material, reason)
    except ConverterFailed as reason:
        log.warning("material_not_converted", material=str(material.id), reason=str(reason))
        return _give_back(material)
    try:
        return _finish(material, partial(_make_ready, original=original, converted=converted))
    except OSError as reason:  # a disk without room
        return _put_off(material, reason)


def _refuse(material: Material, problem: str) -> Material:
    return _finish(material, partial(_make_refused, problem=problem))


def _give_back(material: Material) -> Material:
    """Free the claim for another attempt; after the last one the material is refused."""
    if material.attempts >= ATTEMPTS:
        return _refuse(material, "processing_failed")
    Material.objects.filter(id=material.id, attempts=material.attempts).update(claimed_until=timezone.now())
    return material


def _put_off(material: Material, reason: Exception) -> Material:
    """Try again once the claim is over: what is not the file's fault does not count as an attempt."""
    log.error("material_put_off", material=str(material.id), why=type(reason).__name__, reason=str(reason))
    Material.objects.filter(id=material.id, attempts=material.attempts).update(attempts=material.attempts - 1)
    return material


def _finish(material: Material, write_outcome: Callable[[Material], None]) -> Material:
    """Write the outcome under the row's lock, once: whoever comes second, or after its owner deleted it, writes nothing."""
    with transaction.atomic():
        row = Material.objects.select_for_update().filter(id=material.id, status=Material.State.PROCESSING).first()
        if row is None:
            return material
        write_outcome(row)
        row.claimed_until = None
        row.save()
        transaction.on_commit(partial(storage.remove_original, row.id))
    return row


def _make_ready(row: Material, *, original: bytes, converted: Converted) -> None:
    content = original if converted.picture is None else converted.picture
    if row.content_type != PDF:
        row.content_type = "image/jpeg"
    row.file.name = storage.put(storage.name_of(row), content)
    row.thumbnail.name = storage.put(storage.thumbnail_name_of(row), converted.thumbnail)
    row.size, row.pages, row.status = len(content), converted.pages, Material.State.READY


def _make_refused(row: Material, *, problem: str) -> None:
    row.file.name, row.problem, row.status = "", problem, Material.State.REFUSED
