"""The insured register (参保登记): who is insured where. A deployment plugs in its own; the demo one is a table.

What the register says is mirrored into `Person` and `Enrollment` when a person is first named and again from time to time.
`settings.INSURED_REGISTER` names the class to ask.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.certificate import Certificate, kind_of
from accounts.models import Enrollment, Person, RegisterEntry, id_hash
from core import clock
from core.errors import WrongState
from core.hooks import Hook

FRESH = timedelta(days=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RegisteredEnrollment:
    """An enrolment as the register has it. `valid_until` is the last day covered; None = open-ended. `retired_year`: None = unknown."""

    area: str
    insurance: str
    category: str
    valid_from: date
    valid_until: date | None = None
    tier: int = 1
    retired_year: int | None = None
    account_balance: Decimal = Decimal(0)


@dataclass(frozen=True)
class RegisterRecord:
    """A person as the register has them, by their certificate; its number stands in `id_number`.

    `birth_date` and `sex` are needed where the number does not say them. Others are named by their certificates' keys
    (`Certificate.key`: an 18-digit number is its own): `guardian_of` the children they are guardian (监护人) of, `mother` of
    a child, `born_as` the birth certificate under which a child was known before it had a number.
    """

    name: str
    id_number: str
    phone: str = ""
    identity: str = "none"
    guardian_of: tuple[str, ...] = ()
    enrollments: tuple[RegisteredEnrollment, ...] = field(default=())
    certificate_kind: str = ""
    certificate_country: str = ""
    birth_date: date | None = None
    sex: str = ""
    mother: str = ""
    born_as: str = ""

    @property
    def certificate(self) -> Certificate:
        return Certificate(self.certificate_kind or kind_of(self.id_number), self.id_number, self.certificate_country)

    @property
    def key(self) -> str:
        return self.certificate.key

    @property
    def born_on(self) -> date:
        """The register's birth date, else the number's."""
        born = self.birth_date or self.certificate.birth_date
        assert born is not None, "the register says it where the number does not"
        return born


class InsuredRegister(Protocol):
    """What Yidi asks of an insured register."""

    def look_up(self, key: str) -> RegisterRecord | None:
        """Return the person with this certificate, or None if they are not insured anywhere known.

        An 18-digit number (upper case) is a key by itself; other certificates are named `kind:country:number`.
        """


class DemoRegister:
    """The register of a demonstration: sealed records in `RegisterEntry`, filled by `store`."""

    def look_up(self, key: str) -> RegisterRecord | None:
        entry = RegisterEntry.objects.filter(id_hash=id_hash(key)).first()
        return _from_json(entry.record) if entry else None


@lru_cache(maxsize=4)
def _register(path: str) -> InsuredRegister:
    chosen: InsuredRegister = import_string(path)()
    return chosen


def register() -> InsuredRegister:
    """Return the register that this deployment asks."""
    return _register(settings.INSURED_REGISTER)


def store(record: RegisterRecord) -> RegisterEntry:
    """Put a record into the demo register; a person who is mirrored already follows it at once."""
    key = id_hash(record.key)
    with transaction.atomic():
        entry = RegisterEntry.objects.select_for_update().filter(id_hash=key).first() or RegisterEntry(id_hash=key)
        entry.record = _to_json(record)
        entry.save()
        if Person.objects.filter(id_hash=key).exists():
            mirror(record)
    return entry


def stored_key(entry: RegisterEntry) -> str:
    """The key of an entry of the demo register, by which it is found."""
    return _from_json(entry.record).key


def _to_json(record: RegisterRecord) -> str:
    return json.dumps(asdict(record), default=str, ensure_ascii=False)


def _from_json(text: str) -> RegisterRecord:
    data: dict[str, Any] = json.loads(text)
    data["guardian_of"] = tuple(data["guardian_of"])
    born = data.get("birth_date")
    data["birth_date"] = date.fromisoformat(born) if born else None
    data["enrollments"] = tuple(_enrollment_from(row) for row in data["enrollments"])
    return RegisterRecord(**data)


def _enrollment_from(row: dict[str, Any]) -> RegisteredEnrollment:
    until = row["valid_until"]
    return RegisteredEnrollment(
        **row
        | {
            "valid_from": date.fromisoformat(row["valid_from"]),
            "valid_until": date.fromisoformat(until) if until else None,
            "account_balance": Decimal(row["account_balance"]),
        }
    )


# Mirroring

enrollment_changed = Hook[[Enrollment, RegisteredEnrollment]]("enrollment changed")
"""The last day of an enrolment changed (as it is now, as it was): ended, vanished, or runs on again.

