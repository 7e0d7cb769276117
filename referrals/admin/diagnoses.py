"""The list of diagnoses in the staff's site: what administrators changed of it, and the whole list out and in by file."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from referrals import diagnoses
from referrals.models import ListedDiagnosis
from regions.admin import Historic, NeverDeleted
from regions.import_pages import Importable
from regions.importing import MasterResource, Shape, imported


@imported
class DiagnosisResource(MasterResource):
    """A file has any rows of the list, up to all; what differs from the list as it stands is kept."""

    most_rows = 60_000

    class Meta(Shape):
        model = ListedDiagnosis
        fields = ("code", "name", "also", "in_force")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.listed = {row.code: row for row in self.whole()}

    def get_instance(self, instance_loader: Any, row: Any) -> ListedDiagnosis | None:
        """The row as it stands: changed already, or as it was shipped."""
        listed = self.listed.get(row["code"])
        return copy(listed) if listed else None

    def whole(self) -> Iterator[ListedDiagnosis]:
        """The shipped list with the changes in their places."""
        changes = {row.code: row for row in ListedDiagnosis.objects.all()}
        for row in diagnoses.shipped():
            yield changes.pop(row.code) if row.code in changes else as_shipped(row)
        yield from changes.values()


def as_shipped(row: diagnoses.Entry) -> ListedDiagnosis:
    return ListedDiagnosis(code=row.code, name=row.name, also=row.also)


@admin.register(ListedDiagnosis)
class ListedDiagnosisAdmin(Importable, NeverDeleted, Historic):
    list_display = ["code", "name", "also", "in_force"]
    list_filter = ["in_force"]
    search_fields = ["code__startswith", "name", "also"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []
