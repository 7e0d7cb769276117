"""`areas/`, `institutions/`, `diseases/`, `agencies/`: where one is insured, where one can be treated, whom to call."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from core.http.fields import asked
from core.http.open import Open, OpenList
from core.http.schema import operation
from regions.models import Agency, Area, AreaQuerySet, Disease, Institution
from regions.serializers import (
    AgencyAnswer,
    AgencyQuery,
    AreaAnswer,
    AreaQuery,
    DiseaseAnswer,
    InstitutionAnswer,
    InstitutionQuery,
)

AREA = {
    "code": "510100",
    "name": "成都市",
    "level": "city",
    "parent": "510000",
    "pools_at": "city",
    "local_to": ["519900"],
}
INSTITUTION = {
    "code": "H51010100001",
    "name": "四川大学华西医院",
    "area": "510100",
    "area_name": "成都市",
    "grade": "三级甲等",
    "level": 3,
    "class": "",
    "specialty": "general",
    "issues_referrals": True,
    "open": {"inpatient": True, "outpatient": True, "chronic": ["M03900", "M01600"]},
}
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

    @operation("地区", parameters=[AreaQuery], answer=AreaAnswer(many=True), example=AREA)
    def get(self, request: Request) -> Response:
        wanted = asked(AreaQuery, request.query_params)
        rows: Any = Area.objects.filter(**{name: wanted[name] for name in ("level", "parent") if name in wanted})
        if "pooling" in wanted:
            pools = Area.objects.pooling().values("code")
            rows = rows.filter(code__in=pools) if wanted["pooling"] else rows.exclude(code__in=pools)
        return self.page(request, _area_rows(rows.search(wanted.get("q", ""))), _area)


class AreaDetail(Open):
    """One area."""

    @operation("一个地区", answer=AreaAnswer, example=AREA, refusals=NO_AREA)
    def get(self, request: Request, code: str) -> Response:
        return Response(_area(the_one(_area_rows(Area.objects.filter(code=code)), _("没有这个地区，请检查代码。"))))


def _area_rows(rows: AreaQuerySet) -> QuerySet[Any, Any]:
    return rows.values("code", "name", "level", "parent_id", "pools_at", "local_to")


def _area(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in row.items() if name != "parent_id"}, "parent": row["parent_id"]}


class Institutions(OpenList):
    """Designated institutions, and what each is open for across provinces."""

    @operation("定点医疗机构", parameters=[InstitutionQuery], answer=InstitutionAnswer(many=True), example=INSTITUTION)
    def get(self, request: Request) -> Response:
        wanted = asked(InstitutionQuery, request.query_params)
        rows: Any = Institution.objects.filter(_open_for(wanted), _within(wanted.get("area")))
        rows = rows.filter(
            **{name: wanted[name] for name in ("level", "specialty", "issues_referrals") if name in wanted}
        )
        return self.page(request, _institution_rows(rows.search(wanted.get("q", ""))), _institution)


class InstitutionDetail(Open):
    """One institution."""

    @operation("一家定点医疗机构", answer=InstitutionAnswer, example=INSTITUTION, refusals=NO_INSTITUTION)
    def get(self, request: Request, code: str) -> Response:
        rows = _institution_rows(Institution.objects.filter(code=code))
        return Response(_institution(the_one(rows, _("没有这家医疗机构，请检查编码。"))))


def _within(area: str | None) -> Q:
    """In an area, or in a city of it."""
    return Q(area=area) | Q(area__parent=area) if area else Q()


def _open_for(wanted: dict[str, Any]) -> Q:
    """Open for a care, a chronic disease, or chronic care at all."""
    care, disease = wanted.get("care"), wanted.get("disease")
    found = Q(chronic__contains=[disease]) if disease else Q()
    if care == "chronic" and not disease:
        return ~Q(chronic=[])
    return found if care in (None, "chronic") else found & Q(**{care: True})


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


def _institution(row: dict[str, Any]) -> dict[str, Any]:
    same = ("code", "name", "grade", "level", "specialty", "issues_referrals")
    return {
        **{name: row[name] for name in same},
        "area": row["area_id"],
        "area_name": row["area__name"],
        "class": row["sub_class"],
        "open": {"inpatient": row["inpatient"], "outpatient": row["outpatient"], "chronic": row["chronic"]},
    }


class Diseases(OpenList):
    """The chronic and special diseases settled directly across provinces."""

    @operation(
        "门诊慢特病病种", answer=DiseaseAnswer(many=True), example={"code": "M03900", "name": "高血压", "since": 2022}
    )
    def get(self, request: Request) -> Response:
        return self.page(request, Disease.objects.values("code", "name", "since"), dict)


class Agencies(OpenList):
    """The agencies of the pooling areas, with address and telephone."""

    @operation(
        "经办机构",
        parameters=[AgencyQuery],
        answer=AgencyAnswer(many=True),
        example={
            "area": "500000",
            "area_name": "重庆市",
            "name": "重庆市医疗保障事务中心",
            "address": "（演示）重庆市示范路 1 号",
            "phone": "023-00000000",
            "demo": True,
        },
    )
    def get(self, request: Request) -> Response:
        wanted = asked(AgencyQuery, request.query_params)
        rows = Agency.objects.filter(**wanted).values("area_id", "area__name", "name", "address", "phone", "demo")
        return self.page(request, rows, _agency)


def _agency(row: dict[str, Any]) -> dict[str, Any]:
    same = ("name", "address", "phone", "demo")
    return {"area": row["area_id"], "area_name": row["area__name"], **{name: row[name] for name in same}}
