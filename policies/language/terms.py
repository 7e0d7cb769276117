"""The closed words of policy files: filing types, travel, care, persons, documents, and spans of time."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias, get_args

FilingType: TypeAlias = Literal["retiree", "resident", "worker", "referral", "emergency", "other"]
Travel: TypeAlias = Literal["local", "long_term", "referral", "emergency", "other", "unfiled"]
Care: TypeAlias = Literal["inpatient", "outpatient", "chronic"]
CareScope: TypeAlias = Literal["inpatient", "outpatient", "chronic", "pharmacy"]
Person: TypeAlias = Literal["active", "retired", "minor", "student", "adult", "elder"]
Insurance: TypeAlias = Literal["employee", "resident"]
Fund: TypeAlias = Literal["large_amount", "serious_illness", "assistance", "civil_servant", "enterprise"]
Channel: TypeAlias = Literal["national", "local", "window"]
LaneName: TypeAlias = Literal["review", "instant", "closed"]

TRAVELS: tuple[Travel, ...] = get_args(Travel)
CARES: tuple[Care, ...] = get_args(Care)
PERSONS: tuple[Person, ...] = get_args(Person)
INSURANCES: tuple[Insurance, ...] = get_args(Insurance)
SPECIALTIES = ("general", "tcm", "ethnic", "mental", "infectious")
FILED_BY = ("document", "commitment")
INSTITUTION_KINDS = ("hospital", "pharmacy")
FILING_TYPES: tuple[FilingType, ...] = get_args(FilingType)
LONG_TERM: tuple[FilingType, ...] = ("retiree", "resident", "worker")
TEMPORARY: tuple[FilingType, ...] = ("referral", "emergency", "other")

TYPE_LABELS: dict[FilingType, str] = {
    "retiree": "异地安置退休人员",
    "resident": "异地长期居住人员",
    "worker": "常驻异地工作人员",
    "referral": "异地转诊就医人员",
    "emergency": "异地急诊抢救人员",
    "other": "其他跨省临时外出就医人员",
}
PERSON_LABELS: dict[Person, str] = {
    "active": "在职职工",
    "retired": "退休人员",
    "minor": "未成年人",
    "student": "学生",
    "adult": "成年居民",
    "elder": "老年居民",
}
CARE_LABELS: dict[CareScope, str] = {
    "inpatient": "住院",
    "outpatient": "普通门诊",
    "chronic": "门诊慢特病",
    "pharmacy": "定点药店购药",
}

TRAVEL_LABELS: dict[Travel, str] = {
    "local": "本地就医",
    "long_term": "异地长期居住",
    "referral": "异地转诊",
    "emergency": "异地急诊抢救",
    "other": "其他临时外出",
    "unfiled": "未备案",
}

DocumentKind: TypeAlias = Literal[
    "certificate",
    "filing_form",
    "commitment_letter",
    "household_register",
    "residence_permit",
    "residence_proof",
    "property_deed",
    "lease",
    "posting_letter",
    "employer_letter",
    "labor_contract",
    "referral_certificate",
    "medical_record",
    "diagnosis_paper",
    "emergency_record",
    "recheck_opinion",
    "discharge_record",
    "outpatient_record",
    "test_report",
    "chronic_form",
    "invoice",
    "cost_list",
    "prescription",
    "bank_account",
    "letter_of_authority",
    "injury_statement",
    "other",
]
DOCUMENT_LABELS: dict[DocumentKind, str] = {
    "certificate": "医保电子凭证、有效身份证件或社会保障卡",
    "filing_form": "异地就医备案登记表",
    "commitment_letter": "个人承诺书",
    "household_register": "户口簿首页和本人常住人口登记卡",
    "residence_permit": "居住证",
    "residence_proof": "其他长期居住认定材料",
    "property_deed": "房产证",
    "lease": "房屋租赁合同",
    "posting_letter": "参保地工作单位派出证明",
    "employer_letter": "异地工作单位证明",
    "labor_contract": "工作合同",
    "referral_certificate": "转诊转院证明",
    "medical_record": "病历",
    "diagnosis_paper": "疾病诊断证明",
    "emergency_record": "急诊病历或急诊证明",
    "recheck_opinion": "就医地医院的复查意见",
    "discharge_record": "出院记录",
    "outpatient_record": "门诊病历",
    "test_report": "检查检验报告",
    "chronic_form": "门诊慢特病申请表",
    "invoice": "医疗收费票据",
    "cost_list": "费用清单",
    "prescription": "处方",
    "bank_account": "银行账户信息",
    "letter_of_authority": "委托书",
    "injury_statement": "外伤无第三方责任承诺书",
    "other": "其他材料",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time as a rule states it: `6 months`, `60 days`, `5 working days`."""

    count: int
    unit: Literal["days", "months", "working days"]

    @property
    def label(self) -> str:
        if self.unit == "months" and self.count % 12 == 0:
            return f"{self.count // 12}年"
        words = {
            "days": f"{self.count}日",
            "months": f"{self.count}个月",
            "working days": f"{self.count}个工作日",
        }
        return words[self.unit]


_SPAN = re.compile(r"([1-9]\d{0,3}) (day|month|working day)s?")


def parse_span(text: str) -> Span | None:
    """`6 months` → Span(6, "months"); None when the text is no span."""
    match = _SPAN.fullmatch(text)
    return Span(int(match[1]), f"{match[2]}s") if match else None  # type: ignore[arg-type]


def _months_later(day: date, months: int) -> tuple[int, int, int]:
    """Year, month and the number of days of the month `months` after the one of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month + 1, monthrange(year, month + 1)[1]


def last_day(first: date, span: Span) -> date:
    """The last day covered when `first` is covered too: 6 months from 2026-03-15 end on 2026-09-14.

    Where the last month has no day of that number the period ends with the month (Civil Code art. 202):
    6 months from 2026-08-31 end on 2027-02-28. Working days need a calendar: ValueError.
    """
    if span.unit == "days":
        return first + timedelta(days=span.count - 1)
    if span.unit != "months":
        raise ValueError("working days need the working calendar")
    year, month, length = _months_later(first, span.count)
    if first.day > length:
        return date(year, month, length)
    return date(year, month, first.day) - timedelta(days=1)


def due_on(event: date, span: Span) -> date:
    """The last day of a time limit that an event starts: its own day does not count (Civil Code art. 201 and 202).

    12 months after 2026-02-10 are over with 2027-02-10, 1 month after 2026-01-31 with 2026-02-28.
    """
    if span.unit == "days":
        return event + timedelta(days=span.count)
    if span.unit != "months":
        raise ValueError("working days need the working calendar")
    year, month, length = _months_later(event, span.count)
    return date(year, month, min(event.day, length))


def valid_within(term: str) -> str:
    """How long a filing or a referral counts that has a term: 6个月内有效."""
    return f"{term}内有效"
