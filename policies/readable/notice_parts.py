"""The parts of a notice (备案告知书): each says its sentences in Chinese, or none where there is nothing to say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from policies.language.filing_schema import Exemption, FilingRules
from policies.language.filing_types import Document, TypeRules
from policies.language.terms import LONG_TERM, TRAVEL_LABELS, FilingType, Span

Names: TypeAlias = Callable[[str], str]
"""The name of an area by its code."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the notice is about."""

    area: str
    type: TypeRules
    rules: FilingRules
    name_of: Names
    on: date | None

    @property
    def long_term(self) -> bool:
        return self.type.type in LONG_TERM

    @property
    def deemed(self) -> bool:
        """Emergencies that count as filed without anybody filing."""
        emergency = self.rules.emergency
        return self.type.type == "emergency" and emergency.mode == "deemed" and emergency.report is None

    @property
    def filed(self) -> bool:
        """Somebody has to file at all."""
        return self.type.needed and not self.deemed


_WHO: Mapping[FilingType, str] = {
    "retiree": "退休后在异地定居，并且户籍迁入定居地的人员。",
    "resident": "在异地居住生活的人员。",
    "worker": "由用人单位派驻异地工作，或者在异地工作的人员。",
    "referral": "因参保地医疗条件所限，经参保地有转诊资格的医疗机构同意，转往异地就医的人员。",
    "emergency": "在异地因急诊、抢救就医的人员。",
    "other": "因出差、旅游、探亲等临时外出，需要在异地就医的人员。",
}


def who(subject: Subject) -> list[str]:
    lines = [_WHO[subject.type.type]]
    if subject.type.residence.at_least:
        lines.append(f"须在就医地居住（或者预计居住）{subject.type.residence.at_least.label}以上。")
    if subject.type.not_for:
        lines.append(f"下列人员不办理此类备案：{'；'.join(rule.label for rule in subject.type.not_for)}。")
    return lines


def need(subject: Subject) -> list[str]:
    rules = subject.rules
    if not subject.type.needed:
        travel = TRAVEL_LABELS[subject.type.travel]
        return [f"此类就医不需要办理备案，持医保电子凭证或社会保障卡直接就医，按“{travel}”结算。"]
    if subject.type.type == "emergency" and rules.emergency.mode == "deemed":
        return ["就医地医疗机构上传急诊标识的，视同已备案，不需要另行办理。", *_report(subject)]
    return _report(subject) if subject.type.type == "emergency" else []


def _report(subject: Subject) -> list[str]:
    report = subject.rules.emergency.report
    if report is None:
        return []
    terms = [f"入院后{report.within.label}内"] if report.within else []
    terms += ["出院结算前"] if report.before_discharge else []
    where = "在未联网的医疗机构急诊的，" if report.outside_network_only else ""
    lines = [f"{where}请在{'、'.join(terms)}向参保地经办机构报告。"] if terms else []
    return lines + ([f"{report.note}。"] if report.note else [])


def documents(subject: Subject) -> list[str]:
    if not subject.filed:
        return []
    enough = subject.rules.commitment.supply is None
    listed = [_document(document, promise_is_enough=enough) for document in subject.type.documents]
    return [f"{i}. {document}。" for i, document in enumerate(listed, start=1)] or ["不需要提交材料。"]


def _document(document: Document, *, promise_is_enough: bool) -> str:
    promise = "可以用个人承诺书代替" if promise_is_enough else "可先签署个人承诺书，之后补齐"
    remarks = ["有则提供"] * (not document.required) + [promise] * document.commitment + [document.note]
    return document.label + "".join(f"（{remark}）" for remark in remarks if remark)


def lane(subject: Subject) -> list[str]:
    days = subject.rules.review.working_days("filing")
    words = {
        "review": f"自提交次日起{days}个工作日内审核办结",
        "instant": "即时办结",
        "closed": "不受理",
    }
    if not subject.filed:
        return []
    lines = [f"{words[subject.type.lane.default]}。"]
    channels = subject.type.lane.channels.items()
    return lines + [f"{_CHANNELS[channel]}：{words[lane]}。" for channel, lane in channels]


_CHANNELS = {"national": "国家医保服务平台", "local": "参保地医保线上渠道", "window": "经办窗口"}


