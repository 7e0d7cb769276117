"""The conditions on the filing: it counts on the day, it is for this place, its type opens this care.

Each person sees one thing red at a time: the filing that comes nearest to opening the way is judged, and where there is
none at all, nothing is wrong with its place and type; their lines then say what to choose.
"""

from __future__ import annotations

from typing import Any

from filings.filing_case import type_of
from filings.models import Filing, FilingType
from policies.language.filing_rules import exemption, free_on_vacation
from policies.language.filing_types import Source, TypeRules
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, TYPE_LABELS
from policies.language.wording import day, listed
from reviews.models import Status
from settlements.eligibility.condition import Condition, agency_text, failed, met
from settlements.eligibility.visit import Visit, source_of_exemption

Three = tuple[Condition, Condition, Condition]


def filing_conditions(visit: Visit) -> Three:
    """Whether the way is open, and which of the three bars it."""
    if visit.travel.direct:
        return _way_is_open(visit)
    if visit.at_home:
        return _closed_at_home(visit)
    in_force = visit.in_force
    here = [filing for filing in in_force if filing in visit.here]
    if here:
        return _wrong_type(visit, here[0])
    known = [filing for filing in visit.here if filing.status != Status.REJECTED]
    if in_force and not known:
        return _wrong_place(visit, in_force)
    return _none_in_force(visit, _nearest(visit.here))


def _way_is_open(visit: Visit) -> Three:
    filing, source = visit.travel.filing, _source_of_the_way(visit)
    if filing is None or visit.at_home:
        message = visit.travel.reason
        return met("filing", message, source), met("destination", message, source), met("filing_type", message, source)
    kind = TYPE_LABELS[type_of(filing.type)]
    return (
        met("filing", f"{_named(filing)}在{day(visit.on)}有效。", _rule(visit, filing.type, "validity")),
        _chosen_place(visit, filing),
        met("filing_type", f"“{kind}”备案可直接结算{CARE_LABELS[visit.care]}。", _rule(visit, filing.type, "covers")),
    )


def _chosen_place(visit: Visit, filing: Filing) -> Condition:
    """The place is right; so is the institution, where the filing names some (RULES.md S-11)."""
    source = visit.rules.source_of("destination.whole_provinces")
    if not visit.institution_chosen:
        message = f"备案时选定了就医机构，{visit.institution.name}不在其中。"
        remedy = "请变更备案，改选或增选这家医院；或到已选定的医院就医。"
        return failed(
            "destination", message, remedy, visit.rules.source_of("destination.institutions"), _see("变更备案", filing)
        )
    return met("destination", f"备案的就医地是{filing.destination.name}。", source)


def _source_of_the_way(visit: Visit) -> Source | None:
    """By which rule no filing is needed."""
    if visit.at_home:
        return visit.rules.source_of("dual_benefit.travel")
    if free_on_vacation(visit.rules, visit.enrollment.category, visit.stated):
        return visit.rules.source_of("vacation")
    exempt = exemption(visit.rules, visit.there.code, visit.there.province, visit.scope, visit.on)
    return source_of_exemption(visit.rules, exempt) if exempt else visit.rules.source_of("types.other.needed")


def _closed_at_home(visit: Visit) -> Three:
    """A long-term filing elsewhere closes care at home (双向)."""
    filing, source = visit.travel.filing, visit.rules.source_of("dual_benefit.before")
    assert filing is not None
    message = f"{_named(filing)}期间，暂不能在参保地直接结算。"
    place = f"{visit.there.name}属于参保地范围。"
    return (
        failed("filing", message, visit.travel.reason, source, _see("查看备案", filing)),
        met("destination", place, source),
        met("filing_type", place, source),
    )


def _wrong_type(visit: Visit, filing: Filing) -> Three:
    care, kind = CARE_LABELS[visit.care], TYPE_LABELS[type_of(filing.type)]
    message = f"“{kind}”备案不含{care}的直接结算。"
    if filing.type == FilingType.EMERGENCY:
        message = f"“{kind}”备案只用于急诊抢救，不能用于预约的就医。"
    better = [option for option in visit.options if option.type != filing.type]
    remedy = f"请自费就医后回参保地申请{care}的手工报销。"
    if better:
        remedy = f"请办理能结算{care}的备案：{listed(option.label for option in better)}。{_in_doubt(visit, better)}"
    return (
        met("filing", f"{_named(filing)}在{day(visit.on)}有效。", _rule(visit, filing.type, "validity")),
        met("destination", f"备案的就医地是{filing.destination.name}。"),
        failed(
            "filing_type",
            message,
            remedy,
            _rule(visit, filing.type, "covers"),
            _file(visit, better[0]) if better else {},
        ),
    )


def _wrong_place(visit: Visit, filings: list[Filing]) -> Three:
    """Filed, but for somewhere else: the commonest surprise at the counter (RULES.md §5.2)."""
    filing, wanted = filings[0], visit.destination.name
    named = listed(dict.fromkeys(each.destination.name for each in filings))
    change = f"长期搬到{wanted}的，请变更备案；短期就医的，" if filing.long_term else ""
    options = visit.options
    return (
        met("filing", f"{_named(filing)}在{day(visit.on)}有效。", _rule(visit, filing.type, "validity")),
        failed(
            "destination",
            f"备案的就医地是{named}，医院在{visit.there.name}。",
            f"{change}请另行备案到{wanted}。{_in_doubt(visit, options)}",
            visit.rules.source_of("destination.whole_provinces"),
            _file(visit, options[0]) if options else {},
        ),
        met("filing_type", _which_type(visit)),
    )


