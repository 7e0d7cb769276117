"""What the endpoints before the visit take and answer, for the OpenAPI document; plain dicts are built elsewhere."""

from __future__ import annotations

from typing import Any, get_args

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.http.fields import Day
from policies.language.examples import Amount, Refusal, YearKey
from policies.language.terms import CARES, TRAVELS

MONEY = r"^\d{1,10}(\.\d{1,2})?$"
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
Shape = serializers.Serializer[Any]


@extend_schema_field({"$ref": "#/components/schemas/SourceAnswer"})
class SourceAnswer(serializers.JSONField):
    """A source, as `policies.bodies` declares it."""


def _asking(message: Any) -> dict[str, Any]:
    """What is said where a field is missing or makes no sense."""
    return dict.fromkeys(("required", "blank", "invalid", "invalid_choice"), message)


class EligibilityQuery(Shape):
    enrollment = serializers.UUIDField(help_text="Enrolment id.", error_messages=_asking(_("请选择参保人的参保关系。")))
    institution = serializers.CharField(
        max_length=12, help_text="Code of the institution.", error_messages=_asking(_("请选择医疗机构。"))
    )
    care = serializers.ChoiceField(
        CARES, error_messages=_asking(_("请选择就医类别：inpatient、outpatient 或 chronic。"))
    )
    disease = serializers.RegexField(
        r"^M\d{5}$",
        required=False,
        help_text="Required for chronic care: M03900.",
        error_messages=_asking(_("请选择门诊慢特病病种，编码如 M03900。")),
    )
    on = Day(required=False, help_text="The day of admission or visit; today if left out.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["care"] != "chronic":
            data.pop("disease", None)
        elif "disease" not in data:
            raise serializers.ValidationError({"disease": [_("请选择门诊慢特病病种。")]}, code="required")
        return data


class ActionAnswer(Shape):
    """What a button may do. `kind`: file (destination, type), filing (filing), institutions (area, care, disease), recognise (disease), call (phone)."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    destination = serializers.CharField(required=False)
    type = serializers.CharField(required=False)
    filing = serializers.CharField(required=False)
    area = serializers.CharField(required=False)
    care = serializers.CharField(required=False)
    disease = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)


class ConditionAnswer(Shape):
    code = serializers.CharField(help_text="Stable: enrollment, filing, destination, filing_type, institution …")
    label = serializers.CharField()  # type: ignore[assignment]
    met = serializers.BooleanField()
    message = serializers.CharField(help_text="What was found.")
    remedy = serializers.CharField(help_text="What to do; empty if met.")
    source = SourceAnswer(allow_null=True)  # type: ignore[assignment]
    action = ActionAnswer(allow_null=True)


class AgencyBrief(Shape):
    name = serializers.CharField()
    phone = serializers.CharField()


class EligibilityAnswer(Shape):
    direct = serializers.BooleanField(help_text="All conditions are met.")
    summary = serializers.CharField()
    travel = serializers.ChoiceField(TRAVELS)
    travel_label = serializers.CharField()
    filing = serializers.CharField(allow_null=True, help_text="The filing that opens the way, if one does.")
    on = serializers.DateField()
    enrollment = serializers.CharField()
    area = serializers.CharField()
    area_name = serializers.CharField()
    insurance = serializers.CharField()
    institution = serializers.CharField()
    institution_name = serializers.CharField()
    institution_area = serializers.CharField()
    institution_area_name = serializers.CharField()
    care = serializers.ChoiceField(CARES)
    care_label = serializers.CharField()
    disease = serializers.CharField(allow_null=True)
    disease_name = serializers.CharField(allow_null=True)
    agency = AgencyBrief(allow_null=True, help_text="The agency of the insured area.")
    conditions = ConditionAnswer(many=True)


def money(**options: Any) -> serializers.RegexField:
    return serializers.RegexField(MONEY, **options)


class BillItem(Shape):
    """One line of a bill; `class` A, B or C of the catalogue."""

    name = serializers.CharField(required=False, max_length=200)
    amount = money()
    first_copay_ratio = serializers.RegexField(r"^(0(\.\d{1,6})?|1(\.0{1,6})?)$", required=False)
    limit = money(required=False, allow_null=True)

    def get_fields(self) -> Fields:
        return {**super().get_fields(), "class": serializers.ChoiceField(["A", "B", "C"])}


class CostInput(Shape):
    """Sums, or items, or both where they agree."""

    total = money(required=False)
    excluded = money(required=False, help_text="全自费")
    over_limit = money(required=False, help_text="超限价")
    first_copay = money(required=False, help_text="先行自付")
    items = BillItem(many=True, required=False, help_text="At most 5 000.")


class YearToDate(Shape):
    """The year so far (POLICY.md §2); what is left out is 0. Without it, that of the bills settled for the enrolment."""

    def get_fields(self) -> Fields:
        return {name: money(required=False) for name in get_args(YearKey)}


class AmountsAnswer(Shape):
    def get_fields(self) -> Fields:
        return {name: money() for name in get_args(Amount)}


class LineAnswer(Shape):
    step = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    formula = serializers.CharField(help_text="With the figures that were used.")
    amount = money()
    source = serializers.CharField(allow_null=True, help_text="Id of one of the policy's sources.")  # type: ignore[assignment]


class ResultAnswer(Shape):
    """`amounts` and `lines`, or `refused` and `reason`."""

    label = serializers.CharField()  # type: ignore[assignment]
    amounts = AmountsAnswer(required=False)
    lines = LineAnswer(many=True, required=False)
    refused = serializers.ChoiceField(get_args(Refusal), required=False)
    reason = serializers.CharField(required=False)


class PolicyBrief(Shape):
    id = serializers.CharField()
    area = serializers.CharField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    effective_from = serializers.DateField()
    effective_until = serializers.DateField(allow_null=True)
    sources = serializers.ListField(child=SourceAnswer())
