"""The page behind a certificate's QR code: any hospital that is shown one reads whether it is good, without signing in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.throttling import BaseThrottle

from core.errors import Refusal
from referrals import presenting
from referrals.models import bare
from referrals.views import verified

LONGEST = 40


@require_safe
@never_cache
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """The referral with this code, or why it cannot be shown."""
    context: dict[str, Any] = {"code": presenting.spaced(bare(code)[:LONGEST])}
    status = 200
    try:
        context["shown"] = presenting.public(verified(code, BaseThrottle().get_ident(request) or ""))  # type: ignore[arg-type]
    except Refusal as refusal:
        context["problem"], status = refusal.detail, refusal.status
    return render(request, "referrals/verify.html", context, status=status)


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Where a code is typed by hand."""
    code = bare(request.GET.get("code", ""))[:LONGEST]
    if code.isalnum():
        return HttpResponseRedirect(reverse("verify-referral", args=[code]))
    return render(request, "referrals/verify.html", {})


urlpatterns = [
    path("", ask, name="ask-referral"),
    path("<str:code>/", verify, name="verify-referral"),
]
