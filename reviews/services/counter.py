"""What comes to the counter or by telephone: a clerk of the insured area enters it for the person, somebody else decides it.

A clerk's entry goes through the same services and checks as the person's own. It waits for a review in every lane, is never
approved by itself, and everybody who may act for the person is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import registry
from accounts.models import Account, Enrollment, Person, Role
from accounts.services.lookup import Identity, certificate_of, guess
from core import clock
from core.errors import Forbidden, NotFound
from reviews.lifecycle import Actor, Case
from reviews.models import Channel, PersonLookup, Submission
from reviews.presenting import about
from reviews.services.entering import amending, attach, resubmit

CLERKS = (Role.REVIEWER, Role.SUPERVISOR)
ENTERING = ("create", "amend", "submit", "resubmit")
"""The events of whoever writes a submission."""


def acting_for(account: Account, enrollment: Enrollment, entering: Channel) -> Actor:
    """A clerk of the enrolment's area, who enters what came in so. Raises Forbidden `other_area`."""
    if account.role not in CLERKS or not account.is_active or account.area_id != enrollment.area_id:
        raise Forbidden(_("该参保人不在您的统筹区参保，请由参保地经办机构录入。"), code="other_area")
    return Actor(account, entering=entering)


def tell_entered(case: Case, channel: Channel) -> None:
    """Whoever may act for the person hears that the agency entered or mended something for them."""
    text = _("%(about)s由参保地经办机构录入（%(channel)s办理）。如非您本人申请，请联系经办机构。")
    words = {"about": about(case), "channel": channel.label}
    case.tell("entered", _("经办机构已为您录入申请"), text % words)


def entered_by(submission: Submission, account: Account) -> bool:
    """Whether this person entered or mended it as a clerk, be it from another account of theirs."""
    if not submission.entered_by_clerk:
        return False
    same = Q(actor=account)
    if account.identity_hash:
        same |= Q(actor__identity_hash=account.identity_hash)
    return submission.events.filter(same, verb__in=ENTERING).exists()


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
