"""What `POST estimates/` takes and answers, for the OpenAPI document; plain dicts are built elsewhere."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.http.fields import Day
from policies.language.facts import FACTS, Fact
from policies.language.terms import TRAVELS
from settlements.serializers import CostInput, Fields, PolicyBrief, ResultAnswer, Shape, SourceAnswer, YearToDate, money


class EstimateInput(Shape):
    """`area`, `insurance` and `care` must be known: stated, or given by `enrollment`. What is stated wins.

    `enrollment` (of a person the caller may act for) gives area, insurance, category, age, tier and identity;
    `institution` gives level, class, specialty, destination and distance. `travel` only marks `chosen`.
    """

    area = serializers.RegexField(r"^\d{6}$", required=False, help_text="Code of the insured area.")
    enrollment = serializers.UUIDField(required=False)
    institution = serializers.RegexField(r"^[A-Za-z0-9]{1,12}$", required=False)
    on = Day(required=False, help_text="The day that picks the policy; today if left out.")
    cost = CostInput()
    year_to_date = YearToDate(required=False)
    account_balance = money(required=False)

    def get_fields(self) -> Fields:
        return {**super().get_fields(), **{name: _field(fact) for name, fact in FACTS.items()}}


def _field(fact: Fact) -> serializers.Field[Any, Any, Any, Any]:
    if fact.kind == "flag":
        return serializers.BooleanField(required=False)
    if fact.kind == "number":
        return serializers.IntegerField(required=False, min_value=fact.least)
    if fact.kind == "code":
        return serializers.RegexField(f"^{fact.pattern}$", required=False)
    return serializers.ChoiceField(fact.values, required=False)


class ResultsAnswer(Shape):
    def get_fields(self) -> Fields:
        return {travel: ResultAnswer() for travel in TRAVELS}


class TypeBrief(Shape):
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class WayAnswer(Shape):
    travel = serializers.ChoiceField(TRAVELS)
    label = serializers.CharField()  # type: ignore[assignment]
    own = money(allow_null=True, help_text="What the patient pays; null where no source says so.")
    saves = serializers.CharField(
        allow_null=True, help_text="Yuan against not filing; null where one of the two is unknown."
    )
    takes = serializers.CharField(help_text="What it takes to travel so.")
    direct = serializers.BooleanField(help_text="Settled at the hospital.")
    lasting = serializers.BooleanField(help_text="Only for people who live there.")
    types = TypeBrief(many=True, help_text="The filings that lead there, any of them; none: nothing is filed.")
    source = SourceAnswer(allow_null=True)  # type: ignore[assignment]


class EstimateAnswer(Shape):
    policy = PolicyBrief()
    on = serializers.DateField()
    area = serializers.CharField()
    facts = serializers.DictField(help_text="What the results rest on.")
    assumed = serializers.ListField(child=serializers.CharField(), help_text="Facts nobody stated.")
    recorded = serializers.BooleanField(help_text="今年已在此结算的费用已计入（起付线、封顶线等）。")
    chosen = serializers.ChoiceField(TRAVELS, allow_null=True, help_text="The `travel` that was sent, if any.")
    results = ResultsAnswer()
    best = WayAnswer(allow_null=True, help_text="The way that pays most; may be for people who live there only.")
    ways = WayAnswer(many=True, help_text="All ways, the cheapest first, unknown ones last.")
