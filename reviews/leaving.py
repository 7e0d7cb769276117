"""Submissions in what people download of their data, and what is still open of them when an account closes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.leaving import Entry, Matter, is_oneself, json_entry
from accounts.models import Account
from reviews.lifecycle import LIFECYCLES, Lifecycle
from reviews.materials.storage import name_of, read
from reviews.models import Material, Status
from reviews.presenting import present

LIVE = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.APPROVED)


def exported(account: Account) -> Iterator[Entry]:
    """Each submission the account may see: as the API shows it, what it says in words, and its files."""
    for handler in LIFECYCLES.values():
        rows = handler.model.objects.visible_to(account).in_full().select_related("person", "area")
        for row in rows.order_by("created_at", "pk"):
            yield json_entry(f"submissions/{row.number}", _whole(row, handler, account))
            yield from _files(row)


def _whole(row: Any, handler: Lifecycle[Any], account: Account) -> dict[str, Any]:
    described = handler.described(row, unmasked=is_oneself(account, row.person_id))
    return {**present(row, account), "content": [{"label": str(label), "text": str(text)} for label, text in described]}


def _files(row: Any) -> Iterator[Entry]:
    for number, material in enumerate(Material.objects.attached_to([row.pk]), 1):
        if material.status != Material.State.READY:
            continue
        name = name_of(material)
        try:
            yield Entry(
                f"files/{row.number}/{number}-{material.kind}.{name.rpartition('.')[2]}", read(name), packed=True
            )
        except FileNotFoundError:  # it stands in the list of the submission's materials all the same
            continue


def left_open(account: Account) -> list[Matter]:
    """What of the account's submissions is still open, the oldest first of each kind."""
    return [
        Matter(
            row.kind,
            str(row.get_kind_display()),
            row.pk,
            row.number,
            row.person.masked_name,
            handler.summary(row),
            words,
        )
        for handler in LIFECYCLES.values()
        for row in handler.model.objects.visible_to(account)
        .filter(status__in=LIVE)
        .select_related("person")
        .order_by("pk")
        if (words := [str(word) for word in row.left_open()])
    ]
