"""The demo file (API.md, "The demo file"): persons with enrolments, institutions, agencies, staff. Pure: no database.

`parse` reads the text strictly (no unknown key, no unquoted code, no guess of YAML's); `accounts.demo_load` then holds
what it says against the areas and against itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from accounts.certificate import Certificate, read_certificate, read_number
from policies.language.binding import Binder, Reader, show
from policies.language.text import Node, PolicyError, RefusedError, read_text
from policies.language.values import AreaCode, DiseaseCode, Money

PROJECT_DEMO = Path(__file__).parent / "data" / "demo.yaml"
DEMO_CATALOGUE = Path(__file__).parent / "data" / "demo_catalogue.csv"

LAYOUT = """\
persons:
  - name: 王秀兰
    id_number: "110101195503070028"        # GB 11643, with its check character
    phone: "13900000001"                   # the telephone in the register; may be left out
    identity: none                         # none | low_income | extreme_poor | civil_servant …
    guardian_of: []                        # ID numbers of the children this person is guardian (监护人) of
                                           # instead of id_number: certificate: {kind: passport, country: USA, number: C01234567}
                                           # (kind: residence_permit | foreigner | passport | travel_permit | birth), with
                                           # birth_date: 1990-01-01 and sex: male where the number does not say them;
                                           # of a child its mother: "110101195503070028"; certificate: {kind: birth, ...} beside
                                           # id_number: the number has come, and this was its birth certificate
    enrollments:
      - area: "500000"                     # the code of a pooling area
        insurance: employee                # employee | resident
        category: retired                  # active | retired | minor | student | adult | elder
        tier: 1
        retired_year: 2010                 # of a retired employee; may be left out
        from: 2015-01-01
        until: null                        # the last day covered; null = open-ended
        account_balance: 0
institutions:
  - code: H11010100001
    name: 北京示范医院
    kind: hospital                         # hospital | pharmacy
    area: "110000"                         # where it stands
    grade: 三级甲等
    level: 3                               # settlement level 0 (community) to 3
    class: provincial
    specialty: general                     # general | tcm | ethnic | mental | infectious
    issues_referrals: true
    open: {inpatient: true, outpatient: true, chronic: [M03900, M01600]}
    phone: "010-00000000"
    address: 北京市示范路1号（演示地址）
agencies:
  - {area: "500000", name: 重庆市医疗保障事务中心, phone: "023-00000000", address: 重庆市渝北区}
staff:                                     # reviewer | supervisor (area), hospital (institution), admin
  - {username: cq-reviewer, password: choose-one, role: reviewer, area: "500000", name: 陈静, id_number: "500000198503120026"}
  - {username: bj-hospital, password: choose-one, role: hospital, institution: H11010100001}
