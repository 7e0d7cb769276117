"""The shell of the phone pages: one HTML page whose scripts call the REST API like any other client."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mobile.demo import DEMO_ACCOUNTS, DEMO_PERSONS
from mobile.words import words

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",  # data: the style sheet's own pictures; blob: a photo before it is uploaded
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
STATIC = Path(__file__).parent / "static"
LATER = {STATIC / "mobile" / "visit", STATIC / "mobile" / "bills"}
"""What comes after the first page."""
MODULES = sorted(
    str(path.relative_to(STATIC))
    for path in STATIC.rglob("*.js")
    if path.name not in ("app.js", "sw.js") and LATER.isdisjoint(path.parents)
)
"""Named in the shell, so that a phone fetches them all at once instead of one import after another."""
STEPS = ("选择", "告知书", "填写", "提交", "结果")


@require_safe
@never_cache
def shell(request: HttpRequest) -> HttpResponse:
    """The page holds nothing of anyone; what is shown comes from the API."""
    context: dict[str, Any] = {
        "steps": STEPS,
        "words": words(),
        "modules": [settings.STATIC_URL + name for name in MODULES],
    }
    if settings.SANDBOX:
        context |= {"sandbox": True, "demo_persons": DEMO_PERSONS, "demo_accounts": DEMO_ACCOUNTS}
    response = render(request, "mobile/shell.html", context)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@require_safe
@never_cache
def visit(request: HttpRequest) -> HttpResponse:
    """The pages before a visit, which the shell fetches after its first page."""
    return render(request, "mobile/visit.html")


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker stands beside the shell: it may serve only what lies below its own address."""
    return HttpResponse((STATIC / "mobile" / "sw.js").read_bytes(), content_type="text/javascript; charset=utf-8")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it on every page that names none, the admin's among them."""
    return HttpResponse((STATIC / "mobile" / "icon.svg").read_bytes(), content_type="image/svg+xml")
