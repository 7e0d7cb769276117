"""Holds a demo file against the areas of the country and against itself, before anything is written (`accounts.demo_load`)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.certificate import Certificate, CertificateKind, read_number
from accounts.demo_file import (
    AgencyEntry,
    DemoFile,
    EnrollmentEntry,
    InstitutionEntry,
    PersonEntry,
    StaffEntry,
    birth_certificate_of,
    certificate_of,
)
from core.errors import Invalid
from core.text import identity as normalise
from policies.language.text import PolicyError, Problem


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
        self.once("persons", "id_number", ((person.line, _number(person)) for person in entries))
        named = {_number(person) for person in entries}
        for index, person in enumerate(entries):
            where = f"persons[{index}]"
            born_on = self.known_by(where, person)
            for ward, number in enumerate(person.guardian_of):
                self.relative(person, f"{where}.guardian_of[{ward}]", number, named)
            if person.mother:
                self.relative(person, f"{where}.mother", person.mother, named)
            for place, enrollment in enumerate(person.enrollments):
                self.enrollment(f"{where}.enrollments[{place}]", enrollment, born_on)
            self.no_overlap(where, person.enrollments)

    def certificate(self, where: str, entry: PersonEntry | StaffEntry) -> Certificate | None:
        """By what somebody is known; None: it was refused."""
        key = f"{where}.id_number" if entry.id_number or not entry.certificate else f"{where}.certificate.number"
        if not (entry.id_number or entry.certificate):
            self.refuse(entry.line, key, "key_missing", "请写 id_number，没有18位号码的写 certificate")
            return None
        try:
            return certificate_of(entry, self.known.today)
        except Invalid as invalid:
            self.refuse(entry.line, key, invalid.code, invalid.detail)
            return None

    def known_by(self, where: str, person: PersonEntry) -> date | None:
        """The birth date; of the register where the number does not say it (None: refused)."""
        certificate = self.certificate(where, person)
        if certificate is None:
            return None
        self.birth_certificate(where, person)
        says = certificate.birth_date
        if says and person.birth_date and says != person.birth_date:
            self.refuse(
                person.line, f"{where}.birth_date", "birth_date_contradicts", f"与号码中的出生日期（{says}）不同"
            )
        for key, value, known in (("birth_date", person.birth_date, says), ("sex", person.sex, certificate.sex)):
            if not (value or known):
                self.refuse(person.line, f"{where}.{key}", "key_missing", "号码中没有，请写明")
        if certificate.kind == CertificateKind.BIRTH and not person.mother:
            self.refuse(person.line, f"{where}.mother", "key_missing", "新生儿要写母亲的证件号码")
        return person.birth_date or says

    def birth_certificate(self, where: str, person: PersonEntry) -> None:
        """What stands beside an ID number is the birth certificate of before."""
        try:
            before = birth_certificate_of(person)
        except Invalid as invalid:
            self.refuse(person.line, f"{where}.certificate.number", invalid.code, invalid.detail)
            return
        if before and before.kind != CertificateKind.BIRTH:
            self.refuse(
                person.line, f"{where}.certificate", "certificate_twice", "已写 id_number，这里只能是出生医学证明"
            )

    def relative(self, person: PersonEntry, key: str, number: str, named: set[str]) -> None:
        """A child of a guardian, or a mother, by the number of their certificate."""
        number = normalise(number)
        if number.isdecimal() or len(number) == 18:
            try:
                read_number(number, today=self.known.today)
            except Invalid as invalid:
                return self.refuse(person.line, key, invalid.code, invalid.detail)
        if number == _number(person):
            self.refuse(person.line, key, "guardian_of_self", "不能是自己的监护人")
        elif number not in named and not self.known.is_registered(number):
            self.refuse(person.line, key, "person_unknown", "文件和登记中都没有这个证件号码的人")
        return None

    def enrollment(self, where: str, entry: EnrollmentEntry, born_on: date | None) -> None:
        self.pool(entry.line, f"{where}.area", entry.area)
        if entry.valid_until and entry.valid_until < entry.valid_from:
            self.refuse(entry.line, f"{where}.until", "dates_reversed", f"不得早于 from（{entry.valid_from}）")
        if born_on and entry.valid_from < born_on:
            self.refuse(entry.line, f"{where}.from", "before_birth", f"不得早于出生日期（{born_on}）")

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
            if entry.id_number or entry.certificate:
                self.certificate(where, entry)

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


def _number(person: PersonEntry) -> str:
    """The number by which the file names somebody; empty: none."""
    number = person.id_number or (person.certificate.number if person.certificate else "")
    return normalise(number)


def _overlap(one: EnrollmentEntry, other: EnrollmentEntry) -> bool:
    return one.valid_from <= (other.valid_until or date.max) and other.valid_from <= (one.valid_until or date.max)
