"""Brings the database to what a demo file says (`manage.py load_demo`): all of it, or nothing.

Before anything is written, `check` holds the file against the areas of the country and against itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, cast

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.demo_file import AgencyEntry, DemoFile, EnrollmentEntry, InstitutionEntry, PersonEntry, StaffEntry, parse
from accounts.id_number import IdNumber, InvalidIdNumber, normalise, read_id_number
from accounts.models import Account, RegisterEntry, id_hash
from accounts.registry import DemoRegister, RegisteredEnrollment, RegisterRecord, store
from core import clock
from core.bulk import put
from core.text import spell
from policies.language.text import PolicyError, Problem
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
        changed += sum(_put_person(entry) for entry in file.persons)
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


def _put_person(entry: PersonEntry) -> bool:
    """Put a person into the demo register; the mirrored rows, and what hangs on an enrolment, follow."""
    record = _record(entry)
    if DemoRegister().look_up(record.id_number) == record:
        return False
    store(record)
    return True


def _record(entry: PersonEntry) -> RegisterRecord:
    names = [column.name for column in fields(RegisteredEnrollment)]
    return RegisterRecord(
        name=entry.name,
        id_number=normalise(entry.id_number),
        phone=entry.phone,
        identity=entry.identity,
        guardian_of=tuple(normalise(number) for number in entry.guardian_of),
        enrollments=tuple(
            RegisteredEnrollment(**{name: getattr(enrollment, name) for name in names})
            for enrollment in entry.enrollments
        ),
    )


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
        "id_number": normalise(entry.id_number),
        "identity_hash": id_hash(normalise(entry.id_number)) if entry.id_number else "",
    }
    if not (account.password and passwords.fits(entry.password, account.password)):
        wanted["password"] = passwords.encode(entry.password)
    different = {name: value for name, value in wanted.items() if getattr(account, name) != value}
    for name, value in different.items():
        setattr(account, name, value)
    if different:
        account.save()
    return bool(different)


# Checks


@dataclass(frozen=True)
class Known:
    """What the system knows already. `pools`: each area's code → the pooling area it is part of, "" if it spans several."""

    pools: Mapping[str, str]
    diseases: frozenset[str]
    institutions: frozenset[str]
    is_registered: Callable[[str], bool]
    today: date


def check(file: DemoFile, known: Known, *, name: str) -> None:
    """Raise PolicyError with everything that does not fit, each naming its entry."""
    checker = _Checker(known, name)
    checker.persons(file.persons)
    checker.institutions(file.institutions)
    checker.agencies(file.agencies)
    checker.staff(file.staff, known.institutions | {entry.code for entry in file.institutions})
    if checker.problems:
        raise PolicyError(checker.problems)


