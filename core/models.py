"""The simulated clock, as every process reads it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ClockState(models.Model):
    """The simulated clock: one row, the offset from the system's time, and the moment it is held at while a jump runs."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField(_("偏移"))
    held_at = models.DateTimeField(_("停在"), null=True, blank=True)
    held_until = models.DateTimeField(_("停留的机器时限"), null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_clock")]

    def __str__(self) -> str:
        return str(self.offset)
