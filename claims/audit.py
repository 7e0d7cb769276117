"""Who fetched a payment file, with the account numbers in it, as the audit reads it."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from claims.models import Claim, PaymentDownload
from reviews.audit import Act, Entry, Question, Rows, Source


def _downloads(question: Question) -> QuerySet[Any]:
    """Of a person or a case: the files in which its claim stands."""
    rows = PaymentDownload.objects.select_related("account", "batch")
    if not question.everywhere:
        rows = rows.filter(batch__area=question.viewer.area_id)
    if question.of_a_case:
        rows = rows.filter(Exists(Claim.objects.filter(batch=OuterRef("batch"), pk__in=question.cases())))
    return rows


def _of_downloads(rows: list[PaymentDownload]) -> list[Entry]:
    sentence = _("下载了支付批次 %s 的支付文件")
    return [Entry(row.at, Act.PAYMENT, str(row.account), sentence % row.batch.number) for row in rows]


DOWNLOADS = Source(frozenset({Act.PAYMENT}), Rows(PaymentDownload, _downloads), _of_downloads)