@dataclass
class _Checker:
    known: Known
    file: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, key: str, code: str, expected: str) -> None:
        self.problems.append(Problem(self.file, line, key, code, expected))

    def persons(self, entries: tuple[PersonEntry, ...]) -> None:
        self.once("persons", "id_number", ((person.line, normalise(person.id_number)) for person in entries))
        named = {normalise(person.id_number) for person in entries}
        for index, person in enumerate(entries):
            where = f"persons[{index}]"
            read = self.id_number(person.line, f"{where}.id_number", person.id_number)
            for ward, number in enumerate(person.guardian_of):
                self.ward(person, f"{where}.guardian_of[{ward}]", number, named)
            for place, enrollment in enumerate(person.enrollments):
                self.enrollment(f"{where}.enrollments[{place}]", enrollment, read)
            self.no_overlap(where, person.enrollments)

    def id_number(self, line: int, key: str, number: str) -> IdNumber | None:
        try:
            return read_id_number(number, today=self.known.today)
        except InvalidIdNumber as invalid:
            self.refuse(line, key, invalid.code, invalid.detail)
            return None

    def ward(self, guardian: PersonEntry, key: str, number: str, named: set[str]) -> None:
        read = self.id_number(guardian.line, key, number)
        if read and read.number == normalise(guardian.id_number):
            self.refuse(guardian.line, key, "guardian_of_self", "不能是自己的监护人")
        elif read and read.number not in named and not self.known.is_registered(read.number):
            self.refuse(guardian.line, key, "person_unknown", "文件和登记中都没有这个身份证号码的人")

    def enrollment(self, where: str, entry: EnrollmentEntry, person: IdNumber | None) -> None:
        self.pool(entry.line, f"{where}.area", entry.area)
        if entry.valid_until and entry.valid_until < entry.valid_from:
            self.refuse(entry.line, f"{where}.until", "dates_reversed", f"不得早于 from（{entry.valid_from}）")
        if person and entry.valid_from < person.birth_date:
            self.refuse(entry.line, f"{where}.from", "before_birth", f"不得早于出生日期（{person.birth_date}）")

    def no_overlap(self, where: str, entries: tuple[EnrollmentEntry, ...]) -> None:
        for index, entry in enumerate(entries):
            for earlier in entries[:index]:
                if (entry.area, entry.insurance) == (earlier.area, earlier.insurance) and _overlap(entry, earlier):
                    key = f"{where}.enrollments[{index}]"
                    self.refuse(
                        entry.line, key, "enrollment_overlaps", f"与第 {earlier.line} 行同一地区、险种的参保时间重叠"
                    )

    def pool(self, line: int, key: str, code: str) -> None:
        pool = self.known.pools.get(code)
        if pool is None:
            self.refuse(line, key, "area_unknown", f"没有代码为 {code} 的地区")
        elif pool == "":
            self.refuse(line, key, "area_not_pooling", f"{code} 不是统筹区，请写到地市")
        elif pool != code:
            self.refuse(line, key, "area_not_pooling", f'{code} 由 "{pool}" 统筹，请写 "{pool}"')

    def institutions(self, entries: tuple[InstitutionEntry, ...]) -> None:
        self.once("institutions", "code", ((entry.line, entry.code) for entry in entries))
        for index, entry in enumerate(entries):
            where = f"institutions[{index}]"
            if not self.known.pools.get(entry.area):
                self.refuse(entry.line, f"{where}.area", "area_unknown", f"{entry.area} 不是机构所在的地市或直辖市")
            for place, disease in enumerate(entry.open.chronic):
                if disease not in self.known.diseases:
                    self.refuse(entry.line, f"{where}.open.chronic[{place}]", "disease_unknown", f"没有病种 {disease}")

    def agencies(self, entries: tuple[AgencyEntry, ...]) -> None:
        self.once("agencies", "name", ((entry.line, (entry.area, entry.name)) for entry in entries))
        for index, entry in enumerate(entries):
            self.pool(entry.line, f"agencies[{index}].area", entry.area)

    def staff(self, entries: tuple[StaffEntry, ...], institutions: frozenset[str]) -> None:
        self.once("staff", "username", ((entry.line, entry.username) for entry in entries))
        for index, entry in enumerate(entries):
            where = f"staff[{index}]"
            self.workplace(where, entry, institutions)
            if entry.id_number:
                self.id_number(entry.line, f"{where}.id_number", entry.id_number)

    def workplace(self, where: str, entry: StaffEntry, institutions: frozenset[str]) -> None:
        """Reviewers, supervisors and finance work for one area, hospital staff for one institution, administrators for neither."""
        wants = {"reviewer": "area", "supervisor": "area", "finance": "area", "hospital": "institution"}.get(entry.role)
        for key, value in (("area", entry.area), ("institution", entry.institution)):
            if (value is None) == (key == wants):
                expected = f"{entry.role} 要写 {key}" if key == wants else f"{entry.role} 不写 {key}"
                self.refuse(entry.line, f"{where}.{key}", "workplace_wrong", expected)
        if entry.area:
            self.pool(entry.line, f"{where}.area", entry.area)
        if entry.institution and entry.institution not in institutions:
            self.refuse(entry.line, f"{where}.institution", "institution_unknown", f"没有机构 {entry.institution}")

    def once(self, section: str, key: str, entries: Iterable[tuple[int, Hashable]]) -> None:
        first: dict[Hashable, int] = {}
        for index, (line, value) in enumerate(entries):
            if value in first:
                self.refuse(line, f"{section}[{index}].{key}", "duplicate", f"只能写一次，第 {first[value]} 行已写过")
            first.setdefault(value, line)


def _overlap(one: EnrollmentEntry, other: EnrollmentEntry) -> bool:
    return one.valid_from <= (other.valid_until or date.max) and other.valid_from <= (one.valid_until or date.max)
