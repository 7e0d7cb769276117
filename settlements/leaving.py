"""Bills in what people download of their data."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.leaving import Entry, json_entry
from accounts.models import Account
from settlements.models import Settlement
from settlements.presenting import JOINS, detail


def exported(account: Account) -> Iterator[Entry]:
    """Each bill of the people the account may act for, as the API shows it."""
    rows = Settlement.objects.visible_to(account).bills().select_related("person", "area", *JOINS)
    for settlement in rows.order_by("settled_at", "pk"):
        yield json_entry(f"bills/{settlement.number}", detail(settlement, account))
