"""The answer of `GET eligibility/` (API.md, Before the visit)."""

from __future__ import annotations

from typing import cast

from policies.bodies import cited
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Travel
from settlements.bodies import ActionAnswer, ConditionAnswer, EligibilityAnswer, Subject
from settlements.eligibility.condition import LABELS, Condition
from settlements.eligibility.conditions import conditions
from settlements.eligibility.visit import Visit


def answer(visit: Visit) -> EligibilityAnswer:
    """`direct` when every condition is met; `travel` is what the person settles as on the day."""
    facts = conditions(visit)
    failed = [condition for condition in facts if not condition.met]
    travel: Travel = visit.travel.code if visit.enrollment.status_on(visit.on) == "active" else "unfiled"  # type: ignore[assignment]
    return {
        "direct": not failed,
        "summary": _summary(travel, failed),
        "travel": travel,
        "travel_label": TRAVEL_LABELS[travel],
        "filing": str(visit.travel.filing.pk) if visit.travel.filing else None,
        **_subject(visit),
        "agency": {"name": visit.agency, "phone": visit.phone} if visit.agency else None,
        "conditions": [_condition(condition) for condition in facts],
    }


def _summary(travel: Travel, failed: list[Condition]) -> str:
    if not failed:
        return f"可以直接结算，按“{TRAVEL_LABELS[travel]}”享受待遇。"
    return f"还不能直接结算，有{len(failed)}项需要处理。"


def _subject(visit: Visit) -> Subject:
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


def _condition(condition: Condition) -> ConditionAnswer:
    return {
        "code": condition.code,
        "label": LABELS[condition.code],
        "met": condition.met,
        "message": condition.message,
        "remedy": condition.remedy,
        "source": cited(condition.source),
        "action": cast(ActionAnswer, condition.action) if condition.action else None,
    }
