"""What a till sends and is answered, for the OpenAPI document; bodies are read by `asking`, answers written by `presenting`."""

from __future__ import annotations

from rest_framework import serializers

from core.http.fields import Day
from policies.language.terms import CARES, INSURANCES, TRAVELS
from settlements.models import COUNTED, FUNDS, Channel
from settlements.serializers import BillCost, Fields, LineAnswer, PolicyBrief, SettledAmounts, Shape, money
from settlements.till.national import help_text

SUMS = ("total", "excluded", "over_limit", "first_copay")
SHOWN = ("settled", "reversed")
YEAR = r"^\d{1,12}\.\d{2}$"


class IdentityInput(Shape):
    """Whom the till looks up without the insurance code; the person is told of it."""

    name = serializers.CharField(max_length=60)
    id_number = serializers.CharField(max_length=18)
    reason = serializers.CharField(max_length=100, help_text="为什么没有医保码，如“患者昏迷”。")


class InvoiceInput(Shape):
    code = serializers.CharField(max_length=30)
    number = serializers.CharField(max_length=30)


class QuoteInput(Shape):
    """A bill. One of `voucher` and `identity`; area and insurance where the person has several enrolments."""

    voucher = serializers.CharField(max_length=64, required=False, help_text=help_text("voucher"))
    identity = IdentityInput(required=False, help_text=help_text("identity"))
    insured_area = serializers.RegexField(r"^\d{6}$", required=False, help_text=help_text("insured_area"))
    insurance = serializers.ChoiceField(INSURANCES, required=False, help_text=help_text("insurance"))
    care = serializers.ChoiceField(CARES, help_text=help_text("care"))
    disease = serializers.RegexField(r"^M\d{5}$", required=False, help_text=help_text("disease"))
    admitted_on = Day(help_text="入院或就诊日期。")
    discharged_on = Day(required=False, help_text="出院日期；住院结算必填，预结算可不填。")
    emergency = serializers.BooleanField(required=False, help_text="急诊抢救：未备案时自动备案。")
    referred = serializers.BooleanField(required=False, help_text="是否经基层首诊转诊。")
    continues = serializers.CharField(max_length=24, required=False, help_text=help_text("continues"))
    cost = BillCost()
    use_account = serializers.BooleanField(required=False, help_text="个人负担部分先用个人账户支付。")
    bill_number = serializers.CharField(max_length=64, required=False, help_text="本院账单号，一个账单只结算一次。")
    invoice = InvoiceInput(required=False, help_text="发票代码和号码，一张发票只结算或报销一次。")


class SettleInput(QuoteInput):
    """A bill to settle: a quote's body with the bill number, and of a stay the discharge."""

    bill_number = serializers.CharField(max_length=64, help_text="本院账单号，一个账单只结算一次。")


class ReverseInput(Shape):
    reason = serializers.CharField(max_length=200, help_text="冲正原因，写入结算单。")


class ReversalAnswer(Shape):
    number = serializers.CharField(help_text="冲正记录的编号。")
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class YearAnswer(Shape):
    """The insurance year after this settlement: what caps and yearly deductibles are measured by."""

    def get_fields(self) -> Fields:
        return {name: serializers.RegexField(YEAR) for name in (*COUNTED, "burden", *FUNDS)}


class BillRow(Shape):
    """Who was treated where, travelling how, and what was paid: what a quote and a settlement share."""

    person = serializers.CharField()
    person_name = serializers.CharField(help_text="脱敏，如 王*兰。")
    enrollment = serializers.CharField()
    insured_area = serializers.CharField(help_text=help_text("insured_area"))
    insured_area_name = serializers.CharField()
    insurance = serializers.ChoiceField(INSURANCES, help_text=help_text("insurance"))
    insurance_label = serializers.CharField()
    institution = serializers.CharField(allow_null=True, help_text=help_text("institution"))
    institution_name = serializers.CharField()
    care_area = serializers.CharField(allow_null=True, help_text=help_text("care_area"))
    care_area_name = serializers.CharField(allow_null=True)
    care = serializers.ChoiceField(CARES, help_text=help_text("care"))
    care_label = serializers.CharField()
    disease = serializers.CharField(allow_null=True, help_text=help_text("disease"))
    disease_name = serializers.CharField(allow_null=True)
    admitted_on = serializers.DateField()
    discharged_on = serializers.DateField(allow_null=True)
    travel = serializers.ChoiceField(TRAVELS)
    travel_label = serializers.CharField()
    emergency = serializers.BooleanField()
    bill_number = serializers.CharField(allow_blank=True)
    year = serializers.DateField(help_text="医保年度的第一天。")
    total = money(help_text=help_text("total"))
    fund = money(help_text=help_text("fund"))
    own = money(help_text=help_text("own"))
    account = money(help_text=help_text("account"))
    cash = money(help_text=help_text("cash"))


class SettlementRow(BillRow):
    """A settlement in a list."""

    id = serializers.CharField()
    number = serializers.CharField(help_text="结算编号。")
    status = serializers.ChoiceField(SHOWN)
    status_label = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices)
    channel_label = serializers.CharField()
    settled_at = serializers.DateTimeField()
    settled_on = serializers.DateField(help_text="结算日，对账以此为准。")
    reversal = ReversalAnswer(allow_null=True)
    actions = serializers.ListField(child=serializers.CharField(), help_text="此账户现在可以做的：reverse。")


class ComputedAnswer(Shape):
    """How the amounts came about."""

    filing = serializers.CharField(allow_null=True, help_text="所凭备案的 id。")
    policy = PolicyBrief()
    amounts = SettledAmounts()
    lines = serializers.ListField(child=LineAnswer())
    year_to_date = YearAnswer(help_text="本次之后的年度累计。")
    continues = serializers.CharField(allow_null=True, help_text=help_text("continues"))


class SettlementDetail(SettlementRow, ComputedAnswer):
    """One settlement with everything behind it."""


class QuoteAnswer(BillRow, ComputedAnswer):
    """What would be settled now. Nothing is stored, and no voucher is consumed."""

    id = serializers.CharField(allow_null=True, help_text="试算没有 id。")
    number = serializers.CharField(allow_null=True, help_text="试算没有结算编号。")
    status = serializers.ChoiceField(["quoted"])
