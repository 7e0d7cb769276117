"""The files of one area along time."""

from dataclasses import dataclass
from datetime import date

from policies.language.loader import lay_out


@dataclass(frozen=True)
class File:
    file: str
    effective_from: date
    effective_until: date | None = None
    area: str = "500000"


def test_a_later_file_closes_an_open_predecessor_on_its_first_day():
    old, new = File("old", date(2022, 1, 1)), File("new", date(2025, 1, 1))

    timeline, problems = lay_out([new, old])

    assert problems == []
    assert timeline.on(date(2021, 12, 31)) is None
    assert timeline.on(date(2024, 12, 31)) is old
    assert timeline.on(date(2025, 1, 1)) is new
    assert timeline.on(date(2099, 1, 1)) is new


def test_a_file_that_begins_where_another_ends():
    old, new = File("old", date(2022, 1, 1), date(2025, 1, 1)), File("new", date(2025, 1, 1))

    timeline, problems = lay_out([old, new])

    assert problems == []
    assert (timeline.on(date(2024, 12, 31)), timeline.on(date(2025, 1, 1))) == (old, new)


def test_a_gap_stays_a_gap():
    timeline, _ = lay_out([File("old", date(2022, 1, 1), date(2023, 1, 1)), File("new", date(2024, 1, 1))])

    assert timeline.on(date(2023, 6, 1)) is None


def test_a_file_inside_a_closed_period_is_refused():
    timeline, problems = lay_out([File("old", date(2022, 1, 1), date(2025, 1, 1)), File("new", date(2024, 12, 31))])

    assert [(p.file, p.key, p.code) for p in problems] == [("new", "effective_from", "period_overlaps")]
    assert timeline.on(date(2024, 12, 31)).file == "old"


def test_two_files_of_one_day_are_refused():
    _, problems = lay_out([File("a", date(2022, 1, 1)), File("b", date(2022, 1, 1))])

    assert [(p.file, p.code) for p in problems] == [("b", "period_overlaps")]