def validity(subject: Subject) -> list[str]:
    validity = subject.type.validity
    if not subject.filed:
        return []
    if isinstance(validity.term, Span):
        lines = [f"自备案开始日起{validity.term.label}内有效，有效期内可以多次就医。"]
    elif validity.term == "single_visit":
        lines = ["只对当次就医有效；再次就医请重新办理。"]
    else:
        lines = ["备案长期有效，直至变更或者取消。"]
    optional = {
        "备案结束日可以自行选择，自开始日起不少于{}。": validity.at_least,
        "备案结束日可以自行选择，自开始日起最长{}。": validity.at_most,
        "以个人承诺方式备案的，有效期为{}。": validity.by_commitment,
        "到期前因同一疾病需要继续治疗的，可以延长{}。": validity.extension,
    }
    lines += [sentence.format(span.label) for sentence, span in optional.items() if span]
    lines += [f"{longer.label}有效期为{longer.term.label}。" for longer in validity.longer]
    return [*lines, "在有效期内入院的，到期不影响该次住院结算。"]


def lock(subject: Subject) -> list[str]:
    lock = subject.type.lock
    if not subject.filed:
        return []
    if lock.change is None and lock.cancel is None:
        return ["备案可以随时变更或者取消。"]
    whom = "以个人承诺方式备案的，" if lock.commitment_only else ""
    lines = [
        f"{whom}自备案开始日起{span.label}内不得{verb}。"
        for verb, span in (("变更", lock.change), ("取消", lock.cancel))
        if span
    ]
    if lock.change == lock.cancel and lock.change:
        lines = [f"{whom}自备案开始日起{lock.change.label}内不得变更或者取消。"]
    return lines + (["提交符合条件的材料的，不受上述时限限制。"] if lock.waived_by_documents else [])


def settlement(subject: Subject) -> list[str]:
    care = "、".join(
        {"inpatient": "住院", "outpatient": "普通门诊", "chronic": "门诊慢特病"}[c] for c in subject.type.covers
    )
    lines = [
        "在就医地已开通跨省联网的定点医疗机构就医，出示医保电子凭证或社会保障卡，执行就医地目录、参保地政策、就医地管理。",
        f"可以直接结算：{care}。门诊慢特病须先经参保地认定，并且在开通该病种的医疗机构就医。",
        f"{_BENEFIT[subject.type.travel]}具体起付标准和支付比例以参保地政策为准。",
    ]
    if subject.rules.destination.institutions:
        lines.append(f"备案时须选定定点医疗机构，最多{subject.rules.destination.institutions}家。")
    return lines


_BENEFIT = {
    "local": "待遇与在参保地就医相同。",
    "long_term": "在备案地就医，原则上执行与参保地相同的待遇。",
    "referral": "支付比例可能低于在参保地就医。",
    "emergency": "支付比例可能低于在参保地就医。",
    "other": "支付比例一般低于在参保地就医，也低于转诊就医。",
    "unfiled": "按未备案处理。",
}


def referral(subject: Subject) -> list[str]:
    if subject.type.type != "referral" or not subject.type.needed:
        return []
    referral = subject.rules.referral
    level = {0: "社区及以上", 1: "一级及以上", 2: "二级及以上", 3: "三级"}[referral.lowest_level]
    issuer = "、".join(referral.hospitals) or f"参保地{level}定点医疗机构"
    lines = [f"转诊证明由{issuer}开具，自开具之日起{referral.validity.label}内有效。"]
    if referral.doctor != "any":
        lines.append(f"须由{_RANKS[referral.doctor]}及以上医师出具意见。")
    if referral.paper:
        lines.append(f"办理备案时，转诊证明的开具时间不得超过{referral.paper.label}。")
    lines.append(
        "转诊证明由参保地经办机构审核。"
        if referral.review
        else "医疗机构开具转诊后即视为完成备案，不需要经办机构再审核。"
    )
    if referral.names_receiver:
        lines.append("转诊证明须写明转入医疗机构。")
    if referral.make_up:
        lines.append(f"未能事先办理的，可以在入院后{referral.make_up.label}内补办。")
    if referral.renewal == "treating":
        lines.append("到期后仍需治疗的，凭就医地医院的复查意见续办。")
    return lines + ([f"{referral.note}。"] if referral.note else [])


_RANKS = {"attending": "主治", "associate_chief": "副主任", "chief": "主任"}