"""


def _matching(pattern: str, meaning: str) -> Callable[[Node], str]:
    compiled = re.compile(pattern)

    def read(node: Node) -> str:
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            raise RefusedError("code_unquoted", "由数字组成的内容要加引号")
        if not isinstance(node.value, str) or not compiled.fullmatch(node.value):
            raise RefusedError("text_invalid", f"应为{meaning}")
        return node.value

    return read


def _day(node: Node) -> date:
    if type(node.value) is date:
        return node.value
    try:
        return date.fromisoformat(node.value if isinstance(node.value, str) else "")
    except ValueError:
        raise RefusedError("date_invalid", f"应为真实存在的日期（如 2015-01-01），实际是 {show(node)}") from None


def _between(low: int, high: int) -> Callable[[Node], int]:
    def read(node: Node) -> int:
        if type(node.value) is not int or not low <= node.value <= high:
            raise RefusedError("number_invalid", f"应为 {low} 到 {high} 的整数，实际是 {show(node)}")
        return node.value

    return read


Name = Annotated[str, Reader(_matching(r"\S.{0,59}", "1 到 60 个字的名称"))]
Line = Annotated[str, Reader(_matching(r".{0,200}", "至多 200 个字的一行文字"))]
Short = Annotated[str, Reader(_matching(r".{0,20}", "至多 20 个字"))]
Contact = Annotated[str, Reader(_matching(r".{0,40}", "至多 40 个字的联系电话"))]
Phone = Annotated[str, Reader(_matching(r"(\d[\d-]{4,19})?", '加引号的电话号码（如 "13900000001"）'))]
Number = Annotated[str, Reader(_matching(r"\S{1,40}", "加引号的18位身份证号码"))]
NumberOrNone = Annotated[str, Reader(_matching(r"\S{0,40}", "加引号的18位身份证号码"))]
Country = Annotated[str, Reader(_matching(r"[A-Z]{3}", "三位字母的国家代码（如 USA）"))]
Identity = Annotated[
    str, Reader(_matching(r"[a-z][a-z_]{0,19}", "身份类别（如 none、low_income、extreme_poor、civil_servant）"))
]
Username = Annotated[str, Reader(_matching(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,59}", "用户名（字母、数字、. _ @ -）"))]
Password = Annotated[str, Reader(_matching(r".{1,128}", "密码"))]
InstitutionCode = Annotated[str, Reader(_matching(r"[HP]\d{11}", "机构编码（如 H11010100001）"))]
Day = Annotated[date, Reader(_day)]
Tier = Annotated[int, Reader(_between(1, 9))]
Year = Annotated[int, Reader(_between(1900, 2100))]
Level = Annotated[int, Reader(_between(0, 3))]
Role = Literal["reviewer", "supervisor", "finance", "hospital", "admin"]


@dataclass(frozen=True, kw_only=True)
class EnrollmentEntry:
    area: AreaCode
    insurance: Literal["employee", "resident"]
    category: Literal["active", "retired", "minor", "student", "adult", "elder"]
    tier: Tier = 1
    retired_year: Year | None = None
    valid_from: Day = field(metadata={"key": "from"})
    valid_until: Day | None = field(default=None, metadata={"key": "until"})
    account_balance: Money = Decimal(0)
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class CertificateEntry:
    kind: Literal["id_card", "residence_permit", "foreigner", "passport", "travel_permit", "birth"]
    number: Number
    country: Country = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class PersonEntry:
    """`certificate`: instead of the ID number, or (a birth certificate) what the child had before it."""

    name: Name
    id_number: NumberOrNone = ""
    certificate: CertificateEntry | None = None
    birth_date: Day | None = None
    sex: Literal["male", "female"] | None = None
    mother: NumberOrNone = ""
    phone: Phone = ""
    identity: Identity = "none"
    guardian_of: tuple[Number, ...] = ()
    enrollments: tuple[EnrollmentEntry, ...] = ()
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class OpenEntry:
    inpatient: bool = True
    outpatient: bool = False
    chronic: tuple[DiseaseCode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InstitutionEntry:
    code: InstitutionCode
    name: Name
    kind: Literal["hospital", "pharmacy"] = "hospital"
    area: AreaCode
    grade: Short = ""
    level: Level
    sub_class: Short = field(default="", metadata={"key": "class"})
    specialty: Literal["general", "tcm", "ethnic", "mental", "infectious"] = "general"
    issues_referrals: bool = False
    open: OpenEntry = OpenEntry()
    phone: Contact = ""
    address: Line = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class AgencyEntry:
    area: AreaCode
    name: Name
    phone: Contact = ""
    address: Line = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class StaffEntry:
    username: Username
    password: Password = field(repr=False)
    role: Role
    area: AreaCode | None = None
    institution: InstitutionCode | None = None
    name: Line = ""
    id_number: NumberOrNone = ""
    certificate: CertificateEntry | None = None
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class DemoFile:
    persons: tuple[PersonEntry, ...] = ()
    institutions: tuple[InstitutionEntry, ...] = ()
    agencies: tuple[AgencyEntry, ...] = ()
    staff: tuple[StaffEntry, ...] = ()


def certificate_of(entry: PersonEntry | StaffEntry, today: date | None = None) -> Certificate:
    """By what somebody is known. Raises Invalid."""
    other = entry.certificate
    if other is None or entry.id_number:
        return read_number(entry.id_number, today=today)
    return read_certificate(other.kind, other.number, other.country, today=today)


def birth_certificate_of(entry: PersonEntry) -> Certificate | None:
    """The birth certificate under which somebody was known who has a number now. Raises Invalid."""
    before = entry.certificate
    if before is None or not entry.id_number:
        return None
    return read_certificate(before.kind, before.number, before.country)


def parse(text: str, *, name: str) -> DemoFile:
    """Return the entries of a demo file. Raises PolicyError with line, entry and what was expected, all at once."""
    root, problems = read_text(text, name)
    binder = Binder(problems)
    file: DemoFile = binder.bind(DemoFile, root, "")
    if binder.problems:
        raise PolicyError(binder.problems)
    return file


@dataclass(frozen=True)
class SignIn:
    """How one demo user signs in: a citizen binds by name and ID number, staff by username and password."""

    role: str
    name: str
    place: str
    id_number: str = ""
    username: str = ""
    password: str = ""


def sign_ins(file: DemoFile) -> list[SignIn]:
    """Return the ones to show first: the first citizen of the file, then the first staff member of each role."""
    citizens = [
        SignIn("citizen", person.name, entry.area, id_number=person.id_number)
        for person in file.persons[:1]
        for entry in person.enrollments[:1]
    ]
    first: dict[str, StaffEntry] = {}
    for staff in file.staff:
        first.setdefault(staff.role, staff)
    return citizens + [
        SignIn(one.role, one.name, one.area or one.institution or "", username=one.username, password=one.password)
        for one in first.values()
    ]


def project_sign_ins() -> list[SignIn]:
    """Return the sign-ins of the project's own demo, without a database."""
    return sign_ins(parse(PROJECT_DEMO.read_text("utf-8"), name=PROJECT_DEMO.name))
