"""What stands in the tables of the staff's site (`templates/admin/table.html`) beside plain texts and figures."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.clock import SHANGHAI


def link(text: Any, href: str) -> Any:
    """A text that leads somewhere; without an address it is the text alone."""
    return format_html('<a class="yd-link" href="{}">{}</a>', href, text) if href else text


def remark(text: Any, note: Any) -> SafeString:
    """A text with a small one behind it."""
    return format_html("{} <small>{}</small>", text, note)


def whole(text: Any) -> SafeString:
    """A text that is never broken into two lines."""
    return format_html('<span class="yd-nowrap">{}</span>', text)


def moment(at: datetime) -> SafeString:
    """A moment as the clocks of Shanghai show it."""
    local = at.astimezone(SHANGHAI)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M:%S}")


def bar(length: Any, tone: str) -> SafeString:
    """A bar, so long in percent of the longest; `tone`: `less`, `same` or `more` than before."""
    return format_html(
        '<svg width="100%" height="16" aria-hidden="true">'
        '<rect width="{}%" height="16" rx="3" class="yd-bar-{}" /></svg>',
        length,
        tone,
    )


def figure(value: Any) -> str:
    """A count or an amount as people read it: thousands parted."""
    return f"{Decimal(value):,}" if isinstance(value, str) else f"{value:,}"
