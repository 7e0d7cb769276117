"""Who has the page of a case open."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.clock import SHANGHAI
from reviews.models.submission import Submission


class Presence(models.Model):
    """Who is at a case, softly: it blocks nobody, and ends by itself. One row a case; times are machine time.

    `page` is the page that holds it: one that was left says so late, and must not let go what the next page holds.
    """

    submission = models.OneToOneField(Submission, models.CASCADE, primary_key=True, related_name="presence")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False, verbose_name=_("办理人"))
    page = models.CharField(max_length=16)
    since = models.DateTimeField(_("开始时间"))
    until = models.DateTimeField(_("保持到"))

    class Meta:
        verbose_name = _("正在办理")
        verbose_name_plural = _("正在办理")

    def __str__(self) -> str:
        """（姓名）正在办理，09:06 起"""
        return str(_("%(name)s 正在办理，%(since)s 起") % {"name": self.account, "since": hour(self.since)})

    @property
    def counts(self) -> bool:
        """Whether it still holds."""
        return self.until > timezone.now()


def hour(moment: datetime) -> str:
    """The time of day as staff read it: 09:06."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"
