"""What every list of the staff's site can do: search without a trace, and leave as a file.

An export is the list as it is filtered, CSV or XLSX, masked as the list is, each on record.

Rows are read and written in pieces, however many there are. `exported` tells the app that keeps the record.
"""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core import clock, sheets
from core.hooks import Hook
from core.sealing import SealedField
from core.text import line

ASKED, SOUGHT = "_export", "_search"
FORMATS = ("csv", "xlsx")
MOST, PIECE = 100_000, 1000
TOO_MANY = _("筛选出的记录超过 %d 条，请缩小筛选范围后分次导出。")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

exported = Hook[[Any, str, dict[str, Any], int, str]]("a list was exported")
"""By whom (an account), which page (`reviews.submission`), its filters, how many rows, in which format."""


class Exported(ModelAdmin):
    """A list that can be taken away as a file, by whoever may see it. The buttons stand above it, the filters count."""

    export_formats: tuple[str, ...] = FORMATS

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """What is typed into a line of a form is mended as in the API."""
        if isinstance(db_field, models.CharField | SealedField) and not db_field.choices:
            kwargs.setdefault("form_class", LineField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if request.method == "POST" and SOUGHT in request.POST:
            return self._search(request, request.POST[SOUGHT].strip())
        if (
            request.method == "POST"
            and request.POST.get(ASKED) in self.export_formats
            and self.has_view_permission(request)
        ):
            return self.export(request, request.POST[ASKED])
        term = request.GET.get(SEARCH_VAR, "").strip()
        if request.method == "GET" and self.sought(term) != term:
            return self._search(request, term)
        return super().changelist_view(request, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Who may not see any is not told either which there are."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def sought(self, term: str) -> str:
        """A search as it may stand in an address, where an identity number may not."""
        return term

    def _search(self, request: HttpRequest, term: str) -> HttpResponseRedirect:
        """To the list with what is searched for, whatever page and tab was open; the filters stay."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.copy()
        for name in (PAGE_VAR, SEARCH_VAR, "queue"):
            asked.pop(name, None)
        if term:
            asked[SEARCH_VAR] = self.sought(term)
        return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")

    def whole(self, rows: list[Any]) -> list[Any]:
        """Read together what the columns of these rows need beside them."""
        return rows

    def export(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """The file; back to the list with a sentence where it would be too long, or the filters mean nothing."""
        try:
            listed: Any = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(request.path)
        count = listed.queryset.order_by()[: MOST + 1].count()
        if count > MOST:
            messages.error(request, TOO_MANY % MOST)
            return HttpResponseRedirect(request.get_full_path())
        asked = {name: request.GET.getlist(name) for name in request.GET if name not in (PAGE_VAR, SEARCH_VAR)}
        exported(request.user, self.opts.label_lower, asked, count, form)
        columns = [name for name in listed.list_display if name != "action_checkbox"]
        header = [str(label_for_field(name, self.model, self)) for name in columns]
        now = clock.now()
        name = f"{self.opts.model_name}-{now.astimezone(clock.SHANGHAI):%Y%m%d-%H%M}.{form}"
        rows = self._cells(listed, columns, now)
        return sheets.download(name, header, rows) if form == "csv" else workbook(name, header, rows)

    def _cells(self, listed: ChangeList, columns: list[str], moment: datetime) -> Iterator[list[Any]]:
        """The cells of all rows, a piece at a time: the file is written after the request's own moment is over."""
        rows = listed.queryset.iterator(chunk_size=PIECE)
        while piece := list(islice(rows, PIECE)):
            with clock.standing_at(moment):
                cells = [[self._cell(name, row) for name in columns] for row in self.whole(piece)]
            yield from cells

    def _cell(self, name: Any, row: Any) -> Any:
        """What the list shows of a row in a column, as figure or text."""
        try:
            field, _attribute, value = lookup_field(name, row, self)
        except ObjectDoesNotExist:
            return ""
        if isinstance(field, models.ForeignKey):
            value = getattr(row, field.name)
        if field is not None and getattr(field, "choices", None):
            value = getattr(row, f"get_{field.name}_display")()
        return shown(value)


class LineField(forms.CharField):
    """One line of text without what cannot be seen."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return line(text) if text else text


def shown(value: Any) -> Any:
    """A value as people read it; amounts and counts stay figures."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("是")) if value else str(_("否"))
    if isinstance(value, Decimal | int):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, SafeString):
        return html.unescape(strip_tags(value)).strip()
    return str(value)


def workbook(name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> FileResponse:
    """An XLSX file as an answer, written row by row. Text stays text, also what looks like a formula or a number."""
    import xlsxwriter  # heavy, and only a list that leaves as a workbook needs it

    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    with xlsxwriter.Workbook(file, AS_TEXT) as book:
        sheet, money = book.add_worksheet(), book.add_format({"num_format": "0.00"})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, list(header), book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, Decimal):
                    sheet.write_number(number, column, value, money)
                elif isinstance(value, int):
                    sheet.write_number(number, column, value)
                else:
                    sheet.write_string(number, column, str(value))
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    answer["Cache-Control"] = "private, no-store"
    return answer
