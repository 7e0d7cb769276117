"""A submission in the queue: who acts on it, the case that gathers what is done to it, and the handler of its kind.

The queue imports no kind itself (DESIGN.md §3): each registers its handler once. A kind fills in what is its own; the rest is
as the insured area's policy sets it (POLICY.md §5, review). `reviews.locking` takes the lock and writes what a case gathered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Mandate, Person
from core import clock
from core.errors import WrongState
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules, ReviewKind
from policies.language.filing_types import Document
from regions import calendar
from regions.calendar import Due
from regions.models import Institution
from reviews import checks
from reviews.checks import Finding
from reviews.models import Channel, Event, Kind, Material, Note, Status, Submission
from reviews.needs import Need, Period

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


Row = TypeVar("Row", bound=Submission)
MATERIALS = ("materials", _("材料"))
ALREADY_LIVE = _("同一事项已有正在办理或有效的申请，请在备案记录中查看。")


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, under which mandate. Account None is the system itself. `entering`: a clerk, at the counter or on the telephone."""

    account: Account | None
    mandate: Mandate | None = None
    entering: Channel | None = None

    @classmethod
    def of(cls, account: Account, person: Person | Any) -> Actor:
        """The account with its active mandate over the person, if it has one."""
        person_id = person.pk if isinstance(person, Person) else person
        return cls(account, account.active_mandates.get(person_id))


SYSTEM = Actor(None)


class Told(NamedTuple):
    """A message to all who follow a case; `key` makes it once and only once, `note` is the key of the text that gives the reason."""

    key: str
    kind: str
    title: str
    text: str
    note: Any = None


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
                submission_id=self.submission.pk, at=self.now, actor=actor.account, mandate=actor.mandate, verb=str(verb),
                from_status=before, to_status=self.submission.status, data=codes, note=note,
            )
        )  # fmt: skip

    def tell(self, kind: str, title: str, text: str, *, reasoned: bool = False) -> None:
        """Put a message into the inbox of everyone who follows the case, once per version; `reasoned`: with the note just kept."""
        note = next((row.pk for row in reversed(self.rows) if isinstance(row, Note)), None) if reasoned else None
        self.told.append(Told(f"{kind}:{self.submission.pk.hex}:{self.submission.version}", kind, title, text, note))


def materials_of(cases: Sequence[Case]) -> dict[Any, list[checks.Material]]:
    """The attached documents, by submission; those still being made safe are not there yet."""
    known = [(case.submission.pk, row) for case in cases for row in case.materials or ()]
    stored = [case.submission.pk for case in cases if case.materials is None]
    attached = Material.objects.attached_to(stored) if stored else []
    materials: dict[Any, list[checks.Material]] = defaultdict(list)
    for key, row in [*known, *((row.submission_id, row) for row in attached)]:
        if row.status != Material.State.PROCESSING:
            materials[key].append(checks.Material(row.kind, readable=row.status == Material.State.READY))
    return materials


@dataclass(frozen=True)
class Resting:
    """How a kind that rests on an enrolment says so: what ends with it, for what one would need it, what to do anew."""

    matter: StrOrPromise
    need: StrOrPromise
    anew: StrOrPromise


