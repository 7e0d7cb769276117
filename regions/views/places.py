"""`areas/`, `institutions/`, `diseases/`, `agencies/`: where one is insured, where one can be treated, whom to call."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from core.http.open import Open, OpenList
from core.http.schema import operation
from regions import bodies
from regions.bodies import (
    AgencyAnswer,
    AgencyQuery,
    AreaAnswer,
    AreaQuery,
    DiseaseAnswer,
    InstitutionAnswer,
    InstitutionQuery,
)
from regions.models import Agency, Area, AreaQuerySet, Disease, Institution

NO_AREA = {404: {"not_found": "没有这个地区，请检查代码。"}}
NO_INSTITUTION = {404: {"not_found": "没有这家医疗机构，请检查编码。"}}


def the_one(rows: QuerySet[Any, Any], sentence: Any) -> Any:
    """The only row, or NotFound with a sentence."""
    row = rows.first()
    if row is None:
        raise NotFound(sentence)
    return row


class Areas(OpenList):
    """Provinces, cities, and pools of their own."""

    @operation("地区", parameters=[AreaQuery], answer=list[AreaAnswer], example=bodies.AREA)
    def get(self, request: Request) -> Response:
        wanted = AreaQuery.read(request)
        rows: Any = Area.objects.filter(**wanted.given("level", "parent"))
        if wanted.pooling is not None:
            pools = Area.objects.pooling().values("code")
            rows = rows.filter(code__in=pools) if wanted.pooling else rows.exclude(code__in=pools)
        return self.page(request, _area_rows(rows.search(wanted.q)), _area)


class AreaDetail(Open):
    """One area."""

    @operation("一个地区", answer=AreaAnswer, example=bodies.AREA, refusals=NO_AREA)
    def get(self, request: Request, code: str) -> Response:
        return Response(_area(the_one(_area_rows(Area.objects.filter(code=code)), _("没有这个地区，请检查代码。"))))


def _area_rows(rows: AreaQuerySet) -> QuerySet[Any, Any]:
    return rows.values("code", "name", "level", "parent_id", "pools_at", "local_to")


def _area(row: dict[str, Any]) -> AreaAnswer:
    return {
        "code": row["code"],
        "name": row["name"],
        "level": row["level"],
        "parent": row["parent_id"],
        "pools_at": row["pools_at"],
        "local_to": row["local_to"],
    }


class Institutions(OpenList):
    """Designated institutions, and what each is open for across provinces."""

    @operation(
        "定点医疗机构", parameters=[InstitutionQuery], answer=list[InstitutionAnswer], example=bodies.INSTITUTION
    )
    def get(self, request: Request) -> Response:
        wanted = InstitutionQuery.read(request)
        rows: Any = Institution.objects.filter(_open_for(wanted.care, wanted.disease), _within(wanted.area))
        rows = rows.filter(**wanted.given("level", "specialty", "issues_referrals"))
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
    )


def _institution(row: dict[str, Any]) -> InstitutionAnswer:
    return {
        "code": row["code"],
        "name": row["name"],
        "area": row["area_id"],
        "area_name": row["area__name"],
        "grade": row["grade"],
        "level": row["level"],
        "class": row["sub_class"],
        "specialty": row["specialty"],
        "issues_referrals": row["issues_referrals"],
        "open": {"inpatient": row["inpatient"], "outpatient": row["outpatient"], "chronic": row["chronic"]},
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
        rows = Agency.objects.filter(**AgencyQuery.read(request).given())
        return self.page(request, rows.values("area_id", "area__name", "name", "address", "phone", "demo"), _agency)


def _agency(row: dict[str, Any]) -> AgencyAnswer:
    return {
        "area": row["area_id"],
        "area_name": row["area__name"],
        "name": row["name"],
        "address": row["address"],
        "phone": row["phone"],
        "demo": row["demo"],
    }
