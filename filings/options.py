"""What can be filed for a place, explained: lanes, documents, validity, lock, benefit, notice, and why something is closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

from accounts.models import Enrollment
from filings.checks import application, care
from filings.facts import hypothetical
from filings.filing_case import CHANNEL, FilingCase, Place, usual_end
from filings.models import Filing
from filings.options_bodies import (
    BenefitShape,
    CitationShape,
    DeemedShape,
    ExemptShape,
    InjuryShape,
    NoticeShape,
    OptionLockShape,
    OptionShape,
    OptionsShape,
    TermShape,
)
from policies.language.filing_rules import lock_until
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Lock, TypeRules, Validity
from policies.language.terms import CARE_LABELS, FILING_TYPES, TRAVEL_LABELS, FilingType
from policies.language.wording import listed
from policies.models import Notice
from policies.notices import current_notices
from policies.translations import notice_in, place_names
from regions.models import Area
from reviews.checks import STATEMENT, Finding
from reviews.presenting import asked_for

# Checks that need nothing the person has yet to say, for the place and for one type.
PLACE = (care.destination_fits_pooling, care.destination_is_elsewhere, care.enrollment_in_force)
TYPE = (
    application.type_is_open,
    care.filing_is_needed,
    application.person_may_file,
    application.retiree_is_retired,
    application.worker_is_of_age,
)
CITED = 3


def options(enrollment: Enrollment, destination: Area, own: Collection[Any] = ()) -> OptionsShape:
    """The answer of `GET filing-options/` (API.md, Filing) for an enrolment and a place.

    `own`: the filing that is corrected or changed, with what it takes over from; they do not stand in their own way.
    """
    home, there = Place.of(enrollment.area), Place.of(destination)
    cases = {name: hypothetical(enrollment, there, home, name, None) for name in FILING_TYPES}
    some = cases["other"]
    closed = first_finding(PLACE, some)
    needless = _nothing_needed(list(cases.values()))
    exempted = needless or _mostly_exempt(some)
    return {
        "enrollment": str(enrollment.pk),
        "destination": there.code,
        "destination_name": there.name,
        "destination_rule": care.destination_rule(some.rules, there),
        "needed": closed is None and not exempted,
        "reason": closed.message if closed else exempted,
        "deemed": deemed(some),
        "exempt": exempt(some),
        "dual_benefit": at_home(some.rules),
        "injury": injury_shape(some.rules),
        "options": [] if closed or needless else list(_options(enrollment, cases, own)),
    }


def first_finding(checks: tuple[Callable[[FilingCase], Finding | None], ...], case: FilingCase) -> Finding | None:
    return next((finding for check in checks if (finding := check(case)) is not None), None)


def _nothing_needed(cases: list[FilingCase]) -> str:
    """Why nobody need file for this place at all; empty when somebody must."""
    reasons = [care.no_filing_reason(case)[0] for case in cases if case.type != "emergency"]
    return reasons[0] if all(reasons) else ""


def _mostly_exempt(case: FilingCase) -> str:
    """Where stays and visits are exempt and only chronic care is not, filing is possible but not needed."""
    free = case.exemptions
    if not {"inpatient", "outpatient"} <= free.keys():
        return ""
    place, rest = case.destination.name, [care for care in case.kind.covers if care not in free]
    message = f"到{place}的{listed(CARE_LABELS[care] for care in free)}免备案"
    return f"{message}；{listed(CARE_LABELS[care] for care in rest)}需要直接结算的，可以办理备案。"


def _options(
    enrollment: Enrollment, cases: dict[FilingType, FilingCase], own: Collection[Any]
) -> Iterator[OptionShape]:
    """The types that can be filed first, then those that cannot, with the reason."""
    rivals = _rivals(enrollment, next(iter(cases.values())).destination, own)
    notices = current_notices(enrollment.area_id)
    shown = [_option(replace(case, rival=rivals.get(name)), notices.get(name)) for name, case in cases.items()]
    yield from (option for option in shown if option["open"])
    yield from (option for option in shown if not option["open"])


def _rivals(enrollment: Enrollment, destination: Place, own: Collection[Any]) -> dict[str, str]:
    """By type, the number of the live filing that would stand in its way."""
    rows = [row for row in Filing.objects.live_of(enrollment.pk) if row.pk not in own]
    lasting = next((row.number for row in rows if row.long_term), None)
    by_type = {row.type: row.number for row in rows if row.destination_id == destination.code}
    return {**by_type, **dict.fromkeys(("retiree", "resident", "worker"), lasting)} if lasting else by_type


def _option(case: FilingCase, notice: Notice | None) -> OptionShape:
    kind, obstacle = case.kind, first_finding((*TYPE, care.no_live_rival), case)
    return {
        "type": case.type,
        "label": kind.label,
        "open": obstacle is None,
        "reason": obstacle.message if obstacle else "",
        "code": obstacle.code if obstacle else "",
        "lane": kind.lane.of(CHANNEL),
        "documents": [asked_for(document) for document in kind.documents if document.kind != "filing_form"],
        "validity": _validity(kind, case.starts_on),
        "starts": {"earliest": case.earliest_start, "latest": case.latest_start},
        "lock": _lock(kind, case.starts_on),
        "institutions": case.rules.destination.institutions,
        "benefit": _benefit(case),
        "note": kind.note,
        "notice": _notice(notice) if notice and obstacle is None else None,
    }


def _validity(kind: TypeRules, start: date) -> TermShape:
    """In words, and the last day if it began today (null: open-ended, or the one visit)."""
    return {"text": _validity_words(kind.validity), "until": usual_end(kind, start, by_commitment=False)}


def _lock(kind: TypeRules, start: date) -> OptionLockShape:
    """In words, and the last locked day if it began today (null: free)."""
    return {
        "text": _lock_words(kind.lock),
        "change_until": lock_until(kind, start, "change"),
        "cancel_until": lock_until(kind, start, "cancel"),
    }


# RULES.md §2.5: what the nation guides the areas to; each area's figures are its policy's.
GUIDANCE = {
    "local": "与在参保地就医待遇相同。",
    "long_term": "起付线、支付比例和最高支付限额原则上与在参保地就医相同。",
    "referral": "支付比例原则上比参保地降低不超过10个百分点。",
    "emergency": "支付比例原则上比参保地降低不超过10个百分点。",
    "other": "支付比例原则上比参保地降低不超过20个百分点。",
    "unfiled": "按未备案处理，待遇最低。",
}


def _benefit(case: FilingCase) -> BenefitShape:
    kind = case.kind
    opens = listed(CARE_LABELS[care] for care in kind.covers)
    message = f"按“{TRAVEL_LABELS[kind.travel]}”结算：{GUIDANCE[kind.travel]}可直接结算{opens}。"
    return {"summary": message, "travel": kind.travel, "citations": citations(case.rules, case.type)}


def citations(rules: FilingRules, name: FilingType) -> list[CitationShape]:
    """The sources of a type's rules, each once."""
    keys = (f"types.{name}.{key}" for key in ("travel", "validity", "lock", "documents", "lane"))
    cited = {source.id: source for key in keys if (source := rules.source_of(key)) is not None}
    return [
        {
            "title": source.title,
            "publisher": source.publisher,
            "year": cast(int, source.year),
            "url": source.url,
            "grade": source.grade,
        }
        for source in list(cited.values())[:CITED]
    ]


