"""A locked submission, and what the transaction that holds it will write.

`locked` takes the row's lock, hands out the case, and writes everything gathered when the block ends: one case costs
the statements that it needs, and five hundred cases of a sweep cost hardly more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Mandate, Message, Person
from regions import clock
from regions.errors import NotFound, Stale, WrongState
from reviews import simulated
from reviews.models import Decision, Event, Note, Status, Submission, model_of


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, under which mandate. Account None is the system itself."""

    account: Account | None
    mandate: Mandate | None = None

    @classmethod
    def of(cls, account: Account, person: Person | Any) -> Actor:
        """The account with its active mandate over the person, if it has one."""
        person_id = person.pk if isinstance(person, Person) else person
        return cls(account, Mandate.objects.active().filter(account=account, person_id=person_id).first())


SYSTEM = Actor(None)


@dataclass
class Case:
    """One locked submission. `submission` is the child row (Filing, Proof, …), fresh from under the lock."""

    submission: Any
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=lambda: defaultdict(list))
    changed: set[str] = field(default_factory=set)

    def change(self, **fields: Any) -> None:
        """Set fields of the submission; saved, with the next version, when the block ends."""
        for name, value in fields.items():
            setattr(self.submission, name, value)
        self.changed.update(fields)

    def add(self, row: models.Model) -> None:
        """Insert a row when the block ends (notes before decisions before events: rows may name each other)."""
        self.rows[type(row)].append(row)

    def note(self, text: str, author: Account | None) -> Note | None:
        """Keep free text in a row of its own, which retention may erase."""
        if not text:
            return None
        row = Note(submission_id=self.submission.pk, author=author, text=text, created_at=clock.now())
        self.add(row)
        return row

    def record(self, verb: str, *, actor: Actor, to: str = "", note: Note | None = None, **codes: Any) -> None:
        """Append an event; with `to`, the submission moves there. `codes` are codes and ids, never free text."""
        before = self.submission.status
        if to:
            self.change(status=to)
        self.add(
            Event(
                submission_id=self.submission.pk,
                at=clock.now(),
                actor=actor.account,
                mandate=actor.mandate,
                verb=str(verb),
                from_status=before,
                to_status=self.submission.status,
                data=codes,
                note=note,
            )
        )

    def tell(self, kind: str, title: str, text: str) -> None:
        """Put a message into the inbox of everyone who follows the case, once per version of the case."""
        submission = self.submission
        followers = {submission.applicant_id, *submission.followers()}
        for account_id in followers:
            self.add(
                Message(
                    account_id=account_id,
                    key=f"{kind}:{submission.pk.hex}:{submission.version}",
                    kind=kind,
                    title=title,
                    text=text,
                    submission=submission.pk,
                    created_at=clock.now(),
                )
            )


@contextmanager
def locked(submission: Submission, *, version: int | None = None) -> Iterator[Case]:
    """Lock one submission, yield its case, write what it gathered.

    Raises NotFound (gone), Stale (`version` is the caller's and it has moved on), WrongState (a rival wrote first).
    """
    with transaction.atomic():
        case = _lock(submission)
        if version is not None and case.submission.version != version:
            raise Stale(_("该申请已有新的变化，请刷新后再操作。"))
        yield case
        write([case])


def _lock(submission: Submission) -> Case:
    model = model_of(submission.kind)
    rows = model.objects.select_for_update(of=("submission_ptr",)).select_related("person", "enrollment", "area")
    row = rows.filter(pk=submission.pk).first()
    if row is None:
        raise NotFound(_("没有找到该申请。"))
    return Case(row)


_ORDER = {Note: 0, Decision: 1, Event: 2}


def write(cases: Sequence[Case]) -> None:
    """Write what the cases gathered: changed submissions first (their state is re-checked by constraints), then rows."""
    try:
        with transaction.atomic():
            _update([case for case in cases if case.changed])
            _insert(cases)
    except IntegrityError as error:
        raise rival(error) from error


def _insert(cases: Sequence[Case]) -> None:
    rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for case in cases:
        for model, added in case.rows.items():
            rows[model].extend(added)
        case.rows.clear()
    for model in sorted(rows, key=lambda model: _ORDER.get(model, 3)):
        model._default_manager.bulk_create(rows[model], ignore_conflicts=model is Message)


def _update(cases: Sequence[Case]) -> None:
    for case in cases:
        case.change(version=case.submission.version + 1, wake_at=next_wake(case.submission))
    if len(cases) == 1:
        cases[0].submission.save(update_fields=sorted(cases[0].changed))
    else:
        _update_many(cases)
    for case in cases:
        case.changed.clear()


def _update_many(cases: Sequence[Case]) -> None:
    groups: dict[tuple[type[models.Model], frozenset[str]], list[models.Model]] = defaultdict(list)
    for case in cases:
        groups[type(case.submission), frozenset(case.changed)].append(case.submission)
    for (model, fields), rows in groups.items():
        model._default_manager.bulk_update(rows, sorted(fields))


def next_wake(submission: Submission) -> datetime | None:
    """The next business moment at which the sweep must look at this submission; None: never again by itself."""
    if submission.status == Status.SUBMITTED:
        if settings.REVIEW_MODE == "simulated":
            return simulated.moment(submission)
        return None if submission.escalated_at else submission.due_at
    if submission.status == Status.RETURNED:
        return submission.correct_by
    return submission.next_moment() if submission.status == Status.APPROVED else None


_RIVALS = {
    "one_decision_a_stage": ("already_decided", _("该申请已由他人作出决定，请刷新后查看。")),
    "four_eyes": ("same_reviewer", _("初审和复审不能由同一人办理，请交由其他审核员。")),
    "one_live_submission": ("already_live", _("同一事项已有正在办理或有效的申请，请在备案记录中查看。")),
}


def rival(error: IntegrityError) -> WrongState:
    """Translate a constraint that a rival's write tripped into the refusal its loser is told. Re-raises what is unknown."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    if name not in _RIVALS:
        raise error
    code, detail = _RIVALS[name]
    return WrongState(detail, code=code)
