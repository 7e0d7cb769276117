"""The event log read back: what a submission's events say it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from reviews import workflow
from reviews.models import Event, Submission

CREATE = "create"
CHUNK = 2_000


def replay(events: Iterable[Event]) -> str:
    """Return the status that the events give. Raises ValueError where one does not follow from the one before it.

    Every event must start from the status the last one left, and every change must be a line of the workflow table.
    """
    status = ""
    for event in events:
        if not status:
            status = _first(event)
            continue
        if event.verb == CREATE or event.from_status != status:
            raise ValueError(f"event {event.pk}: starts from {event.from_status}, but the case was {status}")
        if event.to_status != status and not _allowed(status, event):
            raise ValueError(f"event {event.pk}: {event.verb} does not lead from {status} to {event.to_status}")
        status = event.to_status
    return status


def _first(event: Event) -> str:
    if event.verb != CREATE:
        raise ValueError(f"event {event.pk}: {event.verb} comes before the case was made")
    return event.to_status


def _allowed(status: str, event: Event) -> bool:
    return any(
        step.status == status and step.action == event.verb and step.becomes == event.to_status
        for step in workflow.TABLE
    )


def disagreements() -> tuple[int, list[str]]:
    """Replay every submission; return how many there are, and a line for each whose stored state differs."""
    checked, wrong = 0, []
    for rows in _chunks(Submission.objects.order_by("pk").values_list("pk", "status").iterator(CHUNK)):
        events = _events([key for key, _status in rows])
        suspects = [key for key, status in rows if _complaint(status, events[key])]
        wrong += [f"{key}: {complaint}" for key in suspects if (complaint := _second_look(key))]
        checked += len(rows)
    return checked, wrong


def _second_look(key: Any) -> str:
    """What is wrong with one submission, read under its lock: the first look may have met a change half-way."""
    with transaction.atomic():
        status = Submission.objects.select_for_update(no_key=True).values_list("status", flat=True).get(pk=key)
        return _complaint(status, _events([key])[key])


def _complaint(stored: str, events: Sequence[Event]) -> str:
    if not events:
        return "no events"
    try:
        given = replay(events)
    except ValueError as error:
        return str(error)
    return "" if given == stored else f"events give {given}, stored is {stored}"


def _events(keys: Sequence[Any]) -> dict[Any, list[Event]]:
    found: dict[Any, list[Event]] = defaultdict(list)
    rows = Event.objects.filter(submission__in=keys).order_by("id")
    for event in rows.only("id", "submission_id", "verb", "from_status", "to_status"):
        found[event.submission_id].append(event)
    return found


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
