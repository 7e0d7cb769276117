"""What may happen to policy versions: uploaded as a draft, published by somebody else, withdrawn. The only place that writes them.

A text becomes a draft, and a draft is published, only when its own examples come out (POLICY.md §4). Publications happen
one by one (they hold the book's row), so that two can never cover the same day of an area, and a later file closes an
open-ended predecessor in the transaction that publishes it (POLICY.md §1).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, count
from pathlib import PurePath
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Forbidden, Invalid, WrongState
from policies import published
from policies.engine.proof import Mismatch, run_examples
from policies.language.loader import NATIONAL, lay_out, load_text
from policies.language.schema import PolicyFile
from policies.language.text import PolicyError
from policies.models import PolicyBook, PolicyVersion
from regions.models import Area

Status = PolicyVersion.Status
LONGEST_NAME = 120
PASTED = "粘贴的文本"


class ExamplesFail(WrongState):
    """409: the file's own examples come out otherwise; `mismatches` says which."""

    code = "examples_fail"

    def __init__(self, mismatches: list[Mismatch]) -> None:
        super().__init__(_("算例与预期不符，不能使用这份文件。"))
        self.mismatches = mismatches


class Keeper(Protocol):
    """The account that acts; its class stands in a higher app."""

    pk: Any
    role: Any
    area_id: Any
    is_active: bool
    identity_hash: Any


def keeps(account: Any, area: str) -> bool:
    """Whether this account keeps the policies of an area: administrators all, a supervisor those of their own."""
    role = getattr(account, "role", "") if account.is_active else ""
    return role == "admin" or (role == "supervisor" and account.area_id == area)


def upload(text: str, file: str = "", *, by: Keeper) -> PolicyVersion:
    """Keep a text as a draft once it reads well and its examples pass; one that pays something has at least one.

    Raises PolicyError (everything wrong with it, by line), ExamplesFail, Invalid `area_unknown` or `examples_missing`,
    Forbidden `not_yours` (another area), WrongState `policy_unchanged`, `policy_waiting`.
    """
    policy = _read_and_proved(text, file)
    with _one_by_one():
        _refuse_others(policy.area, by)
        drafts = PolicyVersion.objects.filter(area=policy.area, sha256=policy.sha256, status=Status.DRAFT)
        if drafts.exists():
            raise WrongState(_("同样内容的草稿已经在等待发布。"), code="policy_waiting")
        _refuse_unchanged(policy)
        return PolicyVersion.objects.create(**_columns(policy, text), uploaded_by_id=by.pk)


def publish(version: PolicyVersion, *, by: Keeper) -> PolicyVersion:
    """Publish a draft, proved once more; from now on it counts. Shipped files of its area become versions first, so that none is lost.

    Raises ExamplesFail, Forbidden `not_yours`, `same_eyes` (the uploader), WrongState (`wrong_state`,
    `draft_unreadable`, `policy_unchanged`, `policy_overlaps`).
    """
    _prove_again(version)
    with _one_by_one():
        draft = _draft(version, by)
        if _same_person(draft.uploaded_by, by):
            raise Forbidden(_("上传人不能发布自己上传的政策，请由另一位工作人员发布。"), code="same_eyes")
        if not PolicyVersion.objects.published().filter(area=draft.area).exists():
            _adopt_shipped(draft.area)
        _refuse_unchanged(draft)
        return _number_and_lay(draft, by=by)


def _same_person(uploader: Keeper | None, by: Keeper) -> bool:
    """Whether these are one person, be it with two accounts."""
    if uploader is None:
        return False
    return uploader.pk == by.pk or bool(by.identity_hash and uploader.identity_hash == by.identity_hash)


