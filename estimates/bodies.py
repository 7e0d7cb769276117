"""What `POST estimates/` takes and answers, with its example: 重庆's figures (policies/data/500000-…), worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NotRequired, cast, get_args
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field, WithJsonSchema, create_model
from typing_extensions import TypedDict

from core.http.bodies import Strict
from core.http.components import choices
from core.http.values import Day, Made, Maybe, OrNull, Otherwise, Read, keyed, wrong
from policies.bodies import OmissionAnswer, SourceAnswer
from policies.language.examples import Cost, YearKey
from policies.language.facts import FACTS, Fact, FactValue, fits
from policies.language.terms import TRAVELS, Travel
from reviews.bodies import NO_DATE
from settlements.bills import BILL_SENTENCES, NO_CODE, ZERO, CostInput, cost_of
from settlements.bodies import NOT_INCLUDED, REGULATION, SOURCE, PolicyBrief, ResultAnswer
from settlements.figures import Money

# What is sent

YearToDate = keyed(
    "YearToDate",
    dict.fromkeys(get_args(YearKey), NotRequired[Money]),
    "The year so far (POLICY.md §2); what is left out is 0. Without it, that of the bills settled for the enrolment.",
)


EARLIEST = date(1900, 1, 1)


def _born(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = date.min
    if day < EARLIEST:
        raise wrong("date_invalid", _("请填写出生日期，如 1955-03-07。"))
    return day


class EstimateRequest(Strict):
    """A bill, and what is known of whose it is."""

    sentences = BILL_SENTENCES

    area: OrNull[
        Annotated[str, Field(pattern=r"^[0-9]{6}$"), Otherwise("area_invalid", _("请填写六位地区代码，如 500000。"))]
    ] = Field(None, description="Code of the insured area.")
    enrollment: OrNull[UUID] = None
    institution: OrNull[Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,12}$"), Otherwise("code_invalid", NO_CODE)]] = (
        None
    )
    on: OrNull[Annotated[Day, Otherwise("date_invalid", NO_DATE)]] = Field(
        None, description="The day that picks the policy; today if left out."
    )
    born_on: OrNull[Annotated[date, Read(_born, {"type": "string", "format": "date"})]] = Field(
        None,
        description="Birth date of who is treated: gives `age` on the day, where that is not stated. With `newborn` it is the child's, and the "
        "area's term for newborns under their mother is counted from it.",
    )
    cost: Annotated[Cost, Made(CostInput, cost_of)]
    year_to_date: Maybe[Annotated[Mapping[YearKey, Decimal], YearToDate]] = None
    account_balance: Money = ZERO

    @property
    def facts(self) -> dict[str, FactValue]:
        """The facts that are stated, by name."""
        return self.given(*FACTS)


def _fact(name: str, fact: Fact) -> tuple[Any, None]:
    """The field of one fact."""

    def read(value: Any) -> FactValue:
        if not fits(fact, value):
            raise wrong("fact_invalid", _("%(name)s 应为%(expected)s。") % {"name": name, "expected": fact.expected})
        return cast(FactValue, value)

    return Annotated[FactValue, Read(read, _described(fact))], None


def _described(fact: Fact) -> dict[str, Any]:
    if fact.kind == "flag":
        return {"type": "boolean"}
    if fact.kind == "number":
        return {"type": "integer", "minimum": fact.least}
    if fact.kind == "code":
        return {"type": "string", "pattern": f"^{fact.pattern}$"}
    return choices((value, value) for value in fact.values)


_facts: dict[str, Any] = {name: _fact(name, fact) for name, fact in FACTS.items()}
EstimateInput = create_model(
    "EstimateInput",
    __base__=EstimateRequest,
    __module__=__name__,
    __doc__="""`area`, `insurance` and `care` must be known: stated, or given by `enrollment`. What is stated wins.

