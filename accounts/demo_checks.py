"""What a demo file says, held against the areas of the country and against itself. Pure: no database."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.demo_file import AgencyEntry, DemoFile, EnrollmentEntry, InstitutionEntry, PersonEntry, StaffEntry
from accounts.id_number import IdNumber, InvalidIdNumber, normalise, read_id_number
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
        """Reviewers and supervisors work for one area, hospital staff for one institution, administrators for neither."""
        wants = {"reviewer": "area", "supervisor": "area", "hospital": "institution"}.get(entry.role)
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
