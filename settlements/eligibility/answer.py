"""The answer of `GET eligibility/` (API.md, Before the visit)."""

from __future__ import annotations

from typing import Any

from policies.bodies import cited
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Travel
from settlements.eligibility.condition import LABELS, Condition
from settlements.eligibility.conditions import conditions
from settlements.eligibility.visit import Visit


def answer(visit: Visit) -> dict[str, Any]:
    """`direct` when every condition is met; `travel` is what the person settles as on the day."""
    found = conditions(visit)
    open_ = [condition for condition in found if not condition.met]
    travel: Travel = visit.travel.code if visit.enrollment.status_on(visit.on) == "active" else "unfiled"  # type: ignore[assignment]
    return {
        "direct": not open_,
        "summary": _summary(travel, open_),
        "travel": travel,
        "travel_label": TRAVEL_LABELS[travel],
        "filing": str(visit.travel.filing.pk) if visit.travel.filing else None,
        **_asked(visit),
        "agency": {"name": visit.agency, "phone": visit.phone} if visit.agency else None,
        "conditions": [_condition(condition) for condition in found],
    }


def _summary(travel: Travel, failed: list[Condition]) -> str:
    if not failed:
        return f"可以直接结算，按“{TRAVEL_LABELS[travel]}”享受待遇。"
    return f"还不能直接结算，有{len(failed)}项需要处理。"


def _asked(visit: Visit) -> dict[str, Any]:
    """Who, where, for what and when, with the names a page shows."""
    enrolled, hospital = visit.enrollment, visit.institution
    return {
        "on": visit.on,
        "enrollment": str(enrolled.pk),
        "area": enrolled.area_id,
        "area_name": visit.home,
        "insurance": enrolled.insurance,
        "institution": hospital.code,
        "institution_name": hospital.name,
        "institution_area": hospital.area_id,
        "institution_area_name": visit.there.name,
        "care": visit.care,
        "care_label": CARE_LABELS[visit.care],
        "disease": visit.disease or None,
        "disease_name": visit.disease_name or None,
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "code": condition.code,
        "label": LABELS[condition.code],
        "met": condition.met,
        "message": condition.message,
        "remedy": condition.remedy,
        "source": cited(condition.source),
        "action": condition.action or None,
    }
