"""Supplements in words: 大额补助, 大病保险, 医疗救助 … (POLICY.md §3)."""

from typing import Any

from policies.language.schema import Supplement
from policies.language.terms import CARE_LABELS
from policies.language.wording import FUND_LABELS, INSURANCE_LABELS, percent
from policies.readable.benefits import bands_table, listed
from policies.readable.pieces import Cited, Names, Piece, Section, Sentence, present
from policies.readable.words import when_words, yuan

NOBODY = "没有列出的情形不享受。"
NOTHING = "没有列出的情形不支付。"
_INCLUDED = {"first_copay": "乙类项目先行自付", "over_limit": "超限价部分"}


def supplement_section(supplement: Supplement, cited: Cited, names: Names) -> Section:
    """One supplement as a section."""
    whom = f"（{when_words(supplement.when, names)}）" if supplement.when else ""
    title = f"{INSURANCE_LABELS[supplement.insurance]} · {FUND_LABELS[supplement.fund]}{whom}"
    told = (
        Sentence("支付范围", _pays_from(supplement), cited.of(supplement.source)),
        listed("起付标准", "起付标准", supplement.thresholds, _sum, (supplement.source,), cited, names, rest=NOBODY),
        *_pays(supplement, cited, names),
        listed("年度限额", "年度限额", supplement.annual_cap, _cap, (supplement.source,), cited, names),
    )
    return Section(f"supplement:{supplement.id}", title, present(told))


def _pays_from(supplement: Supplement) -> str:
    care = f"{'、'.join(CARE_LABELS[care] for care in supplement.care)}：" if supplement.care else ""
    if supplement.kind == "above_cap":
        return f"{care}对超过统筹基金年度封顶线的政策范围内费用，再按比例支付。"
    period = "一个医保年度内累计的" if supplement.period == "year" else "本次就医的"
    included = "、".join(_INCLUDED[name] for name in supplement.includes)
    sentences = [f"{care}{period}个人负担（政策范围内费用减去统筹基金支付）超过起付标准的部分，按比例支付。"]
    sentences += [f"{included}也计入个人负担。"] if included else []
    sentences += ["异地就医先行自付的部分不计入个人负担。"] if supplement.excludes_first_pay else []
    return "".join(sentences)


def _pays(supplement: Supplement, cited: Cited, names: Names) -> list[Piece | None]:
    if supplement.ratios:

        def says(rule: Any) -> str:
            return percent(rule.ratio)

        return [
            listed("支付比例", "支付比例", supplement.ratios, says, (supplement.source,), cited, names, rest=NOTHING)
        ]
    counted = supplement.kind == "burden" and supplement.measure == "above"
    start = "起付标准以上" if counted else ""
    return [bands_table("支付比例", supplement.bands, (supplement.source,), cited, names, start=start, rest=NOTHING)]


def _sum(rule: Any) -> str:
    return yuan(rule.amount)


def _cap(rule: Any) -> str:
    return f"每年不超过{yuan(rule.amount)}"