class Lifecycle(Generic[Row]):
    """One kind of submission: what it needs of the queue, what decisions and time do to it, how it is shown."""

    kind: Kind
    model: type[Row]
    joins: ClassVar[tuple[str, ...]] = ("person", "enrollment")
    """Read together with a locked row."""
    named_by: ClassVar[tuple[str, ...]] = ()
    shown_with: ClassVar[tuple[str, ...]] = ()
    """Read together with a row whose `summary` is shown; beside `joins`, with one that is shown whole to whoever decides it."""
    resting: ClassVar[Resting | None] = None
    """Its words, where it ends with the enrolment."""
    entry: ClassVar[tuple[tuple[StrOrPromise, str], ...]] = ()
    """The forms by which a clerk enters it at the counter, as (label, name of the page, which takes the enrolment)."""
    verbs: ClassVar[Mapping[str, StrOrPromise]] = {}
    """The events that only this kind has, as the timeline names them."""
    returned: ClassVar[StrOrPromise | None] = None
    """Its own words for the message that it was returned for correction; None: the queue's."""
    lapsed: ClassVar[StrOrPromise | None] = None
    """Its own words for the message that nobody answered such a return; None: the queue's."""
    fields: ClassVar[tuple[tuple[str, StrOrPromise], ...]] = ()
    """What a reviewer may mark for correction beside single documents, as (name, label); MATERIALS marks all of them."""
    in_bulk: ClassVar[bool] = True
    """Whether several may be approved at once, where nothing is found."""
    reopens: ClassVar[bool] = False
    """Whether an approval can be reversed exactly when who gave it takes it back at once."""
    ongoing: ClassVar[models.Q] = models.Q()
    """Which of those approved still matter to people, as lookups from the submission; no lookup: all of them."""
    destination: ClassVar[str] = ""
    """The lookup, from a submission, of the code of the area it leads to."""
    columns: ClassVar[tuple[tuple[StrOrPromise, Callable[[Any], Any]], ...]] = ()
    """What a list of this kind alone shows of it, as (label, of a row); else its `summary`. Touches no row beside `named_by`."""

    # What it needs.

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        """Run the automatic checks now, on each of several submissions (a sweep asks for many at once)."""
        raise NotImplementedError

    def live_key(self, row: Row) -> str:
        """The key that only one living submission may hold: a successor waits under its predecessor's until it is approved."""
        if row.predecessor_id and row.status != Status.APPROVED:
            return f"after:{row.predecessor_id}"
        return row.key_in_force

    def stages(self, row: Row) -> int:
        """How many reviews it takes (filings 1; recognitions and claims 2)."""
        return 1

    def due(self, case: Case, at: datetime) -> Due:
        """The deadline of a stage that begins at `at`: the area's working days for this kind, its close of business."""
        row, review = case.submission, case.rules_on(at.astimezone(clock.SHANGHAI).date()).review
        days = review.working_days(cast(ReviewKind, str(self.kind)), row.stage)
        return calendar.due(at, days, row.area_id, close=time.fromisoformat(review.close_of_business))

    def correction_days(self, row: Row) -> int:
        """Days to answer a return for correction before the submission counts as withdrawn (30 where nothing is said)."""
        span = row.rules.review.correction
        return span.count if span.unit == "days" else span.count * 30

    def approves_itself(self, row: Row) -> bool:
        """Human mode, time is up, nothing found: approve by itself (else the case escalates)."""
        return row.rules.review.approve_when_due

    # Who has to do with it.

    def allows(self, row: Row, action: str) -> bool:
        """Whether the matter itself lets an action happen that the workflow table offers (a lock may not)."""
        return True

    def issued_by(self, row: Row, account: Account) -> bool:
        """Whether a hospital's account is of the hospital that issued this (referrals)."""
        return False

    def parties(self, row: Row) -> set[str]:
        """Identity hashes, beyond the person's own, of those who may not decide this case (agents)."""
        return set()

    # What happens to it. The case is locked, or nobody else can see it yet.

    def entered(self, case: Case, *, actor: Actor, again: bool) -> None:
        """It is in the queue: what is its own (a lane without review, who is told). `again`: it was corrected."""

    def overtaken(self, row: Row, rival: Submission | None) -> WrongState:
        """What the loser of a race is told: the database let only `rival` have the live key (None: it is gone again)."""
        return WrongState(ALREADY_LIVE, code="already_live")

    def passed_stage(self, case: Case) -> None:
        """An earlier review passed it on. Raises WrongState where the last one could only refuse it."""

    def approved(self, case: Case) -> None:
        """The last stage approved: take effect."""

    def rejected(self, case: Case) -> None:
        """Rejected: undo what submitting set up."""

    def reopened(self, case: Case, was: str) -> None:
        """Who decided takes it back: reverse what the decision did to the matter (`was`: the status it gave).

        Raises WrongState `undo_rested_on` where that cannot be reversed exactly, as an approval that others may have seen.
        """
        if was == Status.APPROVED and not self.reopens:
            name = case.submission.get_kind_display()
            message = _("%s的通过决定已经生效，不能撤回；如确有错误，请按规定另行更正。") % name
            raise WrongState(message, code="undo_rested_on")

    def ended(self, case: Case) -> None:
        """Withdrawn, cancelled, expired, superseded or revoked."""

    def next_moment(self, row: Row) -> datetime | None:
        """Approved: the next business moment at which something of it falls due (expiry, reminder)."""
        return None

    def on_wake(self, case: Case) -> None:
        """Approved, and the moment has come: do what is due now."""

    # How it is shown.

    def row(self, row: Row) -> Mapping[str, Any]:
        """Its own fields, as clients see them beside the common ones. Touches no row that lists do not join."""
        return {}

    def described(self, row: Row, *, unmasked: bool = False) -> Iterable[tuple[Any, Any]]:
        """What it is about, as (label, text) rows for the reviewer's page; `unmasked`: personal data in full."""
        return ()

    def summary(self, row: Row) -> str:
        """What it is about in a few words, for a list of what a person submitted. Touches no row beside `named_by`."""
        return ""

    def about(self, row: Row) -> str:
        """What it is and where, behind the name of the person, as messages say it. Touches no row beside `joins`."""
        return str(row.get_kind_display())

    def title(self, row: Row) -> str:
        """What it is about as a heading, where its days stand beside it. Touches no row beside `named_by`."""
        return self.summary(row)

    def period(self, row: Any) -> Period | None:
        """Approved: the days on which it counts; None: its kind has none."""
        return Period(row.valid_from, row.valid_until) if hasattr(row, "valid_from") else None

    def follows(self, row: Row) -> Any:
        """The key of the submission that this one renews, changes or completes."""
        return row.predecessor_id

    def needs(self, row: Row, *, followed: Set[str]) -> Iterable[Need]:
        """Approved: what its people have to do now. `followed`: the kinds of what follows it and is under review or returned."""
        return ()

    def forget(self, case: Case) -> None:
        """A draft was thrown away: erase what was written in it beside the row's own sealed texts."""

    def documents(self, rules: FilingRules, row: Row | None) -> Iterable[Document]:
        """The documents that one submission needs; without one, all that these rules ask for in any case."""
        return ()

    def correctable(self, row: Row) -> list[tuple[str, Any]]:
        """The fields and documents a reviewer may mark for correction, as (name, label)."""
        return self._marks(self.documents(row.rules, row))

    def markable(self, rules: FilingRules) -> list[tuple[str, Any]]:
        """What a prepared reason may mark where these rules hold."""
        return self._marks(self.documents(rules, None))

    def _marks(self, documents: Iterable[Document]) -> list[tuple[str, Any]]:
        return [*self.fields, *{document.kind: document.label for document in documents}.items()]

    def panel(self, row: Row) -> tuple[str, dict[str, Any]] | None:
        """What a reviewer needs to see beside the facts: a template and what it shows as `panel` (`effect`: see `reviews.effects`)."""
        return None


LIFECYCLES: dict[str, Lifecycle[Any]] = {}
"""The handler of each kind, in the order of the apps."""


def register(lifecycle: Lifecycle[Any]) -> None:
    """Called by each kind's `AppConfig.ready`."""
    LIFECYCLES[lifecycle.kind] = lifecycle
