"""Rows that tests start from, made the shortest way that is true: invented persons with valid numbers, real places."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken
from pgtrigger import registered
from rest_framework.test import APIClient
from stdnum.iso7064.mod_11_2 import calc_check_digit

import claims.services
import filings.services
from accounts.models import OF_AN_AGENCY, Account, Enrollment, Mandate, Person, Relation, Role, id_hash
from chronic.models import Recognition
from claims.bodies import ClaimFields
from claims.models import Claim
from core import clock
from filings.bodies import AmendInput
from filings.models import Filing, FilingType
from policies.language.examples import Cost
from policies.models import Notice
from policies.notices import current_notices
from regions import reference
from regions.models import Area, CalendarDay, CalendarYear, Disease, Institution
from reviews import services
from reviews.checks import Finding
from reviews.lifecycle import LIFECYCLES, Case
from reviews.models import Kind, Material, Submission
from reviews.services import Actor

CHONGQING, BEIJING, CHENGDU, TIANJIN = "500000", "110000", "510100", "120000"
CLAIM_PAPERS = ("invoice", "cost_list", "discharge_record")
_serial = itertools.count(1)
_areas = {row.code: row for row in reference.areas()}


def moment(text: str) -> datetime:
    """A moment in Shanghai: "2026-03-02 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI)


def area(code: str) -> Area:
    """A real area by its code, with its province."""
    found = Area.objects.filter(pk=code).first()
    if found is None:
        row = _areas[code]
        found = Area(
            code=code, name=row.name, level=row.level, parent=area(row.parent) if row.parent else None,
            pools_at=row.pools_at, local_to=row.local_to,
        )  # fmt: skip
        Area.objects.bulk_create([found], ignore_conflicts=True)  # no savepoint, as `get_or_create` would take
    return found


def working_calendar() -> None:
    """The announced calendar as the project ships it."""
    with connection.cursor() as cursor:
        cursor.execute(_calendar())


@cache
def _calendar() -> str:
    """Statements that have it all: nearly every test begins with them.

    Without the history of each day, which would take the database longer than all else that most tests do.
    """
    years = [
        CalendarYear(year=row.year, announced=row.announced, source=row.source) for row in reference.calendar_years()
    ]
    days = [CalendarDay(date=row.date, is_workday=row.is_workday, name=row.name) for row in reference.calendar_days()]
    with CaptureQueriesContext(connection) as said:
        CalendarYear.objects.bulk_create(years, ignore_conflicts=True)
        CalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    inserts = [each["sql"] for each in said if each["sql"].startswith("INSERT")]
    ((model, trigger),) = registered("regions.CalendarDay:insert_insert")
    ignore = "SELECT set_config('pgtrigger.ignore', '{}', true)"
    return ";".join([ignore.format(f"{{{trigger.get_pgid(model)}}}"), *inserts, ignore.format("")])


def id_number(born: date = date(1970, 1, 1), prefix: str = "500101") -> str:
    """A valid, invented ID number (GB 11643), another one at every call."""
    digits = f"{prefix}{born:%Y%m%d}{next(_serial) % 1000:03d}"
    return digits + calc_check_digit(digits)


def person(
    name: str = "测试员", *, born: date = date(1970, 1, 1), number: str = "", phone: str = "13900000000"
) -> Person:
    number = number or id_number(born)
    return Person.objects.create(name=name, id_number=number, id_hash=id_hash(number), phone=phone, birth_date=born)


def enrollment(owner: Person | None = None, *, code: str = CHONGQING, **fields: Any) -> Enrollment:
    """An enrolment in force since 2015, of an employee unless told otherwise."""
    given = {"insurance": "employee", "category": "active", "valid_from": date(2015, 1, 1), **fields}
    return Enrollment.objects.create(person=owner or person(), area=area(code), **given)


def citizen(*persons: Person, relation: str = Relation.SELF) -> Account:
    """An account that may act for the persons: for the first as itself, for the others as relatives."""
    serial = next(_serial)
    account = Account.objects.create(openid_hash=f"{serial:064d}", nickname=f"citizen-{serial}")
    for order, owner in enumerate(persons):
        mandate(account, owner, relation=relation if order == 0 else Relation.OTHER)
    return account


def mandate(account: Account, owner: Person, *, relation: str = Relation.OTHER, **fields: Any) -> Mandate:
    now = clock.now()
    given = {"proof": "code", "status": "active", "consented_at": now, "active_from": now, **fields}
    return Mandate.objects.create(account=account, person=owner, relation=relation, **given)


def staff(role: str, *, code: str = CHONGQING, institution: Institution | None = None, **fields: Any) -> Account:
    """A member of staff; no password, which takes long to hash: tests sign in by token or `force_login`."""
    account = Account(username=f"{role}-{next(_serial)}", role=role, institution=institution, **fields)
    if role in OF_AN_AGENCY:
        account.area = area(code)
    if role == Role.FINANCE and not account.identity_hash:
        account.identity_hash = id_hash(id_number())
    account.set_unusable_password()
    account.save()
    return account


def reviewer(code: str = CHONGQING, **fields: Any) -> Account:
    return staff(Role.REVIEWER, code=code, **fields)


def supervisor(code: str = CHONGQING, **fields: Any) -> Account:
    return staff(Role.SUPERVISOR, code=code, **fields)


def finance(code: str = CHONGQING, **fields: Any) -> Account:
    return staff(Role.FINANCE, code=code, **fields)


