"""Money in the lists of the staff's site, written as on the pages: 15,260.80."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from unfold.decorators import display


def yuan(name: str, label: Any) -> Callable[[Any], str]:
    """A column of a list: the row's amount of this name, sorted by it."""

    @display(description=label, ordering=name)
    def shown(row: Any) -> str:
        amount = getattr(row, name)
        return "—" if amount is None else intcomma(amount, use_l10n=False)

    return shown
