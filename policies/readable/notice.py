"""The notice (备案告知书) a person reads before filing: title and Chinese text from an area's filing rules, nothing else.

Each part is one function that returns its sentences, or none; the parts that have something to say are numbered in order.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from policies.language.filing_schema import FilingRules
from policies.language.terms import FilingType
from policies.readable import notice_parts as parts
from policies.readable.notice_parts import Names, Subject


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice ready to be stored; two with the same hash say the same."""

    title: str
    text: str
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(f"{self.title}\n{self.text}".encode()).hexdigest()
        object.__setattr__(self, "sha256", digest)


def build_notice(
    area_name: str,
    filing_type: FilingType,
    rules: FilingRules,
    name_of: Names,
    *,
    on: date | None = None,
) -> NoticeText:
    """The notice of one type; `name_of` gives the name of an area by its code, for the exempt places.

    `on`: the day it is for, so that exemptions withdrawn by then are left out.
    """
    subject = Subject(area_name, rules.types[filing_type], rules, name_of, on)
    sections = [(heading, sentences) for heading, part in _PARTS if (sentences := part(subject))]
    text = "\n\n".join(_section(i, heading, lines) for i, (heading, lines) in enumerate(sections))
    return NoticeText(title=f"{area_name}异地就医备案告知书（{subject.type.label}）", text=text)


def _section(position: int, heading: str, sentences: list[str]) -> str:
    return "\n".join([f"{_NUMERALS[position]}、{heading}", *sentences])


_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四")
_PARTS: tuple[tuple[str, Callable[[Subject], list[str]]], ...] = (
    ("适用人群", parts.who),
    ("是否需要备案", parts.need),
    ("备案材料", parts.documents),
    ("办理时限", parts.lane),
    ("备案有效期", parts.validity),
    ("变更和取消", parts.lock),
    ("转诊要求", parts.referral),
    ("个人承诺", parts.commitment),
    ("结算待遇", parts.settlement),
    ("回参保地就医", parts.dual),
    ("免备案", parts.exempt),
    ("补办与报销", parts.afterwards),
    ("其他事项", parts.more),
    ("依据", parts.sources),
)