def institution(code: str = "H11010100001", *, place: str = BEIJING, **fields: Any) -> Institution:
    given = {"name": "示范医院", "level": 3, "grade": "三级甲等", "inpatient": True, **fields}
    return Institution.objects.create(code=code, area=area(place), **given)


def current_notice(code: str, filing_type: str) -> Notice:
    """The notice in force today of one filing type in an area."""
    return current_notices(code, (filing_type,))[filing_type]


def draft(of: Enrollment | None = None, *, account: Account | None = None, to: str = BEIJING, **fields: Any) -> Filing:
    """A draft of another temporary filing (其他临时外出), ready to submit."""
    of = of or enrollment()
    account = account or citizen(of.person)
    kind = fields.get("type", FilingType.OTHER)
    given = {
        "notice": current_notice(of.area_id, kind),
        "notice_read_at": clock.now(),
        "type": kind, "starts_on": clock.today(), "contact_name": "测试员", "contact_phone": "13900000000",
        "lane": "review", **fields,
    }  # fmt: skip
    given.setdefault("notice", current_notice(of.area_id, given["type"]))
    filing = Filing(kind=Kind.FILING, person=of.person, enrollment=of, area=of.area, destination=area(to), **given)
    return services.create(filing, actor=Actor.of(account, of.person))


def material(account: Account, kind: str = "residence_permit", **fields: Any) -> Material:
    """An upload of the account's, made safe already."""
    given = {"status": Material.State.READY, "filename": f"{kind}.jpg", "content_type": "image/jpeg", "size": 1000}
    return Material.objects.create(account=account, kind=kind, **{**given, **fields})


def asked(to: str = CHENGDU, filing_type: str = FilingType.OTHER, **fields: Any) -> AmendInput:
    """What a person fills in to file, as `filings.services` takes it."""
    form = {
        "type": filing_type, "destination": area(to), "starts_on": clock.today(), "contact_name": "测试员",
        "contact_phone": "13900000000", **fields,
    }  # fmt: skip
    return given(**form)


def given(**fields: Any) -> AmendInput:
    """These fields of the form, and no others, already read."""
    return AmendInput.model_construct(**fields)


def filed(of: Enrollment, account: Account | None = None, *, keep: bool = False, **fields: Any) -> Filing:
    """A filing (`keep`: a draft of one) by the verb people use; by an account of the insured person's own."""
    fields.setdefault("notice", current_notice(of.area_id, fields.get("filing_type", FilingType.OTHER)))
    return filings.services.file(account or citizen(of.person), of, asked(**fields), draft=keep).submission


def approved(of: Enrollment, account: Account | None = None, **fields: Any) -> Filing:
    """A filing that was approved by a reviewer of its area, or at once where that is the area's way."""
    filing = filed(of, account, **fields)
    return filing if filing.status == "approved" else services.approve(filing, reviewer=reviewer(of.area_id))


def diseases() -> None:
    """The ten diseases that are settled across provinces, as the project ships them."""
    rows = [Disease(code=row.code, name=row.name, since=row.since) for row in reference.diseases()]
    Disease.objects.bulk_create(rows, ignore_conflicts=True)


def recognition_draft(of: Enrollment, disease: str = "M01600", *, account: Account | None = None) -> Recognition:
    """A draft of an application for recognition, with its documents, ready to submit (national rules)."""
    diseases()
    account = account or citizen(of.person)
    hospital = Institution.objects.filter(code="H50010000001").first() or institution("H50010000001", place=CHONGQING)
    row = Recognition(
        kind=Kind.RECOGNITION,
        person=of.person, enrollment=of, area=of.area, disease_id=disease, diagnosed_on=date(2025, 12, 1),
        diagnosing_institution=hospital,
    )  # fmt: skip
    draft = services.create(row, actor=Actor.of(account, of.person))
    for kind in ("discharge_record", "test_report"):
        material(account, kind, submission=draft)
    return draft


def claim_draft(of: Enrollment, *, account: Account | None = None, **fields: Any) -> Claim:
    """A draft of a claim of 20 000 yuan for a stay in 北京, with its papers, ready to submit."""
    account = account or citizen(of.person)
    hospital = Institution.objects.filter(code="H11010100001").first() or institution()
    given = {
        "institution": hospital, "care": "inpatient", "admitted_on": clock.today() - timedelta(days=20),
        "discharged_on": clock.today() - timedelta(days=10), "invoice_code": "11060126",
        "invoice_number": f"{next(_serial):010d}", "cost": Cost(total=Decimal(20000)), "reason": "没有备案",
        "bank_account": "6222020200112233446", **fields,
    }  # fmt: skip
    given.setdefault("materials", [material(account, kind).pk for kind in CLAIM_PAPERS])
    return claims.services.apply(account, of, ClaimFields.model_construct(**given), draft=True).submission


def submitted(of: Enrollment | None = None, **given: Any) -> Filing:
    """A filing in the queue, by the queue's own verb."""
    filing = draft(of, **given)
    submission: Filing = services.submit(filing, actor=Actor(filing.applicant, filing.mandate))
    return submission


def findings(submission: Submission) -> list[Finding]:
    """What the automatic checks find in it now."""
    (findings,) = LIFECYCLES[submission.kind].findings([Case(submission)])
    return findings


def api(account: Account | None = None) -> APIClient:
    """A client of the API, signed in with a token of the account's own."""
    client = APIClient()
    if account is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AuthToken.objects.create(account)[1]}")
    return client
