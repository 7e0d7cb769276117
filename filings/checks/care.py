"""Checks of the care that is filed for: its place (granularity, exempt places, institutions), its time (validity, locks, rivals)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from filings.filing_case import FilingCase, Place
from policies.language.filing_schema import FilingRules
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Span, Travel, last_day
from policies.language.wording import day, listed
from reviews.checks import Finding, conflict, error, info, warning

if TYPE_CHECKING:
    from regions.models import Area

_WORTH: dict[Travel, int] = {"local": 0, "long_term": 0, "referral": 1, "emergency": 1, "other": 2, "unfiled": 3}


def destination_rule(rules: FilingRules, place: Place) -> Literal["city", "province"]:
    """Whether one files to the whole province of this place, or to its city (RULES.md S-12, X5)."""
    whole = place.province in rules.destination.whole_provinces or place.pools_at == "province"
    return "province" if whole else "city"


def filed_to(area: Area, rules: FilingRules) -> Area:
    """The area one files to for care in `area`: its province where that pools as a whole, else its city."""
    whole = destination_rule(rules, Place.of(area)) == "province"
    return area.parent if whole and area.parent else area


def destination_fits_pooling(case: FilingCase) -> Finding | None:
    """Provinces that pool as a whole are filed to as a province, all others by city (S-12); 港澳台 are outside (X5)."""
    return granularity(case.rules, case.destination)


def granularity(rules: FilingRules, place: Place) -> Finding | None:
    """Whether a place is one that can be filed to; None: it is."""
    if place.pools_at == "none":
        message = f"{place.name}不在基本医疗保险异地直接结算范围内，请就医后回参保地咨询经办机构。"
        return error("destination_not_served", message, "destination", source=rules.cite("destination.whole_provinces"))
    if place.level == "pool":
        message = f"{place.name}是统筹区，不是就医地，请选择医院所在的城市。"
        return error(
            "destination_granularity", message, "destination", source=rules.cite("destination.whole_provinces")
        )
    wanted = destination_rule(rules, place)
    if place.level == wanted:
        return None
    city = f"{place.name}请选择到具体城市，备案到全省不能直接结算。"
    province = f"{place.name}所在的{place.province_name}全域统一备案，请选择{place.province_name}。"
    message = city if wanted == "city" else province
    return error("destination_granularity", message, "destination", source=rules.cite("destination.whole_provinces"))


def destination_is_elsewhere(case: FilingCase) -> Finding | None:
    """异地 is outside the pooling area (S-05); places local to it need no filing either (DESIGN.md §8)."""
    home = case.insured.area
    if not case.at_home:
        return None
    message = f"{case.destination.name}属于您的参保地（{home.name}）范围，在当地就医无需备案，可直接结算。"
    return error("destination_local", message, "destination", source="RULES.md S-05")


def is_needless(case: FilingCase) -> bool:
    """All that this filing would open is open without it, and as well paid."""
    free = case.exemptions
    best = _WORTH[case.kind.travel]
    return bool(free) and all(care in free and _WORTH[free[care].travel] <= best for care in case.kind.covers)


def filing_is_needed(case: FilingCase) -> Finding | None:
    """Exempt destinations (免备案, RULES.md §2.7), types that need none (免申即享), emergencies deemed filed (art. 8).

    At home nothing is exempt, because nothing is to be filed: `destination_is_elsewhere` says so.
    """
    if case.at_home:
        return None
    reason, source = no_filing_reason(case)
    return error("no_filing_needed", reason, "type", source=source) if reason else None


def no_filing_reason(case: FilingCase) -> tuple[str, str]:
    """Why no filing is needed, and the source; two empty texts when one is needed."""
    if case.type == "emergency" and case.rules.emergency.mode == "deemed":
        message = "急诊抢救视同已备案，无需办理：请持医保码或社保卡就医，由医院标注急诊后直接结算。"
        return message, case.rules.cite("emergency.mode")
    if not case.kind.needed:
        message = (
            f"{case.insured.area.name}规定此类外出就医无需备案，可直接就医，按“{TRAVEL_LABELS[case.kind.travel]}”结算。"
        )
        return message, case.rules.cite(f"types.{case.type}.needed")
    if is_needless(case):
        rule = next(iter(case.exemptions.values()))
        message = f"{case.insured.area.name}参保人到{case.destination.name}就医免备案，按“{TRAVEL_LABELS[rule.travel]}”直接结算。"
        return message, case.rules.cite("exempt")
    return "", ""


def partly_exempt(case: FilingCase) -> Finding | None:
    """Some care there needs no filing: good to know, no obstacle."""
    free = case.exemptions
    if not free or is_needless(case):
        return None
    message = f"到{case.destination.name}的{listed(CARE_LABELS[care] for care in free)}本身免备案；本备案用于其余就医或更高待遇。"
    return info("partly_exempt", message, source=case.rules.cite("exempt"))


def institutions_fit(case: FilingCase) -> Finding | None:
    """Where the area asks people to choose (S-11, X2): at least one, not too many, at the destination, open."""
    limit = case.rules.destination.institutions
    chosen = case.hospitals
    if limit and not chosen:
        message = f"请选择就医地的定点医疗机构（最多{limit}家），备案后在所选机构直接结算。"
        return error(
            "institutions_required", message, "institutions", source=case.rules.cite("destination.institutions")
        )
    if limit and len(chosen) > limit:
        return error(
            "institutions_too_many",
            f"最多选择{limit}家定点医疗机构，请减少。",
            "institutions",
            source=case.rules.cite("destination.institutions"),
        )
    away = [hospital.name for hospital in chosen if case.destination.code not in hospital.areas]
    if away:
        message = f"{listed(away)}不在{case.destination.name}，请改选就医地的医疗机构。"
        return error("institution_elsewhere", message, "institutions", source="RULES.md S-11")
    shut = [hospital.name for hospital in chosen if not hospital.open]
    if shut:
        message = f"{listed(shut)}尚未开通异地直接结算，请改选其他医疗机构。"
        return error("institution_not_open", message, "institutions", source="RULES.md S-17")
    return None


HALF_A_YEAR = Span(6, "months")


def enrollment_in_force(case: FilingCase) -> Finding | None:
    """Only who is insured on the first day can file (规程 art. 7; RULES.md S-17)."""
    if case.insured.covers(case.starts_on):
        return None
    if case.starts_on < case.insured.since:
        message = f"参保自{day(case.insured.since)}起生效，请把开始日期改到这一天或之后。"
        return error("enrollment_not_in_force", message, "starts_on", source="RULES.md S-17")
    message = f"{case.insured.area.name}的参保关系已于{day(case.insured.until or case.starts_on)}结束，请续保或改用现在的参保地备案。"
    return error("enrollment_not_in_force", message, "enrollment", source="RULES.md S-17")


def starts_within_bounds(case: FilingCase) -> Finding | None:
    """Back-dating is short (RULES.md §2.4: e.g. 5 days), wider for a stay that is made up for; not far ahead either."""
    if case.starts_on < case.earliest_start:
        message = f"开始日期最早为{day(case.earliest_start)}，请改到这一天或之后。{_how_to_make_up(case)}"
        return error("starts_too_early", message, "starts_on", source=case.rules.cite(f"types.{case.type}.starts"))
    if case.starts_on > case.latest_start:
        message = f"开始日期最晚为{day(case.latest_start)}，请改到这一天或之前，或临近出发时再办理。"
        return error("starts_too_late", message, "starts_on", source=case.rules.cite(f"types.{case.type}.starts"))
    return None


def _how_to_make_up(case: FilingCase) -> str:
    """What somebody does who is in hospital already (补办, POLICY.md §5 make_up)."""
    if case.stay is not None or case.predecessor is not None:
        return ""
    if not case.rules.make_up.before_discharge:
        return f"已经入院的，{case.insured.area.name}不受理补办，请出院后回参保地申请手工报销。"
    return "已经入院、还没有出院结算的，请补办：选择所住的医院并填写入院日期，备案可以从入院当天开始。"


def ends_within_bounds(case: FilingCase) -> Finding | None:
    """An end the person chose lies after the start and within the type's validity (RULES.md §2.4)."""
    if case.ends_on is None:
        return None
    if case.ends_on < case.starts_on:
        message = f"结束日期不能早于开始日期（{day(case.starts_on)}），请修改。"
        return error("ends_before_start", message, "ends_on", source=case.rules.cite(f"types.{case.type}.validity"))
    if case.ends_on < case.shortest_end:
        message = f"此类备案至少到{day(case.shortest_end)}，请改到这一天或之后，或不填结束日期。"
        return error("ends_too_early", message, "ends_on", source=case.rules.cite(f"types.{case.type}.validity"))
    longest = case.longest_end
    if longest and case.ends_on > longest:
        message = f"此类备案最长到{day(longest)}，请改到这一天或之前；到期后可再次备案。"
        return error("ends_too_late", message, "ends_on", source=case.rules.cite(f"types.{case.type}.validity"))
    return None


