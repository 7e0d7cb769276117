"""One settlement in full, as somebody may see it. The query is kept (`core.prepared`), one for each role."""

from __future__ import annotations

from functools import cache
from typing import Any

from accounts.models import Account
from core.prepared import Param, PreparedQuery
from reviews.models.submission import visible_with
from settlements.models import Settlement

JOINS = ("person", "area", "care_area", "year", "continues", "reversal", "filing")


def one(account: Account, pk: Any) -> Settlement | None:
    """The settlement (never a reversing entry) with everything its answer shows; None: it is not this account's to see."""
    return _one(account.role).first(pk=pk, **visible_with(account))


@cache
def _one(role: str) -> PreparedQuery[Settlement]:
    who = {name: Param(name) for name in ("area", "institution", "reached")}
    rows = Settlement.objects.visible_as(role, **who).bills().filter(pk=Param("pk"))
    return PreparedQuery(lambda: rows.select_related(*JOINS).order_by())
