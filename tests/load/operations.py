"""What is measured: each operation with who makes its requests, and whether each may be sent once only."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.load import agency, citizens, hospitals
from tests.load.generator import Ask

Make = Callable[[int], list[Ask]]


class Operation(NamedTuple):
    """`make`: so many requests. `once`: each writes what can be written once. `plain`: the same to a plain ModelViewSet."""

    make: Make
    once: bool = False
    plain: Make | None = None


OPERATIONS = {
    "list": Operation(citizens.lists, plain=citizens.plain_lists),
    "detail": Operation(citizens.details, plain=citizens.plain_details),
    "submit": Operation(citizens.submits, once=True, plain=citizens.plain_submits),
    "settle": Operation(hospitals.settles, once=True),
    "settle-stay": Operation(hospitals.stays, once=True),
    "settle-200": Operation(hospitals.long_bills, once=True),
    "quote": Operation(hospitals.quotes),
    "bills": Operation(hospitals.bills),
    "national-2207": Operation(hospitals.national_outpatients, once=True),
    "national-2304": Operation(hospitals.national_stays, once=True),
    "sign-in": Operation(citizens.sign_ins, once=True),
    "options": Operation(citizens.options),
    "eligibility": Operation(citizens.eligibilities),
    "estimate": Operation(citizens.estimates),
    "first-page": Operation(citizens.first_pages),
    "messages": Operation(citizens.messages),
    "claim": Operation(citizens.claims, once=True),
    "upload": Operation(citizens.uploads, once=True),
    "worklist": Operation(agency.worklists),
    "case": Operation(agency.cases),
    "decision": Operation(agency.decisions, once=True),
}
