"""The page on which master data is imported: a file, what it would change, and the confirmation. Administrators only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.results import RowResult
from unfold.admin import ModelAdmin
from unfold.decorators import action

from core import sheets
from core.admin import workbook
from core.errors import Refusal
from regions import importing
from regions.models import MasterImport

SHOWN = 200


class Importable(ModelAdmin):
    """A table of master data that goes out and comes in as a file of one shape."""

    actions_list = ["import_file"]

    @action(description=gettext_lazy("按文件导入"), url_path="import")
    def import_file(self, request: HttpRequest) -> HttpResponseBase:
        """Upload, look, confirm; or take the file of the same shape away."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST" and request.POST.get("take") in ("csv", "xlsx"):
            return self._taken(request.POST["take"])
        context: dict[str, Any] = {}
        try:
            if request.method == "POST" and "confirm" in request.POST:
                return self._confirmed(request)
            if request.method == "POST" and "file" in request.FILES:
                context = self._previewed(request)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        return self._page(request, context)

    def _taken(self, form: str) -> HttpResponseBase:
        table = self.opts.label_lower
        header, rows = importing.columns_of(table), importing.cells_of(table)
        name = f"{self.opts.model_name}.{form}"
        return sheets.download(name, header, rows) if form == "csv" else workbook(name, header, rows)

    def _previewed(self, request: HttpRequest) -> dict[str, Any]:
        upload: Any = request.FILES["file"]
        content = upload.read(importing.LARGEST + 1)
        record = importing.receive(self.opts.label_lower, request.user, upload.name, content)
        result = importing.preview(record)
        errors = importing.errors_of(result)
        if errors:
            return {"errors": errors[:SHOWN], "more": max(0, len(errors) - SHOWN)}
        changes = list(importing.changes_of(self.opts.label_lower, result))
        return {
            "record": record,
            "changes": changes[:SHOWN],
            "more": max(0, len(changes) - SHOWN),
            "totals": {name: result.totals[name] for name in (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE)},
        }

    def _confirmed(self, request: HttpRequest) -> HttpResponse:
        try:
            record = importing.confirm(self.opts.label_lower, request.POST["confirm"], request.user)
        except ValueError:  # no key at all
            return HttpResponseRedirect(request.path)
        said = {"added": record.added, "changed": record.changed, "unchanged": record.unchanged}
        messages.success(request, _("已导入：新增 %(added)d 行，变更 %(changed)d 行，未变 %(unchanged)d 行。") % said)
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def _page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        kept = MasterImport.objects.filter(table=self.opts.label_lower).select_related("account").defer("content")
        shown = {
            **self.admin_site.each_context(request),
            "title": _("按文件导入：%s") % self.opts.verbose_name,
            "opts": self.opts,
            "columns": importing.columns_of(self.opts.label_lower),
            "imports": kept[:20],
            **context,
        }
        return TemplateResponse(request, "admin/regions/import.html", shown)
