"""The questions every policy file answers (`questions`): what a source says, or that no source says it.

They are the same for all areas, so that what a file leaves out is said. An answer is one sentence for people with its source;
the rule it speaks of stands in the file's other keys, or in those of the files above it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, TypeAlias

from policies.language.binding import Complaint, OneOrMany, Reader, exactly_one, show
from policies.language.text import Node, RefusedError

Question: TypeAlias = Literal[
    "inside_area",
    "inside_province",
    "inside_region",
    "unfiled_inside",
    "unfiled_outside",
    "dual_benefit",
    "validity_long_term",
    "validity_temporary",
    "validity_disease",
    "locks",
    "lanes",
    "make_up",
    "emergency",
    "referral",
    "referral_disease",
    "deductible_later",
    "deductible_linked",
    "students",
    "newborns",
    "annual_cap",
    "large_amount",
    "serious_illness",
    "assistance",
    "chronic_diseases",
    "ratio_base",
    "injury",
    "maternity",
    "pharmacies",
]
QUESTION_LABELS: dict[Question, str] = {
    "inside_area": "统筹区内就医",
    "inside_province": "省内异地就医",
    "inside_region": "区域内异地就医",
    "unfiled_inside": "省内未备案",
    "unfiled_outside": "跨省未备案",
    "dual_benefit": "双向享受待遇",
    "validity_long_term": "长期备案有效期",
    "validity_temporary": "临时备案有效期",
    "validity_disease": "分病种有效期",
    "locks": "变更和取消时限",
    "lanes": "审核或即时办结",
    "make_up": "补办备案",
    "emergency": "急诊抢救",
    "referral": "转诊",
    "referral_disease": "分病种转诊",
    "deductible_later": "再次住院起付线",
    "deductible_linked": "连续住院起付线",
    "students": "假期学生",
    "newborns": "新生儿",
    "annual_cap": "年度封顶线",
    "large_amount": "职工大额补助",
    "serious_illness": "大病保险",
    "assistance": "医疗救助",
    "chronic_diseases": "门诊慢特病病种",
    "ratio_base": "比例的基数",
    "injury": "意外伤害",
    "maternity": "生育",
    "pharmacies": "定点药店",
}
OF_BENEFITS: frozenset[Question] = frozenset(
    {
        "deductible_later",
        "deductible_linked",
        "annual_cap",
        "large_amount",
        "serious_illness",
        "assistance",
        "ratio_base",
        "students",
        "newborns",
        "maternity",
        "pharmacies",
        "injury",
    }
)
"""What a file without benefits is not asked."""


def _chinese(node: Node) -> str:
    if isinstance(node.value, str) and re.search(r"[一-鿿]", node.value):
        return node.value
    raise RefusedError("type_wrong", f"应为一句中文，实际是 {show(node)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`says`: what the sources say, in one sentence; `not_known`: what was not found."""

    WORDS: ClassVar[Mapping[str, str]] = {"not_known": "没有找到规定"}
    says: Annotated[str, Reader(_chinese)] = ""
    not_known: Annotated[str, Reader(_chinese)] = ""
    source: Annotated[tuple[str, ...], OneOrMany()] = ()
    line: int = field(default=0, compare=False)

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[Complaint]:
        yield from exactly_one(given, "says", "not_known")
        if "says" in given and "source" not in given:
            yield "source", "key_missing", "says 需要写明 source（一个或一列来源编号）", None
        if "not_known" in given and "source" in given:
            yield "source", "keys_conflict", "source 只与 says 一起用", None


Questions: TypeAlias = Mapping[Question, Answer]
