"""Before the visit: what would I pay, and which way of going pays most? And how does the insurance year stand?"""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint
from accounts.models import Role
from core.http.schema import operation
from estimates import bodies, year_bodies
from estimates.bodies import EstimateAnswer, EstimateInput, WayAnswer
from estimates.estimating import Estimate, Way, best, estimate, shown_facts, ways
from estimates.year_bodies import InsuranceYearAnswer, YearsQuery
from estimates.years import shown, years
from policies.bodies import cited, omissions_rows
from policies.language.omissions import each_once
from policies.language.terms import TRAVEL_LABELS, TRAVELS, TYPE_LABELS, Travel
from settlements.presenting import policy_row, result_row
from settlements.views import NO_ENROLLMENT


class Estimates(Endpoint):
    """One bill under every travel status, side by side. No record is made; a keyed call keeps its sealed answer for a day."""

    @operation(
        "就医前：能报多少，怎样去最划算",
        request=EstimateInput,
        sent=bodies.REQUEST,
        answer=EstimateAnswer,
        example=bodies.ESTIMATE,
        refusals={
            400: {
                "required": "请填写费用总额，或逐项填写明细。",
                "unknown_field": "没有这个字段，请核对字段名。",
                "fact_invalid": "level 应为0、1、2、3 之一。",
                "money_invalid": "请填写不小于0、不到一百亿元的金额，最多两位小数，如 15260.80。",
                "scope_negative": "全自费、超限价与先行自付之和超过费用总额，请核对。",
                "items_total": "明细合计 119.00 与填写的 120.00 不一致，请核对。",
            },
            404: {
                "policy_unknown": "没有查到该参保地在这一天的待遇政策。请核对参保地和日期；如无误，请致电参保地经办机构或12393询问。",
                **NO_ENROLLMENT,
            },
        },
    )
    def post(self, request: Request) -> Response:
        return Response(estimated(estimate(self.account, EstimateInput.read(request))))


def estimated(estimate: Estimate) -> EstimateAnswer:
    """Every status side by side; `chosen` is the one the caller named, `best` the way that pays most."""
    every = ways(estimate)
    cheapest = best(every)
    return {
        "policy": policy_row(estimate.policy),
        "on": estimate.on,
        "area": estimate.area,
        "facts": shown_facts(estimate),
        "assumed": list(estimate.assumed),
        "recorded": estimate.recorded,
        "chosen": cast(Travel | None, estimate.facts.get("travel")),
        "results": {travel: result_row(estimate.results[travel], TRAVEL_LABELS[travel]) for travel in TRAVELS},
        "best": _way(cheapest) if cheapest else None,
        "ways": [_way(way) for way in every],
        "not_included": omissions_rows(each_once(result.not_included for result in estimate.results.values())),
    }


def _way(way: Way) -> WayAnswer:
    return {
        "travel": way.travel,
        "label": TRAVEL_LABELS[way.travel],
        "own": way.own,
        "saves": way.saves,
        "takes": way.takes,
        "direct": way.direct,
        "lasting": way.lasting,
        "types": [{"type": name, "label": TYPE_LABELS[name]} for name in way.types],
        "source": cited(way.source),
    }


class SettlementYears(Endpoint):
    """Each insurance year of the people the caller may act for: what it has come to and what is left of it."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    @operation(
        "医保年度：累计了多少，还差多少",
        parameters=[YearsQuery],
        answer=list[InsuranceYearAnswer],
        example=year_bodies.YEAR,
        refusals={404: {"not_found": "没有找到该参保关系，请先绑定参保人。"}},
    )
    def get(self, request: Request) -> Response:
        wanted = YearsQuery.read(request)
        rows = years(self.account, person=wanted.person, enrollment=wanted.enrollment, starting=wanted.year)
        return Response([shown(year) for year in rows])
