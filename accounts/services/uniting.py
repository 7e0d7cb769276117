"""Uniting a newborn's row with the one that its number already had: all that hangs on the newborn goes over to the person.

Whoever unites holds both persons' rows, for which everything that is made of a newborn waits (`of_a_standing_person`), and then
waits for nobody: what somebody else holds just now is a refusal, to be tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import LockNotAvailable

from accounts.models import Account, Enrollment, Mandate, MandateStatus, Message, Person
from accounts.models.persons import PERSON_STANDS
from core import clock
from core.errors import WrongState
from core.hooks import Hook

MERGED_MEANWHILE = gettext_lazy("该新生儿刚刚已合并到身份证号码，请刷新后用身份证号码办理。")


def merged_meanwhile(error: IntegrityError) -> WrongState:
    """What whoever made something of a newborn that was merged meanwhile is told. Re-raises any other error."""
    if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) != PERSON_STANDS:
        raise error
    return WrongState(MERGED_MEANWHILE, code=PERSON_STANDS)


@dataclass(frozen=True)
class Union:
    """A newborn and the person it is; by each enrolment of the newborn that the person has too, the person's; who decided it."""

    newborn: Person
    person: Person
    enrollments: Mapping[UUID, UUID]
    by: Account


united = Hook[[Union]]("persons united")
"""A newborn and the person it is become one: higher apps hand over what hangs on the newborn, or raise WrongState where that
cannot be. In the transaction that unites them, both rows locked; nobody may be waited for (`select_for_update(nowait=True)`)."""


def unite(newborn: Person, person: Person, *, by: Account) -> None:
    """Hand everything of the newborn over to the person; its row is left, and leads there.

    Raises WrongState `merger_busy`, and what cannot be united (`merger_doubles`, `merger_live`).
    """
    with _waiting_for_nobody():
        union = Union(newborn, person, _hand_over_enrollments(newborn, person), by)
        _hand_over_mandates(union)
        known = Message.objects.filter(person=person).values("key")
        Message.objects.filter(person=newborn).exclude(key__in=known).update(person=person)
        united(union)
        newborn.merged_into, newborn.mirrored_at = person, None
        newborn.save()


@contextmanager
def _waiting_for_nobody() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        message = _("该参保人正有业务在办理，暂时不能合并，请稍后再复核。")
        raise WrongState(message, code="merger_busy") from error


def _hand_over_enrollments(newborn: Person, person: Person) -> dict[UUID, UUID]:
    """One that the person has too stays behind, empty; the others are the person's from now on."""
    rows = Enrollment.objects.filter(person__in=[newborn, person]).order_by("pk").select_for_update(nowait=True)
    own, same = [row for row in rows if row.person_id == person.pk], {}
    for row in rows:
        if row.person_id != newborn.pk:
            continue
        twin = next((each for each in own if _is_same(each, row)), None)
        if twin is None:
            row.person = person
        else:
            same[row.pk] = twin.pk
            twin.account_spent, row.account_spent = twin.account_spent + row.account_spent, Decimal(0)
            twin.save()
        row.save()
    return same


def _is_same(one: Enrollment, other: Enrollment) -> bool:
    """The same insurance of the same area, in periods that overlap."""
    if (one.area_id, one.insurance) != (other.area_id, other.insurance):
        return False
    begins = max(one.valid_from, other.valid_from)
    return all(row.valid_until is None or row.valid_until >= begins for row in (one, other))


def _hand_over_mandates(union: Union) -> None:
    """Of two that one account has, the one in force stays; the other ends before both are the person's."""
    rows = Mandate.objects.filter(person__in=[union.newborn, union.person]).order_by("pk")
    mandates = list(rows.select_for_update(nowait=True))
    for mandate in _doubled(mandates):
        _end(mandate, union.by)
    for mandate in mandates:
        if mandate.person_id == union.newborn.pk:
            mandate.person = union.person
            mandate.save()


def _doubled(mandates: Iterable[Mandate]) -> Iterator[Mandate]:
    """Those that cannot stand beside another live one of their account."""
    kept: dict[UUID, Mandate] = {}
    for mandate in mandates:
        if mandate.status == MandateStatus.ENDED:
            continue
        rival = kept.get(mandate.account_id)
        if rival is None:
            kept[mandate.account_id] = mandate
        elif rival.status == MandateStatus.ACTIVE:
            yield mandate
        else:
            kept[mandate.account_id] = mandate
            yield rival


def _end(mandate: Mandate, by: Account) -> None:
    mandate.status, mandate.ended_at, mandate.ended_by = MandateStatus.ENDED, clock.now(), by
    mandate.save()
