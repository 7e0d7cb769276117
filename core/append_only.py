"""Tables whose rows stay as they were written: the database itself refuses anything else."""

from __future__ import annotations

import pgtrigger


def append_only(*erasable: str) -> list[pgtrigger.Trigger]:
    """Triggers of such a table. `erasable`: columns that retention may empty, as the free text behind a decision."""
    changed = (
        pgtrigger.ReadOnly(name="stays", exclude=[*erasable])
        if erasable
        else pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
    )
    kept = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)] if erasable else []
    truncate = pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
    )
    return [changed, *kept, truncate]
