"""What may happen to places and times: so far, that a notice (备案告知书) gets a new version when the rules say something new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import get_args

from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import NotFound
from core.prepared import Param, PreparedQuery
from policies.language.filing_rules import rules_for
from policies.language.terms import FilingType
from policies.models import Notice
from policies.readable.notice import NoticeText, build_notice
from regions.models import Area

TYPES: tuple[FilingType, ...] = get_args(FilingType)
ATTEMPTS = 5


def current_notices(area: str, kinds: Collection[str] = TYPES) -> dict[str, Notice]:
    """Return the notices in force today in an area, by filing type; what has changed is published first.

    Two queries, whatever the area says. NotFound `area_unknown`: there is no such area.
    """
    texts = _texts(area, clock.today())
    latest = _latest(area, kinds)
    for _attempt in range(ATTEMPTS):
        news = [kind for kind in kinds if kind not in latest or latest[kind].sha256 != texts[kind].sha256]
        if not news:
            break
        Notice.objects.bulk_create(
            [_next_version(area, kind, texts[kind], latest.get(kind)) for kind in news], ignore_conflicts=True
        )
        latest = _latest(area, kinds)
    return latest


def current_notice(area: str, filing_type: str) -> Notice:
    """Return the notice in force today of one filing type in an area; published first if it has changed."""
    return current_notices(area, (filing_type,))[filing_type]


LATEST = PreparedQuery[Notice](
    lambda: (
        Notice.objects.filter(area=Param("area"), type__any=Param("kinds"))
        .order_by("type", "-version")
        .distinct("type")
    )
)


def _latest(area: str, kinds: Collection[str]) -> dict[str, Notice]:
    return {notice.type: notice for notice in LATEST(area=area, kinds=[*kinds])}


def _next_version(area: str, kind: str, text: NoticeText, latest: Notice | None) -> Notice:
    """A rival that publishes at the same moment makes the same version: the database keeps one of the two."""
    return Notice(
        area_id=area,
        type=kind,
        version=latest.version + 1 if latest else 1,
        title=text.title,
        text=text.text,
        sha256=text.sha256,
        published_at=clock.now(),
    )


NAMES = PreparedQuery(
    lambda: Area.objects.filter(code__any=Param("codes")).order_by("code").values_list("code", "name")
)


def _texts(area: str, on: date) -> Mapping[str, NoticeText]:
    rules = rules_for(area, on)
    places = {code for exemption in rules.exempt for code in exemption.to} | {*rules.dual_benefit.proof_places}
    names = dict(NAMES(codes=[area, *places]))
    if area not in names:
        raise NotFound(_("没有这个地区，请检查代码。"), code="area_unknown", attr="area")
    return _built(area, on, tuple(names.items()))


@lru_cache(maxsize=128)
def _built(area: str, on: date, names: tuple[tuple[str, str], ...]) -> Mapping[str, NoticeText]:
    """The texts of an area's notices on a day; the names are part of them, so they are part of the key."""
    name_of = dict(names)
    rules = rules_for(area, on)
    return {
        kind: build_notice(name_of[area], kind, rules, lambda code: name_of.get(code, code), on=on) for kind in TYPES
    }
