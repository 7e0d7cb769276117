"""The event log read back: what a submission's events say it is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from reviews import workflow
from reviews.models import Event, Submission

CREATE = "create"


def replay(events: Iterable[Event]) -> str:
    """Return the status that the events give. Raises ValueError where one does not follow from the one before it.

    Every event must start from the status the last one left, and every change must be a line of the workflow table.
    """
    status = ""
    for event in events:
        if event.verb == CREATE and not status:
            status = event.to_status
            continue
        if event.from_status != status:
            raise ValueError(f"event {event.pk}: starts from {event.from_status}, but the case was {status}")
        if event.to_status != status and not _allowed(status, event):
            raise ValueError(f"event {event.pk}: {event.verb} does not lead from {status} to {event.to_status}")
        status = event.to_status
    return status


def _allowed(status: str, event: Event) -> bool:
    return any(
        step.status == status and step.action == event.verb and step.becomes == event.to_status
        for step in workflow.TABLE
    )


def disagreements() -> tuple[int, list[str]]:
    """Replay every submission; return how many there are, and a line for each whose stored state differs."""
    wrong: list[str] = []
    stored = dict(Submission.objects.values_list("id", "status").iterator())
    unseen = dict(stored)
    events = Event.objects.order_by("submission_id", "id").only(
        "id", "submission_id", "verb", "from_status", "to_status"
    )
    for key, own in groupby(events.iterator(chunk_size=5000), key=lambda event: event.submission_id):
        unseen.pop(key, None)
        try:
            given = replay(own)
        except ValueError as error:
            wrong.append(f"{key}: {error}")
            continue
        if given != stored.get(key):
            wrong.append(f"{key}: events give {given}, stored is {stored.get(key)}")
    wrong += [f"{key}: no events" for key in unseen]
    return len(stored), wrong
