"""What clients may say of filings and proofs (API.md, "Filing"), read strictly."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.id_number import read_id_number
from accounts.models import Insurance
from core import clock
from core.errors import Refusal
from filings.agents import Agent, Principal
from filings.checks.application import is_reachable
from filings.filing_case import Stay
from filings.models import FilingAgent, FilingType
from policies.models import Notice
from regions.models import Area

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


class Day(serializers.DateField):
    """A day that arithmetic can be done with."""

    def __init__(self, **options: Any) -> None:
        said = _("日期应在2000年至2100年之间，请核对。")
        bounds = [MinValueValidator(EARLIEST, message=said), MaxValueValidator(LATEST, message=said)]
        super().__init__(validators=bounds, **options)


class AreaCode(serializers.SlugRelatedField[Area]):
    """An area by its code."""

    default_error_messages = {"does_not_exist": _("没有找到这个地区，请重新选择就医地。")}

    def __init__(self, **options: Any) -> None:
        areas: Any = Area.objects.select_related("parent")
        super().__init__(slug_field="code", queryset=areas, **options)

    def to_internal_value(self, data: Any) -> Area:
        if not str(data).isdigit():
            self.fail("does_not_exist")
        area: Area = super().to_internal_value(data)
        return area


class IdNumber(serializers.CharField):
    """A citizen ID number in its normal form (GB 11643)."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return read_id_number(super().to_internal_value(data), today=clock.today()).number
        except Refusal as refusal:
            raise serializers.ValidationError(refusal.detail, code=refusal.code) from refusal


class Phone(serializers.CharField):
    """A telephone number at which someone can be reached."""

    def to_internal_value(self, data: Any) -> str:
        phone: str = super().to_internal_value(data).strip()
        if not is_reachable(phone):
            said = _("请填写能接通的电话：11位手机号，或带区号的固定电话。")
            raise serializers.ValidationError(said, code="phone_invalid")
        return phone


class Whole(serializers.Serializer[Any]):
    """A part that is said whole or not at all, in a PATCH too."""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        missing = [name for name, asked in self.fields.items() if asked.required and name not in given]
        if missing:
            raise serializers.ValidationError({name: [_REQUIRED] for name in missing})
        return given


class CommitmentInput(Whole):
    kind = serializers.CharField(max_length=30, help_text="承诺补充的材料种类，即 documents 中的 kind")
    signed_name = serializers.CharField(max_length=60, help_text="参保人本人姓名")


class StayInput(Whole):
    """The admission that a filing makes up for (补办)."""

    institution = serializers.CharField(max_length=12)
    admitted_on = Day()

    def to_internal_value(self, data: Any) -> Stay:
        given = super().to_internal_value(data)
        return Stay(given["institution"], given["admitted_on"])


class PrincipalInput(serializers.Serializer[Any]):
    """The insured person an agent files for."""

    name = serializers.CharField(max_length=60)
    id_number = IdNumber()
    insured_area = serializers.CharField(max_length=6)
    insurance = serializers.ChoiceField(choices=Insurance.choices)

    def to_internal_value(self, data: Any) -> Principal:
        return Principal(**super().to_internal_value(data))


class AgentInput(serializers.Serializer[Any]):
    """The agent's own identity, and the uploaded letter of authority (授权委托书)."""

    name = serializers.CharField(max_length=60)
    id_number = IdNumber()
    phone = Phone(max_length=30)
    relation = serializers.ChoiceField(choices=FilingAgent._meta.get_field("relation").choices or [])
    authority = serializers.UUIDField()

    def to_internal_value(self, data: Any) -> Agent:
        return Agent(**super().to_internal_value(data))


class FilingFields(serializers.Serializer[Any]):
    """What may be said of a filing; every field may be left out of a PATCH or a change."""

    type = serializers.ChoiceField(choices=FilingType.choices)
    destination = AreaCode(help_text="就医地代码")
    starts_on = Day(required=False, allow_null=True)
    ends_on = Day(required=False, allow_null=True)
    contact_name = serializers.CharField(required=False, allow_blank=True, max_length=60)
    contact_phone = serializers.CharField(required=False, allow_blank=True, max_length=30)
    address = serializers.CharField(required=False, allow_blank=True, max_length=200)
    notice = serializers.PrimaryKeyRelatedField(
        queryset=Notice.objects.defer("text"), required=False, allow_null=True, help_text="已阅读的告知书"
    )
    materials = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=40)
    commitment = CommitmentInput(required=False, allow_null=True)
    referral = serializers.CharField(required=False, allow_null=True, max_length=60)
    institutions = serializers.ListField(child=serializers.CharField(max_length=12), required=False, max_length=20)
    makes_up_for = StayInput(required=False, allow_null=True)


class AmendInput(FilingFields):
    """PATCH of a draft or a returned filing. An empty `notice` says nothing."""

    enrollment = serializers.UUIDField(required=False)


class ChangeInput(FilingFields):
    """What the successor has different."""

    draft = serializers.BooleanField(required=False, default=False)


class FilingInput(FilingFields):
    """A new filing: for an `enrollment` the account may act for, or by an `agent` for the person named in `for`."""

    enrollment = serializers.UUIDField(required=False)
    agent = AgentInput(required=False)
    draft = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`for` is a word of Python's own."""
        return {**super().get_fields(), "for": PrincipalInput(required=False)}

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        missing = [] if given["draft"] or given.get("starts_on") else ["starts_on"]
        by_agent = [name for name in ("for", "agent") if name not in given]
        if "enrollment" not in given and by_agent:
            missing += by_agent if len(by_agent) == 1 else ["enrollment"]
        if missing:
            raise serializers.ValidationError({name: [_REQUIRED] for name in missing})
        return given


_REQUIRED = ErrorDetail("请填写此项。", code="required")


class CancelInput(serializers.Serializer[Any]):
    """Why; and documents where the area lets them lift the lock."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    materials = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=40, default=list)


class ProofInput(serializers.Serializer[Any]):
    filing = serializers.UUIDField()
    materials = serializers.ListField(child=serializers.UUIDField(), max_length=40)
    draft = serializers.BooleanField(required=False, default=False)


class ProofMaterials(serializers.Serializer[Any]):
    materials = serializers.ListField(child=serializers.UUIDField(), max_length=40)
