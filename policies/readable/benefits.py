"""Benefits and supplements in words: what is not paid, the deductible, bands, adjustments, caps, further funds. One list, one function."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from policies.language.omissions import Omission, omission_label
from policies.language.schema import (
    Band,
    Benefit,
    Cap,
    DeductibleAdjustment,
    DeductibleRule,
    FundCap,
    NotIncluded,
    RatioAdjustment,
    RefusalRule,
    Share,
    Supplement,
)
from policies.language.terms import CARE_LABELS
from policies.language.wording import FUND_LABELS, INSURANCE_LABELS, LEVEL_LABELS, digits, percent
from policies.readable.pieces import Cited, Names, Piece, Row, Section, Sentence, Table, present
from policies.readable.words import ALL, ordered, when_words, yuan

FIRST = "自上而下，以最先符合的一行为准。"
EVERY = "符合的各行依次调整。"
FREE = "没有列出的情形不设起付线。"
SILENT = "没有列出的情形尚无依据，不计算待遇。"
NOBODY = "没有列出的情形不享受。"
UNCAPPED = "没有找到，不按封顶计算"
NOTHING = "没有列出的情形不支付。"
_PERIODS = {
    "admission": "起付线按次计算。",
    "year": "起付线在一个医保年度内累计计算。",
    "month": "起付线按月累计计算。",
}
_OF = {"pooled": "统筹基金支付额", "scope": "政策范围内费用"}


def benefit_section(benefit: Benefit, cited: Cited, names: Names) -> Section:
    """One benefit as a section."""
    title = f"{INSURANCE_LABELS[benefit.insurance]} · {CARE_LABELS[benefit.care]}"
    pieces = (
        _scope(benefit, cited, names),
        _refusals("不予支付", benefit.not_covered, "不予支付", benefit, cited, names),
        _refusals("尚无依据", benefit.not_known, "没有找到规定，不计算待遇", benefit, cited, names),
        _level_as(benefit, cited, names),
        _first_pay(benefit, cited, names),
        *_deductible(benefit, cited, names),
        *share_pieces(benefit.share, benefit.source, cited, names),
        _floor(benefit, cited, names),
        _limits(benefit, cited, names),
        _caps(benefit, cited, names),
    )
    return Section(f"benefit:{benefit.id}", title + _whom(benefit, names), present(pieces))


def listed(
    title: str,
    column: str,
    rules: Sequence[Any],
    says: Callable[[Any], str],
    above: tuple[str | None, ...],
    cited: Cited,
    names: Names,
    *,
    every: bool = False,
    rest: str = "",
) -> Table:
    """A list of rules as a table of cases; `every`: all that match apply, else the first. `rest`: what no row names."""
    cases = [when_words(rule.when, names) for rule in rules] if every else ordered([r.when for r in rules], names)
    rows = (Row((case, says(rule)), cited.of(rule.source, *above)) for case, rule in zip(cases, rules, strict=True))
    return Table(title, ("情形", column), tuple(rows), _note(rules, EVERY if every else FIRST, rest))


def _note(rules: Sequence[Any], how: str, rest: str) -> str:
    """How the rows are read together, and what holds where none of them fits."""
    return (how if len(rules) > 1 else "") + (rest if rules and rules[-1].when else "")


def _whom(benefit: Benefit, names: Names) -> str:
    words = [when_words(benefit.when, names)] if benefit.when else []
    words += ["、".join(map(names, benefit.diseases))] if benefit.diseases else []
    return f"（{'；'.join(words)}）" if words else ""


def _scope(benefit: Benefit, cited: Cited, names: Names) -> Sentence | None:
    if benefit.counter is None or benefit.counter == benefit.care:
        return None
    counter = CARE_LABELS.get(benefit.counter, benefit.counter)  # type: ignore[call-overload]
    return Sentence("年度累计", f"年度累计与{counter}合并计算。", cited.of(benefit.source))


def _refusals(
    title: str, rules: Sequence[RefusalRule], verdict: str, benefit: Benefit, cited: Cited, names: Names
) -> Table:
    def says(rule: RefusalRule) -> str:
        return f"{verdict}：{rule.reason}" if rule.reason else verdict

    return listed(title, "结论", rules, says, (benefit.source,), cited, names)


def _level_as(benefit: Benefit, cited: Cited, names: Names) -> Table:
    return listed(
        "适用等级", "执行标准", benefit.level_as, lambda rule: f"按{LEVEL_LABELS[rule.level]}的标准", (benefit.source,), cited, names
    )  # fmt: skip


def _first_pay(benefit: Benefit, cited: Cited, names: Names) -> Table:
    def says(rule: Any) -> str:
        return "全部由个人负担" if rule.ratio == 1 else f"政策范围内费用的{percent(rule.ratio)}"

    return listed("个人先行自付", "先行自付", benefit.first_pay, says, (benefit.source,), cited, names)


def _deductible(benefit: Benefit, cited: Cited, names: Names) -> list[Piece | None]:
    deductible = benefit.deductible
    if deductible is None:
        return [Sentence("起付线", "不设起付线。", cited.of(benefit.source))]
    above = (deductible.source, benefit.source)
    sentences = [_PERIODS[deductible.period]]
    sentences += ["同一疗程转院或者连续住院的，只补足起付线差额。"] if deductible.linked else []
    if deductible.annual_max is not None:
        sentences.append(f"一个医保年度内起付线累计不超过{yuan(deductible.annual_max)}。")
    return [
        Sentence("起付线", "".join(sentences), cited.of(*above)),
        listed("起付线", "起付标准", deductible.amounts, _amount, above, cited, names, rest=FREE),
        listed("起付线调整", "调整", deductible.adjust, _deductible_change, above, cited, names, every=True),
    ]


def _amount(rule: DeductibleRule) -> str:
    if rule.amount is not None:
        return yuan(rule.amount) if rule.amount else "不设起付线"
    assert rule.percent_of_total is not None
    bounds = [f"不低于{yuan(rule.min)}"] if rule.min is not None else []
    bounds += [f"不高于{yuan(rule.max)}"] if rule.max is not None else []
    return "，".join([f"总费用的{percent(rule.percent_of_total)}", *bounds])


def _deductible_change(rule: DeductibleAdjustment) -> str:
    if rule.times is not None:
        return f"起付线乘以{digits(rule.times)}{_by(rule.times)}"
    assert rule.add is not None
    return f"起付线增加{yuan(rule.add)}" if rule.add >= 0 else f"起付线减少{yuan(-rule.add)}"


def _by(times: Decimal) -> str:
    """1.05 → （提高5%）."""
    if times in (0, 1):
        return ""
    return f"（提高{percent(times - 1)}）" if times > 1 else f"（降低{percent(1 - times)}）"


def share_pieces(share: Share, above: str | None, cited: Cited, names: Names) -> list[Piece | None]:
    """The bands of the pooled fund's share and what adjusts them."""
    sources = (share.source, above)
    base = "按一个医保年度的费用累计分段" if share.base == "year" else "每次结算单独分段"
    measure = "起付线计入分段" if share.measure == "scope" else "起付线以上的部分开始分段"
    several = len(share.bands) > 1
    return [
        Sentence("费用分段", f"{base}，{measure}。", cited.of(*sources)) if several else None,
        bands_table("统筹基金支付比例", share.bands, sources, cited, names),
        listed("支付比例调整", "调整", share.adjust, _ratio_change, sources, cited, names, every=True),
    ]


