"""The State Council's notice of a year's holidays (国务院办公厅关于…年部分节假日安排的通知), read into days. Pure: no Django.

Nothing is guessed: what is not understood is said with its line, and a notice with such a line is not saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
WEEKDAYS = "一二三四五六日"
SATURDAY = 5

_DATE = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:（[^（）]*）)?"
_HEADING = re.compile(r"^[一二三四五六七八九十]+、([^：:]{2,20})[：:](.+)$")
_OFF = re.compile(
    rf"^(?P<first>{_DATE})(?:[至到—-](?P<last>{_DATE}))?放假(?:调休)?(?P<one>\d+天)?"
    r"(?:，共(?P<count>\d+)天)?(?:，(?:与周末连休|不调休))?$"
)
_WORK = re.compile(rf"^{_DATE}(?:[、，和]{_DATE})*上班$")
_PARTS = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:（([^（）]*)）)?")
_YEAR = re.compile(r"关于(\d{4})年部分节假日安排的通知")
_NUMBER = re.compile(r"国办发明电[〔\[（(]\d{4}[〕\]）)]\d+号")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")


@dataclass(frozen=True)
class NoticeDay:
    """A day that differs from its weekday."""

    date: date
    is_workday: bool
    name: str


@dataclass(frozen=True)
class Holiday:
    """One holiday as announced: its days off, what the notice says of their number (None: nothing), the weekend days worked."""

    name: str
    off: tuple[date, ...]
    said: int | None
    worked: tuple[date, ...]


@dataclass
class Notice:
    """What a notice says. `problems` (line, sentence) keep it from being saved; `warnings` are for a person's eye."""

    year: int
    source: str = ""
    holidays: list[Holiday] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def days(self) -> list[NoticeDay]:
        """Every day that differs from its weekday, in order."""
        found = [
            NoticeDay(day, False, holiday.name)
            for holiday in self.holidays
            for day in holiday.off
            if day.weekday() < SATURDAY
        ]
        found += [
            NoticeDay(day, True, f"{holiday.name}调休上班") for holiday in self.holidays for day in holiday.worked
        ]
        return sorted(found, key=lambda day: day.date)


class _NotUnderstood(Exception):
    """A sentence that means nothing to the parser, or contradicts itself."""


def read(text: str, year: int) -> Notice:
    """Read a pasted notice of a year."""
    notice = Notice(year)
    number = _NUMBER.search(text)
    notice.source = number.group() if number else ""
    for count, raw in enumerate(text.splitlines(), start=1):
        line = re.sub(r"\s", "", raw).replace("(", "（").replace(")", "）").replace(",", "，")
        if line:
            _line(notice, count, line)
    _compare(notice)
    return notice


def _line(notice: Notice, count: int, line: str) -> None:
    titled = _YEAR.search(line)
    if titled and int(titled.group(1)) != notice.year:
        notice.problems.append((count, f"这是{titled.group(1)}年的通知，不是{notice.year}年的。"))
    heading = _HEADING.match(line)
    if heading:
        _holiday(notice, count, heading.group(1), heading.group(2))
    elif "上班" in line or re.search(r"\d日.*放假", line):
        notice.problems.append((count, f"不明白这一行，请按“一、元旦：…”逐条粘贴：{line[:60]}"))


def _holiday(notice: Notice, count: int, name: str, said: str) -> None:
    off: list[date] = []
    worked: list[date] = []
    number = None
    for sentence in filter(None, re.split("[。；]", said)):
        try:
            if match := _OFF.match(sentence):
                days = list(_span(notice.year, match["first"], match["last"]))
                number = _number(match, days)
                off += days
            elif _WORK.match(sentence):
                worked += _worked(notice.year, sentence)
            elif sentence.startswith("鼓励"):
                notice.warnings.append(f"{name}：“{sentence}”只是建议，不列入日历。")
            else:
                raise _NotUnderstood(f"不明白这一句：{sentence[:60]}")
        except _NotUnderstood as problem:
            notice.problems.append((count, f"{name}：{problem}"))
    if not off:
        notice.problems.append((count, f"{name}：没有读到放假的日期。"))
    notice.holidays.append(Holiday(name, tuple(off), number, tuple(worked)))


def _number(match: re.Match[str], days: list[date]) -> int | None:
    said = match["count"] or (match["one"] or "").removesuffix("天")
    if said and int(said) != len(days):
        raise _NotUnderstood(f"通知说共{said}天，日期算出来是{len(days)}天。")
    return int(said) if said else None


def _span(year: int, first: str, last: str | None) -> Iterator[date]:
    begin = _date(first, year, None)
    end = _date(last, begin.year, begin.month) if last else begin
    if not 0 <= (end - begin).days < 31:
        raise _NotUnderstood(f"起止日期不对：{first}至{last}")
    for count in range((end - begin).days + 1):
        yield begin + timedelta(days=count)


def _worked(year: int, sentence: str) -> list[date]:
    days: list[date] = []
    for match in _PARTS.finditer(sentence):
        day = _date(match.group(), year, days[-1].month if days else None)
        if day.weekday() < SATURDAY:
            raise _NotUnderstood(f"{day:%m月%d日}是周{WEEKDAYS[day.weekday()]}，本来就上班，请核对。")
        days.append(day)
    return days


def _date(text: str, year: int, month: int | None) -> date:
    match = _PARTS.fullmatch(text)
    assert match is not None
    of_month = int(match.group(2)) if match.group(2) else month
    if of_month is None:
        raise _NotUnderstood(f"没有写明月份：{text}")
    try:
        day = date(int(match.group(1) or year), of_month, int(match.group(3)))
    except ValueError:
        raise _NotUnderstood(f"没有这一天：{text}") from None
    said = _WEEKDAY.search(match.group(4) or "")
    if said and said.group(1).replace("天", "日") != WEEKDAYS[day.weekday()]:
        raise _NotUnderstood(f"{text}：{day:%Y年%m月%d日}是周{WEEKDAYS[day.weekday()]}。")
    return day


def _compare(notice: Notice) -> None:
    """What the holidays say together."""
    off = [day for holiday in notice.holidays for day in holiday.off]
    worked = [day for holiday in notice.holidays for day in holiday.worked]
    for day in sorted({*(set(off) & set(worked)), *_twice(off), *_twice(worked)}):
        notice.problems.append((0, f"{day:%m月%d日}写了两次，请核对。"))
    for day in sorted(one.date for one in notice.days if one.date.year != notice.year):
        notice.problems.append((0, f"{day:%Y年%m月%d日}不在{notice.year}年，请在该年的日历中另行登记。"))
    named = "、".join(holiday.name for holiday in notice.holidays)
    notice.warnings += [f"通知里没有{name}。" for name in HOLIDAYS if name not in named]
    if not notice.source:
        notice.warnings.append("没有读到文号（国办发明电〔…〕…号），请在保存后补填依据。")


def _twice(days: list[date]) -> set[date]:
    return {day for day in days if days.count(day) > 1}
