"""One condition of direct settlement: met or not, what was found, what to do, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.language.filing_types import Source
from settlements.eligibility.visit import Visit

REGULATION = Source(
    id="规程",
    title="《基本医疗保险跨省异地就医直接结算经办规程》（医保发〔2022〕22号）",
    publisher="国家医疗保障局、财政部",
    url="https://www.nhsa.gov.cn/art/2022/7/26/art_104_8629.html",
    year=2022,
    grade="A",
)
CHRONIC_LIST = Source(
    id="慢特病",
    title="跨省直接结算的门诊慢特病病种（医保办发〔2024〕19号）",
    publisher="国家医疗保障局办公室",
    year=2024,
    grade="B",
)
CHRONIC_AT_COUNTER = Source(
    id="慢特病结算",
    title="医疗机构未开通该病种或病种不在范围内的，先自费后回参保地报销，不按普通门诊结算",
    publisher="北京本地宝 347885",
    url="http://m.bj.bendibao.com/zffw/347885.html",
    grade="C",
)

LABELS = {
    "enrollment": "参保状态",
    "filing": "备案有效",
    "destination": "就医地相符",
    "filing_type": "备案类型相符",
    "institution": "医院已开通",
    "recognition": "病种已认定",
    "disease_listed": "病种在跨省结算范围",
    "institution_disease": "医院已开通该病种",
    "injury": "外伤可直接结算",
    "newborn": "新生儿可直接结算",
    "maternity": "生育可直接结算",
    "injury_statement": "已承诺无第三方责任",
    "covered": "参保地待遇包含",
    "certificate": "就医凭证可用",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`remedy` says what to do and is empty when the condition is met; `action` is the same for a button."""

    code: str
    met: bool
    message: str
    remedy: str = ""
    source: Source | None = None
    action: Mapping[str, Any] = field(default_factory=dict)


def met(code: str, message: str, source: Source | None = None) -> Condition:
    return Condition(code, True, message, source=source)


def failed(
    code: str, message: str, remedy: str, source: Source | None = None, action: Mapping[str, Any] | None = None
) -> Condition:
    return Condition(code, False, message, remedy, source, action or {})


def call_agency(visit: Visit) -> dict[str, Any]:
    """Ask the agency of the insured area."""
    return {"kind": "call", "label": f"致电{visit.agency or '参保地经办机构'}", "phone": visit.phone or "12393"}


def agency_text(visit: Visit) -> str:
    """Whom to ask: the agency with its telephone, or the hotline (RULES.md S-69)."""
    if not visit.phone:
        return f"{visit.home}医保经办机构（服务热线12393）"
    return f"{visit.agency}（{visit.phone}）"


def find_institution(visit: Visit) -> dict[str, Any]:
    """Look for an institution there that is open for this care."""
    action = {"kind": "institutions", "label": "查找已开通的医院", "area": visit.there.code, "care": visit.care}
    return {**action, "disease": visit.disease} if visit.disease else action
