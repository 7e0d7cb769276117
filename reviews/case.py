"""A locked submission, and what the transaction that holds it will write (`reviews.locking` takes the lock and writes)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import models

from accounts.models import Account, Mandate, Person
from core import clock
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from regions.models import Institution
from reviews.models import Event, Material, Note


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, under which mandate. Account None is the system itself."""

    account: Account | None
    mandate: Mandate | None = None

    @classmethod
    def of(cls, account: Account, person: Person | Any) -> Actor:
        """The account with its active mandate over the person, if it has one."""
        person_id = person.pk if isinstance(person, Person) else person
        return cls(account, account.active_mandates.get(person_id))


SYSTEM = Actor(None)


class Told(NamedTuple):
    """A message to all who follow a case; `key` makes it once and only once."""

    key: str
    kind: str
    title: str
    text: str


@dataclass
class Case:
    """One locked submission. `submission` is the child row (Filing, Proof, …), fresh from under the lock.

    A `new` one stands in memory alone: it is written in one go, with all that was gathered, when the block ends.
    What is attached to it and chosen for it stands here as far as it is known; None: ask the database.
    """

    submission: Any
    new: bool = False
    materials: list[Material] | None = None
    institutions: list[Institution] | None = None
    rows: list[models.Model] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    planned: bool = False
    written: list[models.Model] = field(default_factory=list)
    _rules: dict[date, FilingRules] = field(default_factory=dict)

    @cached_property
    def now(self) -> datetime:
        """The one moment at which all of this happens."""
        return clock.now()

    def rules_on(self, day: date) -> FilingRules:
        """The rules of the insured area on a day; read once."""
        if day not in self._rules:
            self._rules[day] = rules_for(self.submission.area_id, day)
        return self._rules[day]

    @property
    def filed_on(self) -> date:
        """The day whose rules judge it: of its submission, or today."""
        return (self.submission.submitted_at or self.now).astimezone(clock.SHANGHAI).date()

    def change(self, **fields: Any) -> None:
        """Set fields of the submission; saved, with the next version, when the block ends."""
        for name, value in fields.items():
            setattr(self.submission, name, value)
        self.changed.update(fields)

    def reconsider(self) -> None:
        """Something beside the row changed: store with it when it must be looked at again."""
        self.changed.add("wake_at")

    def wake(self, moment: datetime | None) -> None:
        """It must be looked at again at this moment, which only the caller can tell (what it rests on is not written yet)."""
        self.planned = True
        self.change(wake_at=moment)

    def add(self, row: models.Model) -> None:
        """Insert a row when the block ends (notes before decisions before events: rows may name each other)."""
        self.rows.append(row)

    def note(self, text: str, author: Account | None) -> Note | None:
        """Keep free text in a row of its own, which retention may erase."""
        if not text:
            return None
        row = Note(submission_id=self.submission.pk, author=author, text=text, created_at=self.now)
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
                at=self.now,
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
        self.told.append(Told(f"{kind}:{self.submission.pk.hex}:{self.submission.version}", kind, title, text))
