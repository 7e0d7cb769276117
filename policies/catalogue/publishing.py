"""What may happen to catalogue files: uploaded as a draft, published by somebody else, withdrawn. The only place that writes them.

A file is kept whole, with its hash; of a published one the rows that say something new are written, so that handing in the
whole list once more adds what changed. Publications happen one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core import bulk, clock
from core.errors import Forbidden, WrongState
from policies.catalogue.reading import Row, read
from policies.models import CatalogueEntry, CatalogueVersion
from policies.publishing import Keeper, keeps, same_person
from regions.models import Area

Status = CatalogueVersion.Status
PIECE = 5_000
_LOCK = 0x59CA7A10
"""Under which publications and uploads of catalogue files follow one another."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What publishing a file would write: new items or periods, and corrections of rows that count (with what they say now)."""

    added: tuple[Row, ...]
    changed: tuple[tuple[Row, Row], ...]
    unchanged: int
    incomplete: int
    """Rows by which no bill can be split: without a class, or class B without a ratio."""


def upload(text: str, file: str, *, by: Keeper) -> CatalogueVersion:
    """Keep a file as a draft once every line of it is right.

    Raises CatalogueError (everything wrong with it, by line), Forbidden `not_yours` (rows of another area, or of all),
    WrongState `catalogue_waiting`, `catalogue_unchanged`.
    """
    rows = read(text, known_areas())
    with _one_by_one():
        _refuse_others(_area(rows), by)
        draft = _kept(text, file, rows)
        if CatalogueVersion.objects.filter(status=Status.DRAFT, sha256=draft.sha256).exists():
            raise WrongState(_("同样内容的草稿已经在等待发布。"), code="catalogue_waiting")
        _refuse_unchanged(outlook(rows))
        draft.uploaded_by_id = by.pk
        draft.save(force_insert=True)
    return draft


def publish(version: CatalogueVersion, *, by: Keeper) -> CatalogueVersion:
    """Publish a draft; its rows count from now on.

    Raises CatalogueError (an area is gone since), Forbidden `not_yours`, `same_eyes` (the uploader), WrongState
    (`wrong_state`, `catalogue_unchanged`).
    """
    with _one_by_one():
        draft = _draft(version, by)
        if same_person(draft.uploaded_by, by):
            raise Forbidden(_("上传人不能发布自己上传的目录，请由另一位工作人员发布。"), code="same_eyes")
        rows = read(draft.text, known_areas())
        _refuse_unchanged(changes := outlook(rows))
        return _published(draft, changes, by=by)


def withdraw(version: CatalogueVersion, *, by: Keeper) -> CatalogueVersion:
    """Give a draft up; it stays on record. Raises Forbidden, WrongState."""
    with _one_by_one():
        draft = _draft(version, by)
        draft.status = Status.WITHDRAWN
        draft.save(update_fields=["status"])
    return draft


def load(text: str, file: str, *, only_new: bool = False) -> tuple[CatalogueVersion | None, Outlook]:
    """Publish a file by command, in nobody's name; no version where it says nothing new. Raises CatalogueError.

    `only_new`: what an area has said of an item meanwhile stays; the file adds what there is not.
    """
    rows = read(text, known_areas())
    with _one_by_one():
        changes = outlook(rows)
        if only_new:
            changes = replace(changes, changed=(), unchanged=changes.unchanged + len(changes.changed))
        if not (changes.added or changes.changed):
            return None, changes
        version = _kept(text, file, rows)
        version.save(force_insert=True)
        return _published(version, changes), changes


def outlook(rows: Iterable[Row]) -> Outlook:
    """What publishing these rows would do now. One statement."""
    rows = list(rows)
    now = _counting(rows)
    changed = tuple((row, old) for row in rows if (old := now.get(row.key)) is not None and old != row)
    added = tuple(row for row in rows if row.key not in now)
    incomplete = sum(not row.complete for row in rows)
    return Outlook(added, changed, len(rows) - len(added) - len(changed), incomplete)


def known_areas() -> frozenset[str]:
    """The codes that a row's area may be."""
    return frozenset(Area.objects.order_by().values_list("code", flat=True))


def classes(rows: Iterable[Row]) -> Counter[str]:
    """How many rows there are of each class."""
    return Counter(row.item_class for row in rows)


def _counting(rows: list[Row]) -> dict[tuple[str, str, date], Row]:
    """What counts now for the same areas, codes and days."""
    stored = CatalogueEntry.objects.filter(
        code__any=list({row.code for row in rows}), area__any=list({row.area for row in rows})
    )
    columns = ("area", "code", "name", "item_class", "first_copay_ratio", "price_limit", "effective_from")
    newest_last = stored.order_by("pk").values_list(*columns)
    return {row.key: row for row in map(Row._make, newest_last.iterator(chunk_size=PIECE))}


@contextmanager
def _one_by_one() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield


def _kept(text: str, file: str, rows: list[Row]) -> CatalogueVersion:
    """The file as a draft that is not stored yet."""
    return CatalogueVersion(
        area=_area(rows),
        file=PurePath(file).name[-120:] or "catalogue.csv",
        sha256=sha256(text.encode()).hexdigest(),
        text=text,
        rows=len(rows),
        uploaded_at=clock.now(),
    )


def _area(rows: Iterable[Row]) -> str:
    """Whose rows they are; empty where they are those of several areas."""
    areas = {row.area for row in rows}
    return areas.pop() if len(areas) == 1 else ""


def _refuse_others(area: str, by: Keeper) -> None:
    if not keeps(by, area):
        detail = _("只能办理本统筹区（%s）的目录，请核对文件里的地区代码；所有地区通用的目录由管理员办理。")
        raise Forbidden(detail % (by.area_id or "—"), code="not_yours")


def _refuse_unchanged(changes: Outlook) -> None:
    if not (changes.added or changes.changed):
        raise WrongState(_("与现行目录内容相同，不需要再次发布。"), code="catalogue_unchanged")


def _draft(version: CatalogueVersion, by: Keeper) -> CatalogueVersion:
    _refuse_others(version.area, by)
    draft = CatalogueVersion.objects.get(pk=version.pk)
    if draft.status != Status.DRAFT:
        raise WrongState(_("这份目录%s，不能再发布或者撤回。") % draft.get_status_display())
    return draft


def _published(version: CatalogueVersion, changes: Outlook, *, by: Keeper | None = None) -> CatalogueVersion:
    """Number the file, and write what is new in it."""
    last: int | None = CatalogueVersion.objects.aggregate(last=Max("number"))["last"]
    version.number = (last or 0) + 1
    version.status, version.published_at = Status.PUBLISHED, clock.now()
    version.published_by_id = by.pk if by is not None else None
    version.save(update_fields=["number", "status", "published_at", "published_by"])
    rows = [*changes.added, *(new for new, _old in changes.changed)]
    for start in range(0, len(rows), PIECE):
        bulk.insert([_entry(version, row) for row in rows[start : start + PIECE]])
    return version


def _entry(version: CatalogueVersion, row: Row) -> CatalogueEntry:
    given: dict[str, Any] = row._asdict()
    return CatalogueEntry(version=version, **given)
