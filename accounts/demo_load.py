"""Brings the database to what a demo file says (`manage.py load_demo`): all of it, or nothing.

Before anything is written, `demo_checks.check` holds the file against the areas of the country and against itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.demo_checks import Known, check
from accounts.demo_file import (
    DemoFile,
    InstitutionEntry,
    PersonEntry,
    StaffEntry,
    birth_certificate_of,
    certificate_of,
    parse,
)
from accounts.models import Account, RegisterEntry, id_hash
from accounts.registry import DemoRegister, RegisteredEnrollment, RegisterRecord, store
from core import clock
from core.bulk import put
from core.text import identity as normalise
from core.text import spell
from regions.loading import put_agency
from regions.models import Area, Disease, Institution


def load_demo(text: str, *, name: str) -> tuple[DemoFile, int]:
    """Load a demo file; returns it and how many entries were new or different.

    Nothing is taken away that the file does not name. Raises PolicyError with every entry that is wrong, and then loads nothing.
    """
    file = parse(text, name=name)
    check(file, known(), name=name)
    passwords = _Passwords()
    with transaction.atomic():
        changed = put([_institution(entry) for entry in file.institutions])
        changed += sum(
            put_agency(entry.area, entry.name, address=entry.address, phone=entry.phone, demo=True)
            for entry in file.agencies
        )
        keys = _keys(file)
        changed += sum(_put_person(entry, keys) for entry in file.persons)
        changed += sum(_put_staff(entry, passwords) for entry in file.staff)
    return file, changed


def known() -> Known:
    """Return what the database has that a demo file may name."""
    areas = cast(list[Area], list(Area.objects.all()))
    return Known(
        pools={area.code: area.pool_code for area in areas},
        diseases=frozenset(Disease.objects.values_list("code", flat=True)),
        institutions=frozenset(Institution.objects.values_list("code", flat=True)),
        is_registered=lambda number: RegisterEntry.objects.filter(id_hash=id_hash(number)).exists(),
        today=clock.today(),
    )


def _institution(entry: InstitutionEntry) -> Institution:
    return Institution(
        code=entry.code,
        name=entry.name,
        kind=entry.kind,
        area_id=entry.area,
        grade=entry.grade,
        level=entry.level,
        sub_class=entry.sub_class,
        specialty=entry.specialty,
        issues_referrals=entry.issues_referrals,
        inpatient=entry.open.inpatient and entry.kind == "hospital",
        outpatient=entry.open.outpatient,
        chronic=list(entry.open.chronic),
        address=entry.address,
        phone=entry.phone,
        invented_contact=bool(entry.address or entry.phone),
        invented_code=True,
        **spell(entry.name)._asdict(),
    )


def _put_person(entry: PersonEntry, keys: Mapping[str, str]) -> bool:
    """Put a person into the demo register; the mirrored rows, and what hangs on an enrolment, follow."""
    record = _record(entry, keys)
    if DemoRegister().look_up(record.key) == record:
        return False
    store(record)
    return True


def _record(entry: PersonEntry, keys: Mapping[str, str]) -> RegisterRecord:
    """An entry as the register has it; `keys`: those of other persons, by the numbers under which the file names them."""
    names = [column.name for column in fields(RegisteredEnrollment)]
    known_by, before = certificate_of(entry), birth_certificate_of(entry)
    return RegisterRecord(
        name=entry.name,
        id_number=known_by.number,
        certificate_kind=known_by.kind,
        certificate_country=known_by.country,
        birth_date=entry.birth_date,
        sex=entry.sex or "",
        mother=_key(entry.mother, keys),
        born_as=before.key if before else "",
        phone=entry.phone,
        identity=entry.identity,
        guardian_of=tuple(_key(number, keys) for number in entry.guardian_of),
        enrollments=tuple(
            RegisteredEnrollment(**{name: getattr(enrollment, name) for name in names})
            for enrollment in entry.enrollments
        ),
    )


def _keys(file: DemoFile) -> dict[str, str]:
    """The keys of those whom the file may name by another number than eighteen digits."""
    known_by = (certificate_of(entry) for entry in file.persons if entry.certificate)
    return {each.number: each.key for each in known_by}


def _key(number: str, keys: Mapping[str, str]) -> str:
    number = normalise(number)
    return keys.get(number, number)


@dataclass
class _Passwords:
    """Hashes each password of a file once: hashing is slow on purpose, and demo accounts share theirs."""

    hashed: dict[str, str] = field(default_factory=dict)
    fitting: dict[tuple[str, str], bool] = field(default_factory=dict)

    def encode(self, password: str) -> str:
        if password not in self.hashed:
            self.hashed[password] = make_password(password)
            self.fitting[password, self.hashed[password]] = True
        return self.hashed[password]

    def fits(self, password: str, encoded: str) -> bool:
        if (password, encoded) not in self.fitting:
            self.fitting[password, encoded] = check_password(password, encoded)
        return self.fitting[password, encoded]


def _put_staff(entry: StaffEntry, passwords: _Passwords) -> bool:
    """Create a staff account, or bring it to what the entry says; a password that still fits stays as it is."""
    account = Account.objects.filter(username=entry.username).first() or Account(username=entry.username)
    wanted: dict[str, Any] = {
        "role": entry.role,
        "area_id": entry.area,
        "institution_id": entry.institution,
        "name": entry.name,
    } | _identity(entry)
    if not (account.password and passwords.fits(entry.password, account.password)):
        wanted["password"] = passwords.encode(entry.password)
    different = {name: value for name, value in wanted.items() if getattr(account, name) != value}
    for name, value in different.items():
        setattr(account, name, value)
    if different:
        account.save()
    return bool(different)


def _identity(entry: StaffEntry) -> dict[str, Any]:
    """Who somebody of the staff is, as columns."""
    if not (entry.id_number or entry.certificate):
        return {"id_number": "", "identity_hash": ""}
    who = certificate_of(entry)
    return {
        "id_number": who.number,
        "certificate_kind": who.kind,
        "certificate_country": who.country,
        "identity_hash": id_hash(who.key),
    }