def bands_table(
    title: str,
    bands: Sequence[Band],
    above: tuple[str | None, ...],
    cited: Cited,
    names: Names,
    *,
    start: str = "",
    rest: str = SILENT,
) -> Table:
    """Bands × cases; the stretch of money is a column only where there is more than one."""
    several = len(bands) > 1
    rows: list[Row] = []
    low: Decimal | None = None
    for band in bands:
        stretch = (_stretch(low, band.upto, start),) if several else ()
        for case, rule in zip(ordered([rule.when for rule in band.ratios], names), band.ratios, strict=True):
            rows.append(Row((*stretch, case, percent(rule.ratio)), cited.of(rule.source, band.source, *above)))
        low = band.upto
    columns = ("费用分段", "情形", "支付比例") if several else ("情形", "支付比例")
    how = f"同一段内{FIRST}" if several else FIRST
    ranked = any(len(band.ratios) > 1 for band in bands)
    silent = any(band.ratios and band.ratios[-1].when for band in bands)
    return Table(title, columns, tuple(rows), how * ranked + rest * silent)


def _stretch(low: Decimal | None, high: Decimal | None, start: str) -> str:
    if low is None:
        return f"{start}{yuan(high)}以内" if high is not None else "全部"
    return f"{start}{yuan(low)}以上" if high is None else f"{start}{yuan(low)}至{yuan(high)}"


