"""What the endpoints of policies and notices take and answer. The answers are written as plain dicts; these classes describe them."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from core.http.fields import Day
from policies.language.filing_types import Source
from policies.language.terms import FilingType


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
