"""What the reference endpoints take and answer. The answers are written as plain dicts; these classes describe them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.http.fields import Moment
from regions.models import AreaLevel, Institution

CARES = ["inpatient", "outpatient", "chronic"]


class AreaQuery(serializers.Serializer[Any]):
    level = serializers.ChoiceField(AreaLevel.choices, required=False)
    parent = serializers.CharField(max_length=6, required=False, help_text="Code of the area above.")  # type: ignore[assignment]
    pooling = serializers.BooleanField(required=False, help_text="Only pooling areas (统筹区), or only the others.")
    q = serializers.CharField(max_length=40, required=False, help_text="Name, pinyin or initials.")


class AreaAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(AreaLevel.choices)
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    pools_at = serializers.CharField(help_text="province | city; none: no part of the mainland's insurance.")
    local_to = serializers.ListField(child=serializers.CharField())


class InstitutionQuery(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=6, required=False, help_text="A province includes its cities.")
    care = serializers.ChoiceField(CARES, required=False, help_text="Open for this care.")
    disease = serializers.CharField(max_length=8, required=False, help_text="Open for this chronic disease.")
    level = serializers.IntegerField(min_value=0, max_value=3, required=False)
    specialty = serializers.ChoiceField(Institution._meta.get_field("specialty").choices or [], required=False)
    issues_referrals = serializers.BooleanField(required=False)
    q = serializers.CharField(max_length=40, required=False, help_text="Name, pinyin or initials.")


class OpenFor(serializers.Serializer[Any]):
    inpatient = serializers.BooleanField()
    outpatient = serializers.BooleanField()
    chronic = serializers.ListField(child=serializers.CharField())


class InstitutionAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    area = serializers.CharField()
    area_name = serializers.CharField()
    grade = serializers.CharField()
    level = serializers.IntegerField(help_text="Settlement level 1–3; 0 = community.")
    specialty = serializers.CharField()
    issues_referrals = serializers.BooleanField()
    open = OpenFor()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`class` is no word a Python attribute may have."""
        return {**super().get_fields(), "class": serializers.CharField(help_text="Sub-class of the level.")}


class DiseaseAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    since = serializers.IntegerField(help_text="The year of its opening across provinces.")


class AgencyQuery(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=6, required=False)


class AgencyAnswer(serializers.Serializer[Any]):
    area = serializers.CharField()
    area_name = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    demo = serializers.BooleanField(help_text="Invented for demonstration.")


class CalendarQuery(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=6, required=False, help_text="Adds the area's own closed days.")


class CalendarDayAnswer(serializers.Serializer[Any]):
    date = serializers.DateField()
    is_workday = serializers.BooleanField()
    name = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class ClosedDayAnswer(serializers.Serializer[Any]):
    date = serializers.DateField()
    reason = serializers.CharField()


class CalendarAnswer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    announced = serializers.BooleanField(help_text="false: provisional, deadlines in it may still move.")
    source = serializers.CharField()  # type: ignore[assignment]
    days = CalendarDayAnswer(many=True, help_text="The days that differ from their weekday.")
    closed = ClosedDayAnswer(many=True, help_text="The closed days of the area asked for.")


class ClockAnswer(serializers.Serializer[Any]):
    now = serializers.DateTimeField()
    simulated = serializers.BooleanField()


class ClockMove(serializers.Serializer[Any]):
    to = Moment(required=False, help_text="Move to this time.")
    next = serializers.BooleanField(required=False, help_text="Move to the next thing that is due.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("to" in data) == bool(data.get("next")):
            raise serializers.ValidationError(_("请填写 to（时间）或 next: true，二选一。"), code="to_or_next")
        return data


class DeadlineQuery(serializers.Serializer[Any]):
    at = Moment(required=False, help_text="The moment of submission; now if left out.")
    working_days = serializers.IntegerField(min_value=1, max_value=250, default=2)
    area = serializers.CharField(max_length=6, required=False, help_text="Counts this area's own closed days.")


class DeadlineAnswer(serializers.Serializer[Any]):
    due_at = serializers.DateTimeField()
    provisional = serializers.BooleanField(help_text="A day on its way lies in a year not announced yet.")
