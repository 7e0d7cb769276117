"""The shapes of the answers about claims, for the OpenAPI document; `claims.presenting` builds them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.models import Payment
from policies.language.terms import CARES, TRAVELS
from reviews.serializers import DocumentShape, SubmissionBeside, SubmissionRow
from settlements.serializers import LineAnswer, PolicyBrief, SourceAnswer, money
from settlements.till.serializers import BillCost, SettledAmounts


class PaymentShape(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Payment.choices)
    status_label = serializers.CharField()
    paid_on = serializers.DateField(allow_null=True)


class ClaimRow(SubmissionRow):
    """A claim in a list."""

    institution = serializers.CharField(allow_null=True)
    institution_name = serializers.CharField()
    place = serializers.CharField(allow_null=True, help_text="名录中没有的医疗机构的所在地区")
    care = serializers.ChoiceField(CARES)
    care_label = serializers.CharField()
    disease = serializers.CharField(allow_null=True)
    disease_name = serializers.CharField(allow_null=True)
    emergency = serializers.BooleanField()
    admitted_on = serializers.DateField(allow_null=True)
    discharged_on = serializers.DateField(allow_null=True)
    invoice_code = serializers.CharField()
    invoice_number = serializers.CharField()
    total = money(allow_null=True, help_text="费用总额：核定的，或申请的")
    stages = serializers.IntegerField(help_text="审核环节数：初审、复审")
    bank_account = serializers.CharField(help_text="只显示后四位，如 ****0123")
    settlement = serializers.CharField(allow_null=True, help_text="支付本申请的结算")
    settlement_number = serializers.CharField(allow_null=True)
    amounts = SettledAmounts(allow_null=True, help_text="审核通过后")
    payment = PaymentShape()


class ClaimDetail(ClaimRow, SubmissionBeside):
    """A claim in full."""

    cost = BillCost(allow_null=True, help_text="申请人填写的费用")
    corrected = BillCost(allow_null=True, help_text="审核员核定的费用")
    bank_holder = serializers.CharField(help_text="工作人员看到的是脱敏的，如 王*兰")
    reason = serializers.CharField()
    travel = serializers.ChoiceField(TRAVELS, allow_null=True)
    travel_label = serializers.CharField()
    policy = PolicyBrief(allow_null=True)
    lines = serializers.ListField(child=LineAnswer(), allow_null=True)


class ClaimOptions(serializers.Serializer[Any]):
    """What a claim takes in the insured area."""

    enrollment = serializers.CharField()
    insured_area = serializers.CharField()
    insured_area_name = serializers.CharField()
    documents = DocumentShape(many=True)
    needed = serializers.ListField(child=serializers.CharField(), help_text="还需要填写的内容")
    deadline = serializers.CharField()
    deadline_on = serializers.DateField(allow_null=True, help_text="最后一天；传入 discharged_on 时给出")
    deadline_source = SourceAnswer(allow_null=True)
    stages = serializers.IntegerField()
    working_days = serializers.ListField(child=serializers.IntegerField(), help_text="各审核环节的工作日")
    catalogue = serializers.ChoiceField(["insured", "care"], help_text="按参保地或就医地目录")
    note = serializers.CharField()
