"""The filing rules (备案规则) in words: what holds for each type, and what holds for all; each rule is marked as the file's own or one from above."""

from collections.abc import Iterator

from policies.language.filing_schema import FilingRules, Vacation
from policies.language.filing_types import Source
from policies.language.merging import Section as Written
from policies.language.terms import CARE_LABELS, FILING_TYPES, PERSON_LABELS, TRAVEL_LABELS, FilingType, Span
from policies.readable import notice_parts
from policies.readable.notice_parts import Names, Subject
from policies.readable.pieces import Piece, Row, Section, Sentence, Table

LOCAL, ABOVE = "本文件规定", "沿用上级规定"
_PARTS = (
    ("是否需要备案", notice_parts.need, ("needed", "travel")),
    ("材料", notice_parts.documents, ("documents",)),
    ("办理", notice_parts.lane, ("lane",)),
    ("有效期", notice_parts.validity, ("validity",)),
    ("变更和取消", notice_parts.lock, ("lock",)),
)
_LANES = {"review": "审核", "instant": "即时办结", "closed": "不受理"}
_REVIEWED = {
    "filing": "备案",
    "referral": "转诊",
    "recognition": "慢特病认定",
    "claim": "手工报销",
    "proof": "补充材料",
}


def filing_sections(rules: FilingRules, written: Written | None, area_name: str, names: Names) -> Iterator[Section]:
    """A section for the six types side by side, and one for everything else. `written`: what the file itself says."""
    own = {".".join(path) for path in written.units} if written is not None else set()
    yield Section("filing:types", "备案 · 各类人员", tuple(_types(rules, own, area_name, names)))
    yield Section("filing:rules", "备案 · 共同规定", tuple(_common(rules, own, area_name, names)))


def _types(rules: FilingRules, own: set[str], area_name: str, names: Names) -> Iterator[Piece]:
    for kind in FILING_TYPES:
        subject = Subject(area_name, rules.types[kind], rules, names, None)
        rows = [row for part in _PARTS if (row := _row(subject, kind, part, own))]
        travel = f"按“{TRAVEL_LABELS[subject.type.travel]}”结算；可直接结算{'、'.join(CARE_LABELS[c] for c in subject.type.covers)}"
        keys = (f"types.{kind}.travel", f"types.{kind}.covers")
        rows.append(Row(("待遇", travel), _sources(rules, keys), _whose(keys, own)))
        yield Table(subject.type.label, ("事项", "规定"), tuple(rows))


def _row(subject: Subject, kind: FilingType, part: tuple[str, object, tuple[str, ...]], own: set[str]) -> Row | None:
    title, tells, names = part
    sentences = tells(subject)  # type: ignore[operator]
    keys = tuple(f"types.{kind}.{name}" for name in names)
    return Row((title, "".join(sentences)), _sources(subject.rules, keys), _whose(keys, own)) if sentences else None


def _common(rules: FilingRules, own: set[str], area_name: str, names: Names) -> Iterator[Piece]:
    long_term = Subject(area_name, rules.types["resident"], rules, names, None)
    referral = Subject(area_name, rules.types["referral"], rules, names, None)
    rows = (
        ("emergency", "急诊", _emergency(rules)),
        ("commitment", "个人承诺", "".join(notice_parts.commitment(long_term)) or "不接受以个人承诺代替材料。"),
        ("destination", "备案到", _destination(rules, names)),
        ("exempt", "免备案", "".join(notice_parts.exempt(long_term)) or "没有免备案的地区。"),
        ("dual_benefit", "回参保地就医", "".join(notice_parts.dual(long_term))),
        ("vacation", "学生假期", _vacation(rules.vacation)),
        ("injury", "外伤", _injury(rules)),
        ("newborns", "新生儿", _newborns(rules)),
        ("maternity", "生育", _maternity(rules)),
        ("referral", "转诊", "".join(notice_parts.referral(referral))),
        ("chronic", "门诊慢特病", _chronic(rules, names)),
        ("make_up", "补办", _make_up(rules)),
        ("claim", "手工报销", _claim(rules)),
        ("review", "审核时限", _review(rules)),
    )
    table_rows = (Row((title, text), _sources(rules, (key,)), _whose((key,), own)) for key, title, text in rows if text)
    yield Table("共同规定", ("事项", "规定"), tuple(table_rows))
    yield Sentence("来历", "“沿用上级规定”指本文件没有写，按省级或者国家的规定执行。")


def _whose(keys: tuple[str, ...], own: set[str]) -> str:
    mine = any(name == key or name.startswith(f"{key}.") for key in keys for name in own)
    return LOCAL if mine else ABOVE


def _sources(rules: FilingRules, keys: tuple[str, ...]) -> tuple[Source, ...]:
    sources = [
        source for name, source in rules.sources.items() if any(name == k or name.startswith(f"{k}.") for k in keys)
    ]
    sources += [source for key in keys if (source := rules.source_of(key)) is not None]
    return tuple(dict.fromkeys(sources))


