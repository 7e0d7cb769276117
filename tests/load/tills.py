"""What the benchmark of settlements needs: persons filed to another place, their bills of the year, a till and insurance codes.

Loaded by COPY, all drawn from one seed. The stored bills are one bill of the engine's over and over: their sums are those of
the year rows, so `verify_settlements` holds; only their year so far is not each one's own.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils import timezone
from knox.models import AuthToken

from accounts.models import Account, Enrollment, Mandate, Person, Role, Voucher, id_hash
from accounts.services.vouchers import digest_of
from core import clock
from core.ids import new_id
from core.sealing import seal
from filings.models import Filing
from policies.engine import Case, Result, settle
from policies.language.examples import Cost
from policies.published import compiled, in_force
from regions.models import Institution
from reviews.models import Submission
from settlements.adjudication import columns
from settlements.models import COUNTED, FUNDS, InsuranceYear, Settlement, YearCounter
from tests.load.population import copy, copy_rows, prepared

HOME, AWAY = "110000", "500000"
BILLS_A_PERSON = 50
HOT = 20
"""So many persons are drawn a tenth of the time: their bills collide."""


@dataclass
class Patient:
    """A person insured at home, with a filing to live elsewhere, and an account of their own."""

    person: Person
    enrollment: Enrollment
    account: Account
    mandate: Mandate
    filing: Filing
    year: InsuranceYear


def fill(bills: int, *, seed: int) -> None:
    """Load about this many settled bills, with everything they hang on."""
    draw = random.Random(f"tills {seed}")
    hospital = till_hospital()
    staff = Account.objects.filter(username="bench-till").first() or Account.objects.create(
        username="bench-till", role=Role.HOSPITAL, institution=hospital, password="!"
    )
    patients = [_patient(draw) for _ in range(max(HOT, bills // BILLS_A_PERSON) if bills else 0)]
    for name in ("person", "enrollment", "account", "mandate"):
        copy([getattr(each, name) for each in patients])
    copy([each.filing for each in patients], model=Submission)
    copy([each.filing for each in patients])
    made = _Maker(draw, hospital, staff)
    for each in patients:
        made.sum_up(each.year)
    copy([each.year for each in patients])
    copy_rows(Settlement, (row for each in patients for row in made.rows(each)))
    copy([counter for each in patients for counter in made.counters(each)])


def till_hospital() -> Institution:
    """The hospital whose till settles: it is open for everything."""
    found = Institution.objects.filter(area=AWAY, level=3).order_by("code").first()
    assert found is not None
    Institution.objects.filter(pk=found.pk).update(inpatient=True, outpatient=True)
    return found


def codes(count: int) -> list[tuple[str, Any]]:
    """This many insurance codes, each with whose it is; a tenth of them of the same few persons."""
    hot, now, made, vouchers = _filed()[:HOT], timezone.now(), [], []
    for _ in range(count):
        person, account = random.choice(hot if random.random() < 0.1 else _filed())
        code = f"M{uuid.uuid4().hex[:26].upper()}"
        made.append((code, person))
        vouchers.append(
            Voucher(
                account_id=account, person_id=person, digest=digest_of(code), created_at=now,
                expires_at=now + timedelta(days=1),
            )
        )  # fmt: skip
    copy(vouchers)
    return made


@cache
def _filed() -> list[tuple[Any, Any]]:
    """Persons filed to live in another place, each with their account."""
    return [*Filing.objects.filter(type="resident").order_by("pk").values_list("person", "applicant")[:2000]]


def token() -> str:
    """Of the till."""
    made: str = AuthToken.objects.create(Account.objects.get(username="bench-till"))[1]
    return made


def patients() -> list[str]:
    """Tokens of those who look at their bills."""
    return [AuthToken.objects.create(Account(pk=account))[1] for _person, account in _filed()[:200]]


def _patient(draw: random.Random) -> Patient:
    digits, now = f"{draw.randrange(10**17):017d}X", clock.now()
    day = clock.today()
    person = Person(
        name=f"病{draw.randrange(100)}人", id_number=digits, id_hash=id_hash(digits), phone="13900000000",
        birth_date=date(1950, 1, 1) + timedelta(days=draw.randrange(18_000)),
    )  # fmt: skip
    enrolled = Enrollment(
        person=person, area_id=HOME, insurance="employee", category="active", valid_from=date(2015, 1, 1)
    )
    account = Account(openid_hash=uuid.UUID(int=draw.getrandbits(128)).hex * 2, nickname="patient", created_at=now)
    mandate = Mandate(account=account, person=person, relation="self", proof="code", status="active", consented_at=now)
    filing = Filing(
        kind="filing", status="approved", applicant=account, mandate=mandate, person=person, enrollment=enrolled,
        area_id=HOME, created_at=now, submitted_at=now, stage_started_at=now, due_at=now, decided_at=now,
        type="resident", destination_id=AWAY, starts_on=day - timedelta(days=400), valid_from=day - timedelta(days=400),
        travel="long_term", contact_name=person.name, contact_phone=person.phone,
    )  # fmt: skip
    filing.submission_ptr_id = filing.id
    filing.number = f"{day:%Y%m%d}-{filing.pk.hex[-9:]}"
    filing.live_key = filing.key_in_force
    year = InsuranceYear(person=person, area_id=HOME, insurance="employee", starts_on=date(day.year, 1, 1))
    return Patient(person, enrolled, account, mandate, filing, year)


class _Maker:
    """Makes bills of a person: the same five lines every time."""

    def __init__(self, draw: random.Random, hospital: Institution, staff: Account) -> None:
        self.draw, self.hospital, self.staff = draw, hospital, staff
        policy = in_force(HOME, clock.today())
        assert policy is not None
        self.policy = policy
        facts = {
            "insurance": "employee", "person": "active", "age": 50, "care": "outpatient", "level": 3,
            "travel": "long_term", "distance": "other_province", "settlement": "direct",
        }  # fmt: skip
        cost = Cost(total=Decimal("640.00"), excluded=Decimal("40.00"))
        self.case = Case(facts=facts, cost=cost, year_to_date={}, account_balance=Decimal(0))
        self.result: Result = settle(compiled(policy), self.case)
        self.given = columns(self.case, self.result)
        self.now, self.today = clock.now(), clock.today()  # nothing may be asked of the database while it copies

    def sum_up(self, year: InsuranceYear) -> None:
        """What the year comes to with all the bills."""
        year.entries = BILLS_A_PERSON
        for name in ("burden", *FUNDS):
            setattr(year, name, self.result.amounts[name] * BILLS_A_PERSON)

    def rows(self, patient: Patient) -> Iterator[list[Any]]:
        """The bills of a year as rows of their table: one, written out, with what differs put in place."""
        entry = self._bill(patient)
        columns = [field.column for field in Settlement._meta.local_concrete_fields]
        row = prepared(entry)
        for ordinal in range(1, BILLS_A_PERSON + 1):
            entry.pk = new_id()
            on = date(self.today.year, 1, 1) + timedelta(days=ordinal * 5)
            differs = {
                "id": entry.pk, "number": f"J{entry.pk.hex[-22:]}", "bill_number": entry.pk.hex, "ordinal": ordinal,
                "admitted_on": on, "stay_on": on, "settled_on": on, "settled_at": self.now - timedelta(days=300 - ordinal),
                "case": seal(self.given["case"], bound_to=Settlement._meta.get_field("case").binding(entry)),
            }  # fmt: skip
            yield [differs.get(column, value) for column, value in zip(columns, row, strict=True)]

    def _bill(self, patient: Patient) -> Settlement:
        return Settlement(
            institution=self.hospital, institution_name=self.hospital.name, care_area_id=AWAY, year=patient.year,
            ordinal=1, person=patient.person, enrollment=patient.enrollment, area_id=HOME, insurance="employee",
            care="outpatient", level=3, admitted_on=self.today, stay_on=self.today, counter="outpatient",
            travel="long_term", filing=patient.filing, policy=self.policy.id, policy_sha256=self.policy.sha256,
            settled_by=self.staff, settled_at=self.now, settled_on=self.today, **self.given,
        )  # fmt: skip

    def counters(self, patient: Patient) -> Sequence[YearCounter]:
        amounts = self.result.amounts
        months = [
            on.month
            for on in (date(self.today.year, 1, 1) + timedelta(days=i * 5) for i in range(1, BILLS_A_PERSON + 1))
        ]
        return [
            YearCounter(
                year=patient.year, counter="outpatient", month=month,
                **{name: amounts["eligible" if name == "scope" else name] * count for name in COUNTED},
            )
            for month, count in [(0, BILLS_A_PERSON), *((m, months.count(m)) for m in sorted(set(months)))]
        ]  # fmt: skip
