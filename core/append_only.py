"""Tables whose rows stay as they were written: the database itself refuses anything else."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models


def append_only(*erasable: str) -> list[pgtrigger.Trigger]:
    """Triggers of such a table. `erasable`: columns that retention may empty, as the free text behind a decision."""
    changed = (
        pgtrigger.ReadOnly(name="stays", exclude=[*erasable])
        if erasable
        else pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
    )
    kept = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)] if erasable else []
    return [changed, *kept, no_truncate()]


def no_truncate() -> pgtrigger.Trigger:
    """The trigger by which a table is not emptied at once, past the triggers of its rows."""
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
    )


def changeable(model: type[models.Model]) -> tuple[list[str] | None, bool]:
    """Of a table, by the triggers that keep its rows: the columns that may change (None: all), and whether rows may go.

    A model's `handed_over` names fields that its trigger keeps, but for one act that lets it rest.
    """
    columns: list[str] | None = None
    deletable = True
    for trigger in triggers_of(model):
        if not isinstance(trigger, pgtrigger.Protect) or trigger.condition is not None:
            continue
        if "UPDATE" in str(trigger.operation):
            columns = _but_for(trigger, model, columns)
        if "DELETE" in str(trigger.operation):
            deletable = False
    if columns is not None:
        columns += [_column(model, name) for name in getattr(model, "handed_over", ())]
    return columns, deletable


def _but_for(trigger: pgtrigger.Protect, model: type[models.Model], columns: list[str] | None) -> list[str]:
    """Of the columns that may change so far (None: all), those that a trigger leaves."""
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    kept = {field.name for field in fields}
    if isinstance(trigger, pgtrigger.ReadOnly) and (trigger.fields or trigger.exclude):
        kept = set(trigger.fields or kept - set(trigger.exclude or ()))
    left = [str(field.column) for field in fields if field.name not in kept]
    return left if columns is None else [column for column in columns if column in left]


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.column)


def stays_for_a_time(model: type[models.Model]) -> bool:
    """Whether a trigger refuses to delete some of the rows."""
    return any("DELETE" in str(one.operation) for one in triggers_of(model) if isinstance(one, pgtrigger.Protect))


def triggers_of(model: type[models.Model]) -> list[pgtrigger.Trigger]:
    """The triggers on a model's own table."""
    registered: list[tuple[Any, pgtrigger.Trigger]] = list(pgtrigger.registered())
    return [trigger for owner, trigger in registered if owner is model]
