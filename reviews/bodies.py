"""What all kinds of submissions take and answer alike, with the examples that theirs are built on (API.md, "Submissions")."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, WithJsonSchema
from typing_extensions import TypedDict

from core.http.bodies import Body, Query
from core.http.values import Maybe, OneOf, Ordering, Otherwise, Several, Text
from core.text import NAME, PROSE, plain
from reviews.checks import Level
from reviews.models import Channel, Kind, Outcome, Status

# What is sent

NO_DATE = _("请填写2000年至2100年之间的日期，如 2026-11-21。")
NO_ID = _("请填写有效的编号。")
Id = Annotated[UUID, Otherwise("invalid", NO_ID)]
Destination = Annotated[str, AfterValidator(lambda text: text if text.isdigit() else "")]
"""The code of an area; what is none finds nothing."""
Materials = Annotated[list[UUID], Field(max_length=40)]
ORDERS = ("created_at", "submitted_at", "due_at")
SENTENCE = "`-created_at` (default), `due_at`, `submitted_at`"
NUMBER = re.compile(r"[0-9-]{1,20}")
NO_NUMBER = "-"  # begins none


class SubmissionQuery(Query):
    """How a list of submissions is narrowed and ordered; a kind adds its own."""

    lookups: ClassVar[dict[str, str]] = {"status": "status__any", "person": "person", "enrollment": "enrollment"}
    """What each field asks of the rows."""

    status: Maybe[Annotated[list[str], Several(Status.values)]] = Field(
        None, description="One or more, separated by commas"
    )
    person: Maybe[Id] = Field(None, description="Person id")
    enrollment: Maybe[Id] = Field(None, description="Enrolment id")
    q: str = Field("", description="Number, or how it begins")
    ordering: Annotated[str, Ordering(*ORDERS)] = Field("-created_at", description=SENTENCE)

    def filters(self) -> dict[str, Any]:
        """Lookups with their values."""
        values = {lookup: getattr(self, name) for name, lookup in self.lookups.items()}
        if number := plain(self.q):
            values["number__startswith"] = dashed(number) if NUMBER.fullmatch(number) else NO_NUMBER
        return {lookup: value for lookup, value in values.items() if value is not None}

    def order(self) -> tuple[str, str]:
        """Of equals by key, so that no row stands on two pages."""
        return self.ordering, "-pk" if self.ordering.startswith("-") else "pk"


def dashed(number: str) -> str:
    """A number as it is written (20261121-000123-4), also when typed without dashes."""
    digits = "".join(part for part in number.split("-"))
    return "-".join(filter(None, (digits[:8], digits[8:14], digits[14:])))


class DraftQuery(Query):
    """How the list of drafts is narrowed."""

    kind: Maybe[Annotated[list[str], Several(Kind.values)]] = Field(
        None, description="One or more, separated by commas"
    )
    person: Maybe[Id] = Field(None, description="Person id")

    def filters(self) -> dict[str, Any]:
        """Lookups with their values."""
        given = {"kind__any": self.kind, "person": self.person}
        return {"status": Status.DRAFT, **{lookup: value for lookup, value in given.items() if value is not None}}


class DecideInput(Body):
    """A reviewer's decision: `reason` is required to reject or return."""

    reason: Annotated[str, Text(1000, blank=True, form=PROSE)] = ""
    code: Annotated[str, Text(40, blank=True)] = ""
    fields: Annotated[list[Annotated[str, Text(40)]], Field(max_length=30)] = []


class CommitmentInput(TypedDict):
    """A part that is said whole or not at all, in a PATCH too."""

    kind: Annotated[str, Text(30), Field(description="承诺补充的材料种类，即 documents 中的 kind")]
    signed_name: Annotated[str, Text(60, form=NAME), Field(description="参保人本人姓名")]


