"""What clients may say of recognitions (API.md, "Chronic diseases"), read strictly."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from filings.serializers import CommitmentInput, Day
from regions.models import Disease, Institution


class RecognitionFields(serializers.Serializer[Any]):
    """What may be said of a recognition; every field may be left out of a PATCH."""

    disease = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Disease.objects.all(),
        error_messages={"does_not_exist": "没有找到该病种，请重新选择。"},
        help_text="病种编码，如 M01600",
    )
    diagnosed_on = Day(required=False, allow_null=True)
    diagnosing_institution = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Institution.objects.all(),
        required=False,
        allow_null=True,
        error_messages={"does_not_exist": "没有找到这家医疗机构，请重新选择。"},
        help_text="医疗机构编码",
    )
    institutions = serializers.ListField(child=serializers.CharField(max_length=12), required=False, max_length=20)
    materials = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=40)
    commitment = CommitmentInput(required=False, allow_null=True)


class RecognitionInput(RecognitionFields):
    """A new application."""

    enrollment = serializers.UUIDField()
    draft = serializers.BooleanField(required=False, default=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        wanted = () if given["draft"] else ("diagnosed_on", "diagnosing_institution")
        missing = [name for name in wanted if not given.get(name)]
        if missing:
            required = ErrorDetail("请填写此项。", code="required")
            raise serializers.ValidationError({name: [required] for name in missing})
        return given


class RenewInput(serializers.Serializer[Any]):
    """Fresh documents; the rest stays as it was, but for the institutions where others are named."""

    institutions = serializers.ListField(child=serializers.CharField(max_length=12), required=False, max_length=20)
    materials = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=40)
    commitment = CommitmentInput(required=False, allow_null=True)
    draft = serializers.BooleanField(required=False, default=False)


class ChooseInput(serializers.Serializer[Any]):
    institutions = serializers.ListField(child=serializers.CharField(max_length=12), max_length=20)