def publish_file(policy: PolicyFile, text: str) -> PolicyVersion | None:
    """Publish a file by command, in nobody's name; None: its text was published before, and is left alone.

    Raises WrongState `policy_overlaps`.
    """
    with _one_by_one():
        before = PolicyVersion.objects.published().filter(area=policy.area, effective_from=policy.effective_from)
        if before.filter(sha256=policy.sha256).exists():
            return None
        return _number_and_lay(PolicyVersion.objects.create(**_columns(policy, text)))


def withdraw(version: PolicyVersion, *, by: Keeper) -> PolicyVersion:
    """Give a draft up; it stays on record (who did it stands in the history). Raises Forbidden, WrongState."""
    with _one_by_one():
        draft = _draft(version, by)
        draft.status = Status.WITHDRAWN
        draft.save(update_fields=["status"])
    return draft


@dataclass(frozen=True, slots=True)
class Outlook:
    """What publishing a draft would do to its area's timeline: until when it counts, what it replaces and closes."""

    end: date | None = None
    replaces: PolicyVersion | None = None
    closes: tuple[tuple[PolicyVersion, date], ...] = ()
    refused: str = ""


def outlook(draft: PolicyVersion) -> Outlook:
    """What publishing a draft would do now."""
    rows = list(PolicyVersion.objects.counting().filter(area=draft.area)) or _shipped_rows(draft.area)
    try:
        ends = _laid(draft, rows)
    except WrongState as refused:
        return Outlook(refused=refused.detail)
    closes = ((row, end) for row in rows if (end := ends.get(row.pk)) is not None and end != row.ends_on)
    replaced = next((row for row in rows if row.effective_from == draft.effective_from), None)
    return Outlook(ends[draft.pk], replaced, tuple(closes))


def _read_and_proved(text: str, file: str) -> PolicyFile:
    if not text.strip():
        raise Invalid(_("请选择文件，或者粘贴文件内容。"), code="required", attr="text")
    policy = load_text(text, file or PASTED)
    if policy.area != NATIONAL and not Area.objects.filter(pk=policy.area).exists():
        raise Invalid(_("没有代码为 %s 的地区，请核对文件里的 area。") % policy.area, code="area_unknown", attr="text")
    if policy.benefits and not policy.examples:
        detail = _("文件写了待遇，却没有算例（examples），无从证明计算正确。请至少补充一个算例后再上传。")
        raise Invalid(detail, code="examples_missing", attr="text")
    _prove(policy)
    return policy if file else replace(policy, file=f"{policy.area}-{policy.effective_from}.yaml")


def _prove_again(draft: PolicyVersion) -> None:
    try:
        _prove(published.read(draft))
    except PolicyError as unread:
        detail = _("这份草稿已不符合现在的政策文件格式，请撤回后重新上传。")
        raise WrongState(detail, code="draft_unreadable") from unread


def _prove(policy: PolicyFile) -> None:
    mismatches = [mismatch for run in run_examples(policy) for mismatch in run.mismatches]
    if mismatches:
        raise ExamplesFail(mismatches)


@contextmanager
def _one_by_one() -> Iterator[None]:
    """Hold the book's row until the commit, and let this process read the book again after it."""
    with transaction.atomic():
        PolicyBook.objects.get_or_create(id=1, defaults={"version": uuid.uuid4()})
        PolicyBook.objects.select_for_update().get()
        yield
        published.changed()


def _draft(version: PolicyVersion, by: Keeper) -> PolicyVersion:
    _refuse_others(version.area, by)
    draft = PolicyVersion.objects.get(pk=version.pk)
    if draft.status != Status.DRAFT:
        raise WrongState(_("这个版本%s，不能再发布或者撤回。") % draft.get_status_display())
    return draft


def _refuse_others(area: str, by: Keeper) -> None:
    if not keeps(by, area):
        raise Forbidden(_("只能办理本统筹区（%s）的政策，请核对文件里的地区代码。") % by.area_id, code="not_yours")


