"""The thin bar that says that time is simulated."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from core import clock

register = template.Library()


@register.inclusion_tag("admin/clock_bar.html", takes_context=True)
def clock_bar(context: template.Context) -> dict[str, Any]:
    """Render the bar in simulation, nothing otherwise."""
    request = context["request"]
    shown = settings.SIMULATION and request.user.is_authenticated
    return {"shown": shown, "now": clock.now() if shown else None, "back": request.get_full_path(), "request": request}
