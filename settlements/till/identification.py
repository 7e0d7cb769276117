"""Whose bill it is: by the insurance code (医保码) the patient shows, or by name and ID number, which is on record and told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.limits import Limit
from accounts.models import Account, Mandate, Message, Person
from accounts.models.insured import enrollments_with_agency
from accounts.services import Text, ambiguous, compose, find_registered
from core import clock
from core.errors import NotFound
from settlements.bills import BillRequest, IdentityInput
from settlements.models import IdentityLookup

IDENTIFYING = Limit("identify")


def identify(account: Account, identity: IdentityInput, address: str) -> uuid.UUID:
    """Look a person up by name and ID number, on record and told to their family.

    Raises InvalidIdNumber, TooMany, NotFound `not_registered`.
    """
    IDENTIFYING.spend(account.pk)
    person = find_registered(identity.name, identity.id_number, account=account, address=address)
    _put_on_record(account, person, identity)
    return person.pk


def _put_on_record(account: Account, person: Person, identity: IdentityInput) -> None:
    """Every look-up is a row; its person and their family hear of a hospital once a day."""
    assert account.institution is not None
    key = f"looked_up:{person.pk.hex}:{account.institution_id}:{clock.today():%Y%m%d}"
    text = Text(
        "looked_up",
        _("医院查询了医保信息"),
        _(
            "%(hospital)s未扫医保码，以姓名和证件号码查询了%(name)s的参保信息。如非本人就医，请致电参保地经办机构或12393。"
        )
        % {"hospital": account.institution.name, "name": person.masked_name},
    )
    with transaction.atomic():
        IdentityLookup.objects.create(
            person=person, institution=account.institution, account=account, reason=identity.reason
        )
        followers = Mandate.objects.active().filter(person=person).values_list("account", flat=True)
        messages = [compose(follower, text, key=key) for follower in Account.objects.filter(pk__in=followers)]
        Message.objects.bulk_create(messages, ignore_conflicts=True)


def enrolled(person: uuid.UUID, request: BillRequest) -> Any:
    """The enrolment that pays on the day, with its agency; of those that do not count, the latest (to be refused with reasons).

    Raises WrongState `enrollment_ambiguous` with the candidates, NotFound `not_insured`.
    """
    area, insurance, on = request.insured_area or "", request.insurance or "", request.admitted_on
    rows = enrollments_with_agency(person=person, on=on, today=clock.today())
    meant = [row for row in rows if area in ("", row.area_id) and insurance in ("", row.insurance)]
    counting = _counting(meant, on)
    if len(counting) > 1:
        raise ambiguous(counting)
    if not meant:
        message = _("没有查到患者在该地的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。")
        raise NotFound(message, code="not_insured", attr="insured_area" if area else None)
    return (counting or meant)[0]


def _counting(rows: Sequence[Any], on: date) -> list[Any]:
    return [row for row in rows if row.status_on(on) == "active"]
