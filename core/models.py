"""The simulated clock, as every process reads it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.prepared import PreparedQuery


class ClockStateManager(models.Manager["ClockState"]):
    def current(self) -> ClockState | None:
        """The clock's state; None while it was never moved."""
        return _STATE.first()


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
