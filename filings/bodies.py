"""What is sent and answered about filings and proofs (API.md, "Filing"), with the examples of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, NotRequired
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field
from rest_framework import serializers
from typing_extensions import TypedDict

from accounts.bodies import CertificateShape, Named
from accounts.models import Insurance
from core.errors import Problem
from core.http.bodies import Body
from core.http.values import Made, Maybe, OneOf, Ordering, Read, Several, Text, date_of, framework, wrong
from core.text import NAME, NUMBER, PHONE, PROSE
from filings.checks.application import is_reachable
from filings.filing_case import Stay
from filings.models import FiledBy, FilingAgent, FilingType
from policies.models import Notice, notice_named
from regions.models import Area, County, areas_with_parents
from reviews.bodies import (
    BESIDE,
    COMMON,
    ENROLLMENT,
    ID,
    NOTICE,
    ORDERS,
    SENTENCE,
    CommitmentInput,
    Destination,
    Materials,
    SubmissionBeside,
    SubmissionQuery,
    SubmissionRow,
)

# Values

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
NO_AREA = _("没有找到这个地区，请重新选择就医地。")


def _day(value: Any) -> date:
    """A day that arithmetic can be done with."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = date_of(value)
    if not EARLIEST <= day <= LATEST:
        raise wrong("min_value" if day < EARLIEST else "max_value", _("日期应在2000年至2100年之间，请核对。"))
    return day


def _area(code: Any) -> Area:
    """An area by its code."""
    rows = areas_with_parents(codes=[code]) if isinstance(code, str) and code.isdigit() else ()
    if not rows:
        raise _county(str(code)) or wrong("does_not_exist", NO_AREA)
    return rows[0]


def _county(code: str) -> Exception | None:
    """What to choose instead of a county: the pooling area it belongs to, as the person should see what is filed."""
    county = County.objects.select_related("pool").filter(code=code).first() if code.isdigit() else None
    if county is None:
        return None
    values = {"county": county.name, "area": county.pool.name, "code": county.pool_id}
    return wrong("destination_granularity", _("%(county)s属于%(area)s，请选择%(area)s（%(code)s）。") % values)


def _phone(text: str) -> str:
    """A telephone number at which someone can be reached."""
    if not is_reachable(text):
        raise wrong("phone_invalid", _("请填写能接通的电话：11位手机号，或带区号的固定电话。"))
    return text


def _notice(value: Any) -> Notice | None:
    """A notice by its id; an empty one says nothing."""
    if value == "":
        return None
    try:
        pk = UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise wrong(*framework(serializers.UUIDField, "invalid")) from None
    notice = notice_named.first(pk=pk)
    if notice is None:
        code, sentence = framework(serializers.PrimaryKeyRelatedField, "does_not_exist")
        raise wrong(code, str(sentence).format(pk_value=value))
    return notice


ReadNotice = Annotated[Notice, Read(_notice, {"type": "string", "format": "uuid"})]
FilingDay = Annotated[date, Read(_day, {"type": "string", "format": "date"})]
InArea = Annotated[Area, Read(_area)]
Institutions = Annotated[list[Annotated[str, Text(12)]], Field(max_length=20)]

# What is sent


class FilingQuery(SubmissionQuery):
    lookups: ClassVar[dict[str, str]] = {
        **SubmissionQuery.lookups,
        "type": "type__any",
        "destination": "destination",
    }

    type: Maybe[Annotated[list[str], Several(FilingType.values)]] = Field(None, description="One or more filing types")
    destination: Maybe[Destination] = Field(None, description="Area code")
    ordering: Annotated[str, Ordering(*ORDERS, "valid_from", "valid_until")] = Field(
        "-created_at", description=f"{SENTENCE}, `valid_from`, `valid_until`"
    )


class StayInput(Body):
    """The admission that a filing makes up for (补办)."""

    institution: Annotated[str, Text(12)]
    admitted_on: FilingDay


class PrincipalInput(Named):
    """The insured person an agent files for."""

    name: Annotated[str, Text(60, form=NAME)]
    insured_area: Annotated[str, Text(6)]
    insurance: Annotated[str, OneOf(Insurance)]


class AgentInput(Named):
    """The agent's own identity, and the uploaded letter of authority (授权委托书)."""

    name: Annotated[str, Text(60, form=NAME)]
    phone: Annotated[str, Text(30, form=PHONE), AfterValidator(_phone)]
    relation: Annotated[str, OneOf(tuple(FilingAgent._meta.get_field("relation").choices or ()))]
    authority: UUID


class FilingFields(Body):
    """What may be said of a filing; every field may be left out of a PATCH or a change."""

    type: Maybe[Annotated[str, OneOf(FilingType)]] = None
    destination: Maybe[InArea] = Field(None, description="就医地代码")
    starts_on: FilingDay | None = None
    ends_on: FilingDay | None = None
    contact_name: Maybe[Annotated[str, Text(60, blank=True, form=NAME)]] = None
    contact_phone: Maybe[Annotated[str, Text(30, blank=True, form=PHONE)]] = None
    address: Maybe[Annotated[str, Text(200, blank=True)]] = None
    injury: bool = Field(False, description="因外伤就医；承诺书可随材料上传（injury_statement），或在医院签署")
    notice: ReadNotice | None = Field(None, description="已阅读的告知书")
    materials: Materials = []
    commitment: CommitmentInput | None = None
    referral: Annotated[str, Text(60, form=NUMBER)] | None = Field(
        None, description="转诊证明的编号或核验码；null 撤下写过的"
    )
    institutions: Institutions = []
    makes_up_for: Annotated[Stay, Made(StayInput, lambda sent: Stay(sent.institution, sent.admitted_on))] | None = None


