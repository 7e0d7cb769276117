"""What an estimate is asked for (`POST estimates/`), read by hand as every bill is: it may have thousands of lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

from django.utils.translation import gettext as _

from policies.language.examples import Cost, YearKey
from policies.language.facts import FACTS, FactValue, fits
from settlements.bills import Form

OTHERS = ("area", "enrollment", "institution", "on", "cost", "year_to_date", "account_balance")
YEAR_KEYS: tuple[YearKey, ...] = get_args(YearKey)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRequest:
    """What an estimate is asked for: only what the caller said. `year_to_date` None: left to the records."""

    facts: Mapping[str, FactValue]
    cost: Cost
    year_to_date: Mapping[YearKey, Decimal] | None = None
    account_balance: Decimal = ZERO
    area: str | None = None
    enrollment: UUID | None = None
    institution: str | None = None
    on: date | None = None


def read(body: Any) -> EstimateRequest:
    """The body of `POST estimates/`. Raises Invalid with every problem, each with the path of its field."""
    form = _EstimateForm()
    given = form.mapping(body, None)
    request = EstimateRequest(
        facts={name: value for name, value in given.items() if name in FACTS and form.fact(name, value)},
        cost=form.cost(given.get("cost")),
        year_to_date=form.sums(given["year_to_date"], YEAR_KEYS, "year_to_date") if "year_to_date" in given else None,
        account_balance=form.money(given.get("account_balance", 0), "account_balance"),
        area=form.matching(given.get("area"), r"\d{6}", "area", "area_invalid"),
        enrollment=form.id(given.get("enrollment"), "enrollment"),
        institution=form.matching(given.get("institution"), r"[A-Za-z0-9]{1,12}", "institution", "code_invalid"),
        on=form.day(given.get("on"), "on"),
    )
    form.only(given, (*FACTS, *OTHERS), "")
    form.raise_problems()
    return request


class _EstimateForm(Form):
    def fact(self, name: str, value: Any) -> bool:
        """Whether a fact has a value that it may have."""
        if fits(FACTS[name], value):
            return True
        self.wrong(
            "fact_invalid", name, _("%(name)s 应为%(expected)s。") % {"name": name, "expected": FACTS[name].expected}
        )
        return False

    def id(self, value: Any, attr: str) -> UUID | None:
        try:
            return None if value is None else UUID(value)
        except (ValueError, AttributeError, TypeError):
            self.wrong("code_invalid", attr)
            return None
