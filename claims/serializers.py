"""What clients may say of claims (API.md, "Settlement"), read strictly."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from claims.costs import totalled
from core.errors import Invalid
from filings.serializers import AreaCode, Day
from policies.language.examples import Cost
from policies.language.terms import CARES
from regions.models import Disease, Institution
from settlements.bills import LARGEST_TOTAL, SENTENCES, Form
from settlements.till.serializers import BillCost

INVOICE = r"^[0-9A-Za-z-]{1,30}$"


def cost_of(value: Any) -> Cost:
    """A cost as it was sent. Raises Invalid with every problem, each with the path of its field."""
    form = Form()
    cost = form.cost(value)
    form.raise_problems()
    if totalled(cost)[0] > LARGEST_TOTAL:
        raise Invalid(SENTENCES["total_too_large"], code="total_too_large", attr="cost.total")
    return cost


@extend_schema_field(BillCost)
class CostField(serializers.Field[Any, Any, Any, Any]):
    """Sums or items, by hand: a bill may have thousands of lines."""

    def to_internal_value(self, data: Any) -> Cost:
        return cost_of(data)


class BankAccount(serializers.CharField):
    """Digits only, however they were grouped."""

    def to_internal_value(self, data: Any) -> str:
        digits = re.sub(r"[\s-]", "", super().to_internal_value(data))
        if not re.fullmatch(r"[0-9]{8,30}", digits):
            raise serializers.ValidationError("请填写8到30位数字的银行账号。", code="bank_account_invalid")
        return digits


class InvoiceText(serializers.RegexField):
    """A code or number as it stands on the paper; letters count in capitals."""

    def __init__(self, **options: Any) -> None:
        said = "请按票据填写，只含数字、字母和短横线，不超过30位。"
        super().__init__(INVOICE, error_messages={"invalid": said}, **options)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class ClaimFields(serializers.Serializer[Any]):
    """What may be said of a claim; every field may be left out of a PATCH."""

    institution = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Institution.objects.select_related("area__parent"),
        required=False,
        allow_null=True,
        error_messages={"does_not_exist": "没有找到这家医疗机构，请重新选择，或填写医院名称。"},
        help_text="医疗机构编码；名录中没有的填写 institution_name",
    )
    institution_name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    place = AreaCode(required=False, allow_null=True, help_text="医疗机构所在地区编码，填写 institution_name 时需要")
    care = serializers.ChoiceField(CARES)
    disease = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Disease.objects.all(),
        required=False,
        allow_null=True,
        error_messages={"does_not_exist": "没有找到该病种，请重新选择。"},
        help_text="门诊慢特病病种编码，如 M03900",
    )
    emergency = serializers.BooleanField(required=False, default=False)
    admitted_on = Day(required=False, allow_null=True)
    discharged_on = Day(required=False, allow_null=True)
    invoice_code = InvoiceText(required=False, allow_blank=True)
    invoice_number = InvoiceText(required=False)
    cost = CostField(required=False)
    bank_account = BankAccount(required=False, help_text="收款银行账号；回答中只显示后四位")
    bank_holder = serializers.CharField(required=False, allow_blank=True, max_length=60, help_text="开户名；空为参保人")
    reason = serializers.CharField(required=False, max_length=500, help_text="没有直接结算的原因")
    materials = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=40)


class ClaimInput(ClaimFields):
    """A new claim."""

    enrollment = serializers.UUIDField()
    draft = serializers.BooleanField(required=False, default=False)


class CorrectInput(serializers.Serializer[Any]):
    """What a reviewer makes of the bill (核定)."""

    cost = CostField(required=False)
    level = serializers.ChoiceField([0, 1, 2, 3], required=False, help_text="名录中没有的医疗机构的结算等级")
    place = AreaCode(required=False, help_text="名录中没有的医疗机构的所在地区")
