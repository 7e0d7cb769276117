"""What a claim takes in the insured area: documents, time, reviews (`GET claim-options/`)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from accounts.models import Enrollment
from chronic.bodies import OptionsQuery
from claims.claim_case import documents
from core import clock
from core.http.values import Day, Maybe, OneOf, Otherwise
from filings.options import injury_shape
from filings.options_bodies import InjuryShape
from policies.bodies import SourceAnswer, cited
from policies.language.filing_rules import claim_deadline, rules_for
from policies.language.terms import Span
from reviews.bodies import ENROLLMENT, NO_DATE, DocumentShape
from reviews.presenting import asked_for


class ClaimOptionsQuery(OptionsQuery):
    discharged_on: Maybe[Annotated[Day, Otherwise("date_invalid", NO_DATE)]] = Field(
        None, description="The last day of the care: when may it be claimed until?"
    )


class ClaimOptions(TypedDict):
    """What a claim takes in the insured area."""

    enrollment: str
    insured_area: str
    insured_area_name: str
    documents: list[DocumentShape]
    injury: Annotated[InjuryShape, Field(description="外伤时另需的承诺书")]
    needed: Annotated[list[str], Field(description="还需要填写的内容")]
    deadline: str
    deadline_on: Annotated[date | None, Field(description="最后一天；传入 discharged_on 时给出")]
    deadline_source: SourceAnswer | None
    stages: int
    working_days: Annotated[list[int], Field(description="各审核环节的工作日")]
    catalogue: Annotated[str, OneOf(["insured", "care"]), Field(description="按参保地或就医地目录")]
    note: str


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
        "documents": [asked_for(document) for document in documents(rules, injury=False)],
        "injury": injury_shape(rules),
        "needed": list(NEEDED),
        "deadline": f"出院（就诊）后{term.label}内" if isinstance(term, Span) else "出院（就诊）次年的12月31日前",
        "deadline_on": claim_deadline(rules, discharged_on) if discharged_on else None,
        "deadline_source": cited(rules.source_of("claim.deadline")),
        "stages": rules.review.stages("claim"),
        "working_days": list(rules.review.claim.stages),
        "catalogue": rules.claim.catalogue,
        "note": rules.claim.note,
    }


# Example

OPTIONS: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "documents": [
        {
            "kind": "invoice",
            "label": "医疗收费票据",
            "required": True,
            "alternatives": [],
            "alternative_labels": {},
            "note": "",
        }
    ],
    "injury": {"direct": True, "statement": None, "note": ""},
    "needed": ["收款的银行账号（参保人本人的账户）"],
    "deadline": "出院（就诊）后1年内",
    "deadline_on": "2025-11-20",
    "deadline_source": None,
    "stages": 2,
    "working_days": [15, 15],
    "catalogue": "insured",
    "note": "",
}
