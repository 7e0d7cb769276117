"""What the reference endpoints take and answer. The answers are written as plain dicts; these classes describe them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from regions.models import AreaLevel, Institution
from regions.policy.filing_types import Source
from regions.policy.terms import FilingType

CARES = ["inpatient", "outpatient", "chronic"]
YEARS = range(2000, 2101)


def asked(kind: type[serializers.Serializer[Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked query string; an empty value asks for nothing. ValidationError: one that cannot be."""
    form = kind(data={name: value for name, value in given.items() if value != ""})
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class Moment(serializers.DateTimeField):
    """A time within the years a calendar can know; a `+` that arrived as a space in a query string is put back."""

    default_error_messages = {"out_of_range": _("请填写 2000 年至 2100 年之间的时间。")}

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and "T" in value:
            value = re.sub(r" (?=\d\d:?\d\d$)", "+", value.strip())
        moment = super().to_internal_value(value)
        if moment.year not in YEARS:
            self.fail("out_of_range")
        return moment


class Day(serializers.DateField):
    """A date within the years a calendar can know."""

    default_error_messages = {"out_of_range": _("请填写 2000 年至 2100 年之间的日期。")}

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        if day.year not in YEARS:
            self.fail("out_of_range")
        return day


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


class PolicyQuery(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=6, required=False)
    on = Day(required=False, help_text="Only what is in force on this day.")
    q = serializers.CharField(max_length=40, required=False, help_text="Part of the name or of the id.")


class SourceAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    publisher = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    grade = serializers.CharField(help_text="A official … D unreliable.")


_SOURCE = tuple(SourceAnswer._declared_fields)


def cited(source: Source | None) -> dict[str, Any] | None:
    """A source as `SourceAnswer` describes it."""
    return None if source is None else {name: getattr(source, name) for name in _SOURCE}


class PolicyAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    area = serializers.CharField()
    name = serializers.CharField()
    effective_from = serializers.DateField()
    effective_until = serializers.DateField(allow_null=True, help_text="The day from which it no longer counts.")
    sha256 = serializers.CharField()
    sources = SourceAnswer(many=True)


class CitedAnswer(serializers.Serializer[Any]):
    id = serializers.CharField()
    publisher = serializers.CharField()
    grade = serializers.CharField()


class RowAnswer(serializers.Serializer[Any]):
    cells = serializers.ListField(
        child=serializers.CharField(), help_text="One per column; the last is what the rule gives."
    )
    mark = serializers.CharField(help_text="Whose rule it is, where that differs; else empty.")
    sources = CitedAnswer(many=True)


class BlockAnswer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="`sentence` or `table`.")
    text = serializers.CharField(required=False, help_text="Of a sentence.")
    sources = CitedAnswer(many=True, required=False, help_text="Of a sentence.")
    title = serializers.CharField(required=False, help_text="Of a table, as what follows.")
    columns = serializers.ListField(child=serializers.CharField(), required=False)
    rows = RowAnswer(many=True, required=False)
    note = serializers.CharField(required=False, help_text="How the rows are read together.")


class ReadableSectionAnswer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="`general`, `benefit:ID`, `supplement:ID`, `filing:types`, `filing:rules`.")
    title = serializers.CharField()
    blocks = BlockAnswer(many=True)


class ReadableAnswer(serializers.Serializer[Any]):
    title = serializers.CharField()
    sections = ReadableSectionAnswer(many=True)


class PolicyFileAnswer(PolicyAnswer):
    text = serializers.CharField(help_text="The file as it is written (YAML).")
    content = serializers.DictField(help_text="The same, read: numbers with decimals as strings.")
    readable = ReadableAnswer(help_text="The same in Chinese sentences and tables, each figure with its source.")


class NoticeQuery(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=6, help_text="Code of the insured area.")
    type = serializers.ChoiceField(sorted(get_args(FilingType)), required=False)


class NoticeAnswer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="What `POST filings/` calls `notice`.")
    area = serializers.CharField()
    type = serializers.CharField(help_text="The type of filing.")
    version = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()