def _none_in_force(visit: Visit, filing: Filing | None) -> Three:
    message, remedy, action = _what_became_of(visit, filing)
    wanted = f"备案时就医地请选择{visit.destination.name}。"
    return (
        failed("filing", message, remedy, visit.rules.source_of("types.other.travel"), action),
        met("destination", wanted, visit.rules.source_of("destination.whole_provinces")),
        met("filing_type", _which_type(visit)),
    )


def _what_became_of(visit: Visit, filing: Filing | None) -> tuple[str, str, dict[str, Any]]:
    """What was found, what to do, and the button, for the filing nearest to opening the way."""
    options = visit.options
    anew, again = _file(visit, options[0]) if options else {}, _make_up(visit) + _in_doubt(visit, options)
    if filing is None:
        return (
            f"没有到{visit.destination.name}的备案。",
            f"请先办理到{visit.destination.name}的异地就医备案。{again}",
            anew,
        )
    named, see = _named(filing), _see("查看备案", filing)
    match filing.status:
        case Status.SUBMITTED:
            due = f"，最迟{day(filing.due_at.date())}办结" if filing.due_at else ""
            return f"{named}正在审核{due}。", "请等待审核结果，通过后即可直接结算。", see
        case Status.RETURNED:
            return f"{named}被退回补正。", "请按退回意见补正后重新提交。", _see("去补正", filing)
        case Status.DRAFT:
            return "备案还是草稿，没有提交。", "请填写完整后提交备案。", _see("去提交", filing)
        case Status.REJECTED:
            return f"{named}未获通过。", f"请按未通过的理由准备材料，重新备案到{visit.destination.name}。{again}", anew
    if filing.valid_from is not None and filing.valid_from > visit.on:
        starts = day(filing.valid_from)
        return f"{named}自{starts}起有效。", f"请在{starts}或之后就医，或另行备案。", see
    return f"{named}{_ended(filing)}。", f"请重新备案到{visit.destination.name}。{again}", _again(visit, filing) or anew


def _ended(filing: Filing) -> str:
    until = f"，有效期至{day(filing.valid_until)}" if filing.valid_until else ""
    word = {Status.CANCELLED: "已取消", Status.SUPERSEDED: "已由新的备案接替", Status.REVOKED: "已撤销"}
    return word.get(Status(filing.status), "已到期") + until


def _nearest(filings: list[Filing]) -> Filing | None:
    """The filing nearest to opening the way: in force later, under way, to be mended, to be handed in, ended, refused."""
    order = [Status.APPROVED, Status.SUBMITTED, Status.RETURNED, Status.DRAFT, Status.EXPIRED]

    def distance(filing: Filing) -> int:
        status = Status(filing.status)
        return order.index(status) if status in order else len(order) + (status == Status.REJECTED)

    return min(filings, key=distance, default=None)


def _make_up(visit: Visit) -> str:
    """A stay may be filed for until it is settled (规程 art. 16)."""
    late = visit.care == "inpatient" and visit.rules.make_up.before_discharge
    return "出院结算前补办也可直接结算。" if late else ""


def _in_doubt(visit: Visit, options: list[TypeRules]) -> str:
    """Nobody is sent in circles: what the policy does not settle once it is filed is said before it is filed."""
    refused = {kind.travel: refusal for kind in options if (refusal := visit.refusal(kind)) is not None}
    unknown = [f"“{TRAVEL_LABELS[travel]}”" for travel, why in refused.items() if why.kind == "not_known"]
    unsettled = f"按{listed(unknown)}备案的，没有查到怎样报销，请先询问{agency_text(visit)}。" if unknown else ""
    barred = [(TRAVEL_LABELS[travel], why.reason) for travel, why in refused.items() if why.kind == "not_covered"]
    return unsettled + "".join(f"按“{label}”备案的，不予报销：{reason.rstrip('。')}。" for label, reason in barred)


def _which_type(visit: Visit) -> str:
    labels = listed(f"“{kind.label}”" for kind in visit.options if visit.refusal(kind) is None)
    if visit.options and not labels:
        return f"没有查到哪种备案可以直接结算{CARE_LABELS[visit.care]}，请按实际情况选择。"
    if not labels:
        return f"参保地没有可以直接结算{CARE_LABELS[visit.care]}的备案类型。"
    return f"可以直接结算{CARE_LABELS[visit.care]}的备案类型：{labels}，请按实际情况选择。"


def _again(visit: Visit, filing: Filing) -> dict[str, Any]:
    """File once more, as the same type."""
    same = [kind for kind in visit.options if kind.type == filing.type]
    return _file(visit, same[0]) if same else {}


def _file(visit: Visit, kind: TypeRules) -> dict[str, Any]:
    """The type is left to the person where the policy does not settle the likeliest."""
    action = {"kind": "file", "label": "去备案", "destination": visit.destination.code}
    return action if visit.refusal(kind) else {**action, "type": kind.type}


def _see(label: str, filing: Filing) -> dict[str, Any]:
    return {"kind": "filing", "label": label, "filing": str(filing.pk)}


def _named(filing: Filing) -> str:
    return f"到{filing.destination.name}的备案（受理编号{filing.number}）"


def _rule(visit: Visit, name: str, key: str) -> Source | None:
    return visit.rules.source_of(f"types.{name}.{key}")
