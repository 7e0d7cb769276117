"""A generated population for benchmarks, loaded by COPY: accounts with families, and the filings they made over a year.

Everything is invented and drawn from one seed. Rows go through the models' own fields, so that what is sealed is sealed.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, models
from knox.models import AuthToken

from accounts.models import Account, Enrollment, Mandate, Person, id_hash
from core import clock
from filings.models import Filing
from regions.models import Area
from reviews.models import Decision, Event, Submission

PERSONS_AN_ACCOUNT = 5
FILINGS_A_PERSON = 10
CHUNK = 5_000
AREA = "500000"


@dataclass
class Family:
    """One account, the persons it acts for, their enrolments."""

    account: Account
    members: list[tuple[Person, Enrollment, Mandate]]


def fill(filings: int, *, seed: int) -> list[str]:
    """Load about `filings` filings with everything they hang on; return bearer tokens of some of the accounts."""
    draw = random.Random(seed)
    cities = list(Area.objects.filter(level="city", parent__pools_at="city").values_list("code", flat=True))
    families = [_family(draw, number) for number in range(filings // (PERSONS_AN_ACCOUNT * FILINGS_A_PERSON))]
    copy([family.account for family in families])
    for rows in zip(*(member for family in families for member in family.members), strict=True):
        copy(rows)
    for chunk in chunks(_filings(draw, families, cities)):
        copy([filing for filing, _events, _decisions in chunk], model=Submission)
        copy([filing for filing, _events, _decisions in chunk])
        copy([event for _filing, events, _decisions in chunk for event in events])
        copy([decision for _filing, _events, decisions in chunk for decision in decisions])
    return [AuthToken.objects.create(family.account)[1] for family in families[:200]]


def _family(draw: random.Random, number: int) -> Family:
    account = Account(openid_hash=uuid.UUID(int=draw.getrandbits(128)).hex * 2, nickname=f"load-{number}")
    account.created_at = clock.now()
    members = []
    for order in range(PERSONS_AN_ACCOUNT):
        digits = f"{draw.randrange(10**17):017d}X"
        person = Person(
            name=f"测{draw.randrange(100)}试",
            id_number=digits,
            id_hash=id_hash(digits),
            phone=f"139{draw.randrange(10**8):08d}",
            birth_date=date(1950, 1, 1) + timedelta(days=draw.randrange(18_000)),
        )
        enrollment = Enrollment(
            person=person, area_id=AREA, insurance="employee", category="active", valid_from=date(2015, 1, 1)
        )
        relation = "self" if order == 0 else "other"
        mandate = Mandate(
            account=account, person=person, relation=relation, proof="code", status="active", consented_at=clock.now()
        )
        members.append((person, enrollment, mandate))
    return Family(account, members)


def _filings(
    draw: random.Random, families: Sequence[Family], cities: Sequence[str]
) -> Iterator[tuple[Filing, list[Event], list[Decision]]]:
    """Ended, approved, waiting: nine of ten are history, as in a queue of two days."""
    now = clock.now()
    for family in families:
        for person, enrollment, mandate in family.members:
            for city in draw.sample(cities, FILINGS_A_PERSON):
                made = now - timedelta(seconds=draw.randrange(60, 365 * 24 * 3600))
                status = draw.choice(["expired"] * 5 + ["approved"] * 3 + ["rejected", "submitted"])
                yield _filing(family.account, (person, enrollment, mandate), city, made, status)


def _filing(
    account: Account, member: tuple[Person, Enrollment, Mandate], city: str, made: datetime, status: str
) -> tuple[Filing, list[Event], list[Decision]]:
    person, enrollment, mandate = member
    due = made + timedelta(days=2)
    day = made.date()
    filing = Filing(
        kind="filing", status=status, applicant=account, mandate=mandate, person=person, enrollment=enrollment,
        area_id=AREA, created_at=made, submitted_at=made, stage_started_at=made, due_at=due,
        decided_at=None if status == "submitted" else due, type="other", destination_id=city, starts_on=day,
        valid_from=day, valid_until=day + timedelta(days=180), travel="other",
        contact_name=person.name, contact_phone=person.phone,
    )  # fmt: skip
    filing.submission_ptr_id = filing.id
    filing.number = f"{made:%Y%m%d}-{filing.pk.hex[-9:]}"
    filing.live_key = f"filing:{enrollment.pk}:{city}:other"
    steps = [("create", "draft"), ("submit", "submitted")]
    steps += {"submitted": [], "rejected": [("reject", "rejected")]}.get(status, [("approve", "approved")])
    steps += [("expire", "expired")] if status == "expired" else []
    before = ["draft", *(to for _verb, to in steps[:-1])]
    events = [
        Event(submission=filing, at=made, actor=account, mandate=mandate, verb=verb, from_status=was, to_status=to)
        for (verb, to), was in zip(steps, before, strict=True)
    ]
    decided = status != "submitted"
    outcome = "rejected" if status == "rejected" else "approved"
    made_of = {"area_id": AREA, "started_at": made, "due_at": due, "decided_at": due}
    decisions = [Decision(submission=filing, round=1, stage=1, outcome=outcome, **made_of)] if decided else []
    return filing, events, decisions


def chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def copy(rows: Iterable[models.Model], *, model: type[models.Model] | None = None) -> None:
    """Write rows into the table of their model (or of the parent named) with COPY, through the fields' own conversion."""
    rows = list(rows)
    if rows:
        table = model or type(rows[0])
        copy_rows(table, (prepared(row, table) for row in rows))


def copy_rows(model: type[models.Model], rows: Iterable[list[Any]]) -> None:
    """Write rows that are `prepared` already."""
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as out,
    ):
        for row in rows:
            out.write_row(row)


def prepared(row: models.Model, model: type[models.Model] | None = None) -> list[Any]:
    """A row as its table takes it."""
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _fields(model or type(row))]


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not isinstance(field, models.AutoField)]


def wake(count: int) -> int:
    """Make up to `count` waiting filings due now; return how many."""
    keys = Submission.objects.filter(status="submitted").values_list("pk", flat=True)[:count]
    return Submission.objects.filter(pk__in=list(keys)).update(wake_at=clock.now())