What follows runs in the transaction of the mirroring, with the person's row locked.
"""


def mirror(record: RegisterRecord) -> Person:
    """Bring our copy of a person and their enrolments up to date. An enrolment keeps its id for life.

    No keys change, so whoever meanwhile writes a row that refers to them need not wait (and nobody waits in a circle).
    Raises WrongState `merge_pending`: a child has a number now, and what was done before has not been merged with it.
    """
    with transaction.atomic():
        person = _person_locked(record)
        if person.id_hash != id_hash(record.key):
            return _as_they_are_now(person)
        person.name, person.phone, person.identity = record.name, record.phone, record.identity
        person.birth_date, person.sex = record.born_on, record.sex or record.certificate.sex
        person.mirrored_at = timezone.now()
        person.save()
        _mirror_enrollments(person, record.enrollments)
    return person


def _person_locked(record: RegisterRecord) -> Person:
    """The row of a person, made if there is none, under its lock; one who was merged is the person they became."""
    rows = Person.objects.select_for_update(no_key=True)
    found = rows.filter(id__in=Person.objects.numbered(record.key).values("id")).first()
    if found is None:
        _refuse_unmerged(record)
        new = Person(name=record.name, birth_date=record.born_on)
        new.certify(record.certificate)
        found, _made = rows.get_or_create(
            id_hash=new.id_hash, defaults={f.attname: getattr(new, f.attname) for f in Person._meta.concrete_fields}
        )
    return found


def _refuse_unmerged(record: RegisterRecord) -> None:
    """A child is not known twice, with and without its number, or its year would be counted twice."""
    if record.born_as and Person.objects.filter(id_hash=id_hash(record.born_as)).exists():
        message = _(
            "该儿童已用出生医学证明办理过业务。合并到身份证号码之前，请继续使用出生医学证明；请联系参保地经办机构办理合并。"
        )
        raise WrongState(message, code="merge_pending")


def _as_they_are_now(person: Person) -> Person:
    """Somebody found by a birth certificate of before: what the register says of it is old."""
    record = register().look_up(person.certificate.key)
    return mirror(record) if record else person


def refresh(person: Person) -> Person:
    """Ask the register about a person again; one it no longer knows loses every enrolment."""
    record = register().look_up(person.certificate.key)
    return mirror(record or replace(_as_registered(person), enrollments=()))


def refresh_stale(limit: int = 200) -> int:
    """Refresh those persons whom the register was not asked about for longest, if that is over a day; return how many."""
    stale = Person.objects.filter(mirrored_at__lt=timezone.now() - FRESH).order_by("mirrored_at")
    persons = list(stale[:limit])
    for person in persons:
        try:
            refresh(person)
        except Exception:  # one person the register stumbles over must not keep it from the others
            log.exception("register_refresh_failed", person=str(person.pk))
    return len(persons)


def _as_registered(person: Person) -> RegisterRecord:
    return RegisterRecord(
        person.name,
        person.id_number,
        person.phone,
        person.identity,
        certificate_kind=person.certificate_kind,
        certificate_country=person.certificate_country,
        birth_date=person.birth_date,
        sex=person.sex,
    )


def _mirror_enrollments(person: Person, registered: tuple[RegisteredEnrollment, ...]) -> None:
    """Update the enrolments the register still has, add new ones, end those it no longer has.

    The same enrolment is the one with the same start or, where the register corrected the start, an overlapping period.
    """
    known = list(person.enrollments.select_for_update(no_key=True).order_by("valid_from", "id"))
    waiting = sorted(registered, key=lambda entry: entry.valid_from)
    for same in (_same_start, _overlap):
        waiting = [entry for entry in waiting if not _matched(entry, known, same)]
    for entry in waiting:
        Enrollment.objects.create(person=person, **_columns(entry))
    for row in known:
        _vanish(row)


Likeness = Callable[[Enrollment, RegisteredEnrollment], bool]


def _matched(entry: RegisteredEnrollment, known: list[Enrollment], same: Likeness) -> bool:
    """Bring the row that is the `same` as the entry up to date and take it off `known`; False if there is none."""
    for row in known:
        if (row.area_id, row.insurance) == (entry.area, entry.insurance) and same(row, entry):
            known.remove(row)
            _change(row, entry)
            return True
    return False


def _same_start(row: Enrollment, entry: RegisteredEnrollment) -> bool:
    return row.valid_from == entry.valid_from


def _overlap(row: Enrollment, entry: RegisteredEnrollment) -> bool:
    return row.valid_from <= (entry.valid_until or date.max) and entry.valid_from <= (row.valid_until or date.max)


def _columns(entry: RegisteredEnrollment) -> dict[str, Any]:
    columns = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    return columns | {"area_id": columns.pop("area")}


def as_registered(row: Enrollment) -> RegisteredEnrollment:
    """An enrolment of ours in the register's shape."""
    names = [name for name in RegisteredEnrollment.__dataclass_fields__ if name != "area"]
    return RegisteredEnrollment(area=row.area_id, **{name: getattr(row, name) for name in names})


def _vanish(row: Enrollment) -> None:
    """The register no longer has this enrolment: yesterday was its last day, if it had not ended before."""
    yesterday = clock.today() - timedelta(days=1)
    if row.valid_until is None or row.valid_until > yesterday:
        _change(row, replace(as_registered(row), valid_until=max(row.valid_from, yesterday)))


def _change(row: Enrollment, entry: RegisteredEnrollment) -> None:
    before = as_registered(row)
    if before == entry:
        return
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    row.save()
    if before.valid_until != entry.valid_until:
        enrollment_changed(row, before)
