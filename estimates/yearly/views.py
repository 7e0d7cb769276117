"""`GET settlement-years/`: how the year stands, for the phone's page of bills."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint
from accounts.models import Role
from core.http.schema import operation
from estimates.yearly import bodies
from estimates.yearly.bodies import InsuranceYearAnswer, YearsQuery
from estimates.yearly.gathering import years
from estimates.yearly.presenting import year_row


class SettlementYears(Endpoint):
    """Each insurance year of the people the caller may act for: what it has come to and what is left of it."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    @operation(
        "医保年度：累计了多少，还差多少",
        parameters=[YearsQuery],
        answer=list[InsuranceYearAnswer],
        example=bodies.YEAR,
        refusals={404: {"not_found": "没有找到该参保关系，请先绑定参保人。"}},
    )
    def get(self, request: Request) -> Response:
        wanted = YearsQuery.read(request)
        rows = years(self.account, person=wanted.person, enrollment=wanted.enrollment, starting=wanted.year)
        return Response([year_row(year) for year in rows])
