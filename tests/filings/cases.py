"""Cases for the pure checks: by default one that nothing is wrong with, under the national rules."""

from dataclasses import replace
from datetime import date
from typing import Any

from filings.filing_case import FilingCase, Insured, Place
from policies.language.filing_rules import rules_for

TODAY = date(2026, 3, 2)  # a Monday

GUIYANG = Place(code="520100", name="贵阳市", level="city", pools_at="city", province="520000", province_name="贵州省")
CHENGDU = Place(code="510100", name="成都市", level="city", pools_at="city", province="510000", province_name="四川省")
SICHUAN = Place(
    code="510000", name="四川省", level="province", pools_at="city", province="510000", province_name="四川省"
)
BEIJING = Place(
    code="110000", name="北京市", level="province", pools_at="province", province="110000", province_name="北京市"
)
TIANJIN = Place(
    code="120000", name="天津市", level="province", pools_at="province", province="120000", province_name="天津市"
)
HAINAN = Place(
    code="460000", name="海南省", level="province", pools_at="province", province="460000", province_name="海南省"
)
HAIKOU = Place(
    code="460100", name="海口市", level="city", pools_at="province", province="460000", province_name="海南省"
)
KUNMING = Place(code="530100", name="昆明市", level="city", pools_at="city", province="530000", province_name="云南省")
DALI = Place(code="532900", name="大理州", level="city", pools_at="city", province="530000", province_name="云南省")
HONGKONG = Place(code="810000", name="香港", level="province", pools_at="none", province="810000", province_name="香港")
SICHUAN_POOL = Place(
    code="519900", name="四川省省本级", level="pool", pools_at="city", province="510000", province_name="四川省",
    local_to=("510100",),
)  # fmt: skip


def insured(area: Place = GUIYANG, **fields: Any) -> Insured:
    """Insured in 贵阳 since 2015, an active employee of 40: 贵阳 has no filing rules of its own."""
    given = {"since": date(2015, 1, 1), "until": None, "insurance": "employee", "category": "active", "age": 40}
    return Insured(area=area, name="王秀兰", **{**given, **fields})


def case(filing_type: str = "other", **fields: Any) -> FilingCase:
    """A filing from 贵阳 to 成都, from today on, with which nothing is wrong."""
    given: dict[str, Any] = {
        "insured": insured(), "destination": CHENGDU, "filed_on": TODAY, "starts_on": TODAY,
        "contact_name": "王秀兰", "contact_phone": "13900000001", **fields,
    }  # fmt: skip
    given.setdefault("rules", rules_for(given["insured"].area.code, given["filed_on"]))
    return FilingCase(type=filing_type, **given)  # type: ignore[arg-type]


def with_kind(filing_case: FilingCase, **changes: Any) -> FilingCase:
    """The same case where the area's rules of this type say something else."""
    rules = filing_case.rules
    kind = replace(filing_case.kind, **changes)
    return replace(filing_case, rules=replace(rules, types={**rules.types, filing_case.type: kind}))


def with_rules(filing_case: FilingCase, section: str, **changes: Any) -> FilingCase:
    """The same case where another section of the area's rules says something else."""
    rules = filing_case.rules
    return replace(filing_case, rules=replace(rules, **{section: replace(getattr(rules, section), **changes)}))