def long_term_is_long(case: FilingCase) -> Finding | None:
    """A long-term filing is for living elsewhere, by default more than half a year (S-09; areas: FILING_RULES.md)."""
    if not case.long_term or case.ends_on is None or case.ends_on < case.starts_on:
        return None
    least = case.kind.residence.at_least or HALF_A_YEAR
    if case.ends_on >= last_day(case.starts_on, least):
        return None
    message = f"长期备案适用于在就医地居住{least.label}以上；短期外出请改选“其他临时外出”，或修改结束日期。"
    return warning(
        "short_stay",
        message,
        "ends_on",
        "type",
        source=case.rules.cite(f"types.{case.type}.residence") or "RULES.md S-09",
    )


def no_live_rival(case: FilingCase) -> Finding | None:
    """One long-term filing per enrolment, one other per destination and type (DESIGN.md §3, §5)."""
    if case.rival is None:
        return None
    if case.predecessor:
        message = f"该备案已有一份变更申请在办理中（受理编号{case.rival}），请等待结果或先撤回。"
    elif case.long_term:
        message = f"已有一份长期备案（受理编号{case.rival}）；要换就医地或类型，请在该备案上办理变更。"
    else:
        message = f"同一就医地已有同类备案（受理编号{case.rival}），有效期内无需重复办理。"
    return conflict("filing_overlaps", message, "destination", source="DESIGN.md §5")