def _emergency(rules: FilingRules) -> str:
    report = rules.emergency.report
    text = (
        "就医地医疗机构上传急诊标识的，视同已备案。" if rules.emergency.mode == "deemed" else "急诊须报告后按急诊结算。"
    )
    if report is None:
        return text
    terms = [f"入院后{report.within.label}内"] if report.within else []
    terms += ["出院结算前"] if report.before_discharge else []
    where = "在未联网的医疗机构急诊的，" if report.outside_network_only else ""
    note = f"{report.note}。" if report.note else ""
    return f"{text}{where}须在{'、'.join(terms) or '规定时间内'}报告，逾期按“{TRAVEL_LABELS[report.late]}”结算。{note}"


def _destination(rules: FilingRules, names: Names) -> str:
    whole = "、".join(map(names, rules.destination.whole_provinces))
    chosen = rules.destination.institutions
    limit = f"须选定医疗机构，最多{chosen}家。" if chosen else "不需要选定医疗机构。"
    return f"{whole}按省备案，其他地区按地市备案。{limit}"


def _vacation(rule: Vacation | None) -> str:
    if rule is None:
        return "没有查到规定，按一般异地就医结算。"
    who = "、".join(PERSON_LABELS[person] for person in rule.persons)
    how = "备案后结算或者回参保地报销的，" if rule.needed else "不需要备案，"
    return f"{who}假期在外就医，{how}按“{TRAVEL_LABELS[rule.travel]}”结算。{_noted(rule.note)}"


def _injury(rules: FilingRules) -> str:
    rule = rules.injury
    signed = "须承诺无第三方责任，" if rule.statement else ""
    how = "可以直接结算" if rule.direct else "不直接结算，自费后回参保地报销"
    return f"外伤{signed}{how}。{_noted(rule.note)}"


def _newborns(rules: FilingRules) -> str:
    rule = rules.newborns
    if rule is None:
        return "没有查到规定，不直接结算；自费后回参保地报销。"
    within = f"出生{rule.within.label}内" if rule.within else ""
    how = "可以直接结算" if rule.direct else "不直接结算，自费后回参保地报销"
    travel = f"按“{TRAVEL_LABELS[rule.travel]}”" if rule.travel else "按母亲的异地就医情形"
    return f"{within}尚无本人编号的新生儿随母亲就医，{travel}结算，{how}。{_noted(rule.note)}"


def _maternity(rules: FilingRules) -> str:
    rule = rules.maternity
    if rule is None:
        return "没有查到规定，不直接结算；自费后回参保地报销。"
    how = "可以直接结算" if rule.direct else "不直接结算，自费后回参保地报销"
    return f"生育住院{how}。{_noted(rule.note)}"


def _noted(note: str) -> str:
    return f"{note}。" if note else ""


def _chronic(rules: FilingRules, names: Names) -> str:
    chronic = rules.chronic
    starts = {"next_month": "认定次月起享受待遇", "at_once": "认定之日起享受待遇"}[chronic.starts]
    renewal = f"每{chronic.renewal.label}复审" if isinstance(chronic.renewal, Span) else "不需要定期复审"
    chosen = f"须选定医疗机构，最多{chronic.institutions}家；" if chronic.institutions else ""
    note = f"{chronic.note}。" if chronic.note else ""
    return f"跨省直接结算病种：{'、'.join(map(names, chronic.diseases))}。{chosen}{starts}，{renewal}。{note}"


def _make_up(rules: FilingRules) -> str:
    make_up = rules.make_up
    lines = ["出院结算前补办备案的，可以直接结算。"] if make_up.before_discharge else ["出院结算前不能补办。"]
    lines += [f"自费结算后{make_up.after.label}内补办的，可以申请报销。"] if make_up.after else []
    return "".join([*lines, f"{make_up.note}。" if make_up.note else ""])


def _claim(rules: FilingRules) -> str:
    claim = rules.claim
    deadline = f"出院后{claim.deadline.label}内" if isinstance(claim.deadline, Span) else "出院次年年底前"
    catalogue = {"insured": "参保地", "care": "就医地"}[claim.catalogue]
    documents = "；".join(document.label for document in claim.documents)
    note = f"{claim.note}。" if claim.note else ""
    return f"{deadline}申请，执行{catalogue}目录。材料：{documents}。{note}"


def _review(rules: FilingRules) -> str:
    days = "；".join(
        f"{label}{'、'.join(f'{count}个工作日' for count in getattr(rules.review, kind).stages)}"
        for kind, label in _REVIEWED.items()
    )
    due = "到期未办、核查无问题的自动通过" if rules.review.approve_when_due else "到期未办的转主管督办"
    return f"{days}（分阶段的依次为初审、复审）。{rules.review.close_of_business}下班；{due}。"
