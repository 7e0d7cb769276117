"""What several endpoints read alike: a checked query string, moments and days a calendar can know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

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