def predecessor_may_change(case: FilingCase) -> Finding | None:
    """The filing to be changed still counts, and its lock (变更时限, at most 6 months: RULES.md §2.4) is over."""
    old = case.predecessor
    if old is None:
        return None
    if not old.live:
        message = f"原备案（受理编号{old.number}）已失效，无法变更，请重新备案。"
        return conflict("predecessor_ended", message, source=case.rules.cite(f"types.{case.type}.lock"))
    documented = old.waived_by_documents and case.materials and case.commitment is None
    if old.locked_until and not documented:
        message = f"按参保地规定，原备案在{day(old.locked_until)}前（含当日）不能变更，请之后再办理，或提交证明材料。"
        return conflict("filing_locked", message, source=case.rules.cite(f"types.{case.type}.lock"))
    return None


def made_up_for(case: FilingCase) -> Finding | None:
    """A filing during a stay (补办, 规程 art. 16): before the discharge settlement the hospital settles directly."""
    if case.stay is None:
        return None
    if not case.rules.make_up.before_discharge:
        message = f"{case.insured.area.name}不受理入院后补办，请出院后回参保地申请手工报销。"
        return error("make_up_not_accepted", message, "makes_up_for", source=case.rules.cite("make_up"))
    if case.stay.admitted_on > case.filed_on:
        return error(
            "admission_in_future", "入院日期不能晚于今天，请核对。", "makes_up_for", source=case.rules.cite("make_up")
        )
    if case.stay_at is None or case.destination.code not in case.stay_at.areas:
        message = f"没有找到{case.destination.name}的这家医疗机构，请核对后重新选择。"
        return error("institution_elsewhere", message, "makes_up_for", source=case.rules.cite("make_up"))
    message = f"补办{day(case.stay.admitted_on)}入院的备案：请在出院结算前完成，并告知医院已备案。"
    return info("made_up_for", message, source=case.rules.cite("make_up"))


def emergency_reported_late(case: FilingCase) -> Finding | None:
    """Where emergencies are to be reported within a term, a late one settles lower (RULES.md §2.9)."""
    if case.type != "emergency" or case.report_by is None or case.filed_on <= case.report_by:
        return None
    message = f"急诊应在{day(case.report_by)}前报告，现已超过时限，将按参保地规定的较低待遇结算。"
    return info("emergency_late", message, source=case.rules.cite("emergency.report"))


def injury_is_stated(case: FilingCase) -> Finding | None:
    """An injury (外伤) is settled directly once it is stated that no third party is liable (RULES.md §2.5), where the area does so."""
    if not case.injury:
        return None
    rule, source = case.rules.injury, case.rules.cite("injury")
    if not rule.direct:
        message = f"{case.insured.area.name}的外伤不跨省直接结算：请先自费就医，再持票据回参保地申请手工报销。"
        return info("injury_not_direct", message, "injury", source=source)
    stated = any(material.kind == "injury_statement" and material.readable for material in case.materials)
    if not rule.statement or stated:
        return None
    message = "外伤须承诺无第三方责任才能直接结算：可以现在上传承诺书，也可以在医院结算时签署。"
    return info("injury_statement_missing", message, "injury", source=source)
