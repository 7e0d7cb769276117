"""Who sees what in the admin: the same root as the API, `visible_to`, and pages that only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Account, Role
from core.admin import Exported

REVIEWING = (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)
AUDITING = (Role.SUPERVISOR, Role.ADMIN)


def account_of(request: HttpRequest) -> Account:
    """The signed-in staff account."""
    assert isinstance(request.user, Account)
    return request.user


def role_of(request: HttpRequest) -> str:
    """The role of whoever asks; empty for a visitor who has not signed in."""
    return str(getattr(request.user, "role", ""))


def version_of(request: HttpRequest) -> int:
    """The version of the case that was on the page; 0: it was tampered with."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


SITTING = 300
"""How many cases of a sitting are remembered; what is forgotten goes on record once more."""


def once_a_sitting(request: HttpRequest, what: str, key: Any, act: Callable[[], object]) -> None:
    """Do it the first time in this staff session, for this case or scan.

    It is done before it is remembered: of two pages at once both may do it, never neither.
    """
    done, name = request.session.get(what, []), str(key)
    if name not in done:
        act()
        request.session[what] = [*done, name][-SITTING:]


class ReadOnly(Exported):
    """A page that shows and never writes: what may happen, the services decide."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in REVIEWING

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class VisibleToReviewer(ReadOnly):
    """Submissions, scoped at the root of the QuerySet."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.model._default_manager.visible_to(account_of(request))
