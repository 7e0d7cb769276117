"""At a case: opening its page holds it softly for ten minutes of machine time, so that two do not work on one case unawares.

It blocks nobody; who may decide, the assignment says, and outranks it: what a colleague has in hand, only that colleague
holds. It stands in the database, in one row a case that rivals update in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from core.prepared import prepared
from core.retention import Retention
from reviews import workflow
from reviews.models import Decision, Event, Outcome, Presence, Status, Submission
from reviews.models.staff import hour
from reviews.workflow import Action, Who

HOLD = timedelta(minutes=10)
KEPT = timedelta(days=1)
CHANGED = gettext_lazy("此件已有新的变化，请核对后再作决定。")
TAKING = (Action.ASSIGN, Action.TAKE_OVER, Action.HAND_ON)


def hold(submission: Submission, account: Account, page: str) -> Presence | None:
    """Hold a case, or go on holding it; return who holds it now, be it a colleague. None: nobody does."""
    now = timezone.now()
    if not may_hold(submission, account):
        Presence.objects.filter(submission=submission.pk, account=account).delete()
    elif since := _taken(submission.pk, account, page, now):
        return Presence(submission_id=submission.pk, account=account, page=page, since=since, until=now + HOLD)
    return _held.first(submission=submission.pk, now=now)


@prepared
def _held(*, submission: Any, now: Any) -> QuerySet[Presence, Presence]:
    """Who holds a case."""
    return Presence.objects.filter(submission=submission, until__gt=now).select_related("account").order_by()


def may_hold(submission: Submission, account: Account) -> bool:
    """A reviewer of the area who may decide it, while it waits and no colleague has it in hand."""
    waiting = submission.status == Status.SUBMITTED and workflow.standing(submission, account) == Who.REVIEWER
    if not waiting or not workflow.fits(Action.APPROVE, submission, account):
        return False
    earlier = Decision.objects.filter(submission=submission.pk, round=submission.round, reviewer=account)
    return submission.stage == 1 or not earlier.exists()


_TAKE = """
    INSERT INTO reviews_presence AS held (submission_id, account_id, page, since, until) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (submission_id) DO UPDATE SET account_id = excluded.account_id, page = excluded.page, until = excluded.until,
        since = CASE WHEN held.account_id = excluded.account_id AND held.until > excluded.since
                     THEN held.since ELSE excluded.since END
    WHERE held.account_id = excluded.account_id OR held.until <= excluded.since
    RETURNING since
"""


def _taken(key: Any, account: Account, page: str, now: datetime) -> datetime | None:
    """Hold what is this person's, or nobody's any longer; return since when they do. None: a colleague holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [key, account.pk, page, now, now + HOLD])
        row = cursor.fetchone()
    return row[0] if row else None


def take(submission: Submission, account: Account) -> None:
    """Who takes a case in hand is at it, whoever was."""
    now = timezone.now()
    row = Presence(submission_id=submission.pk, account=account, page="", since=now, until=now + HOLD)
    changed = ["account", "page", "since", "until"]
    Presence.objects.bulk_create([row], update_conflicts=True, unique_fields=["submission"], update_fields=changed)


def leave(submission: Any, account: Account, page: str) -> None:
    """The page was left; one that was opened since goes on holding."""
    Presence.objects.filter(submission=submission, account=account, page=page).delete()


def elsewhere(submissions: Sequence[Any], account: Account) -> set[Any]:
    """Of these cases, those that somebody else is at."""
    held = Presence.objects.filter(submission__in=submissions, until__gt=timezone.now()).exclude(account=account)
    return set(held.values_list("submission_id", flat=True))


def end(submission: Submission) -> None:
    """It is decided: nobody is at it any longer."""
    Presence.objects.filter(submission=submission.pk).delete()


def purge() -> int:
    """Forget who was where a day ago; returns how many."""
    return PRESENCES.purge()


PRESENCES = Retention(Presence, lambda now: Q(until__lt=now - KEPT))


def news(submission: Submission, account: Account, seen: int) -> str:
    """What happened since somebody opened version `seen` of a case, in a sentence with the name; empty: nothing.

    A case that somebody else took in hand, or decided; anything else that changed it is said as that.
    """
    if submission.version == seen:
        return ""
    if submission.status != Status.SUBMITTED:
        return _decided(submission)
    if submission.assignee not in (None, account):
        taken = Event.objects.filter(submission=submission.pk, verb__in=TAKING).order_by("-id").first()
        since = _("于 %s ") % hour(taken.at) if taken else ""
        return _("%(name)s 已%(since)s接手此件，您填写的内容仍在本页。") % {
            "name": submission.assignee,
            "since": since,
        }
    return str(CHANGED)


def _decided(submission: Submission) -> str:
    last = Decision.objects.filter(submission=submission.pk).select_related("reviewer").last()
    if last is None or submission.status not in workflow.DECIDED:
        return _("此件已不在审核中（%s）。") % submission.get_status_display()
    words = {
        "name": last.reviewer or _("系统"),
        "at": hour(last.decided_at),
        "outcome": Outcome(last.outcome).label,
    }
    return _("%(name)s 已于 %(at)s 作出决定：%(outcome)s。您填写的内容仍在本页，没有提交。") % words
