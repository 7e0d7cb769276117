"""What somebody has to do about a submission of theirs, and how long it counts: what the overview of an account says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core import clock
from policies.language.wording import day

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SOON = timedelta(days=14)
"""How long before its last day something counts as expiring soon: twice as early as people are reminded of it."""


class NeedKind(StrEnum):
    """What is to be done, the most pressing first."""

    BIND = "bind"
    VERIFY = "verify"
    CORRECT = "correct"
    CONSENT = "consent"
    DOCUMENTS = "documents"
    ACCOUNT = "account"
    REPORT = "report"
    RENEW = "renew"
    EXPIRING = "expiring"
    FINISH = "finish"


@dataclass(frozen=True)
class Need:
    """One thing to be done: what, in a sentence, and by which day."""

    kind: NeedKind
    text: StrOrPromise
    on: date | None = None


@dataclass(frozen=True)
class Period:
    """The days on which something approved counts; without a last day it lasts."""

    first: date | None
    last: date | None

    @property
    def days_left(self) -> int | None:
        """Days until the last one; 0 on the last day itself."""
        return (self.last - clock.today()).days if self.last else None

    def expiring(self) -> Need | None:
        """The need to think of what comes after it, once its end is near."""
        if self.last is None or not clock.today() <= self.last <= clock.today() + SOON:
            return None
        return Need(NeedKind.EXPIRING, _("%s到期，届时仍需要的请重新办理。") % day(self.last), self.last)


def promised(label: str, due_on: date | None) -> Need:
    """The need to hand in what was promised in a commitment."""
    by = _("在%s前") % day(due_on) if due_on else ""
    return Need(NeedKind.DOCUMENTS, _("请%(by)s补交承诺的材料：%(what)s。") % {"by": by, "what": label}, due_on)
