"""The simulated clock, as every process reads it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.prepared import PreparedQuery

STATE = ("offset", "held_at", "held_until")


class ClockStateManager(models.Manager["ClockState"]):
    def current(self) -> ClockState | None:
        """The clock's state; None while it was never moved."""
        return _STATE.first()

    def along(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """These rows with the clock's state beside each, so that who reads one of them first needs no statement for it."""
        state = ClockState.objects.filter(id=1)
        told: models.QuerySet[Any] = rows.annotate(
            **{f"clock_{name}": models.Subquery(state.values(name)) for name in STATE}
        )
        return told

    def of(self, row: Any) -> ClockState | None:
        """The clock's state as it stands beside a row; None while it was never moved."""
        state = {name: getattr(row, f"clock_{name}") for name in STATE}
        return None if state["offset"] is None else ClockState(**state)


class ClockState(models.Model):
    """The simulated clock: one row, the offset from the system's time, and the moment it is held at while a jump runs."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField(_("偏移"))
    held_at = models.DateTimeField(_("停在"), null=True, blank=True)
    held_until = models.DateTimeField(_("停留的机器时限"), null=True, blank=True)

    objects = ClockStateManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_clock")]

    def __str__(self) -> str:
        return str(self.offset)


_STATE = PreparedQuery(lambda: ClockState.objects.filter(id=1))
