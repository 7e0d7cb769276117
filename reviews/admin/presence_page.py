"""What the open page of a case asks every half minute: who is at it, and what happened to it meanwhile."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.models import Account
from reviews import presence
from reviews.admin.scope import account_of, version_of
from reviews.models import Presence, Submission


def new_page() -> str:
    """A name for a page that is being opened."""
    return secrets.token_hex(8)


def others(held: Presence | None, account: Account) -> Any:
    """Whoever else is at the case, in a sentence; empty: nobody."""
    return str(held) if held and held.account_id != account.pk else ""


@require_POST
def renew(request: HttpRequest, id: UUID) -> HttpResponse:
    """The page is still open, or (`leaving`) was left. Answers who else is here, and the news since it was shown."""
    account, page = account_of(request), request.POST.get("page", "")[:16]
    if "leaving" in request.POST:
        presence.leave(id, account, page)
        return HttpResponse(status=204)
    rows = Submission.objects.visible_to(account).select_related("assignee")
    case = get_object_or_404(rows, pk=id)
    held = presence.hold(case, account, page)
    return JsonResponse({"here": others(held, account), "news": presence.news(case, account, version_of(request))})
