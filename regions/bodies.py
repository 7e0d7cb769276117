"""What the reference endpoints take and answer, with the examples of the OpenAPI document."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field
from typing_extensions import TypedDict

from core.errors import Problem
from core.http.bodies import Body, Query
from core.http.values import Maybe, Moment, OneOf, Text
from regions.models import COUNTY, AreaLevel, Institution

AreaCode = Annotated[str, Text(6)]
KINDS = tuple(Institution._meta.get_field("kind").choices or ())
LEVELS = (*AreaLevel.values, COUNTY)
SPECIALTIES = tuple(Institution._meta.get_field("specialty").choices or ())

# Areas


class AreaQuery(Query):
    level: Maybe[Annotated[str, OneOf(LEVELS)]] = None
    parent: Maybe[AreaCode] = Field(None, description="Code of the area above.")
    pooling: Maybe[bool] = Field(None, description="Only pooling areas (统筹区), or only the others.")
    q: Annotated[str, Text(40)] = Field(
        "", description="Name, pinyin or initials; finds counties too, each with the pooling area it belongs to."
    )


class AreaAnswer(TypedDict):
    code: str
    name: str
    level: Annotated[str, OneOf(LEVELS)]
    parent: str | None
    pools_at: Annotated[str, Field(description="province | city; none: no part of the mainland's insurance.")]
    local_to: list[str]
    within: Annotated[list[str], Field(description="The names of the areas it lies in, the province first.")]
    pooling_area: Annotated[
        str | None, Field(description="The pooling area it is part of: what one files to. null: a province of several.")
    ]
    pooling_area_name: str | None


AREA: AreaAnswer = {
    "code": "510100",
    "name": "成都市",
    "level": "city",
    "parent": "510000",
    "pools_at": "city",
    "local_to": ["519900"],
    "within": ["四川省"],
    "pooling_area": "510100",
    "pooling_area_name": "成都市",
}

# Institutions


class InstitutionQuery(Query):
    area: Maybe[AreaCode] = Field(None, description="A province includes its cities.")
    care: Maybe[Literal["inpatient", "outpatient", "chronic"]] = Field(None, description="Open for this care.")
    disease: Maybe[Annotated[str, Text(8)]] = Field(None, description="Open for this chronic disease.")
    kind: Maybe[Annotated[str, OneOf(KINDS)]] = None
    level: Maybe[int] = Field(None, ge=0, le=3)
    specialty: Maybe[Annotated[str, OneOf(SPECIALTIES)]] = None
    issues_referrals: Maybe[bool] = None
    q: Annotated[str, Text(40)] = Field("", description="Name, pinyin or initials.")


class OpenFor(TypedDict):
    inpatient: bool
    outpatient: bool
    chronic: list[str]


_Class = TypedDict("_Class", {"class": Annotated[str, Field(description="Sub-class of the level.")]})


class InstitutionAnswer(_Class):
    code: str
    name: str
    kind: Annotated[str, OneOf(KINDS)]
    area: str
    area_name: str
    grade: str
    level: Annotated[int, Field(description="Settlement level 1–3; 0 = community.")]
    specialty: str
    issues_referrals: bool
    open: OpenFor
    address: Annotated[str, Field(description="Empty where it is not known; so is `phone`.")]
    phone: str
    demo: Annotated[bool, Field(description="Code, openings, address or telephone are invented for demonstration.")]


INSTITUTION: InstitutionAnswer = {
    "code": "H51010100001",
    "name": "四川大学华西医院",
    "kind": "hospital",
    "area": "510100",
    "area_name": "成都市",
    "grade": "三级甲等",
    "level": 3,
    "class": "",
    "specialty": "general",
    "issues_referrals": True,
    "open": {"inpatient": True, "outpatient": True, "chronic": ["M03900", "M01600"]},
    "address": "成都市示范路 1 号（演示地址）",
    "phone": "028-00000000",
    "demo": True,
}

# Diseases and agencies


class DiseaseAnswer(TypedDict):
    code: str
    name: str
    since: Annotated[int, Field(description="The year of its opening across provinces.")]


DISEASE: DiseaseAnswer = {"code": "M03900", "name": "高血压", "since": 2022}


class AgencyQuery(Query):
    area: Maybe[AreaCode] = None
    q: Annotated[str, Text(40)] = Field(
        "", description="Part of its name; or name, pinyin or initials of its area or province."
    )


class AgencyAnswer(TypedDict):
    area: str
    area_name: str
    name: str
    address: str
    phone: str
    demo: Annotated[bool, Field(description="Invented for demonstration.")]


AGENCY: AgencyAnswer = {
    "area": "500000",
    "area_name": "重庆市",
    "name": "重庆市医疗保障事务中心",
    "address": "（演示）重庆市示范路 1 号",
    "phone": "023-00000000",
    "demo": True,
}

# The calendar


class CalendarQuery(Query):
    area: Maybe[AreaCode] = Field(None, description="Adds the area's own closed days.")


class CalendarDayAnswer(TypedDict):
    date: datetime.date
    is_workday: bool
    name: str
    source: str


class ClosedDayAnswer(TypedDict):
    date: datetime.date
    reason: str


class CalendarAnswer(TypedDict):
    year: int
    announced: Annotated[bool, Field(description="false: provisional, deadlines in it may still move.")]
    source: str
    days: Annotated[list[CalendarDayAnswer], Field(description="The days that differ from their weekday.")]
    closed: Annotated[list[ClosedDayAnswer], Field(description="The closed days of the area asked for.")]


YEAR: dict[str, Any] = {
    "year": 2026,
    "announced": True,
    "source": "国办发明电〔2025〕7号",
    "days": [
        {"date": "2026-09-20", "is_workday": True, "name": "国庆节调休上班", "source": "国办发明电〔2025〕7号"},
        {"date": "2026-10-01", "is_workday": False, "name": "国庆节", "source": "国办发明电〔2025〕7号"},
    ],
    "closed": [],
}


class DeadlineQuery(Query):
    at: Maybe[Moment] = Field(None, description="The moment of submission; now if left out.")
    working_days: int = Field(2, ge=1, le=250)
    area: Maybe[AreaCode] = Field(None, description="Counts this area's own closed days.")


class DeadlineAnswer(TypedDict):
    due_at: datetime.datetime
    provisional: Annotated[bool, Field(description="A day on its way lies in a year not announced yet.")]


DEADLINE = {"due_at": "2026-11-24T17:00:00+08:00", "provisional": False}

# The clock


class ClockMove(Body):
    to: Maybe[Moment] = Field(None, description="Move to this time.")
    next: Maybe[bool] = Field(None, description="Move to the next thing that is due.")

    def problems(self) -> Iterator[Problem]:
        if (self.to is not None) == bool(self.next):
            yield Problem("to_or_next", str(_("请填写 to（时间）或 next: true，二选一。")))


class ClockAnswer(TypedDict):
    now: datetime.datetime
    simulated: bool


NOW = {"now": "2026-11-21T10:00:00+08:00", "simulated": True}
