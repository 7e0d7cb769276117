"""A policy in Chinese sentences and tables, for an official who reads no YAML (pure).

`readable(policy, rules, names)` says every benefit, every supplement and the filing rules; each figure carries its source.
"""

from collections.abc import Iterator

from policies.language.filing_schema import FilingRules
from policies.language.questions import QUESTION_LABELS
from policies.language.schema import PolicyFile
from policies.language.wording import day
from policies.readable.benefits import benefit_section, not_included_section, supplement_section
from policies.readable.filing import filing_sections
from policies.readable.pieces import Cited, Names, Readable, Row, Section, SectionChange, Sentence, Table, compare
from policies.readable.words import case_words, expected_words

__all__ = [
    "Names",
    "Readable",
    "Row",
    "Section",
    "SectionChange",
    "Sentence",
    "Table",
    "case_words",
    "compare",
    "expected_words",
    "readable",
]


def readable(policy: PolicyFile, rules: FilingRules, names: Names) -> Readable:
    """The policy for people. `rules`: the filing rules as they hold with it, what lies below it included."""
    return Readable(policy.name, tuple(_sections(policy, rules, names)))


def _sections(policy: PolicyFile, rules: FilingRules, names: Names) -> Iterator[Section]:
    cited = Cited({source.id: source for source in policy.sources})
    yield Section("general", "总则", tuple(_general(policy, names)))
    for benefit in policy.benefits or ():
        yield benefit_section(benefit, cited, names)
    for supplement in policy.supplements:
        yield supplement_section(supplement, cited, names)
    if policy.not_included:
        yield not_included_section(policy.not_included, cited, names)
    yield from filing_sections(rules, policy.filing, names(policy.area), names)
    if policy.questions:
        yield Section("questions", "问与答", (_answers(policy, cited),))


def _general(policy: PolicyFile, names: Names) -> Iterator[Sentence]:
    yield Sentence("适用范围", f"适用于{names(policy.area)}的参保人员。")
    yield Sentence("有效期", _period(policy))
    if policy.checked_on is not None:
        yield Sentence("核对", f"{day(policy.checked_on)}与来源核对过。")
    if policy.benefits is None:
        yield Sentence("待遇", "本文件只规定备案，不规定待遇；待遇按上级文件执行。")
        return
    month, first = map(int, policy.year_starts.split("-"))
    stay = {"discharge": "出院日", "admission": "入院日"}[policy.stay_rule]
    yield Sentence("医保年度", f"医保年度自每年{month}月{first}日开始。")
    yield Sentence("适用日", f"住院按{stay}确定适用的文件、年度和月份；门诊按就诊日。")
    account = "可以" if policy.account_abroad else "不可以"
    yield Sentence("个人账户", f"在异地就医时{account}使用个人账户支付。")


def _answers(policy: PolicyFile, cited: Cited) -> Table:
    """The questions that every area is asked, in their order, with what the sources say."""
    answers = (
        (label, policy.questions[question])
        for question, label in QUESTION_LABELS.items()
        if question in policy.questions
    )
    rows = (
        Row(
            (label, answer.says or f"不详：{answer.not_known}"),
            tuple(each for name in answer.source for each in cited.of(name)),
        )
        for label, answer in answers
    )
    return Table("问与答", ("问题", "回答"), tuple(rows), "每个地区都回答同样的问题；计算以其他各节的规定为准。")


def _period(policy: PolicyFile) -> str:
    since = day(policy.effective_from)
    if policy.effective_until is None:
        return f"自{since}起有效，直至由后续文件接替。"
    return f"自{since}起有效，至{day(policy.effective_until)}前。"
