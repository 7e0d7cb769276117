"""What the serializers of the till and of claims share with `settlements.bodies`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.http.components import Described
from settlements import bodies
from settlements.till import bodies as till

_declared: Any = Described
_settled: Any = till.SettledAmounts
MONEY = r"^\d{1,10}(\.\d{1,2})?$"
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
Shape = serializers.Serializer[Any]


@extend_schema_field(_declared(till.BillCost))
class BillCost(serializers.JSONField): ...


@extend_schema_field(_declared(_settled.__metadata__[0].shape))
class SettledAmounts(serializers.JSONField): ...


@extend_schema_field(_declared(bodies.LineAnswer))
class LineAnswer(serializers.JSONField): ...


@extend_schema_field(_declared(bodies.PolicyBrief))
class PolicyBrief(serializers.JSONField): ...


def money(**options: Any) -> serializers.RegexField:
    return serializers.RegexField(MONEY, **options)
