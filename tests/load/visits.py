"""What the benchmark of the national interface needs: visits with five lines each, open or discharged, waiting to be settled."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from core import clock
from core.clock import SHANGHAI
from core.grants import owner
from filings.models import Filing
from gateway.keys import interface_account
from gateway.models import FeeLine, KnownPerson, Visit, VisitStatus
from gateway.visits import new_number, own_hash
from policies.catalogue.items import CatalogueItem, split_line
from regions.models import Institution
from tests.load.population import copy
from tests.load.tills import AWAY, HOME, till_hospital

ITEMS = [
    CatalogueItem(
        "XBENCH", "药品", item, Decimal("0.10") if item == "B" else None, Decimal(80) if item != "C" else None
    )
    for item in "AABBC"
]


def known(count: int, *, free: Callable[[UUID], list[date]] | None, seed: int) -> dict[str, Any]:
    """Load so many visits, each of somebody else filed to live there; what the benchmark's hospital needs to know of them.

    `free`: they are stays, each on a day of its own out of those on which its person lies nowhere.
    """
    draw, hospital = random.Random(f"visits {seed}"), till_hospital()
    interface_account(hospital)  # made at a hospital's first call: before all are measured
    filed = Filing.objects.filter(type="resident").order_by("pk").values_list("person", flat=True)[:2000]
    persons = list(dict.fromkeys(filed))
    draw.shuffle(persons)
    cards = _cards(persons, hospital)
    visits = [_visit(draw, cards[persons[at % len(persons)]], hospital, free) for at in range(count)]
    copy(visits)
    lines = [_line(draw, visit, ordinal) for visit in visits for ordinal in range(len(ITEMS))]
    copy(lines)
    _analyze()
    return {
        "hospital": hospital.code,
        "area": AWAY,
        "visits": [
            {
                "mdtrt_id": visit.number,
                "psn_no": visit.known.psn_no,
                "total": str(sum(line.amount for line in lines[at * len(ITEMS) : (at + 1) * len(ITEMS)])),
            }
            for at, visit in enumerate(visits)
        ],
    }


def _analyze() -> None:
    """What the database would do by itself soon after so many rows: else it plans for the tables as they were, empty."""
    with owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE gateway_knownperson, gateway_visit, gateway_feeline")


def _cards(persons: list[UUID], hospital: Institution) -> dict[UUID, KnownPerson]:
    """The hospital's number of each person."""
    there = KnownPerson.objects.filter(institution=hospital).in_bulk(field_name="id")
    cards = {card.person_id: card for card in there.values()}
    new = [
        KnownPerson(
            institution=hospital, person_id=person, psn_no=f"{person.int % 10**26}", proved_at=timezone.now(), means="voucher"
        )
        for person in persons
        if person not in cards
    ]  # fmt: skip
    copy(new)
    return {**cards, **{card.person_id: card for card in new}}


def _visit(
    draw: random.Random, card: KnownPerson, hospital: Institution, free: Callable[[UUID], list[date]] | None
) -> Visit:
    stays = free is not None
    day = free(card.person_id).pop() if free else clock.today() - timedelta(days=draw.randrange(2, 300))
    at = datetime.combine(day, time(9), SHANGHAI)
    number = new_number(AWAY)
    return Visit(
        number=number, institution=hospital, known=card, person_id=card.person_id, inpatient=stays,
        status=VisitStatus.DISCHARGED if stays else VisitStatus.OPEN, insurance="employee", insured_area=HOME,
        med_type="21" if stays else "11", began_at=at, ended_at=at + timedelta(days=1) if stays else None,
        own_number_hash=own_hash(number), means="voucher", opened_at=at, changed_at=clock.now(),
        record=json.dumps({"said": {"ipt_otp_no": number}, "diagnoses": []}),
    )  # fmt: skip


def _line(draw: random.Random, visit: Visit, ordinal: int) -> FeeLine:
    item, amount = ITEMS[ordinal], Decimal(draw.randint(100, 9_999)) / 100
    parts = split_line(item, amount)._asdict()
    sent = {"med_list_codg": item.code, "pric": str(amount)}
    return FeeLine(
        visit=visit, ordinal=ordinal, sequence=str(ordinal), batch="" if visit.inpatient else "B1",
        charged_on=date(visit.began_at.year, visit.began_at.month, visit.began_at.day), quantity=1, amount=amount,
        item_class=item.item_class or "C", first_copay_ratio=item.first_copay_ratio, price_limit=item.price_limit,
        record=json.dumps({"sent": sent, "name": item.name, "memo": ""}), **parts,
    )  # fmt: skip
