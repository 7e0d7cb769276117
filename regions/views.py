"""The reference endpoints: areas, institutions, diseases, agencies; the working calendar, deadlines, what time it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.errors import Invalid, NotFound
from core.http.once import once
from core.http.open import Open, OpenList
from core.http.schema import operation
from regions import bodies, calendar
from regions.bodies import (
    AgencyAnswer,
    AgencyQuery,
    AreaAnswer,
    AreaQuery,
    CalendarAnswer,
    CalendarQuery,
    ClockAnswer,
    ClockMove,
    DeadlineAnswer,
    DeadlineQuery,
    DiseaseAnswer,
    InstitutionAnswer,
    InstitutionQuery,
)
from regions.models import COUNTY, Agency, Area, CalendarDay, CalendarYear, ClosedDay, County, Disease, Institution

NO_AREA = {404: {"not_found": "没有这个地区，请检查代码。"}}
NO_INSTITUTION = {404: {"not_found": "没有这家医疗机构，请检查编码。"}}
NO_YEAR = {404: {"not_found": "没有这一年的工作日历，请换一年。"}}
UNKNOWN_AREA = {400: {"area_unknown": "没有这个地区，请检查代码。"}}


def the_one(rows: QuerySet[Any, Any], sentence: Any) -> Any:
    """The only row, or NotFound with a sentence."""
    row = rows.first()
    if row is None:
        raise NotFound(sentence)
    return row


class Areas(OpenList):
    """Provinces, cities, and pools of their own; counties where they are asked for by name, by level or by what they lie in."""

    @operation("地区", parameters=[AreaQuery], answer=list[AreaAnswer], example=bodies.AREA)
    def get(self, request: Request) -> Response:
        return self.page(request, _found(AreaQuery.read(request)), _area)


def _found(wanted: AreaQuery) -> QuerySet[Any, Any]:
    """The areas, and behind those that begin alike the counties."""
    areas: Any = Area.objects.filter(**wanted.given("level", "parent"))
    counties: Any = County.objects.filter(**wanted.given("parent"))
    if wanted.pooling is not None:
        pools = Area.objects.pooling().values("code")
        areas = areas.filter(code__in=pools) if wanted.pooling else areas.exclude(code__in=pools)
    if wanted.q.strip():
        areas, counties = areas.ranked(wanted.q), counties.ranked(wanted.q)
    rows: QuerySet[Any, Any] = areas.as_rows()
    asked = wanted.level == COUNTY or (not wanted.level and (wanted.parent or wanted.q.strip()))
    if asked and not wanted.pooling:
        rows = rows.union(counties.as_rows(), all=True)
    return rows.order_by("order", "code")


class AreaDetail(Open):
    """One area, or a county."""

    @operation("一个地区", answer=AreaAnswer, example=bodies.AREA, refusals=NO_AREA)
    def get(self, request: Request, code: str) -> Response:
        found = [*Area.objects.filter(code=code).as_rows()] or [*County.objects.filter(code=code).as_rows()]
        if not found:
            raise NotFound(_("没有这个地区，请检查代码。"))
        return Response(_area(found[0]))


def _area(row: dict[str, Any]) -> AreaAnswer:
    return {
        "code": row["code"],
        "name": row["name"],
        "level": row["level"],
        "parent": row["parent_id"],
        "pools_at": row["pools_at"],
        "local_to": row["local_to"],
        "within": [name for name in (row["top"], row["above"]) if name],
        "pooling_area": row["pooling_area"],
        "pooling_area_name": row["pooling_area_name"],
    }


class Institutions(OpenList):
    """Designated institutions, and what each is open for across provinces."""

    @operation(
        "定点医疗机构", parameters=[InstitutionQuery], answer=list[InstitutionAnswer], example=bodies.INSTITUTION
    )
    def get(self, request: Request) -> Response:
        wanted = InstitutionQuery.read(request)
        rows: Any = Institution.objects.filter(_open_for(wanted.care, wanted.disease), _within(wanted.area))
        rows = rows.filter(**wanted.given("kind", "level", "specialty", "issues_referrals"))
        return self.page(request, _institution_rows(rows.search(wanted.q)), _institution)


class InstitutionDetail(Open):
    """One institution."""

    @operation("一家定点医疗机构", answer=InstitutionAnswer, example=bodies.INSTITUTION, refusals=NO_INSTITUTION)
    def get(self, request: Request, code: str) -> Response:
        rows = _institution_rows(Institution.objects.filter(code=code))
        return Response(_institution(the_one(rows, _("没有这家医疗机构，请检查编码。"))))


def _within(area: str | None) -> Q:
    """In an area, or in a city of it."""
    return Q(area=area) | Q(area__parent=area) if area else Q()


def _open_for(care: str | None, disease: str | None) -> Q:
    """Open for a care, a chronic disease, or chronic care at all."""
    if care == "chronic" and not disease:
        return ~Q(chronic=[])
    open_for = Q(chronic__contains=[disease]) if disease else Q()
    return open_for if care in (None, "chronic") else open_for & Q(**{care: True})


def _institution_rows(rows: QuerySet[Model]) -> QuerySet[Any, Any]:
    return rows.values(
        "code",
        "name",
        "kind",
        "area_id",
        "area__name",
        "grade",
        "level",
        "sub_class",
        "specialty",
        "issues_referrals",
        "inpatient",
        "outpatient",
        "chronic",
        "address",
        "phone",
        "invented_contact",
        "invented_code",
    )


def _institution(row: dict[str, Any]) -> InstitutionAnswer:
    return {
        "code": row["code"],
        "name": row["name"],
        "kind": row["kind"],
        "area": row["area_id"],
        "area_name": row["area__name"],
        "grade": row["grade"],
        "level": row["level"],
        "class": row["sub_class"],
        "specialty": row["specialty"],
        "issues_referrals": row["issues_referrals"],
        "open": {"inpatient": row["inpatient"], "outpatient": row["outpatient"], "chronic": row["chronic"]},
        "address": row["address"],
        "phone": row["phone"],
        "demo": row["invented_code"] or row["invented_contact"],
    }


class Diseases(OpenList):
    """The chronic and special diseases settled directly across provinces."""

    @operation("门诊慢特病病种", answer=list[DiseaseAnswer], example=bodies.DISEASE)
    def get(self, request: Request) -> Response:
        return self.page(request, Disease.objects.values("code", "name", "since"), dict)


class Agencies(OpenList):
    """The agencies of the pooling areas, with address and telephone."""

    @operation("经办机构", parameters=[AgencyQuery], answer=list[AgencyAnswer], example=bodies.AGENCY)
    def get(self, request: Request) -> Response:
        wanted = AgencyQuery.read(request)
        rows = Agency.objects.filter(_named(wanted.q), **wanted.given("area"))
        return self.page(request, rows.values("area_id", "area__name", "name", "address", "phone", "demo"), _agency)


def _named(text: str) -> Q:
    """Of this name, or of an area of this name; a province names the agencies of its cities too."""
    if not text.strip():
        return Q()
    areas = Area.objects.ranked(text).values("code")
    return Q(name__contains=text.strip()) | Q(area__in=areas) | Q(area__parent__in=areas)


def _agency(row: dict[str, Any]) -> AgencyAnswer:
    return {
        "area": row["area_id"],
        "area_name": row["area__name"],
        "name": row["name"],
        "address": row["address"],
        "phone": row["phone"],
        "demo": row["demo"],
    }


class Year(Open):
    """One year of the working calendar: the days that differ from their weekday."""

    @operation(
        "工作日历",
        parameters=[CalendarQuery],
        answer=CalendarAnswer,
        example=bodies.YEAR,
        refusals=NO_YEAR | UNKNOWN_AREA,
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
        refusals=UNKNOWN_AREA,
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
