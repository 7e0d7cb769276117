"""The table of a list: what Unfold's `{% unfold_result_list %}` writes, its head once and its cells without templates; and its filters.

The theme writes the whole head anew for each row, and fills a template for each label and each box to tick: with 25 rows that was
more than half of what a list cost. Its filters were a tenth of the rest, and are the same for everybody who is offered the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django import template
from django.contrib.admin import (
    BooleanFieldListFilter,
    ChoicesFieldListFilter,
    RelatedFieldListFilter,
    SimpleListFilter,
)
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_list import _coerce_field_name  # type: ignore[attr-defined]
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import checkbox
from unfold.templatetags.unfold_list import CHECKBOX_CLASSES, LINK_CLASSES, ROW_CLASSES, result_headers
from unfold.utils import (
    display_for_dropdown,
    display_for_field,
    display_for_header,
    display_for_label,
    display_for_value,
)

register = template.Library()

TICK = "action_checkbox"
SHADES = ("", "bg-base-50 dark:bg-white/[.02]")
ROW = (
    '<tbody class="block relative lg:table-row-group {}" x-data="{{rowOpen: false}}"><tr class="data-row block border'
    " border-base-200 mb-3 relative rounded-default lg:table-row lg:border-none lg:mb-0 lg:rounded-none"
    ' dark:border-base-800">{}</tr></tbody>'
)


@register.inclusion_tag("admin/result_table.html", takes_context=True)
def result_table(context: template.Context, cl: Any) -> dict[str, Any]:
    """Head and rows of a list; a list that is edited in place, or has the theme's further columns, is left to the theme."""
    headers = list(result_headers(cl))
    columns = list(_columns(cl, headers))
    rows = [ROW.format(SHADES[at % 2], "".join(_cells(cl, columns, row))) for at, row in enumerate(cl.result_list)]
    return {
        "cl": cl,
        "result_headers": headers,
        "num_sorted_fields": sum(header["sortable"] and header["sorted"] for header in headers),
        "rows": mark_safe("".join(rows)),  # noqa: S308 - every cell is escaped (_cells)
        "has_add_permission": not rows and cl.model_admin.has_add_permission(context["request"]),
    }


class Column(NamedTuple):
    """One column: `show` says what stands in it where that is a function or a method of the list's page, `write` how that is written;
    `opening` and `nowrap` begin its cells."""

    name: Any
    show: Callable[[Any], Any] | None
    write: Callable[[Any, Any], Any]
    tag: str
    opening: str
    nowrap: str
    linked: bool


def _columns(cl: Any, headers: list[dict[str, Any]]) -> Iterator[Column]:
    first, empty = True, cl.model_admin.get_empty_value_display()
    for at, (name, header) in enumerate(zip(cl.list_display, headers, strict=True)):
        linked = cl.list_display_links is not None and (
            (first and not cl.list_display_links) or name in (cl.list_display_links or ())
        )
        tag = "th" if linked and first else "td"
        first = first and not linked
        own = [] if name == TICK else [f"field-{_coerce_field_name(name, at)}"]
        classes = CHECKBOX_CLASSES if name == TICK else ROW_CLASSES
        heading = header["text"] if at or linked else checkbox.attrs["aria-label"]
        opening, nowrap = (
            format_html('<{} class="{}" data-label="{}">', tag, " ".join([*own, *classes, *more]), heading)
            for more in ([], ["nowrap"])
        )
        show = _writer(cl, name)
        yield Column(name, show, _writing(name, show, empty), tag, opening, nowrap, linked)


def _writer(cl: Any, name: Any) -> Callable[[Any], Any] | None:
    """The function behind a column, or the page's method; None: a field, or whatever else Django knows to look up."""
    if callable(name):
        return name  # type: ignore[no-any-return]
    fields = {field.name for field in cl.lookup_opts.get_fields()}
    return getattr(cl.model_admin, name, None) if name not in fields and name != "__str__" else None


def _cells(cl: Any, columns: list[Column], row: Any) -> Iterator[str]:
    empty = cl.model_admin.get_empty_value_display()
    for column in columns:
        shown, nowrap = (_tick(str(row.pk)), False) if column.name == TICK else _shown(cl, column, row, empty)
        if column.linked:
            shown = _link(cl, row, shown)
        yield f"{column.nowrap if nowrap else column.opening}{conditional_escape(shown)}</{column.tag}>"