`enrollment` (of a person the caller, who signed in, may act for) gives area, insurance, category, age, tier, identity and year of retirement;
`institution` gives its kind, level, class, specialty, destination and distance. `travel` only marks `chosen`.""",
    **_facts,
)

# What is answered


class TypeBrief(TypedDict):
    type: str
    label: str


class WayAnswer(TypedDict):
    travel: Travel
    label: str
    own: Annotated[Money | None, Field(description="What the patient pays; null where no source says so.")]
    saves: Annotated[
        Decimal | None,
        WithJsonSchema({"type": ["string", "null"]}),
        Field(description="Yuan against not filing; null where one of the two is unknown."),
    ]
    takes: Annotated[str, Field(description="What it takes to travel so.")]
    direct: Annotated[bool, Field(description="Settled at the hospital.")]
    lasting: Annotated[bool, Field(description="Only for people who live there.")]
    types: Annotated[
        list[TypeBrief], Field(description="The filings that lead there, any of them; none: nothing is filed.")
    ]
    source: SourceAnswer | None


ResultsAnswer = Annotated[dict[str, ResultAnswer], keyed("ResultsAnswer", dict.fromkeys(TRAVELS, ResultAnswer))]


class EstimateAnswer(TypedDict):
    policy: PolicyBrief
    on: date
    area: str
    facts: Annotated[dict[str, Any], Field(description="What the results rest on.")]
    assumed: Annotated[list[str], Field(description="Facts nobody stated.")]
    recorded: Annotated[bool, Field(description="今年已在此结算的费用已计入（起付线、封顶线等）。")]
    chosen: Annotated[Travel | None, Field(description="The `travel` that was sent, if any.")]
    results: ResultsAnswer
    best: Annotated[
        WayAnswer | None, Field(description="The way that pays most; may be for people who live there only.")
    ]
    ways: Annotated[list[WayAnswer], Field(description="All ways, the cheapest first, unknown ones last.")]
    not_included: Annotated[list[OmissionAnswer], Field(description="All that the results name, each once.")]


# The example

REQUEST: dict[str, Any] = {
    "area": "500000",
    "insurance": "employee",
    "person": "active",
    "age": 45,
    "care": "inpatient",
    "level": 3,
    "cost": {"total": "20000.00"},
    "on": "2026-11-23",
}


def _result(label: str, deductible: str, pooled: str, own: str, formula: str) -> dict[str, Any]:
    sums = {"total": "20000.00", "scope": "20000.00", "eligible": "20000.00"}
    zero = ("excluded", "over_limit", "first_copay", "travel_first_pay", "beyond", "account")
    funds = ("large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")
    payable = {"924.00": "19076.00", "880.00": "19120.00"}[deductible]
    return {
        "label": label,
        "amounts": {
            **dict.fromkeys((*zero, *funds), "0.00"),
            **sums,
            "deductible": deductible,
            "payable": payable,
            "pooled": pooled,
            "burden": own,
            "fund": pooled,
            "own": own,
            "cash": own,
        },
        "lines": [
            {"step": "deductible", "label": "起付线", "formula": formula, "amount": deductible, "source": "CQ1"},
        ],
        "not_included": NOT_INCLUDED,
    }


AS_AT_HOME = ("880.00", "16252.00", "3748.00", "880.00")


UNFILED = ("924.00", "15260.80", "4739.20", "880.00 × 1.05")


BEST: dict[str, Any] = {
    "travel": "long_term",
    "label": "异地长期居住",
    "own": "3748.00",
    "saves": "991.20",
    "takes": "适用于在就医地居住或工作半年以上的人：先办理异地长期居住备案（异地长期居住人员、常驻异地工作人员）。",
    "direct": True,
    "lasting": True,
    "types": [
        {"type": "resident", "label": "异地长期居住人员"},
        {"type": "worker", "label": "常驻异地工作人员"},
    ],
    "source": REGULATION,
}


UNKNOWN: dict[str, Any] = {
    **BEST,
    "travel": "other",
    "label": "其他临时外出",
    "own": None,
    "saves": None,
    "takes": "就医前办理“其他跨省临时外出就医人员”备案（出院结算前补办也可）。",
    "direct": False,
    "lasting": False,
    "types": [{"type": "other", "label": "其他跨省临时外出就医人员"}],
}


SILENT = {
    "refused": "not_known",
    "reason": "没有找到重庆市对转诊和其他临时外出住院支付比例的规定，请向参保地经办机构核实。",
    "not_included": [],
}


ESTIMATE: dict[str, Any] = {
    "policy": {
        "id": "500000-chongqing-2025",
        "area": "500000",
        "name": "重庆市基本医疗保险",
        "sha256": "5f3c…",
        "effective_from": "2025-01-01",
        "effective_until": None,
        "sources": [SOURCE],
    },
    "on": "2026-11-23",
    "area": "500000",
    "facts": {
        "distance": "other_province",
        "insurance": "employee",
        "person": "active",
        "age": 45,
        "care": "inpatient",
        "level": 3,
    },
    "recorded": False,
    "assumed": ["distance"],
    "chosen": None,
    "results": {
        "local": _result("本地就医", *AS_AT_HOME),
        "long_term": _result("异地长期居住", *AS_AT_HOME),
        "referral": {"label": "异地转诊", **SILENT},
        "emergency": _result("异地急诊抢救", *AS_AT_HOME),
        "other": {"label": "其他临时外出", **SILENT},
        "unfiled": _result("未备案", *UNFILED),
    },
    "best": BEST,
    "ways": [BEST, UNKNOWN],
    "not_included": NOT_INCLUDED,
}
