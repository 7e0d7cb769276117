"""The shapes of the answers about recognitions, for the OpenAPI document; `chronic.presenting` builds them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from filings.models import FiledBy
from filings.shapes import CommitmentShape
from reviews.models import Status
from reviews.serializers import DocumentShape, SubmissionBeside, SubmissionRow


class RecognitionRow(SubmissionRow):
    """A recognition in a list."""

    disease = serializers.CharField()
    disease_name = serializers.CharField()
    stages = serializers.IntegerField(help_text="审核环节数：初审、专家复审")
    diagnosed_on = serializers.DateField(allow_null=True)
    diagnosing_institution = serializers.CharField(allow_null=True)
    diagnosing_institution_name = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="结束后：最后一天")
    renew_by = serializers.DateField(allow_null=True, help_text="应在此日前续期（含当日）；null 为长期有效")
    renewing = serializers.BooleanField(help_text="续期申请正在办理")
    filed_by = serializers.ChoiceField(choices=FiledBy.choices)
    commitment = CommitmentShape(allow_null=True)
    predecessor = serializers.CharField(allow_null=True)


class ChosenShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class RecognitionDetail(RecognitionRow, SubmissionBeside):
    """A recognition in full."""

    institutions = ChosenShape(many=True)


class FormRow(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()


class FormShape(serializers.Serializer[Any]):
    """The application form, filled in, to print."""

    title = serializers.CharField()
    rows = FormRow(many=True)
    opinions = serializers.ListField(child=serializers.CharField())


class RecognitionOption(serializers.Serializer[Any]):
    """One disease."""

    disease = serializers.CharField()
    name = serializers.CharField()
    recognised = serializers.BooleanField(help_text="参保地是否认定该病种")
    documents = DocumentShape(many=True)
    stages = serializers.IntegerField()
    working_days = serializers.ListField(child=serializers.IntegerField(), help_text="各审核环节的工作日")
    starts = serializers.ChoiceField(choices=["next_month", "at_once"])
    renewal_months = serializers.IntegerField(allow_null=True, help_text="null 为长期有效")
    institutions = serializers.IntegerField(allow_null=True, help_text="最多选定几家医疗机构；null 为不限，也可以不选")
    lowest_level = serializers.IntegerField(help_text="医疗机构最低等级")
    benefit = serializers.CharField()
    note = serializers.CharField()
    running = serializers.CharField(allow_null=True, help_text="正在办理或有效的认定")
    running_status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
