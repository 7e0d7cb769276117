"""What a claim takes in an area: materials, time, reviews (API.md, `GET claim-options/`)."""

from __future__ import annotations

from datetime import date

from accounts.models import Enrollment
from claims.bodies import ClaimOptions
from claims.claim_case import documents
from core import clock
from policies.bodies import cited
from policies.language.filing_rules import claim_deadline, rules_for
from policies.language.terms import Span
from reviews.presenting import asked_for

NEEDED = (
    "医疗收费票据的代码、号码和费用，可按费用清单逐项填写",
    "收款的银行账号（参保人本人的账户）",
    "没有在医院直接结算的原因",
)


def options(enrollment: Enrollment, discharged_on: date | None = None) -> ClaimOptions:
    """The rules of today; with the last day of the care, the last day on which it may be claimed."""
    rules = rules_for(enrollment.area_id, clock.today())
    term = rules.claim.deadline
    return {
        "enrollment": str(enrollment.pk),
        "insured_area": enrollment.area_id,
        "insured_area_name": enrollment.area.name,
        "documents": [asked_for(document) for document in documents(rules)],
        "needed": list(NEEDED),
        "deadline": f"出院（就诊）后{term.label}内" if isinstance(term, Span) else "出院（就诊）次年的12月31日前",
        "deadline_on": claim_deadline(rules, discharged_on) if discharged_on else None,
        "deadline_source": cited(rules.source_of("claim.deadline")),
        "stages": rules.review.stages("claim"),
        "working_days": list(rules.review.claim.stages),
        "catalogue": rules.claim.catalogue,
        "note": rules.claim.note,
    }
