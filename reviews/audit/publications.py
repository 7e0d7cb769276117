"""Who handed in and who published a policy file or a catalogue file, as the audit reads it. A withdrawn draft counted for nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.models import CatalogueVersion, PolicyVersion
from reviews.audit.reading import Act, Entry, Question, Rows, Source

UPLOADED, PUBLISHED = ("uploaded_at", "uploaded_by"), ("published_at", "published_by")
Said = Callable[[Any], str]


def _files(model: Any, by: str, question: Question) -> QuerySet[Any] | None:
    """The files of a kind that were handed in by somebody, or published; to supervisors those of their own area."""
    if question.of_a_case:
        return None
    rows: QuerySet[Any] = model.objects.defer("text").select_related(by)
    rows = rows.filter(uploaded_by__isnull=False) if by == "uploaded_by" else rows.filter(status="published")
    return rows if question.everywhere else rows.filter(area=question.viewer.area_id)


def _shown(at: str, by: str, said: Said, rows: list[Any]) -> list[Entry]:
    """What a command published was nobody's act."""
    return [Entry(getattr(row, at), Act.PUBLICATION, str(getattr(row, by) or _("系统")), said(row)) for row in rows]


def _source(model: Any, moment: tuple[str, str], said: Said) -> Source:
    at, by = moment
    rows = Rows(model, partial(_files, model, by), at=at, actor=by)
    return Source(frozenset({Act.PUBLICATION}), rows, partial(_shown, at, by, said))


def _of_catalogue(sentence: Any) -> Said:
    return lambda row: str(sentence) % {"file": row.file, "rows": row.rows, "number": row.number}


def _of_policy(sentence: Any) -> Said:
    return lambda row: str(sentence) % {"file": row.slug or row.file, "area": row.area}


SOURCES = (
    _source(CatalogueVersion, UPLOADED, _of_catalogue(gettext_lazy("导入了医保目录“%(file)s”（%(rows)d 行）"))),
    _source(CatalogueVersion, PUBLISHED, _of_catalogue(gettext_lazy("发布了医保目录“%(file)s”（编号 %(number)d）"))),
    _source(PolicyVersion, UPLOADED, _of_policy(gettext_lazy("上传了政策“%(file)s”（%(area)s）"))),
    _source(PolicyVersion, PUBLISHED, _of_policy(gettext_lazy("发布了政策“%(file)s”（%(area)s）"))),
)
