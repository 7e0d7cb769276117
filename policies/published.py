"""The book of published policies: which file says what an area's insurance pays, and how one files there, on a day.

The files that the project ships are its ground; the published versions of an area in the database (`PolicyVersion`) take
their place. Every process keeps one immutable copy and asks the database a few times a minute, with one small query,
whether something was published since (a trigger renews the book's version); whoever publishes sees it at once. So a
policy is found without a query, and another process counts by it within `REVALIDATE_SECONDS`.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.errors import NotFound
from policies.engine import Compiled, compile_policy
from policies.language.filing_rules import RuleBook, chain, shipped
from policies.language.filing_types import Source
from policies.language.loader import NATIONAL, SHIPPED, Period, Timeline, load_text
from policies.language.schema import PolicyFile
from policies.language.text import PolicyError
from policies.models import PolicyBook, PolicyVersion
from policies.readable import Names, Readable, readable
from regions.models import Area, Disease

REVALIDATE_SECONDS = 3.0
MOST_COMPILED = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """A published policy and the days it really counts for; `id` is what the API calls it."""

    id: str
    file: PolicyFile
    start: date
    end: date | None

    @property
    def sha256(self) -> str:
        return self.file.sha256

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Book:
    """All that counts, at one version of what is published; `by_area` in order of time."""

    version: uuid.UUID | None
    by_area: Mapping[str, tuple[Published, ...]]
    rules: RuleBook
    by_id: Mapping[str, Published] = field(default_factory=dict)

    def on(self, area_code: str, day: date) -> Published | None:
        """The file of just this area that counts on a day, whether or not it says anything of benefits."""
        return next((one for one in self.by_area.get(area_code, ()) if one.holds(day)), None)


_book: Book | None = None
_checked_at = float("-inf")


def book() -> Book:
    """The book as it stands, at most `REVALIDATE_SECONDS` old."""
    if _book is None or time.monotonic() - _checked_at >= REVALIDATE_SECONDS:
        return refresh()
    return _book


def refresh() -> Book:
    """Ask the database now: one small query, and the versions that are new if there are any."""
    global _book, _checked_at
    version = PolicyBook.objects.values_list("version", flat=True).first()
    copy = _book
    if copy is None or copy.version != version:
        copy = _book = _bind(version, _published(version))
    _checked_at = time.monotonic()
    return copy


def stand_on(what: Book | None) -> None:
    """Keep to this book until the next `refresh`; None: ask the database at the next occasion. (For tests and commands.)"""
    global _book, _checked_at
    _book, _checked_at = what, time.monotonic()


def changed() -> None:
    """Whoever publishes says so: this process counts by it from the commit on."""
    transaction.on_commit(refresh)


@cache
def ground() -> Book:
    """The book of the shipped files alone."""
    return _bind(None, ())


def rules() -> RuleBook:
    """What `filing_rules.rules_for` reads (registered when Django starts)."""
    return book().rules


def in_force(area_code: str, on: date) -> Published | None:
    """The policy whose benefits count for a pooling area on a day: its own, else its city's, else its province's.

    None: no file says what this area pays.
    """
    current = book()
    for code in reversed(chain(area_code)):
        policy = current.on(code, on) if code != NATIONAL else None
        if policy is not None and policy.file.benefits is not None:
            return policy
    return None


def policy_of(area: str, on: date) -> Published:
    """What an area's insurance pays by on a day. Raises NotFound `policy_unknown`."""
    policy = in_force(area, on)
    if policy is None:
        detail = _("没有查到该参保地在这一天的待遇政策。请核对参保地和日期；如无误，请致电参保地经办机构或12393询问。")
        raise NotFound(detail, code="policy_unknown", attr="area")
    return policy


def counting() -> list[Published]:
    """Everything that counts on some day, by id."""
    return sorted((one for periods in book().by_area.values() for one in periods), key=lambda one: one.id)


def by_id(policy_id: str) -> Published | None:
    """Any published policy, revisions that were replaced included: what a bill was settled by stays readable."""
    return book().by_id.get(policy_id) or _earlier(policy_id) or ground().by_id.get(policy_id)


