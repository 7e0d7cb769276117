"""Look-ups of people by name and ID number, as the audit reads them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reviews.audit import Act, Entry, Question, Rows, Source
from settlements.models import IdentityLookup


def _lookups(question: Question) -> QuerySet[Any] | None:
    if question.number:
        return None
    rows = IdentityLookup.objects.visible_to(question.viewer).select_related("person", "account", "institution")
    return rows.filter(question.persons) if question.person else rows


def _of_lookups(rows: list[IdentityLookup]) -> list[Entry]:
    return [
        Entry(
            at=row.at,
            act=Act.LOOKUP,
            actor=str(row.account),
            sentence=_("%s用姓名和证件号码查询了参保人") % row.institution.name,
            person=row.person,
            why=str(row.reason),
        )
        for row in rows
    ]


LOOKUPS = Source(frozenset({Act.LOOKUP}), Rows(IdentityLookup, _lookups), _of_lookups)
