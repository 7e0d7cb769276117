"""What a till sends and is answered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from core.http.values import Maybe, keyed
from settlements.bodies import MOST_ITEMS, BillItem, CostInput, Money
from settlements.models import AMOUNTS
from settlements.till.national import help_text


class BillCost(CostInput):
    """Sums, or items, or both where they agree."""

    total: Maybe[Money] = Field(None, description=help_text("total"))
    excluded: Maybe[Money] = Field(None, description=help_text("excluded"))
    over_limit: Maybe[Money] = Field(None, description=help_text("over_limit"))
    first_copay: Maybe[Money] = Field(None, description=help_text("first_copay"))
    items: Annotated[list[BillItem], Field(min_length=1, max_length=MOST_ITEMS)] = Field([], description="最多5000条。")


SettledAmounts = Annotated[
    Mapping[str, Decimal],
    keyed(
        "SettledAmounts",
        {name: Annotated[Money, Field(description=help_text(name))] for name in AMOUNTS},
        "Every amount of the calculation; the first name is this API's, the platform's is in the description.",
    ),
]