def _refuse_unchanged(policy: PolicyFile | PolicyVersion) -> None:
    """The text that counts for these days is this very one."""
    counting = PolicyVersion.objects.counting().filter(area=policy.area, effective_from=policy.effective_from).first()
    if counting is not None and counting.sha256 == policy.sha256:
        raise WrongState(_("与现行版本内容相同，不需要再次发布。"), code="policy_unchanged")


def _columns(policy: PolicyFile, text: str) -> dict[str, Any]:
    """The columns of a version that are taken from its file."""
    return {
        "area": policy.area,
        "name": policy.name[:LONGEST_NAME],
        "effective_from": policy.effective_from,
        "effective_until": policy.effective_until,
        "file": PurePath(policy.file).name[-LONGEST_NAME:],
        "sha256": policy.sha256,
        "text": text,
        "uploaded_at": clock.now(),
    }


PUBLISHING = ["revision", "slug", "status", "published_at", "published_by", "closed_on"]
"""The text itself stays, as far as the application's role may reach (`core.grants`)."""


def _number_and_lay(draft: PolicyVersion, *, by: Keeper | None = None) -> PolicyVersion:
    """Publish a row as the newest revision of its period, and lay the area's files along time again."""
    rows = list(PolicyVersion.objects.counting().filter(area=draft.area))
    ends = _laid(draft, rows)
    earlier = PolicyVersion.objects.published().filter(area=draft.area, effective_from=draft.effective_from)
    draft.revision = (earlier.aggregate(last=Max("revision"))["last"] or 0) + 1
    draft.slug = _slug(draft, earlier.filter(revision=1).first())
    draft.status, draft.published_at = Status.PUBLISHED, clock.now()
    draft.published_by_id = by.pk if by is not None else None
    draft.closed_on = _closed(draft, ends)
    draft.save(update_fields=PUBLISHING)
    for row in rows:
        if row.pk in ends and row.closed_on != _closed(row, ends):
            PolicyVersion.objects.filter(pk=row.pk).update(closed_on=_closed(row, ends))
    return draft


def _closed(row: PolicyVersion, ends: Mapping[Any, date | None]) -> date | None:
    return ends[row.pk] if row.effective_until is None else None


def _laid(draft: PolicyVersion, rows: Iterable[PolicyVersion]) -> dict[Any, date | None]:
    """Until when each version of the area counts once the draft is published, by id; those it replaces are left out."""
    others = [row for row in rows if row.effective_from != draft.effective_from]
    timeline, overlaps = lay_out([*others, draft])
    if overlaps:
        raise WrongState(overlaps[0].expected, code="policy_overlaps")
    return {period.policy.pk: period.end for period in timeline.periods}


def _slug(row: PolicyVersion, first: PolicyVersion | None) -> str:
    """What the API calls a version: the name of its file, or area and first day; `-r2` for a revision; never one twice."""
    stem = PurePath(row.file).stem
    own = stem if re.fullmatch(r"[a-z0-9-]+", stem) and (row.area == NATIONAL or stem.startswith(row.area)) else ""
    dated = f"{row.area}-{row.effective_from}"
    names = [f"{name}-r{row.revision}" for name in (first.slug, dated)] if first else [own or dated, dated]
    numbered = (f"{names[-1]}-{number}" for number in count(2))
    return next(s for s in chain(names, numbered) if not PolicyVersion.objects.filter(slug=s).exists())


def _adopt_shipped(area: str) -> None:
    """The files by which an area counted until now become its first versions."""
    for row in _shipped_rows(area):
        row.save(force_insert=True)
        _number_and_lay(row)


def _shipped_rows(area: str) -> list[PolicyVersion]:
    """The shipped files of an area as versions that are not stored yet."""
    periods = published.ground().by_area.get(area, ())
    return [PolicyVersion(**_columns(one.file, published.text_of(one)), closed_on=_shipped_end(one)) for one in periods]


def _shipped_end(one: published.Published) -> date | None:
    return one.end if one.file.effective_until is None else None