class AmendInput(FilingFields):
    """PATCH of a draft or a returned filing. An empty `notice` says nothing."""

    enrollment: Maybe[UUID] = None


class ChangeInput(FilingFields):
    """What the successor has different."""

    component: ClassVar[str] = "PatchedChangeInput"

    draft: bool = False


class FilingInput(FilingFields):
    """A new filing: for an `enrollment` the account may act for, or by an `agent` for the person named in `for`."""

    type: Annotated[str, OneOf(FilingType)]
    destination: InArea = Field(description="就医地代码")
    enrollment: Maybe[UUID] = None
    agent: Maybe[AgentInput] = None
    draft: bool = False
    principal: Maybe[PrincipalInput] = Field(None, alias="for")

    def problems(self) -> Iterator[Problem]:
        missing = [] if self.draft or self.starts_on else ["starts_on"]
        by_agent = [name for name, stated in (("for", self.principal), ("agent", self.agent)) if stated is None]
        if self.enrollment is None and by_agent:
            missing += by_agent if len(by_agent) == 1 else ["enrollment"]
        return (Problem("required", str(_("请填写此项。")), name) for name in missing)


class CancelInput(Body):
    """Why; and documents where the area lets them lift the lock."""

    reason: Annotated[str, Text(300, blank=True, form=PROSE)] = ""
    materials: Materials = []


class ProofMaterials(Body):
    materials: Materials


class ProofInput(ProofMaterials):
    filing: UUID
    draft: bool = False


# What is answered


class CommitmentShape(TypedDict):
    kind: str
    label: str
    due_on: date | None
    status: Annotated[str, Field(description="open 待补材料 · met 已履行 · broken 未履行 · released 已解除")]
    signed_name: NotRequired[Annotated[str, Field(description="仅在详情中、对申请人显示")]]


class LockShape(TypedDict):
    change_until: date | None
    cancel_until: date | None


class FilingColumns(TypedDict):
    type: Annotated[str, OneOf(FilingType)]
    type_label: str
    destination: str
    destination_name: str
    starts_on: date
    ends_on: date | None
    valid_from: date | None
    valid_until: Annotated[date | None, Field(description="最后一天；null 为长期有效")]
    lane: str
    travel: Annotated[str, Field(description="按什么结算（POLICY.md travel）")]
    filed_by: Annotated[str, OneOf(FiledBy)]
    predecessor: str | None
    report_by: Annotated[date | None, Field(description="急诊报告期限")]
    locked_until: date | None
    lock: LockShape
    commitment: CommitmentShape | None


class FilingRow(SubmissionRow, FilingColumns):
    """A filing in a list."""


class StayShape(TypedDict):
    institution: str
    institution_name: str
    admitted_on: date


class AgentShape(TypedDict):
    name: str
    id_number: str
    certificate: CertificateShape
    phone: str
    relation: str


class FilingRest(TypedDict):
    contact_name: str
    contact_phone: str
    address: str
    injury: bool
    notice: str | None
    institutions: list[str]
    makes_up_for: StayShape | None
    referral: Annotated[str | None, Field(description="所凭转诊证明的编号")]
    agent: AgentShape | None


class FilingDetail(FilingRow, SubmissionBeside, FilingRest):
    """A filing in full."""


class ProofColumns(TypedDict):
    filing: str
    filing_number: str


class ProofRow(SubmissionRow, ProofColumns):
    """A proof in a list."""


class ProofDetail(ProofRow, SubmissionBeside):
    """A proof in full."""


# Examples

FILE: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "destination": "110000",
    "type": "resident",
    "starts_on": "2026-11-21",
    "contact_name": "王秀兰",
    "contact_phone": "13900000001",
    "notice": NOTICE,
    "materials": [],
    "commitment": {"kind": "residence_permit", "signed_name": "王秀兰"},
}

FILING_ROW: dict[str, Any] = {
    **COMMON,
    "kind": "filing",
    "type": "resident",
    "type_label": "异地长期居住人员",
    "destination": "110000",
    "destination_name": "北京市",
    "starts_on": "2026-11-21",
    "ends_on": None,
    "valid_from": None,
    "valid_until": None,
    "lane": "review",
    "travel": "",
    "filed_by": "commitment",
    "predecessor": None,
    "report_by": None,
    "locked_until": None,
    "lock": {"change_until": None, "cancel_until": None},
    "commitment": {"kind": "residence_permit", "label": "居住证", "due_on": None, "status": "open"},
}

FILING: dict[str, Any] = {
    **FILING_ROW,
    **BESIDE,
    "contact_name": "王秀兰",
    "contact_phone": "13900000001",
    "address": "",
    "injury": False,
    "notice": NOTICE,
    "institutions": [],
    **dict.fromkeys(["makes_up_for", "referral", "agent"]),
}

PROOF_ROW: dict[str, Any] = {**COMMON, "kind": "proof", "filing": ID, "filing_number": "20261121-000123-4"}
PROOF: dict[str, Any] = {**PROOF_ROW, **BESIDE}
