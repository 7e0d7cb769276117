"""Who made and who ended a hospital's key of the interface, as the audit reads it: administrators' business."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gateway.models import GatewayKey
from reviews.audit import Act, Entry, Question, Rows, Source


def _keys(question: Question) -> QuerySet[GatewayKey] | None:
    if question.of_a_case or not question.everywhere:
        return None
    return GatewayKey.objects.select_related("institution", "created_by", "ended_by")


def _ended(question: Question) -> QuerySet[GatewayKey] | None:
    rows = _keys(question)
    return None if rows is None else rows.filter(ended_by__isnull=False)


def _shown(at: str, by: str, rows: list[Any]) -> list[Entry]:
    said = _("为%(name)s建立了接口密钥%(key)s") if by == "created_by" else _("停用了%(name)s的接口密钥%(key)s")
    return [
        Entry(
            getattr(row, at),
            Act.INTERFACE,
            str(getattr(row, by)),
            said % {"name": row.institution.name, "key": row.name},
        )
        for row in rows
    ]


MADE, ENDED = ("created_at", "created_by"), ("ends_at", "ended_by")
SOURCES = tuple(
    Source(frozenset({Act.INTERFACE}), Rows(GatewayKey, rows, at=at, actor=by), partial(_shown, at, by))
    for rows, (at, by) in ((_keys, MADE), (_ended, ENDED))
)