def commitment(subject: Subject) -> list[str]:
    rules = subject.rules.commitment
    if not subject.type.needed or not any(document.kind != "certificate" for document in subject.type.documents):
        return []
    if not rules.accepted:
        return ["参保地不接受以个人承诺代替材料。"] if subject.long_term else []
    if not subject.type.takes_commitment:
        return []
    if rules.supply is None:
        return ["暂不能提供材料的，签署《个人承诺书》即可备案；承诺不实的，取消备案并依法追回已支付的医保基金。"]
    bar = f"，此后{rules.bar.label}内不得再以承诺方式备案" if rules.bar else ""
    return [
        f"暂不能提供材料的，可以签署《个人承诺书》先行备案，并在备案之日起{rules.supply.label}内补齐。",
        {
            "cancel": f"逾期未补齐或者承诺不实的，取消备案{bar}；已经支付的医保基金依法追回。",
            "treat_as_other": f"逾期未补齐或者承诺不实的，改按其他临时外出就医处理{bar}；已经支付的医保基金依法追回。",
        }[rules.broken],
    ]


def dual(subject: Subject) -> list[str]:
    dual = subject.rules.dual_benefit
    if not subject.long_term or not subject.filed:
        return []
    if not dual.allowed:
        return ["备案期间回参保地就医不能直接结算，须先取消备案。"]
    lines = [f"备案期间回参保地就医，按“{TRAVEL_LABELS[dual.travel]}”结算，不需要取消备案。"]
    conditions = _dual_conditions(subject)
    if conditions and dual.before != dual.travel:
        before = "不能直接结算" if dual.before == "refused" else f"按“{TRAVEL_LABELS[dual.before]}”结算"
        lines.append(f"条件：{'；'.join(conditions)}。在此之前回参保地就医{before}。")
    lines += [f"{dual.note}。"] if dual.note else []
    return lines + ([f"补齐材料后{dual.restored.label}内恢复。"] if dual.restored else [])


def _dual_conditions(subject: Subject) -> list[str]:
    dual = subject.rules.dual_benefit
    waived = "，或者已提交证明材料" if dual.proof_waives else ""
    conditions = [f"备案满{dual.after.label}{waived}"] if dual.after else []
    if dual.proof == "always" or (dual.proof == "commitment" and subject.type.takes_commitment):
        where = f"备案到{'、'.join(map(subject.name_of, dual.proof_places))}的，" if dual.proof_places else ""
        whom = "以个人承诺方式备案的，" if dual.proof == "commitment" else ""
        conditions.append(f"{where}{whom}须补齐材料")
    return conditions


def exempt(subject: Subject) -> list[str]:
    """What is exempt, or will be; what was withdrawn by the day of the notice is left out."""
    day = subject.on
    current = [e for e in subject.rules.exempt if day is None or e.until is None or day < e.until]
    return [f"{i}. {_exemption(e, subject.name_of)}。" for i, e in enumerate(current, start=1)]


def _exemption(exemption: Exemption, name_of: Names) -> str:
    words = {"same_province": "本省其他统筹区", "country": "全国各地"}
    places = "、".join(words.get(code) or name_of(code) for code in exemption.to)
    since = f"自{exemption.since:%Y年%m月%d日}起" if exemption.since else ""
    until = f"至{exemption.until:%Y年%m月%d日}前" if exemption.until else ""
    note = f"（{exemption.note}）" if exemption.note else ""
    return (
        f"到{places}：{exemption.care_label}{since}{until}不需要备案，按“{TRAVEL_LABELS[exemption.travel]}”结算{note}"
    )


def afterwards(subject: Subject) -> list[str]:
    make_up, claim = subject.rules.make_up, subject.rules.claim
    lines = ["出院结算前补办备案的，可以直接结算。"] if make_up.before_discharge and subject.filed else []
    if make_up.after:
        lines.append(f"自费结算后{make_up.after.label}内补办备案的，可以回参保地申请报销。")
    if isinstance(claim.deadline, Span):
        lines.append(f"未能直接结算的，请在出院后{claim.deadline.label}内向参保地申请手工报销。")
    else:
        lines.append("未能直接结算的，请在出院次年年底前向参保地申请手工报销。")
    return lines + [f"{note}。" for note in (make_up.note, claim.note) if note]


def more(subject: Subject) -> list[str]:
    return [f"{subject.type.note}。"] if subject.type.note else []


def sources(subject: Subject) -> list[str]:
    """The official texts and newspapers behind this type's own rules, each once; weaker ones as what they are."""
    prefix = f"types.{subject.type.type}."
    cited = dict.fromkeys(source for key, source in subject.rules.sources.items() if key.startswith(prefix))
    firm = [source for source in cited if source.grade in ("A", "B")]
    lines = [f"{source.title}（{source.publisher}，{source.year}年）。" for source in firm]
    if len(firm) < len(cited):
        lines.append("其余规定根据公开资料整理，以参保地经办机构的解释为准。")
    return lines