def _shown(cl: Any, column: Column, row: Any, empty: Any) -> tuple[Any, bool]:
    """What stands in a cell, and whether it is a moment or a name, which the theme keeps on one line."""
    try:
        if column.show:
            value = column.show(row)
            return column.write(row, value), isinstance(value, date | time)
        field, attr, value = lookup_field(column.name, row, cl.model_admin)
    except ObjectDoesNotExist:
        return empty, False
    if field is None or field.auto_created:
        return _writing(column.name, attr, empty)(row, value), isinstance(value, date | time)
    short = isinstance(field, models.DateField | models.TimeField | models.ForeignKey)
    if isinstance(field.remote_field, models.ManyToOneRel):
        related = getattr(row, field.name)
        return empty if related is None else related, short
    return display_for_field(value, field, empty), short


def _writing(name: Any, attr: Any, empty: Any) -> Callable[[Any, Any], Any]:
    """How a column writes what its function says of a row, as it is marked (`display`)."""
    empty = getattr(attr, "empty_value_display", empty)
    if label := getattr(attr, "label", False):
        return lambda _row, value: (
            _label(str(value), label.get(value))
            if isinstance(value, str) and isinstance(label, dict)
            else display_for_label(value, empty, label)
        )
    if getattr(attr, "dropdown", False):
        return lambda row, value: display_for_dropdown(row, name, value, empty)
    if getattr(attr, "header", False):
        return lambda _row, value: display_for_header(value, empty)
    boolean = getattr(attr, "boolean", False)
    return lambda _row, value: (
        value if isinstance(value, str) and not boolean else display_for_value(value, empty, boolean)
    )


@lru_cache(maxsize=1024)
def _label(text: str, colour: str | None) -> SafeString:
    """A coloured label, as the theme's template writes it."""
    written: SafeString = display_for_label(text, "", {text: colour})
    return written


@lru_cache(maxsize=1)
def _box() -> tuple[str, str]:
    """What stands before and after the key of a row in the box that chooses it."""
    before, after = str(checkbox.render(ACTION_CHECKBOX_NAME, TICK)).split(TICK)
    return before, after


def _tick(key: str) -> SafeString:
    before, after = _box()
    return mark_safe(f"{before}{escape(key)}{after}")  # noqa: S308 - the theme's own, and an escaped key


def _link(cl: Any, row: Any, shown: Any) -> Any:
    """The way into a row, from a list that links its rows; chosen in a pop-up it goes back to who opened that."""
    try:
        url = cl.url_for_result(row)
    except NoReverseMatch:
        return shown
    url = add_preserved_filters({"preserved_filters": cl.preserved_filters, "opts": cl.opts}, url)
    key = row.serializable_value(str(cl.to_field) if cl.to_field else cl.lookup_opts.pk.attname)
    opener = format_html(' data-popup-opener="{}"', key) if cl.is_popup else ""
    return format_html('<a href="{}" class="{}" {}>{}</a>', url, " ".join(LINK_CLASSES), opener, shown)


FILTERS = "unfold/helpers/change_list_filter.html"
MOST_BARS = 64
OF_CHOICES = (SimpleListFilter, RelatedFieldListFilter, ChoicesFieldListFilter, BooleanFieldListFilter)
_bars: dict[tuple[Any, ...], SafeString] = {}


@register.simple_tag(takes_context=True)
def filter_bar(context: template.Context) -> SafeString:
    """The filters beside a list, as the theme's template writes them."""
    cl, address = context["cl"], context["request"].GET.urlencode()
    if cl.add_facets or not all(map(_follows_from_address, cl.filter_specs)):
        return _theirs().render(context)
    offered = (
        tuple((str(key), str(text)) for key, text in getattr(spec, "lookup_choices", ())) for spec in cl.filter_specs
    )
    key = (cl.opts.label, address, *offered)
    written = _bars.get(key)
    if written is None:
        if len(_bars) >= MOST_BARS:
            _bars.clear()  # while another thread may read: nobody looks twice
        written = _bars[key] = _theirs().render(context)
    return written


def _follows_from_address(spec: Any) -> bool:
    """Whether what a filter shows follows from the address and from what it offers (`lookup_choices`): not so with days before today."""
    return isinstance(spec, OF_CHOICES) or hasattr(spec, "form_class")


@cache
def _theirs() -> template.Template:
    """The theme's template behind ours of the same name."""
    engine = template.Engine.get_default()
    ours = engine.get_template(FILTERS).origin
    return engine.find_template(FILTERS, skip=[ours])[0]
