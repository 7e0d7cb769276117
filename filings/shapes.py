"""The shapes of the answers about filings and proofs, for the OpenAPI document; `filings.presenting` builds them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from filings.models import FiledBy, FilingType
from reviews.serializers import DocumentShape, SubmissionBeside, SubmissionRow


class CommitmentShape(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    due_on = serializers.DateField(allow_null=True)
    status = serializers.CharField(help_text="open 待补材料 · met 已履行 · broken 未履行 · released 已解除")
    signed_name = serializers.CharField(required=False, help_text="仅在详情中、对申请人显示")


class LockShape(serializers.Serializer[Any]):
    change_until = serializers.DateField(allow_null=True)
    cancel_until = serializers.DateField(allow_null=True)


class FilingRow(SubmissionRow):
    """A filing in a list."""

    type = serializers.ChoiceField(choices=FilingType.choices)
    type_label = serializers.CharField()
    destination = serializers.CharField()
    destination_name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="最后一天；null 为长期有效")
    lane = serializers.CharField()
    travel = serializers.CharField(help_text="按什么结算（POLICY.md travel）")
    filed_by = serializers.ChoiceField(choices=FiledBy.choices)
    predecessor = serializers.CharField(allow_null=True)
    report_by = serializers.DateField(allow_null=True, help_text="急诊报告期限")
    locked_until = serializers.DateField(allow_null=True)
    lock = LockShape()
    commitment = CommitmentShape(allow_null=True)


class StayShape(serializers.Serializer[Any]):
    institution = serializers.CharField()
    admitted_on = serializers.DateField()


class AgentShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    id_number = serializers.CharField()
    phone = serializers.CharField()
    relation = serializers.CharField()


class FilingDetail(FilingRow, SubmissionBeside):
    """A filing in full."""

    contact_name = serializers.CharField()
    contact_phone = serializers.CharField()
    address = serializers.CharField()
    notice = serializers.CharField(allow_null=True)
    institutions = serializers.ListField(child=serializers.CharField())
    makes_up_for = StayShape(allow_null=True)
    agent = AgentShape(allow_null=True)


class ProofRow(SubmissionRow):
    """A proof in a list."""

    filing = serializers.CharField()
    filing_number = serializers.CharField()


class ProofDetail(ProofRow, SubmissionBeside):
    """A proof in full."""


class TermShape(serializers.Serializer[Any]):
    text = serializers.CharField()
    until = serializers.DateField(allow_null=True, help_text="如今天开始，最后一天")


class StartsShape(serializers.Serializer[Any]):
    earliest = serializers.DateField()
    latest = serializers.DateField()


class OptionLockShape(LockShape):
    text = serializers.CharField()


class CitationShape(serializers.Serializer[Any]):
    title = serializers.CharField()
    publisher = serializers.CharField()
    year = serializers.IntegerField()
    url = serializers.CharField(allow_null=True)
    grade = serializers.CharField(help_text="A 官方 … D 不可靠")


class BenefitShape(serializers.Serializer[Any]):
    summary = serializers.CharField()
    travel = serializers.CharField()
    citations = CitationShape(many=True)


class NoticeShape(serializers.Serializer[Any]):
    id = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()


class OptionShape(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=FilingType.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    open = serializers.BooleanField()
    reason = serializers.CharField(help_text="不能办理的原因")
    code = serializers.CharField()
    lane = serializers.CharField()
    documents = DocumentShape(many=True)
    validity = TermShape()
    starts = StartsShape()
    lock = OptionLockShape()
    institutions = serializers.IntegerField(allow_null=True, help_text="最多选定几家医疗机构；null 为不用选")
    benefit = BenefitShape()
    note = serializers.CharField()
    notice = NoticeShape(allow_null=True)


class DeemedShape(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=FilingType.choices)
    travel = serializers.CharField()
    text = serializers.CharField()


class ExemptShape(serializers.Serializer[Any]):
    care = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    travel = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)


class OptionsShape(serializers.Serializer[Any]):
    """What can be filed for a place; those that cannot come last, with the reason."""

    enrollment = serializers.CharField()
    destination = serializers.CharField()
    destination_name = serializers.CharField()
    destination_rule = serializers.ChoiceField(choices=["city", "province"])
    needed = serializers.BooleanField()
    reason = serializers.CharField()
    deemed = DeemedShape(many=True)
    exempt = ExemptShape(many=True)
    dual_benefit = serializers.CharField()
    options = OptionShape(many=True)
