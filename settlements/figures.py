"""Figures as they are sent: money, ratios and quantities, as a string or a number, without a float on the way."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from core.http.values import Otherwise
from core.text import amount

MONEY = r"^\d{1,10}(\.\d{1,2})?$"
RATIO = r"^(0(\.\d{1,6})?|1(\.0{1,6})?)$"


class _Figure:
    """A number written as a string ("15260.80", also as people write it: "￥15,260.80") or as a number; the pattern says which."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        pattern = self.pattern.replace(r"\d", "[0-9]")
        written = core_schema.str_schema(pattern=pattern, coerce_numbers_to_str=True)
        typed = core_schema.chain_schema(
            [
                core_schema.str_schema(),
                core_schema.no_info_plain_validator_function(amount),
                core_schema.str_schema(pattern=pattern),
            ]
        )
        either = core_schema.union_schema([written, typed], mode="left_to_right")
        return core_schema.chain_schema([either, core_schema.no_info_plain_validator_function(Decimal)])

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern}


NO_MONEY = _("请填写不小于0、不到一百亿元的金额，最多两位小数，如 15260.80。")
Money = Annotated[Decimal, _Figure(MONEY), Otherwise("money_invalid", NO_MONEY)]
"""Yuan, at most two decimals."""
Ratio = Annotated[Decimal, _Figure(RATIO), Otherwise("ratio_invalid", _("请填写0到1之间的比例，如 0.10。"))]

QUANTITY = r"^\d{1,8}(\.\d{1,4})?$"
NO_QUANTITY = _("请填写大于0的数量，最多四位小数，如 2。")
Quantity = Annotated[Decimal, _Figure(QUANTITY), Otherwise("quantity_invalid", NO_QUANTITY)]
