"""Master data by file: areas, institutions with their openings, diseases, as CSV or XLSX in the shape of the export.

django-import-export reads, compares and saves the rows, each checked by its model's own clean. Nothing is saved while one row
has an error; rows that a file leaves out stay: nothing is deleted by a file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from import_export.widgets import ForeignKeyWidget, SimpleArrayWidget
from tablib import Dataset, import_set

from core import clock
from core.errors import Invalid, WrongState
from core.sheets import plain, read_workbook
from core.text import spell
from regions.models import Area, Disease, Institution, MasterImport

LARGEST, MOST_ROWS = 4 * 1024 * 1024, 20_000
SEVERAL = "、"


class OfArea(ForeignKeyWidget):  # type: ignore[misc]
    """An area by its code; one that there is not is said in Chinese."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if not value:
            return None
        try:
            return super().clean(value, row, **kwargs)
        except Area.DoesNotExist:
            raise ValueError(_("没有代码为 %s 的地区。") % value) from None


class MasterResource(ModelResource):  # type: ignore[misc]
    """A table in a file: its columns are the fields' names, a row is found by its code."""

    codes: tuple[tuple[str, type[Any], str], ...] = ()
    """Columns of several codes: whose, and what is said of one that there is not."""
    spelled = False
    lines: Sequence[int] = ()
    stays = 0
    most_rows = MOST_ROWS

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a file of another shape as a whole; else leave what differs: each row costs a savepoint, and of a whole list nearly all stay."""
        rows = [[plain(_text(value)) for value in row] for row in dataset]
        del dataset[:]
        wanted = self.get_export_headers()
        if list(dataset.headers or []) != wanted:
            raise ValueError(_("表头应为：%s。请先导出，再在导出的文件上修改。") % "、".join(wanted))
        if len(rows) > self.most_rows:
            raise ValueError(_("文件超过 %d 行，请分次导入。") % self.most_rows)
        codes = Counter(row[wanted.index("code")] for row in rows)
        twice = sorted(code for code, times in codes.items() if times > 1)
        if twice:
            raise ValueError(_("以下编码写了不止一次：%s。") % "、".join(twice[:10]))
        stands = {tuple(map(str, cells)) for cells in self.cells(codes.keys())}
        self.lines = [number for number, row in enumerate(rows) if tuple(row) not in stands]
        self.stays = len(rows) - len(self.lines)
        dataset.extend([rows[number] for number in self.lines])

    def after_import(self, dataset: Any, result: Result, **kwargs: Any) -> None:
        """Say the lines of the file, and count what was left out."""
        for row in [*result.error_rows, *result.invalid_rows]:
            row.number = self.lines[row.number - 1] + 1
        result.totals[RowResult.IMPORT_TYPE_SKIP] += self.stays

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        super().validate_instance(instance, import_validation_errors, validate_unique)
        for column, model, said in self.codes:
            known = set(model._default_manager.filter(pk__in=getattr(instance, column)).values_list("pk", flat=True))
            for code in getattr(instance, column):
                if code not in known:
                    raise ValidationError({column: said % code})

    def whole(self) -> Iterator[Any]:
        """All rows of the table, for the file that is taken away."""
        return iter(self._meta.model._default_manager.order_by("pk").iterator(chunk_size=1000))

    def cells(self, codes: Container[str] | None = None) -> Iterator[list[Any]]:
        """The rows (of these codes) as the file has them; imported again they change nothing."""
        fields = self.get_export_fields()
        for row in self.whole():
            if codes is None or row.code in codes:
                yield [self.export_field(field, row) for field in fields]

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if self.spelled:
            instance.pinyin, instance.initials = spell(instance.name)


RESOURCES: dict[str, type[MasterResource]] = {}


def imported(resource: type[MasterResource]) -> type[MasterResource]:
    """Say that a table goes out and comes in by file; its page is an `Importable` one."""
    RESOURCES[resource._meta.model._meta.label_lower] = resource
    return resource


class Shape:
    """What all the tables have in common."""

    import_id_fields = ("code",)
    clean_model_instances = True
    skip_unchanged = True
    skip_html_diff = True
    store_instance = True
    use_transactions = True


@imported
class AreaResource(MasterResource):
    codes = (("local_to", Area, "没有代码为 %s 的地区。"),)
    spelled = True
    parent = Field("parent", "parent", OfArea(Area))
    local_to = Field("local_to", "local_to", SimpleArrayWidget(SEVERAL))

    class Meta(Shape):
        model = Area
        fields = ("code", "name", "level", "parent", "pools_at", "local_to", "source")


@imported
class InstitutionResource(MasterResource):
    codes = (("chronic", Disease, "没有编码为 %s 的病种。"),)
    spelled = True
    area = Field("area", "area", OfArea(Area))
    chronic = Field("chronic", "chronic", SimpleArrayWidget(SEVERAL))

    class Meta(Shape):
        model = Institution
        fields = (
            "code", "name", "area", "kind", "grade", "level", "sub_class", "specialty", "issues_referrals", "inpatient",
            "outpatient", "chronic", "address", "phone", "invented_contact", "invented_code",
        )  # fmt: skip


@imported
class DiseaseResource(MasterResource):
    class Meta(Shape):
        model = Disease
        fields = ("code", "name", "since")


def _text(value: Any) -> str:
    """A cell as text, however a spreadsheet kept it."""
    if value is None:
        return ""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole or isinstance(value, bool) else value).strip()


def columns_of(table: str) -> list[str]:
    return list(RESOURCES[table]().get_export_headers())


def cells_of(table: str) -> Iterator[list[Any]]:
    return RESOURCES[table]().cells()


def receive(table: str, account: Any, name: str, content: bytes) -> MasterImport:
    """Keep an uploaded file until it is confirmed. Raises Invalid `file_too_large`."""
    if len(content) > LARGEST:
        raise Invalid(_("文件太大（超过 4 MB），请分次导入。"), code="file_too_large", attr="file")
    digest = hashlib.sha256(content).hexdigest()
    return MasterImport.objects.create(table=table, account=account, name=name[-120:], digest=digest, content=content)


def preview(record: MasterImport) -> Result:
    """What the file would change, or its errors by line; nothing is saved. A file with errors is done with."""
    result = _run(record, dry_run=True)
    if _failed(result):
        record.state, record.content = MasterImport.State.REFUSED, b""
        record.save(update_fields=["state", "content"])
    return result


@transaction.atomic
def confirm(table: str, key: Any, account: Any) -> MasterImport:
    """Save what was shown, once; a second time changes nothing. Raises Invalid where rows have errors by now, WrongState `import_gone`."""
    record = MasterImport.objects.select_for_update().filter(pk=key, table=table, account=account).first()
    if record is None or record.state == MasterImport.State.REFUSED:
        raise WrongState(_("没有待确认的文件，请重新上传。"), code="import_gone")
    if record.state == MasterImport.State.DONE:
        return record
    result = _run(record, dry_run=False)
    if _failed(result):
        raise Invalid(_("数据在此期间有了变化，文件中出现错误，没有导入，请重新上传核对。"), code="import_failed")
    totals = result.totals
    record.state, record.done_at, record.content = MasterImport.State.DONE, clock.now(), b""
    record.added, record.changed = totals[RowResult.IMPORT_TYPE_NEW], totals[RowResult.IMPORT_TYPE_UPDATE]
    record.unchanged = totals[RowResult.IMPORT_TYPE_SKIP]
    record.save()
    return record


def _failed(result: Result) -> bool:
    return bool(result.has_errors() or result.has_validation_errors())


def _run(record: MasterImport, *, dry_run: bool) -> Result:
    dataset = _dataset(record.name, bytes(record.content))
    resource = RESOURCES[record.table]()
    return resource.import_data(dataset, dry_run=dry_run, use_transactions=True, rollback_on_validation_errors=True)


def _dataset(name: str, content: bytes) -> Any:
    """The file as rows. Raises Invalid `file_unreadable`."""
    try:
        if name.lower().endswith(".xlsx"):
            head, *rows = read_workbook(content, most_rows=MOST_ROWS + 2)  # with the head, and one too many
            return Dataset(*rows, headers=head)
        return import_set(_decoded(content), format="csv")  # base_formats would load openpyxl and numpy for good
    except Exception as error:  # whatever a broken file makes the readers raise
        raise Invalid(_("读不了这个文件，请上传导出的 CSV 或 XLSX。"), code="file_unreadable", attr="file") from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def changes_of(table: str, result: Result) -> Iterator[tuple[bool, list[tuple[str, str]]]]:
    """The rows that would be new (True) or otherwise, each cell as it is and as it would be."""
    resource = RESOURCES[table]()
    fields = resource.get_export_fields()
    for row in result.valid_rows():
        new = row.import_type == RowResult.IMPORT_TYPE_NEW
        if new or row.import_type == RowResult.IMPORT_TYPE_UPDATE:
            yield (
                new,
                [
                    (
                        "" if new else str(resource.export_field(field, row.original)),
                        str(resource.export_field(field, row.instance)),
                    )
                    for field in fields
                ],
            )


def errors_of(result: Result) -> list[str]:
    """What is wrong, by the line of the file (the head is line 1)."""
    said = [str(error.error) for error in result.base_errors]
    for number, errors in result.row_errors():
        said += [_("第 %(line)d 行：%(what)s") % {"line": number + 1, "what": error.error} for error in errors]
    for row in result.invalid_rows:
        what = "；".join(
            f"{field}：{'、'.join(map(str, messages))}" if field != "__all__" else "、".join(map(str, messages))
            for field, messages in row.error.message_dict.items()
        )
        said.append(_("第 %(line)d 行：%(what)s") % {"line": row.number + 1, "what": what})
    return said
