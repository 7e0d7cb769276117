"""The history of a row of master data, from the events that the database keeps of it (django-pghistory)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core.clock import SHANGHAI

LATEST = 100


@dataclass(frozen=True)
class Change:
    """What one change made of a row: `fields` lists (label, old, new); `by` is empty for loading and commands."""

    at: datetime
    by: str
    kind: str
    fields: list[tuple[str, str, str]]


def changes_of(row: Model) -> list[Change]:
    """Return the latest changes of a row, newest first."""
    events = list(row.events.select_related("pgh_context").order_by("-pgh_id")[: LATEST + 1])  # type: ignore[attr-defined]
    people = _people(events)
    before = [*events[1:], None]
    return [_change(row, event, previous, people) for event, previous in zip(events, before, strict=True)][:LATEST]


def _change(row: Model, event: Any, previous: Any, people: Mapping[str, str]) -> Change:
    fields = [
        (str(field.verbose_name), _shown(field, previous), _shown(field, event))
        for field in row._meta.concrete_fields
        if field.editable and getattr(event, field.attname) != getattr(previous, field.attname, None)
    ]
    return Change(event.pgh_created_at, people.get(_user(event), ""), event.pgh_label, fields)


def _shown(field: Any, event: Any) -> str:
    """A value as the page shows it: the label of a choice, 是 or 否, a time in China, a list in one line."""
    value = getattr(event, field.attname, None)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(dict(field.flatchoices or ()).get(value, value))


def _people(events: list[Any]) -> dict[str, str]:
    users = {_user(event) for event in events} - {""}
    return {str(account.pk): str(account) for account in get_user_model().objects.filter(pk__in=users)}


def _user(event: Any) -> str:
    return str((event.pgh_context.metadata if event.pgh_context else {}).get("user") or "")
