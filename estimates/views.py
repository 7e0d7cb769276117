"""Before the visit: what would I pay, and which way of going pays most? And how does the insurance year stand?"""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, address_of
from accounts.limits import Limit
from accounts.models import Account, Role
from core.errors import Invalid
from core.http.schema import operation
from estimates import bodies, year_bodies
from estimates.bodies import EstimateAnswer, EstimateInput, EstimateRequest, WayAnswer
from estimates.estimating import Estimate, Way, best, estimate, shown_facts, ways
from estimates.year_bodies import InsuranceYearAnswer, YearsQuery
from estimates.years import shown, years
from policies.bodies import cited, omissions_rows
from policies.language.omissions import each_once
from policies.language.terms import TRAVEL_LABELS, TRAVELS, TYPE_LABELS, Travel
from settlements.presenting import policy_row, result_row
from settlements.views import NO_ENROLLMENT

ESTIMATING = Limit("estimate")
MOST_ITEMS = 200
"""What an estimate for nobody in particular may list; whoever signed in may send a whole bill."""


class Estimates(Endpoint):
    """One bill under every travel status, side by side. No record is made; a keyed call keeps its sealed answer for a day.

    Open to everyone who names no enrolment: so many an address, with at most 200 items. With an `enrollment` one signs in.
    """

    permission_classes = [AllowAny]

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
                "item_not_known": "目录中还没有X…的先自付比例，不能按编码结算，请联系医保经办机构补全目录。",
                "catalogue_mismatch": "目录中X…为乙类，与填写的不一致，请改正或不填此项。",
                "born_after_admission": "出生日期晚于入院或就诊日期，请核对。",
                "newborn_late": "新生儿随母亲就医限出生90日内，到就医那天已超过。请先为孩子办理参保，再按孩子本人的参保关系估算。",
                "items_total": "明细合计 119.00 与填写的 120.00 不一致，请核对。",
                "items_too_many": "没有登录时明细最多200条，请登录，或合并后再试。",
            },
            401: {"not_authenticated": "请先登录。"},
            404: {
                "policy_unknown": "没有查到该参保地在这一天的待遇政策。请核对参保地和日期；如无误，请致电参保地经办机构或12393询问。",
                **NO_ENROLLMENT,
            },
            409: {"idempotency_conflict": "这个 Idempotency-Key 已用于另一请求，请为新的请求换一个。"},
            429: {"throttled": "操作过于频繁，请稍后再试。"},
        },
    )
    def post(self, request: Request) -> Response:
        account = request.user if isinstance(request.user, Account) else None
        wanted = EstimateInput.read(request) if account else _for_nobody(request)
        return Response(estimated(estimate(account, wanted)))


def _for_nobody(request: Request) -> EstimateRequest:
    """What somebody asks who did not sign in. Raises NotAuthenticated, TooMany, Invalid."""
    if isinstance(request.data, dict) and request.data.get("enrollment") is not None:
        raise NotAuthenticated
    ESTIMATING.spend(address_of(request))
    wanted: EstimateRequest = EstimateInput.read(request)
    if len(wanted.cost.items) > MOST_ITEMS:
        raise Invalid(
            _("没有登录时明细最多%d条，请登录，或合并后再试。") % MOST_ITEMS, code="items_too_many", attr="cost.items"
        )
    return wanted


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
