"""One list of many records, newest first: each source is asked once a page, from the last line of the page before.

Apps above register their own sources when Django starts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Person, Role
from core import clock
from reviews.models import Submission

PAGE, PIECE = 50, 1000


class Act(models.TextChoices):
    """What kind of act a line is about."""

    UNMASK = "unmask", _("查看完整信息")
    OPEN = "open", _("打开材料")
    DECISION = "decision", _("审核决定")
    ASSIGNMENT = "assignment", _("领取与分配")
    APPLYING = "applying", _("申请与变更")
    PAYMENT = "payment", _("支付与支付文件")
    LOOKUP = "lookup", _("证件查询")
    COUNTER = "counter", _("窗口绑定")
    STAFF = "staff", _("人员变动")
    EXPORT = "export", _("导出列表")
    SIGN_IN = "sign_in", _("登录")
    AUDIT = "audit", _("查看审计")
    MERGER = "merger", _("新生儿合并")
    PUBLICATION = "publication", _("政策与目录")
    INTERFACE = "interface", _("接口密钥")
    SYSTEM = "system", _("系统处理")


class Cursor(NamedTuple):
    """The last line that was read: when it was, which source it is of, and its key there."""

    at: datetime
    source: int
    key: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}|{self.source}|{self.key}"

    @classmethod
    def of(cls, text: str) -> Cursor | None:
        """What `str` wrote; None for anything else."""
        try:
            moment, source, key = text.split("|")
            cursor = cls(datetime.fromisoformat(moment), int(source), key)
            _SOURCES[cursor.source].rows.model._meta.pk.to_python(key)
        except (ValueError, IndexError, ValidationError):
            return None
        return cursor if cursor.at.tzinfo else None


@dataclass(frozen=True)
class Question:
    """What is asked, and by whom: supervisors are answered for their own area, administrators for all."""

    viewer: Account
    person: Person | None = None
    actor: Account | None = None
    number: str = ""
    act: str = ""
    first_day: date | None = None
    last_day: date | None = None

    @property
    def everywhere(self) -> bool:
        return self.viewer.role == Role.ADMIN

    @property
    def of_a_case(self) -> bool:
        """It asks for a person or a case: what concerns neither has no part in the answer."""
        return self.person is not None or bool(self.number)

    @property
    def persons(self) -> Q:
        """Who it is about: the person, and what is left of a newborn that was merged with them."""
        return Q(person=self.person) | Q(person__merged_into=self.person)

    def cases(self) -> QuerySet[Any]:
        """The submissions it is about, of those that the viewer may see."""
        rows = Submission.objects.visible_to(self.viewer)
        if self.person is not None:
            rows = rows.filter(person=self.person)
        return rows.filter(number=self.number) if self.number else rows


@dataclass(frozen=True)
class Entry:
    """One line: when, who, what, of whom, in which case, and why."""

    at: datetime
    act: Act
    actor: str
    sentence: str
    person: Person | None = None
    submission: Submission | None = None
    why: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows of a model that answer a question, with the names of their moment and of who acted (none: `asked` looks)."""

    model: Any
    asked: Callable[[Question], QuerySet[Any] | None]
    at: str = "at"
    actor: str = "account"


@dataclass(frozen=True)
class Source:
    """A record that is read: which kinds of act are in it, its rows (None: nothing in it can answer), and their lines."""

    acts: frozenset[Act]
    rows: Rows
    shown: Callable[[list[Any]], list[Entry]]


_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Have it read, too."""
    _SOURCES.append(source)


def page(question: Question, after: Cursor | None = None, *, size: int = PAGE) -> tuple[list[Entry], Cursor | None]:
    """The newest lines after the cursor, and the cursor of those that follow (None: there are none)."""
    found = [
        (getattr(row, source.rows.at), rank, row)
        for rank, source, rows in _answering(question)
        for row in _after(source.rows, rank, rows, after)[: size + 1]
    ]
    found.sort(key=lambda line: line[0], reverse=True)  # of one moment: by source, as each gave them
    kept = found[:size]
    if len(found) <= size:
        return _lines(kept), None
    at, rank, row = kept[-1]
    return _lines(kept), Cursor(at, rank, str(row.pk))


def entries(question: Question) -> Iterator[Entry]:
    """All lines, read in pieces."""
    cursor: Cursor | None = None
    while True:
        lines, cursor = page(question, cursor, size=PIECE)
        yield from lines
        if cursor is None:
            return


def count(question: Question, cap: int) -> int:
    """How many lines there are, no further than the cap; one query a source."""
    return min(cap, sum(rows.order_by()[:cap].count() for _rank, _source, rows in _answering(question)))


def _answering(question: Question) -> Iterator[tuple[int, Source, QuerySet[Any]]]:
    """The sources with something to say, each with its rows."""
    for rank, source in enumerate(_SOURCES):
        rows = source.rows.asked(question) if not question.act or question.act in source.acts else None
        if rows is not None:
            yield rank, source, _narrowed(source.rows, rows, question)


def _narrowed(of: Rows, rows: QuerySet[Any], question: Question) -> QuerySet[Any]:
    """Of who acted, and of the days, which begin and end in Asia/Shanghai."""
    if question.actor is not None and of.actor:
        rows = rows.filter(**{of.actor: question.actor})
    if question.first_day:
        rows = rows.filter(**{f"{of.at}__gte": _midnight(question.first_day)})
    if question.last_day:
        rows = rows.filter(**{f"{of.at}__lt": _midnight(question.last_day + timedelta(days=1))})
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.SHANGHAI)


def _after(of: Rows, rank: int, rows: QuerySet[Any], cursor: Cursor | None) -> QuerySet[Any]:
    """In order; only what comes after the cursor."""
    if cursor is not None:
        earlier, same = Q(**{f"{of.at}__lt": cursor.at}), Q(**{of.at: cursor.at})
        if rank == cursor.source:
            earlier |= same & Q(pk__lt=cursor.key)
        elif rank > cursor.source:
            earlier |= same
        rows = rows.filter(earlier, **{f"{of.at}__lte": cursor.at})
    return rows.order_by(f"-{of.at}", "-pk")


def _lines(found: list[tuple[datetime, int, Any]]) -> list[Entry]:
    """The lines in the same order; each source is asked once for all of its own."""
    by_source: dict[int, list[Any]] = defaultdict(list)
    for _at, rank, row in found:
        by_source[rank].append(row)
    lines = {rank: iter(_SOURCES[rank].shown(rows)) for rank, rows in by_source.items()}
    return [next(lines[rank]) for _at, rank, _row in found]
