"""The notices (备案告知书) that people acknowledge before they file: one gets a new version when the rules say something new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import NotFound
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from policies.language.terms import FILING_TYPES
from policies.models import Notice, newest_notices
from policies.readable.notice import NoticeText, build_notice
from regions.models import area_names

ATTEMPTS = 5


def current_notices(area: str, types: Collection[str] = FILING_TYPES) -> dict[str, Notice]:
    """Return the notices in force today in an area, by filing type. NotFound `area_unknown`: there is no such area."""
    today = clock.today()
    return notices_under(rules_for(area, today), types, today)


def notices_under(rules: FilingRules, types: Collection[str], on: date) -> dict[str, Notice]:
    """The same for who holds the rules of the area on the day; what has changed is published first.

    Two queries, whatever the area says.
    """
    texts = _texts(rules, on)
    newest = {notice.type: notice for notice in newest_notices(area=rules.area, types=[*types])}
    for _attempt in range(ATTEMPTS):
        changed = [name for name in types if name not in newest or newest[name].sha256 != texts[name].sha256]
        if not changed:
            break
        versions = [_next_version(rules.area, name, texts[name], newest.get(name)) for name in changed]
        Notice.objects.bulk_create(versions, ignore_conflicts=True)
        newest = {notice.type: notice for notice in newest_notices(area=rules.area, types=[*types])}
    return newest


def _next_version(area: str, filing_type: str, text: NoticeText, newest: Notice | None) -> Notice:
    """A rival that publishes at the same moment makes the same version: the database keeps one of the two."""
    return Notice(
        area_id=area,
        type=filing_type,
        version=newest.version + 1 if newest else 1,
        title=text.title,
        text=text.text,
        sha256=text.sha256,
        published_at=clock.now(),
    )


def _texts(rules: FilingRules, on: date) -> Mapping[str, NoticeText]:
    """What the notices of an area say on a day, by filing type. Raises NotFound `area_unknown`."""
    places = {code for exemption in rules.exempt for code in exemption.to} | {*rules.dual_benefit.proof_places}
    names = dict(area_names(codes=[rules.area, *places]))
    if rules.area not in names:
        raise NotFound(_("没有这个地区，请检查代码。"), code="area_unknown", attr="area")
    return _built(rules, on, tuple(names.items()))


@lru_cache(maxsize=128)
def _built(rules: FilingRules, on: date, names: tuple[tuple[str, str], ...]) -> Mapping[str, NoticeText]:
    """The texts under some rules on a day; the names are part of them, so they are part of the key."""
    name_of = dict(names)
    return {
        name: build_notice(name_of[rules.area], name, rules, lambda code: name_of.get(code, code), on=on)
        for name in FILING_TYPES
    }
