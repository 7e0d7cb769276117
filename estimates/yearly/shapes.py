"""What `GET settlement-years/` takes and answers, for the OpenAPI document."""

from __future__ import annotations

from rest_framework import serializers

from core.http.fields import Day
from policies.language.terms import CARES, INSURANCES, TRAVELS
from settlements.models import COUNTED, FUNDS
from settlements.serializers import Fields, Shape, SourceAnswer, money

PERIODS = ("admission", "year", "month")


class YearsQuery(Shape):
    person = serializers.UUIDField(required=False, help_text="Of one person only.")
    enrollment = serializers.UUIDField(required=False, help_text="Of the insurance of this enrolment only.")
    year = Day(required=False, help_text="Only the year that begins on this day.")


class FundsAnswer(Shape):
    def get_fields(self) -> Fields:
        return {name: money() for name in FUNDS}


class CounterAnswer(Shape):
    """What a counter has come to: of a kind of care (`counter`), or of a chronic disease (`disease`)."""

    counter = serializers.CharField(allow_null=True)
    disease = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]

    def get_fields(self) -> Fields:
        return {**super().get_fields(), **{name: money() for name in COUNTED}}


class FigureAnswer(Shape):
    """A deductible or cap: the rule's amount, what of it is used and left; null where `reason` says why."""

    kind = serializers.CharField(help_text="deductible, scope_cap, scope_limit, pooled_limit, pooled_cap")
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    period = serializers.ChoiceField(PERIODS, allow_null=True)
    of = serializers.ChoiceField(["scope", "pooled"], help_text="What counts towards a cap.")
    for_levels = serializers.ListField(
        child=serializers.IntegerField(), help_text="Hospital levels it is for; empty: whatever the level."
    )
    levels_label = serializers.CharField(allow_blank=True)
    amount = money(allow_null=True)
    used = money()
    left = money(allow_null=True)
    least = money(allow_null=True, help_text="Where the amount depends on one thing nobody can state yet: its range.")
    most = money(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    source = SourceAnswer(allow_null=True)  # type: ignore[assignment]


class CareAnswer(Shape):
    """A kind of care as it would come next; chronic care by recognised disease."""

    care = serializers.ChoiceField(CARES)
    care_label = serializers.CharField()
    disease = serializers.CharField(allow_null=True)
    disease_name = serializers.CharField(allow_null=True)
    travel = serializers.ChoiceField(TRAVELS, help_text="As what the figures take the next visit to be settled.")
    travel_label = serializers.CharField()
    travel_because = serializers.ChoiceField(
        ["last", "filing", "home"], help_text="As the last bill was; by a long-term filing; at home for lack of both."
    )
    visit = serializers.IntegerField(allow_null=True, help_text="Which admission of the year the next one is.")
    refused = serializers.CharField(allow_blank=True, help_text="Why nothing is paid; no figures then.")
    deductibles = FigureAnswer(many=True)
    caps = FigureAnswer(many=True, help_text="Empty: the policy names none.")


class ThresholdAnswer(Shape):
    """A further fund that pays once the burden is above its threshold."""

    id = serializers.CharField()
    fund = serializers.ChoiceField(FUNDS)
    label = serializers.CharField()  # type: ignore[assignment]
    period = serializers.ChoiceField(PERIODS)
    cares = serializers.ListField(child=serializers.CharField(), help_text="The kinds of care it counts for.")
    amount = money(allow_null=True)
    burden = money(help_text="The year's so far.")
    left = money(allow_null=True, help_text="Until the fund pays.")
    cap = money(allow_null=True, help_text="The most the fund pays in a year.")
    paid = money(help_text="What the fund has paid this year.")
    reason = serializers.CharField(allow_blank=True)
    source = SourceAnswer(allow_null=True)  # type: ignore[assignment]


class PolicyName(Shape):
    id = serializers.CharField()
    name = serializers.CharField()


class InsuranceYearAnswer(Shape):
    """Sums are net of reversals; `bills` counts those that stand. `on`: the day whose policy the figures are of."""

    person = serializers.CharField()
    person_name = serializers.CharField()
    enrollment = serializers.CharField()
    area = serializers.CharField()
    area_name = serializers.CharField()
    insurance = serializers.ChoiceField(INSURANCES)
    insurance_label = serializers.CharField()
    year = serializers.DateField(help_text="The first day of the insurance year.")
    until = serializers.DateField()
    current = serializers.BooleanField()
    on = serializers.DateField()
    policy = PolicyName(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why there are no figures of what is left.")
    bills = serializers.IntegerField()
    total = money()
    fund = money()
    own = money()
    account = money()
    cash = money()
    burden = money(help_text="政策范围内个人负担")
    funds = FundsAnswer()
    counters = CounterAnswer(many=True)
    cares = CareAnswer(many=True)
    thresholds = ThresholdAnswer(many=True)