def _notice(notice: Notice) -> NoticeShape:
    return {
        "id": str(notice.pk),
        "version": notice.version,
        "title": notice.title,
        "text": notice.text,
        "translation": None,
    }


def translate_notices(shown: OptionsShape, language: str) -> OptionsShape:
    """The answer with the notices in another language beside the Chinese that is acknowledged; one query, none for Chinese."""
    places = place_names(language)
    for option in shown["options"]:
        if notice := option["notice"]:
            notice["translation"] = notice_in(notice["title"], notice["text"], language, places)
    return shown


def deemed(case: FilingCase) -> list[DeemedShape]:
    """What counts as filed by itself: emergencies, and types that need no filing."""
    ways: list[DeemedShape] = []
    emergency = case.rules.emergency
    if emergency.mode == "deemed":
        text = "急诊抢救视同已备案：持医保码或社保卡就医，由医院标注急诊后直接结算。" + _report(case.rules)
        ways.append({"type": "emergency", "travel": case.rules.types["emergency"].travel, "text": text})
    for kind in case.rules.types.values():
        if not kind.needed and kind.type != "emergency":
            text = f"{kind.label}无需备案，可直接就医，按“{TRAVEL_LABELS[kind.travel]}”结算。"
            ways.append({"type": kind.type, "travel": kind.travel, "text": text})
    return ways


def _report(rules: FilingRules) -> str:
    report = rules.emergency.report
    if report is None or report.within is None:
        return ""
    where_ = "在未联网医院就医的，" if report.outside_network_only else ""
    return f"{where_}请在入院后{report.within.label}内向参保地报告。"


def exempt(case: FilingCase) -> list[ExemptShape]:
    """The care for which this place is exempt (免备案) from the first day on, with the period."""
    return [
        {"care": care, "label": CARE_LABELS[care], "travel": rule.travel, "since": rule.since, "until": rule.until}
        for care, rule in case.exemptions.items()
    ]


def at_home(rules: FilingRules) -> str:
    """What a long-term filing elsewhere means for care at home (双向享受待遇)."""
    dual = rules.dual_benefit
    if not dual.allowed:
        return "长期备案期间回参保地就医不能直接结算，须先取消备案。"
    message = f"长期备案期间回参保地就医，按“{TRAVEL_LABELS[dual.travel]}”结算，不需要取消备案"
    waits = [f"备案满{dual.after.label}"] if dual.after else []
    waits += ["补齐承诺的材料"] if dual.proof != "none" else []
    return f"{message}（须{listed(waits)}）。" if waits else f"{message}。"


def injury_shape(rules: FilingRules) -> InjuryShape:
    """Whether an injury is settled directly elsewhere, and the statement it takes."""
    rule = rules.injury
    return {"direct": rule.direct, "statement": asked_for(STATEMENT) if rule.statement else None, "note": rule.note}


def _validity_words(rule: Validity) -> str:
    """How long a filing counts, in one line."""
    bounds = [
        f"自选结束日不少于{rule.at_least.label}" if rule.at_least else "",
        f"最长{rule.at_most.label}" if rule.at_most else "",
        f"以承诺方式备案的{rule.by_commitment.label}" if rule.by_commitment else "",
    ]
    return "；".join([rule.label, *filter(None, bounds)])


def _lock_words(rule: Lock) -> str:
    """When a filing may be changed and cancelled, in one line."""
    if rule.change is None and rule.cancel is None:
        return rule.label
    whom = "以承诺方式备案的，" if rule.commitment_only else ""
    return f"{whom}{rule.label}" + ("，提交证明材料的除外" if rule.waived_by_documents else "")
