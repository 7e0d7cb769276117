"""What a file that the project ships leaves unsaid: questions without an answer, and funds and caps nobody wrote a word about."""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from policies.language.loader import NATIONAL
from policies.language.questions import OF_BENEFITS, QUESTION_LABELS, Question
from policies.language.schema import Benefit, PolicyFile
from policies.language.terms import Insurance
from policies.language.text import Problem
from policies.language.wording import FUND_LABELS, INSURANCE_LABELS

Answered: TypeAlias = Literal["known", "not_known", "unanswered", "not_asked"]
ANSWERED_LABELS: dict[Answered, str] = {"known": "已知", "not_known": "不详", "unanswered": "未答", "not_asked": "-"}


def answered(policy: PolicyFile, question: Question) -> Answered:
    """How a file answers a question. One of filing rules alone is not asked of benefits, the national one is asked nothing."""
    answer = policy.questions.get(question)
    if answer is not None:
        return "known" if answer.says else "not_known"
    of_filing = policy.benefits is None and question in OF_BENEFITS
    return "not_asked" if of_filing or policy.area == NATIONAL else "unanswered"


def unsaid(policy: PolicyFile) -> list[Problem]:
    """All that a file leaves unsaid, each where it belongs; none: it is complete."""
    return [*_undated(policy), *_unanswered(policy), *_uncapped(policy), *_unfunded(policy)]


def _undated(policy: PolicyFile) -> Iterator[Problem]:
    if policy.checked_on is None:
        yield Problem(policy.file, 1, "checked_on", "unsaid", "没有写明何时与来源核对过")


def _unanswered(policy: PolicyFile) -> Iterator[Problem]:
    for question, label in QUESTION_LABELS.items():
        if answered(policy, question) == "unanswered":
            expected = f"“{label}”没有回答：写有来源的一句话，或者 not_known"
            yield Problem(policy.file, 1, f"questions.{question}", "unsaid", expected)


def _uncapped(policy: PolicyFile) -> Iterator[Problem]:
    """Every stay that is paid for has a cap, of known amount or not."""
    for i, benefit in enumerate(policy.benefits or ()):
        if benefit.care == "inpatient" and pays(benefit) and not benefit.annual_cap:
            expected = "没有写年度封顶线：写金额，或者 not_known"
            yield Problem(policy.file, benefit.line, f"benefits[{i}].annual_cap", "unsaid", expected)


FurtherFund: TypeAlias = Literal["large_amount", "serious_illness", "assistance"]
"""What both a fund and a question are called."""
FUNDS: dict[Insurance, tuple[FurtherFund, ...]] = {
    "employee": ("large_amount", "assistance"),
    "resident": ("serious_illness", "assistance"),
}
_NONE = re.compile("没有|不设|不另|不单独|未设|未单独|并入|合并|包含|含在|统一由|取消")


def _unfunded(policy: PolicyFile) -> Iterator[Problem]:
    """Every fund beside the pooled one is a supplement, or known to be missing, or a sentence says that there is none."""
    for insurance, funds in FUNDS.items():
        stays = [one for one in policy.benefits or () if (one.insurance, one.care) == (insurance, "inpatient")]
        for fund in funds if any(map(pays, stays)) else ():
            if not _funded(policy, insurance, fund) and not _NONE.search(_said(policy, fund)):
                expected = (
                    f"{INSURANCE_LABELS[insurance]}的{FUND_LABELS[fund]}没有写：写进 supplements 或 not_included，"
                    f"或者在 questions.{fund} 说明没有这一项、并入了哪一项"
                )
                yield Problem(policy.file, 1, f"supplements.{fund}", "unsaid", expected)


def _funded(policy: PolicyFile, insurance: Insurance, fund: FurtherFund) -> bool:
    supplements = any((one.insurance, one.fund) == (insurance, fund) for one in policy.supplements)
    return supplements or any(
        (one.kind, one.fund) == ("fund", fund) and one.insurance in (None, insurance) for one in policy.not_included
    )


def _said(policy: PolicyFile, fund: FurtherFund) -> str:
    answer = policy.questions.get(fund)
    return answer.says if answer is not None else ""


def pays(benefit: Benefit) -> bool:
    """Not only a refusal."""
    return all(rule.when for rule in (*benefit.not_covered, *benefit.not_known))