def _ratio_change(rule: RatioAdjustment) -> str:
    bounds = [f"不低于{percent(rule.min)}"] if rule.min is not None else []
    bounds += [f"不高于{percent(rule.max)}"] if rule.max is not None else []
    return "，".join([_change_of_ratio(rule), *bounds])


def _change_of_ratio(rule: RatioAdjustment) -> str:
    if rule.points is not None:
        points = digits(abs(rule.points))
        return f"提高{points}个百分点" if rule.points >= 0 else f"降低{points}个百分点"
    if rule.times is not None:
        return f"支付比例乘以{digits(rule.times)}{_by(rule.times)}"
    assert rule.self_times is not None
    return f"个人负担比例乘以{digits(rule.self_times)}"


def _floor(benefit: Benefit, cited: Cited, names: Names) -> Table:
    return listed(
        "保底支付", "最低支付", benefit.floor, lambda rule: f"不低于{percent(rule.ratio)}", (benefit.source,), cited, names
    )  # fmt: skip


def _limits(benefit: Benefit, cited: Cited, names: Names) -> Table:
    each = "每个病种" if benefit.care == "chronic" else ""

    def says(rule: Any) -> str:
        period = "每年" if rule.period == "year" else "每月"
        return f"{each}{period}{_OF[rule.of]}不超过{yuan(rule.amount)}"

    return listed("限额", "限额", benefit.limits, says, (benefit.source,), cited, names)


def _caps(benefit: Benefit, cited: Cited, names: Names) -> Table:
    def says(rule: Cap) -> str:
        if rule.amount is None or rule.of is None:
            return f"{UNCAPPED}：{rule.not_known}"
        return f"每年{_OF[rule.of]}不超过{yuan(rule.amount)}"

    return listed("年度封顶线", "封顶线", benefit.annual_cap, says, (benefit.source,), cited, names)


_INCLUDED = {"first_copay": "乙类项目先行自付", "over_limit": "超限价部分"}


def supplement_section(supplement: Supplement, cited: Cited, names: Names) -> Section:
    """One supplement as a section."""
    whom = f"（{when_words(supplement.when, names)}）" if supplement.when else ""
    title = f"{INSURANCE_LABELS[supplement.insurance]} · {FUND_LABELS[supplement.fund]}{whom}"
    pieces = (
        Sentence("支付范围", _pays_from(supplement), cited.of(supplement.source)),
        listed("起付标准", "起付标准", supplement.thresholds, _sum, (supplement.source,), cited, names, rest=NOBODY),
        *_pays(supplement, cited, names),
        listed("年度限额", "年度限额", supplement.annual_cap, _cap, (supplement.source,), cited, names),
    )
    return Section(f"supplement:{supplement.id}", title, present(pieces))


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


def _cap(rule: FundCap) -> str:
    return f"{UNCAPPED}：{rule.not_known}" if rule.amount is None else f"每年不超过{yuan(rule.amount)}"


def not_included_section(entries: Iterable[NotIncluded], cited: Cited, names: Names) -> Section:
    """What the file says it does not know, for whom."""
    rows = (Row((_whose(one, names), _omitted(one), one.reason), cited.of(one.source)) for one in entries)
    return Section(
        "not_included",
        "未计入",
        (Table("未计入", ("情形", "未计入", "原因"), tuple(rows), "只在答复中列出，不参与计算。"),),
    )


def _whose(entry: NotIncluded, names: Names) -> str:
    insurance = (INSURANCE_LABELS[entry.insurance],) if entry.insurance else ()
    care = ("或".join(CARE_LABELS[care] for care in entry.care),) if entry.care else ()
    conditions = (when_words(entry.when, names),) if entry.when else ()
    return "，".join((*insurance, *care, *conditions)) or ALL


def _omitted(entry: NotIncluded) -> str:
    return omission_label(Omission(entry.kind, entry.fund, entry.reason))
