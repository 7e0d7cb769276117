"""`calendar/{year}/`, `deadline/`, `clock/`: which days are worked, when a decision is due, what time it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.errors import Invalid, NotFound
from core.http.once import once
from core.http.open import Open
from core.http.schema import operation
from regions import bodies, calendar
from regions.bodies import CalendarAnswer, CalendarQuery, ClockAnswer, ClockMove, DeadlineAnswer, DeadlineQuery
from regions.models import Area, CalendarDay, CalendarYear, ClosedDay
from regions.views.places import the_one

NO_YEAR = {404: {"not_found": "没有这一年的工作日历，请换一年。"}}
NO_AREA = {400: {"area_unknown": "没有这个地区，请检查代码。"}}


class Year(Open):
    """One year of the working calendar: the days that differ from their weekday."""

    @operation(
        "工作日历", parameters=[CalendarQuery], answer=CalendarAnswer, example=bodies.YEAR, refusals=NO_YEAR | NO_AREA
    )
    def get(self, request: Request, year: int) -> Response:
        area = _known(CalendarQuery.read(request).area)
        rows = CalendarYear.objects.filter(year=year).values("year", "announced", "source")
        head = the_one(rows, _("没有这一年的工作日历，请换一年。"))
        days = CalendarDay.objects.filter(date__year=year).values("date", "is_workday", "name", "source")
        closed = ClosedDay.objects.filter(area=area, date__year=year).values("date", "reason")
        return Response({**head, "days": [*days], "closed": [*closed]})


class Deadline(Open):
    """When a decision is due: the close of business of the n-th working day after submission."""

    @operation(
        "办结时限",
        parameters=[DeadlineQuery],
        answer=DeadlineAnswer,
        example=bodies.DEADLINE,
        refusals=NO_AREA,
    )
    def get(self, request: Request) -> Response:
        wanted = DeadlineQuery.read(request)
        due = calendar.current().due(wanted.at or clock.now(), wanted.working_days, _known(wanted.area))
        answer: DeadlineAnswer = {"due_at": due.at, "provisional": due.provisional}
        return Response(answer)


def _known(area: str | None) -> str | None:
    """The area's code, if there is such an area. Invalid: there is not."""
    if area and not Area.objects.filter(code=area).exists():
        raise Invalid(_("没有这个地区，请检查代码。"), code="area_unknown", attr="area")
    return area


class Clock(APIView):
    """The business time; in simulation, who signed in may move it forward."""

    idempotent = True

    def get_authenticators(self) -> list[Any]:
        """Reading is open, and asks for no token."""
        return [] if self._reads() else super().get_authenticators()

    def get_permissions(self) -> list[Any]:
        return [AllowAny() if self._reads() else IsAuthenticated()]

    def _reads(self) -> bool:
        return getattr(self.request, "method", "GET") in ("GET", "HEAD", "OPTIONS")

    @operation("业务时间", answer=ClockAnswer, example=bodies.NOW)
    def get(self, request: Request) -> Response:
        return _told(clock.now())

    @operation(
        "拨动模拟时钟",
        request=ClockMove,
        sent={"next": True},
        answer=ClockAnswer,
        example=bodies.NOW,
        refusals={
            400: {"clock_backwards": "时钟只能向前拨。", "to_or_next": "请填写 to（时间）或 next: true，二选一。"},
            404: {"not_simulated": "只有模拟环境可以拨动时钟。"},
            409: {"clock_moving": "时钟正在拨动中，请稍候。", "nothing_due": "目前没有等待处理的事项。"},
        },
    )
    def post(self, request: Request) -> Response:
        """Move the clock forward. It stops at every moment at which something is due, in order (DESIGN.md §4)."""
        if not settings.SIMULATION:
            raise NotFound(_("只有模拟环境可以拨动时钟。"), code="not_simulated")
        return once(request, lambda: self._move(request))

    def _move(self, request: Request) -> Response:
        clock.move(ClockMove.read(request).to)
        return _told(clock.simulated_now())


def _told(moment: datetime) -> Response:
    answer: ClockAnswer = {"now": moment, "simulated": settings.SIMULATION}
    return Response(answer, headers={"Cache-Control": "no-store"})