# What is answered

Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class DecisionShape(TypedDict):
    outcome: Annotated[str, OneOf(Outcome)]
    code: str
    reason: str
    fields: Annotated[list[str], Field(description="需补正的项目")]


class CheckShape(TypedDict):
    code: str
    level: Annotated[str, OneOf([(str(level), str(level)) for level in Level])]
    message: str
    source: str
    fields: list[str]


class EventShape(TypedDict):
    at: Time
    actor: str
    verb: str
    detail: str


class SubmissionRow(TypedDict):
    """What every submission shows in a list."""

    id: str
    number: str
    kind: Annotated[str, OneOf(Kind)]
    version: int
    status: Annotated[str, OneOf(Status)]
    stage: int
    channel: Annotated[str, OneOf(Channel), Field(description="办理渠道；窗口和电话由参保地经办机构代为录入")]
    enrollment: str
    person: str
    person_name: Annotated[str, Field(description="脱敏姓名")]
    insured_area: str
    insured_area_name: str
    created_at: Time
    submitted_at: Time | None
    due_at: Time | None
    due_provisional: bool
    decided_at: Time | None
    decision: DecisionShape | None
    actions: list[str]


class DraftRow(SubmissionRow):
    """A draft, whatever its kind."""

    summary: Annotated[str, Field(description="写的是什么，如：北京市 · 异地长期居住人员 · 2026年11月21日 起")]
    predecessor: Annotated[str | None, Field(description="变更或续期的是哪一份")]
    saved_at: Annotated[Time, Field(description="最后一次保存")]
    kept_until: Annotated[Time | None, Field(description="草稿没有再保存的，保留到此时，之后结束并清除所写的内容")]


class MaterialShape(TypedDict):
    id: str
    kind: str
    status: str
    filename: str


class SubmissionBeside(TypedDict):
    """What every submission shows in full, beside what a list shows."""

    checks: list[CheckShape]
    materials: list[MaterialShape]
    correct_by: Time | None
    events: list[EventShape]


class DocumentShape(TypedDict):
    kind: str
    label: str
    required: bool
    alternatives: Annotated[list[str], Field(description="可代替的材料种类；commitment 为可先签个人承诺书")]
    alternative_labels: dict[str, str]
    note: str


# Examples

ID = "019aa5f2-7c3a-7d55-8a0e-3d2f6c1b9e04"
MATERIAL = "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"
NOTICE = "019a9000-1111-7222-8333-444455556666"
ENROLLMENT = "019a8000-aaaa-7bbb-8ccc-ddddeeeeffff"
PERSON = "019a8000-0000-7111-8222-333344445555"

COMMON: dict[str, Any] = {
    "id": ID,
    "number": "20261121-000123-4",
    "version": 2,
    "status": "submitted",
    "stage": 1,
    "channel": "online",
    "enrollment": ENROLLMENT,
    "person": PERSON,
    "person_name": "王*兰",
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "created_at": "2026-11-21T10:00:00+08:00",
    "submitted_at": "2026-11-21T10:00:00+08:00",
    "due_at": "2026-11-24T17:00:00+08:00",
    "due_provisional": False,
    "decided_at": None,
    "decision": None,
    "actions": ["withdraw"],
}
DRAFT: dict[str, Any] = {
    **COMMON,
    "kind": "filing",
    "status": "draft",
    "version": 3,
    "submitted_at": None,
    "due_at": None,
    "actions": ["submit", "withdraw"],
    "summary": "北京市 · 异地长期居住人员 · 2026年11月21日 起",
    "predecessor": None,
    "saved_at": "2026-11-21T10:06:00+08:00",
    "kept_until": "2027-02-19T10:06:00+08:00",
}
EVENTS: list[dict[str, Any]] = [
    {"at": "2026-11-21T10:00:00+08:00", "actor": "申请人", "verb": "submit", "detail": "提交申请"}
]

BESIDE: dict[str, Any] = {"checks": [], "materials": [], "correct_by": None, "events": EVENTS}
