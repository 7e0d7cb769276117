"""What the engine is given and what it answers. Money is yuan as exact decimals; results have two places."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from policies.language.examples import Cost, Given, Item, Refusal

Case: TypeAlias = Given
"""`facts` (POLICY.md §1; insurance and care always), `cost`, `year_to_date` by YearKey, `account_balance`."""

__all__ = ["Case", "Cost", "Item", "Line", "Refusal", "Result", "WrongInput"]


class WrongInput(ValueError):
    """The bill contradicts itself. `code`: scope_negative, items_total."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Line(NamedTuple):
    """One step of the explanation: the formula shows the figures that were used; `source` is an id of the file's sources."""

    step: str
    label: str
    formula: str
    amount: Decimal
    source: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """All amounts of the calculation (every name of `examples.Amount`, zero where nothing applies), and the lines behind them.

    `burden` is scope − pooled, before the supplements: what the year's burden grows by. A refusal (`refused`:
    not_covered or not_known) carries its reason and no amounts.
    """

    amounts: Mapping[str, Decimal]
    lines: tuple[Line, ...]
    benefit: str | None = None
    refused: Refusal | None = None
    reason: str = ""
