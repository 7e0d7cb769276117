"""What is known of every area, as one table: kinds of care by ways of going, with the grade and the day of the last check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from core import clock
from policies.coverage import Coverage, CoveredArea, coverage, covered, named
from policies.language.omissions import each_once, omissions_text
from policies.language.terms import CARE_LABELS, CARES, INSURANCES, TRAVEL_LABELS, TRAVELS
from policies.language.wording import GRADE_LABELS, INSURANCE_LABELS, listed
from policies.models import PolicyVersion

EXPLAINED = 3
"""Of so many areas the reasons are shown too."""
LOOKS: dict[str, Any] = {"all": _("查得到"), "some": _("部分"), "none": _("不报销"), "unknown": _("查不到")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of care by one way of going; `look` is one of LOOKS."""

    look: str
    text: Any
    grade: str
    title: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not known or not paid, with all it holds for."""

    what: str
    why: str
    only: str


@dataclass(frozen=True, slots=True)
class Line:
    """An area of the table."""

    area: CoveredArea
    checked_on: date | None
    cells: tuple[Cell, ...]
    reasons: tuple[Reason, ...]
    left_out: str


def coverage_page(request: HttpRequest, site: AdminSite) -> TemplateResponse:
    """All areas, or those that were searched for; an empty table says why it is empty."""
    search = request.GET.get("q", "").strip()[:40]
    insurance = request.GET.get("insurance", "")
    insurance = insurance if insurance in INSURANCES else INSURANCES[0]
    areas = covered(named(search) if search else None, clock.today())
    context = {
        **site.each_context(request),
        "title": _("查得到的待遇"),
        "opts": PolicyVersion._meta,
        "search": search,
        "insurance": insurance,
        "insurances": INSURANCE_LABELS,
        "cares": [CARE_LABELS[care] for care in CARES],
        "travels": list(TRAVEL_LABELS.values()),
        "lines": [_line(area, insurance) for area in areas],
        "explains": len(areas) <= EXPLAINED,
        "looks": LOOKS,
        "grades": GRADE_LABELS,
    }
    return TemplateResponse(request, "admin/policies/policyversion/coverage.html", context)


def _line(area: CoveredArea, insurance: str) -> Line:
    rows = [row for row in coverage(area.policy.file) if row.insurance == insurance]
    left_out = omissions_text(each_once(row.not_included for row in rows))
    return Line(area, area.policy.file.checked_on, tuple(map(_cell, rows)), tuple(_reasons(rows)), left_out)


def _cell(row: Coverage) -> Cell:
    known = ("none" if row.reason else "all") if row.known else ("some" if row.known_cases else "unknown")
    title = f"{CARE_LABELS[row.care]} · {TRAVEL_LABELS[row.travel]} {row.known_cases}/{row.cases} {row.reason}".rstrip()
    return Cell(known, LOOKS[known], row.grade or "", title)


def _reasons(rows: Iterable[Coverage]) -> Iterable[Reason]:
    """Each reason once."""
    same: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row.reason:
            key = (CARE_LABELS[row.care], row.reason, "；".join(row.known_for))
            same.setdefault(key, []).append(TRAVEL_LABELS[row.travel])
    for (care, reason, only), travels in same.items():
        ways = _("各种情形") if len(travels) == len(TRAVELS) else listed(travels)
        yield Reason(f"{care}：{ways}", reason, only)
