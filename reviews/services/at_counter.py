"""What a clerk does while somebody stands at the counter or calls: find them, enter for them, take in what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts import registry
from accounts.models import Account, Enrollment, Person
from accounts.services.lookup import Identity, certificate_of, guess
from core import clock
from core.errors import Forbidden, NotFound
from reviews.lifecycle import Actor
from reviews.models import Channel, PersonLookup, Submission
from reviews.services.counter import CLERKS
from reviews.services.entering import amending, attach, resubmit


def look_up(clerk: Account, id_number: Identity, *, address: str = "") -> Person:
    """The person with this certificate whom the clerk's area insures or insured; the look-up is on record.

    Raises InvalidIdNumber, Forbidden `other_area` (no clerk), TooMany, NotFound `not_registered`, the same for a person
    nobody knows and for one insured elsewhere.
    """
    if clerk.role not in CLERKS:
        raise Forbidden(_("只有参保地的审核员和主管可以代为录入。"), code="other_area")
    key = certificate_of(id_number).key
    with guess(clerk, address, id_number):
        record = registry.register().look_up(key)
        if record is None or clerk.area_id not in {row.area for row in record.enrollments}:
            raise NotFound(
                _("没有查到此人在本统筹区的参保信息，请核对证件号码，或请其联系参保地经办机构。"),
                code="not_registered",
                attr="id_number",
            )
        person = registry.mirror(record)
    keep_look(clerk, person)
    return person


def keep_look(clerk: Account, person: Person) -> None:
    """Put on record that a clerk looked a person up, or opened a scan of their identity."""
    assert clerk.area_id is not None, "a constraint of the table"
    PersonLookup.objects.create(account=clerk, area_id=clerk.area_id, person=person, at=clock.now())


def enrollments_at(clerk: Account, person: Person) -> list[Enrollment]:
    """The person's enrolments that are the business of the clerk's area, the latest first."""
    rows = person.enrollments.filter(area_id=clerk.area_id).select_related("person", "area__parent")
    return list(rows.order_by("-valid_from"))


def hand_in(submission: Submission, *, clerk: Account, channel: Channel, materials: Iterable[Any]) -> Any:
    """Attach what was asked for to something that was entered at the counter, and hand it in again: a new round.

    Whoever takes it in decides it as little as who entered it. Raises Forbidden `not_yours`, WrongState, Invalid.
    """
    actor = Actor(clerk, entering=channel)
    with amending(submission, ["materials"], actor=actor) as case:
        attach(case, materials, clerk)
    return resubmit(submission, actor=actor)
