"""Taking the lock of a submission, writing what its case gathered, and when the sweep must look at it again.

`locked` takes the row's lock, hands out the case, and writes everything gathered when the block ends: one case costs
the statements that it needs, and two hundred cases of a sweep cost hardly more.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Mandate, Message, Role
from accounts.models.persons import PERSON_STANDS
from accounts.services.uniting import MERGED_MEANWHILE
from core import bulk, clock
from core.errors import NotFound, Stale, WrongState
from core.prepared import Param, PreparedQuery, prepared
from regions import calendar
from reviews import schedule
from reviews.lifecycle import ALREADY_LIVE, LIFECYCLES, Case
from reviews.models import DRAFT_KEPT, Decision, Material, Status, Submission
from reviews.sampling import draw


@contextmanager
def locked(submission: Submission, *, version: int | None = None) -> Iterator[Case]:
    """Lock one submission, yield its case, write what it gathered.

    Raises NotFound (gone), Stale (`version` is the caller's and it has moved on), WrongState (a rival wrote first).
    """
    with transaction.atomic():
        case = _lock(submission.pk)
        if version is not None and case.submission.version != version:
            raise Stale(_("该申请已有新的变化，请刷新后再操作。"))
        yield case
        write([case])


def _lock(key: Any) -> Case:
    """Take the lock first and read after it: a row read while waiting would be half old (its child's columns)."""
    kind = Submission.objects.kind_under_lock(key)
    row = _row(kind).first(pk=key) if kind else None
    if row is None:
        raise NotFound(_("没有找到该申请。"))
    return Case(row)


@cache
def _row(kind: str) -> PreparedQuery[Any]:
    return PreparedQuery(lambda: rows_of(kind).filter(pk=Param("pk")).order_by())


def rows_of(kind: str) -> models.QuerySet[Any]:
    """The rows of a kind with what its rules and effects read beside them."""
    lifecycle = LIFECYCLES[kind]
    rows: models.QuerySet[Any] = lifecycle.model.objects.select_related(*lifecycle.joins)
    return rows


A_MINUTE = timedelta(minutes=1)


def write(cases: Sequence[Case]) -> None:
    """Write what the cases gathered: changed submissions first (their state is re-checked by constraints), then rows.

    Raises WrongState where a constraint finds that a rival was quicker; the transaction must not go on then.
    """
    _address(cases)
    if any(isinstance(row, Decision) for case in cases for row in case.rows):
        draw(cases)
    try:
        for case in cases:
            if case.new:
                _store(case)
        _update([case for case in cases if case.changed])
        _insert(cases)
    except IntegrityError as error:
        raise rival(error) from error


def _address(cases: Sequence[Case]) -> None:
    """Turn what was told into inbox rows of all who follow: two queries, however many the cases."""
    telling = [case for case in cases if case.told]
    if not telling:
        return
    recipients = _recipients([case.submission for case in telling])
    for case in telling:
        row, at = case.submission, clock.now()
        for told in case.told:
            case.rows += [
                Message(**who, submission=row.pk, submission_kind=row.kind, created_at=at, **told._asdict())
                for who in recipients[row.pk]
            ]
        case.told.clear()


def _recipients(submissions: Sequence[Submission]) -> dict[Any, list[dict[str, Any]]]:
    """By submission, whom a message is for: the accounts with an active mandate over its person, or else the person, who is
    sent a text message; and the agent who filed without a mandate.
    """
    holders: dict[Any, set[Any]] = defaultdict(set)
    for person, account in _acting(persons=list({row.person_id for row in submissions}), on=clock.today()):
        holders[person].add(account)
    unmandated = list({row.applicant_id for row in submissions if row.mandate_id is None})
    agents = set(_citizens(accounts=unmandated)) if unmandated else set()
    return {
        row.pk: [
            *({"account_id": account} for account in holders[row.person_id] | ({row.applicant_id} & agents)),
            *([] if holders[row.person_id] else [{"person_id": row.person_id}]),
        ]
        for row in submissions
    }


@prepared
def _acting(*, persons: list[Any], on: date) -> models.QuerySet[Mandate, tuple[Any, Any]]:
    """Of these people, who acts for each."""
    rows = Mandate.objects.active_on(on).filter(person__any=persons).order_by()
    return rows.values_list("person_id", "account_id")


@prepared
def _citizens(*, accounts: list[Any]) -> models.QuerySet[Account, Any]:
    """Of these accounts, those of citizens who still sign in."""
    rows = Account.objects.filter(pk__any=accounts, role=Role.CITIZEN, is_active=True)
    return rows.order_by().values_list("pk", flat=True)


LIVE_KEY = "(live_key) WHERE status IN ('submitted', 'returned', 'approved')"


def _store(case: Case) -> None:
    """Insert a new submission. A rival that holds its live key already keeps it, and the transaction may go on."""
    row = case.submission
    row.version = 1 if row.status == Status.DRAFT else 2
    if row.status == Status.DRAFT:
        row.kept_until = case.now + DRAFT_KEPT
    if not case.planned:
        row.wake_at = next_wake(row)
    if not bulk.insert_whole(row, unless=LIVE_KEY):
        raise WrongState(ALREADY_LIVE, code="already_live")
    case.new, case.planned = False, False
    case.changed.clear()
    if case.materials:
        Material.objects.filter(id__in=[each.pk for each in case.materials]).update(submission=row.pk)


def _insert(cases: Sequence[Case]) -> None:
    rows: list[models.Model] = []
    for case in cases:
        rows += case.rows
        case.written += case.rows
        case.rows.clear()
    bulk.insert_all(rows, ignore_conflicts=Message)


def _update(cases: Sequence[Case]) -> None:
    groups: dict[tuple[type[models.Model], frozenset[str]], list[models.Model]] = defaultdict(list)
    for case in cases:
        case.change(version=case.submission.version + 1)
        if case.submission.status == Status.DRAFT:
            case.change(kept_until=clock.now() + DRAFT_KEPT)
        if not case.planned:
            case.change(wake_at=next_wake(case.submission))
        groups[type(case.submission), frozenset(case.changed)].append(case.submission)
        case.changed.clear()
        case.planned = False
    for (_model, names), rows in groups.items():
        bulk.update(rows, sorted(names))


def next_wake(submission: Submission) -> datetime | None:
    """The next business moment at which the sweep must look at this submission; None: never again by itself."""
    if submission.status == Status.DRAFT:
        return schedule.of_draft(submission)
    if submission.status == Status.SUBMITTED:
        if settings.REVIEW_MODE == "simulated":
            return simulated_moment(submission)
        return None if submission.escalated_at else submission.due_at
    if submission.status == Status.RETURNED:
        return schedule.of_return(submission)
    return LIFECYCLES[submission.kind].next_moment(submission) if submission.status == Status.APPROVED else None


def simulated_moment(submission: Submission) -> datetime:
    """When the simulated reviewer decides this stage: in office hours, after it began and before it is due.

    It is drawn from the case, its round and its stage, and so the same whenever it is asked for.
    """
    start, due = submission.stage_started_at, submission.due_at
    assert start is not None
    assert due is not None
    close = due.astimezone(clock.SHANGHAI).time()
    spans = calendar.current().office_hours(start, due - A_MINUTE, submission.area_id, close)
    seed = f"{submission.pk}:{submission.round}:{submission.stage}".encode()
    drawn = int.from_bytes(hashlib.sha256(seed).digest()[:6], "big") / 2**48
    share = drawn * sum((closes - opens).total_seconds() for opens, closes in spans)
    for opens, closes in spans:
        length = (closes - opens).total_seconds()
        if share <= length:
            return opens + timedelta(seconds=int(share))
        share -= length
    return due - A_MINUTE


_RIVALS = {
    "one_decision_a_stage": ("already_decided", _("该申请已由他人作出决定，请刷新后查看。")),
    "four_eyes": ("same_reviewer", _("初审和复审不能由同一人办理，请交由其他审核员。")),
    "one_live_submission": ("already_live", ALREADY_LIVE),
    PERSON_STANDS: (PERSON_STANDS, MERGED_MEANWHILE),
}


def rival(error: IntegrityError) -> WrongState:
    """Translate a constraint that a rival's write tripped into the refusal its loser is told. Re-raises what is unknown."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    if name not in _RIVALS:
        raise error
    code, detail = _RIVALS[name]
    return WrongState(detail, code=code)
