"""The two buttons of the simulated clock's bar in the admin."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import clock
from core.errors import Refusal


@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move the clock to the next thing due, or by a day, and go back to the page."""
    to = clock.simulated_now() + timedelta(days=1) if request.POST.get("by") == "day" else None
    try:
        done = clock.move(to)
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
    else:
        when = f"{clock.simulated_now():%Y-%m-%d %H:%M}"
        messages.success(request, _("时钟已拨到 %(when)s，途中处理了 %(done)d 件。") % {"when": when, "done": done})
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if safe else "../")
