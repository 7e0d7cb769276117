"""Many bills as columns: whole fen in 64-bit integers, and for each bill which of the distinct fact combinations it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from policies.engine import Case
from policies.language.examples import Cost, YearKey
from policies.language.facts import FactValue

Fen: TypeAlias = npt.NDArray[np.int64]
Facts: TypeAlias = Mapping[str, FactValue]
COSTS = ("total", "excluded", "over_limit", "first_copay")
YEAR_KEYS: tuple[YearKey, ...] = get_args(YearKey)


@dataclass(frozen=True, slots=True)
class Bills:
    """`profiles[profile[i]]` are the facts of bill i; `cost`, `year` and `balance` are its amounts in fen.

    All columns have the same length; a missing column of `cost` or `year` is zero.
    """

    profiles: Sequence[Facts]
    profile: npt.NDArray[np.int64]
    cost: Mapping[str, Fen]
    year: Mapping[str, Fen]
    balance: Fen

    def __len__(self) -> int:
        return len(self.profile)

    def take(self, rows: npt.NDArray[np.int64]) -> Bills:
        """The bills at these positions."""
        return Bills(
            self.profiles,
            self.profile[rows],
            {name: column[rows] for name, column in self.cost.items()},
            {name: column[rows] for name, column in self.year.items()},
            self.balance[rows],
        )

    def column(self, name: str) -> Fen:
        """A cost in fen."""
        return self.cost.get(name, np.zeros(len(self), np.int64))

    def used(self, name: str) -> Fen:
        """A counter of the year so far in fen."""
        return self.year.get(name, np.zeros(len(self), np.int64))

    def case(self, i: int) -> Case:
        """Bill i as the engine takes it."""
        return Case(
            facts=self.profiles[int(self.profile[i])],
            cost=Cost(**{name: yuan(column[i]) for name, column in self.cost.items()}),  # type: ignore[arg-type]
            year_to_date=MappingProxyType({name: yuan(column[i]) for name, column in self.year.items() if column[i]}),  # type: ignore[misc]
            account_balance=yuan(self.balance[i]),
        )


def yuan(fen: np.int64 | int) -> Decimal:
    """Fen as yuan with two places."""
    return Decimal(int(fen)).scaleb(-2)


def bills_of(cases: Sequence[Case]) -> Bills:
    """Cases as columns. Item lists must be summed first: ValueError."""
    if any(case.cost.items or case.cost.total is None for case in cases):
        raise ValueError("bills by items have to be summed first")
    places: dict[tuple[tuple[str, FactValue], ...], int] = {}
    profile = [places.setdefault(tuple(sorted(case.facts.items())), len(places)) for case in cases]
    return Bills(
        profiles=[dict(key) for key in places],
        profile=np.array(profile, np.int64),
        cost={name: _column([getattr(case.cost, name) for case in cases]) for name in COSTS},
        year={name: _column([case.year_to_date.get(name) for case in cases]) for name in YEAR_KEYS},
        balance=_column([case.account_balance for case in cases]),
    )


def _column(amounts: Sequence[Decimal | None]) -> Fen:
    return np.array([int(((amount or Decimal(0)) * 100).to_integral_exact()) for amount in amounts], np.int64)
