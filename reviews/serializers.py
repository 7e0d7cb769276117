"""The shapes of submissions in the HTTP contract (API.md, "Submissions"); answers are built by `reviews.presenting`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reviews.checks import Level
from reviews.models import Kind, Outcome, Status


class DecisionShape(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    code = serializers.CharField()
    reason = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField(), help_text="需补正的项目")  # type: ignore[assignment]


class CheckShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    level = serializers.ChoiceField(choices=[(str(level), str(level)) for level in Level])
    message = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


class EventShape(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    verb = serializers.CharField()
    detail = serializers.CharField()


class SubmissionRow(serializers.Serializer[Any]):
    """What every submission shows in a list."""

    id = serializers.CharField()
    number = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)
    stage = serializers.IntegerField()
    enrollment = serializers.CharField()
    person = serializers.CharField()
    person_name = serializers.CharField(help_text="脱敏姓名")
    insured_area = serializers.CharField()
    insured_area_name = serializers.CharField()
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    due_provisional = serializers.BooleanField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = DecisionShape(allow_null=True)
    actions = serializers.ListField(child=serializers.CharField())


class MaterialShape(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    filename = serializers.CharField()


class SubmissionBeside(serializers.Serializer[Any]):
    """What every submission shows in full, beside what a list shows."""

    checks = CheckShape(many=True)
    materials = MaterialShape(many=True)
    correct_by = serializers.DateTimeField(allow_null=True)
    events = EventShape(many=True)


class DocumentShape(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    alternatives = serializers.ListField(
        child=serializers.CharField(), help_text="可代替的材料种类；commitment 为可先签个人承诺书"
    )
    alternative_labels = serializers.DictField(child=serializers.CharField())
    note = serializers.CharField()


class DecideInput(serializers.Serializer[Any]):
    """A reviewer's decision: `reason` is required to reject or return."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    code = serializers.CharField(required=False, allow_blank=True, max_length=40, default="")
    fields = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=30, default=list
    )  # type: ignore[assignment]


class NoInput(serializers.Serializer[Any]):
    """An action that needs no body."""
