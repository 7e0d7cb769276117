"""What one kind of submission is to the queue: a handler class a kind, registered once when Django starts.

The queue calls the handler of a submission's kind and imports no kind itself (DESIGN.md §3). A kind fills in what is its
own; the rest is as the insured area's policy sets it for every kind (POLICY.md §5, review).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import WrongState
from policies.language.filing_schema import ReviewKind
from regions import calendar
from regions.calendar import Due
from reviews.models import Kind, Status, Submission

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import Account
    from reviews.case import Actor, Case
    from reviews.checks import Finding

Row = TypeVar("Row", bound=Submission)
A_MONTH = 30
ALREADY_LIVE = _("同一事项已有正在办理或有效的申请，请在备案记录中查看。")


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
    resting: ClassVar[Resting | None] = None
    """Its words, where it ends with the enrolment."""
    verbs: ClassVar[Mapping[str, StrOrPromise]] = {}
    """The events that only this kind has, as the timeline names them."""
    returned: ClassVar[StrOrPromise | None] = None
    """Its own words for the message that it was returned for correction; None: the queue's."""
    lapsed: ClassVar[StrOrPromise | None] = None
    """Its own words for the message that nobody answered such a return; None: the queue's."""

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
        return span.count if span.unit == "days" else span.count * A_MONTH

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

    def approved(self, case: Case) -> None:
        """The last stage approved: take effect."""

    def rejected(self, case: Case) -> None:
        """Rejected: undo what submitting set up."""

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

    def correctable(self, row: Row) -> list[tuple[str, Any]]:
        """The fields and documents a reviewer may mark for correction, as (name, label)."""
        return []

    def panel(self, row: Row) -> tuple[str, dict[str, Any]] | None:
        """What a reviewer needs to see beside the facts: a template and what it shows as `panel`."""
        return None


LIFECYCLES: dict[str, Lifecycle[Any]] = {}
"""The handler of each kind, in the order of the apps."""


def register(lifecycle: Lifecycle[Any]) -> None:
    """Called by each kind's `AppConfig.ready`."""
    LIFECYCLES[lifecycle.kind] = lifecycle