def text_of(policy: Published) -> str:
    """The exact text that was published."""
    row = PolicyVersion.objects.filter(sha256=policy.sha256).values_list("text", flat=True).first()
    return row if row is not None else (SHIPPED / policy.file.file).read_bytes().decode("utf-8-sig")


def _earlier(policy_id: str) -> Published | None:
    row = PolicyVersion.objects.published().filter(slug=policy_id).first()
    return _as_published(row) if row is not None else None


def _published(version: uuid.UUID | None) -> Iterable[PolicyVersion]:
    """The rows that count; their texts are fetched where this process has not read them yet."""
    return PolicyVersion.objects.counting().defer("text") if version is not None else ()


def _readable(row: PolicyVersion) -> list[Published]:
    """The version, or nothing of one that this release cannot read: loudly, and without taking the other areas along."""
    try:
        return [_as_published(row)]
    except PolicyError as refused:
        log.error("policy_unreadable", extra={"policy": row.slug, "problem": str(refused.problems[0])})
        return []


def _as_published(row: PolicyVersion) -> Published:
    return Published(row.slug or "", read(row), row.effective_from, row.ends_on)


def read(row: PolicyVersion) -> PolicyFile:
    """What a version says; read once per process, and not at all where the project ships the same text."""
    key = (row.sha256, row.file)
    if key not in _read:
        _read[key] = _shipped_files().get(key) or load_text(row.text, row.file)
    return _read[key]


_read: dict[tuple[str, str], PolicyFile] = {}


@cache
def _shipped_files() -> Mapping[tuple[str, str], PolicyFile]:
    periods = (period for timeline in shipped().timelines.values() for period in timeline.periods)
    return {(period.policy.sha256, period.policy.file): period.policy for period in periods}


def _bind(version: uuid.UUID | None, rows: Iterable[PolicyVersion]) -> Book:
    """The shipped periods by area, replaced where rows of the area are published."""
    by_area = {area: tuple(map(_as_shipped, line.periods)) for area, line in shipped().timelines.items()}
    stored: dict[str, list[Published]] = {}
    for row in rows:
        stored.setdefault(row.area, []).extend(_readable(row))
    by_area |= {area: tuple(sorted(periods, key=lambda one: one.start)) for area, periods in stored.items()}
    timelines = {area: _timeline(periods) for area, periods in by_area.items()}
    by_id = {one.id: one for periods in by_area.values() for one in periods}
    return Book(version, by_area, RuleBook(timelines), by_id)


def _as_shipped(period: Period[PolicyFile]) -> Published:
    return Published(Path(period.policy.file).stem, period.policy, period.start, period.end)


def _timeline(periods: Iterable[Published]) -> Timeline[PolicyFile]:
    return Timeline(tuple(Period(one.start, one.end, one.file) for one in periods))


def compiled(policy: Published) -> Compiled:
    """The policy ready to settle by; a text never changes, so what was compiled from it stays true."""
    ready = _compiled.get(policy.file.sha256)
    if ready is None:
        if len(_compiled) >= MOST_COMPILED:
            _compiled.clear()
        ready = _compiled[policy.file.sha256] = compile_policy(policy.file)
    return ready


_compiled: dict[str, Compiled] = {}


def source_named(policy: Published, name: str | None) -> Source | None:
    """The source of a policy file by its id."""
    return next((source for source in policy.file.sources if source.id == name), None)


def names() -> Names:
    """The name of an area or a disease by its code; a code that is none stays what it is."""
    known = {NATIONAL: "全国", **dict(Area.objects.values_list("code", "name").order_by())}
    known |= dict(Disease.objects.values_list("code", "name").order_by())
    return lambda code: known.get(code, code)


def in_words(policy: PolicyFile, name_of: Names | None = None) -> Readable:
    """The policy for people: two queries for the names, none if they are given.

    What its filing section leaves out is what holds above it, on a day on which the policy counts: today, if it does.
    """
    alone = Timeline((Period(policy.effective_from, policy.effective_until, policy),))
    book = RuleBook({**rules().timelines, policy.area: alone})
    return readable(policy, book.rules_for(policy.area, _day(policy)), name_of or names())


def _day(policy: PolicyFile) -> date:
    last = policy.effective_until - timedelta(days=1) if policy.effective_until else date.max
    return min(max(clock.today(), policy.effective_from), last)
