"""What anyone may read: the files by which each area's rules are known, with their sources, and the notices (备案告知书).

The notices are for whoever files without `filing-options`: an agent knows no enrolment.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.errors import Invalid, NotFound
from core.http.open import Open, OpenList
from core.http.schema import operation
from core.languages import reader
from policies import bodies, published
from policies.bodies import (
    CoverageAnswer,
    CoverageQuery,
    NoticeAnswer,
    NoticeQuery,
    PolicyAnswer,
    PolicyFileAnswer,
    PolicyQuery,
    ReadableAnswer,
    cited,
    omissions_rows,
)
from policies.coverage import Coverage, CoveredArea, coverage, covered, named
from policies.language.schema import PolicyFile
from policies.language.terms import FILING_TYPES
from policies.language.text import Node, read_text
from policies.models import Notice
from policies.notices import current_notices
from policies.published import Published, in_words, names
from policies.translations import notice_in, place_names, readable_in
from regions.models import Area

NO_POLICY = {404: {"not_found": "没有这份政策文件，请返回列表重新选择。"}}


class Policies(OpenList):
    """The policy files, of all areas or one, of all times or in force on one day; `000000` is the national file."""

    max_age = 0

    @operation("政策文件", parameters=[PolicyQuery], answer=list[PolicyAnswer], example=bodies.POLICY)
    def get(self, request: Request) -> Response:
        return self.page(request, _chosen(PolicyQuery.read(request)), _policy)


class PolicyDetail(Open):
    """One policy: its text, its sources, the same as JSON, and the same in Chinese. Replaced revisions stay readable."""

    @operation("一份政策文件", answer=PolicyFileAnswer, example=bodies.POLICY_FILE, refusals=NO_POLICY)
    def get(self, request: Request, policy: str) -> Response:
        version = published.by_id(policy)
        if version is None:
            raise NotFound(_("没有这份政策文件，请返回列表重新选择。"))
        text = published.text_of(version)
        answer: PolicyFileAnswer = {
            **_policy(version),
            "text": text,
            "content": _plain(read_text(text, version.file.file)[0]),
            "readable": _readable(version.file, reader(request)),
        }
        return Response(answer)


def _readable(policy: PolicyFile, language: str) -> ReadableAnswer:
    """The policy for people. Names are noted as they are used: they stay as they are."""
    name_of, used = names(), set[str]()

    def noted(code: str) -> str:
        used.add(name := name_of(code))
        return name

    return readable_in(in_words(policy, noted), language, used)


class PolicyCoverage(OpenList):
    """What is known today: for each insured area, insurance, kind of care and way of going, whether anybody can say what is paid.

    An area without a row has no policy of which anything is known.
    """

    max_age = 0

    @operation("查得到的待遇", parameters=[CoverageQuery], answer=list[CoverageAnswer], example=bodies.COVERAGE)
    def get(self, request: Request) -> Response:
        wanted = CoverageQuery.read(request)
        areas = covered(_areas(wanted), clock.today())
        filters = {name: value for name, value in wanted if name in FILTERS and value is not None}
        rows = [
            (area, known)
            for area in areas
            for known in coverage(area.policy.file)
            if all(getattr(known, name) == value for name, value in filters.items())
        ]
        return self.page(request, rows, _coverage)


FILTERS = ("insurance", "care", "travel", "known")


def _areas(wanted: CoverageQuery) -> Iterable[str] | None:
    """The areas asked for; None: all."""
    if wanted.q:
        return [code for code in named(wanted.q) if wanted.area in (None, code)]
    return None if wanted.area is None else [wanted.area]


def _coverage(row: tuple[CoveredArea, Coverage]) -> CoverageAnswer:
    area, known = row
    return {
        "area": area.code,
        "area_name": area.name,
        "insurance": known.insurance,
        "care": known.care,
        "travel": known.travel,
        "known": known.known,
        "cases": known.cases,
        "known_cases": known.known_cases,
        "known_for": list(known.known_for),
        "reason": known.reason,
        "grade": known.grade,
        "not_included": omissions_rows(known.not_included),
        "checked_on": area.policy.file.checked_on,
        "policy": area.policy.id,
    }


def _chosen(wanted: PolicyQuery) -> list[Published]:
    return [
        policy
        for policy in published.counting()
        if (wanted.area is None or policy.file.area == wanted.area)
        and (wanted.on is None or policy.holds(wanted.on))
        and (wanted.q in policy.file.name or wanted.q.lower() in policy.id)
    ]


def _policy(published: Published) -> PolicyAnswer:
    policy = published.file
    return {
        "id": published.id,
        "area": policy.area,
        "name": policy.name,
        "effective_from": published.start,
        "effective_until": published.end,
        "sha256": policy.sha256,
        "sources": [cited(source) for source in policy.sources],
    }


def _plain(node: Node) -> Any:
    """A value of the file without its line."""
    if node.mapping is not None:
        return {name: _plain(value) for name, value in node.mapping.items()}
    if node.sequence is not None:
        return [_plain(value) for value in node.sequence]
    return str(node.value) if isinstance(node.value, Decimal) else node.value


class Notices(OpenList):
    """The notices (备案告知书) in force today in a pooling area, of all filing types or one."""

    max_age = 0

    @operation(
        "备案告知书",
        parameters=[NoticeQuery],
        answer=list[NoticeAnswer],
        example=bodies.NOTICE,
        refusals={400: {"area_unknown": "没有这个统筹区，请检查代码。"}},
    )
    def get(self, request: Request) -> Response:
        wanted = NoticeQuery.read(request)
        if not Area.objects.pooling().filter(code=wanted.area).exists():
            raise Invalid(_("没有这个统筹区，请检查代码。"), code="area_unknown", attr="area")
        notices = current_notices(wanted.area, (wanted.type,) if wanted.type else FILING_TYPES)
        language = reader(request)
        places = place_names(language)
        rows = [notices[kind] for kind in FILING_TYPES if kind in notices]
        return self.page(request, rows, lambda notice: _notice(notice, language, places))


def _notice(notice: Notice, language: str, places: frozenset[str]) -> NoticeAnswer:
    return {
        "id": str(notice.pk),
        "area": notice.area_id,
        "type": notice.type,
        "version": notice.version,
        "title": notice.title,
        "text": notice.text,
        "translation": notice_in(notice.title, notice.text, language, places),
    }
