"""What a decision would change in money, as far as an app above can compute it: the reviewer reads it beside the case."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Refusal
from core.hooks import Hook

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Side:
    """The same bill on one side of the decision: as what it is settled, what the patient pays (None: nobody knows)."""

    label: str
    own: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A typical bill before and after an approval. `problem`: why it could not be computed."""

    matter: str = ""
    before: Side | None = None
    after: Side | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def saves(self) -> Decimal | None:
        """What the patient pays less once it is approved; None: one of the two is unknown."""
        if self.before is None or self.after is None or self.before.own is None or self.after.own is None:
            return None
        return self.before.own - self.after.own

    @property
    def costs(self) -> Decimal | None:
        """What the patient pays more."""
        return None if self.saves is None else -self.saves


approval = Hook[[Any]]("what an approval changes in money")
"""Follow it with a function of the submission (the child's row), which returns an `Effect`, or None for other kinds."""


def effect_of(row: Any) -> Effect | None:
    """What an approval of this case changes; None: nothing that can be computed. A fault in it never breaks the page."""
    try:
        return next((effect for effect in approval(row) if effect is not None), None)
    except Refusal as refusal:
        return Effect(problem=str(refusal.detail))
    except Exception:
        log.exception("effect_not_computed", extra={"submission": str(row.pk)})
        return Effect(problem=_("暂时无法测算，不影响审核。"))
