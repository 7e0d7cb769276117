"""Where somebody of the staff is signed in: the site's sessions, each of an account, and the tokens of the API; listed and ended.

The engine of Django's sessions (`SESSION_ENGINE`). They stand in the database alone: one that was ended is over at once,
whatever a cache still holds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.models import AuthToken

from accounts.models import Account, StaffChange, StaffSession
from core.errors import NotFound
from core.prepared import prepared
from core.retention import Retention

SIGNED_IN = "signed_in"


class SessionStore(DatabaseStore):
    """Sessions that know whose they are."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        return StaffSession

    def _get_session_from_db(self) -> StaffSession | None:
        row = _kept.first(key=self.session_key, now=timezone.now())
        if row is None:
            self._session_key = None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = data.get(SESSION_KEY)
        return row


@prepared
def _kept(*, key: str | None, now: datetime) -> QuerySet[StaffSession]:
    rows: QuerySet[StaffSession] = StaffSession.objects.all()
    return rows.filter(session_key=key, expire_date__gt=now)


@dataclass(frozen=True)
class Place:
    """A place where an account is signed in. `handle` names it on a page without giving it away."""

    handle: str
    on_site: bool
    since: datetime | None
    until: datetime
    address: str
    agent: str
    here: bool = False


def note(request: HttpRequest, address: str | None, agent: str) -> None:
    """Keep in a fresh session since when and from where it is, for its owner to know it by."""
    request.session[SIGNED_IN] = {
        "at": timezone.now().isoformat(),
        "address": address or "",
        "agent": agent[:200],
    }


def places(account: Account, session_key: str | None = None) -> list[Place]:
    """Where the account is signed in now, this session first, then the newest."""
    sites = [_of_session(row, session_key) for row in _sessions(account)]
    found = [*sites, *(_of_token(row) for row in _tokens(account))]
    return sorted(found, key=lambda place: (not place.here, -(place.since or place.until).timestamp()))


def _sessions(account: Account) -> Any:
    return StaffSession.objects.filter(account=account, expire_date__gt=timezone.now())


def _tokens(account: Account) -> Any:
    return AuthToken.objects.filter(user=account, expiry__gt=timezone.now())


def _of_session(row: StaffSession, here: str | None) -> Place:
    said = SessionStore().decode(row.session_data).get(SIGNED_IN, {})
    since = datetime.fromisoformat(said["at"]) if said else None
    handle = _handle(row.session_key)
    return Place(
        handle, True, since, row.expire_date, said.get("address", ""), said.get("agent", ""), row.session_key == here
    )


def _of_token(row: AuthToken) -> Place:
    return Place(_handle(row.digest), False, row.created, row.expiry, "", "")


def _handle(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:20]


def end_place(account: Account, handle: str, *, by: Account) -> None:
    """End one session or token of an account. Raises NotFound: it is over already, or another's."""
    with transaction.atomic():
        rows = [*_sessions(account), *_tokens(account)]
        found = [row for row in rows if _handle(getattr(row, "session_key", "") or row.digest) == handle]
        if not found or not found[0].delete()[0]:
            raise NotFound(_("该登录已经结束。"))
        StaffChange.objects.keep(account, StaffChange.What.ENDED, by=by)


def end_places(account: Account, *, by: Account | None = None, but: str | None = None) -> int:
    """End all sessions and tokens of an account, but for one session; on record where somebody asked (`by`). Return how many."""
    with transaction.atomic():
        gone = int(StaffSession.objects.filter(account=account).exclude(session_key=but or "").delete()[0])
        gone += int(AuthToken.objects.filter(user=account).delete()[0])
        if gone and by is not None:
            StaffChange.objects.keep(account, StaffChange.What.ENDED, by=by)
    return gone


def make_room(account: Account) -> int:
    """End, on record, the sessions of the site that were still for longest, so that one more makes no more than `SESSIONS_AT_ONCE`; how many."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        newest = _sessions(account).order_by("-expire_date").values_list("pk", flat=True)
        gone = int(StaffSession.objects.filter(pk__in=list(newest[settings.SESSIONS_AT_ONCE - 1 :])).delete()[0])
        if gone:
            StaffChange.objects.keep(account, StaffChange.What.ENDED, by=account)
    return gone


def purge_sessions() -> int:
    """Delete the sessions that are over; return how many."""
    return SESSIONS.purge()


SESSIONS = Retention(StaffSession, lambda now: Q(expire_date__lt=now))
