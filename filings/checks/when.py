"""Checks of time: the enrolment on the first day, back-dating, validity, short stays, locks, rivals."""

from __future__ import annotations

from filings.filing_case import FilingCase
from policies.language.terms import Span, last_day
from policies.language.wording import day
from reviews.checks import Finding, conflict, error, info, warning

HALF_A_YEAR = Span(6, "months")


def enrollment_in_force(case: FilingCase) -> Finding | None:
    """Only who is insured on the first day can file (规程 art. 7; RULES.md S-17)."""
    if case.insured.covers(case.starts_on):
        return None
    if case.starts_on < case.insured.since:
        said = f"参保自{day(case.insured.since)}起生效，请把开始日期改到这一天或之后。"
        return error("enrollment_not_in_force", said, "starts_on", source="RULES.md S-17")
    said = f"{case.insured.area.name}的参保关系已于{day(case.insured.until or case.starts_on)}结束，请续保或改用现在的参保地备案。"
    return error("enrollment_not_in_force", said, "enrollment", source="RULES.md S-17")


def starts_within_bounds(case: FilingCase) -> Finding | None:
    """Back-dating is short (RULES.md §2.4: e.g. 5 days), wider for a stay that is made up for; not far ahead either."""
    source = case.cite(f"types.{case.type}.starts")
    if case.starts_on < case.earliest_start:
        said = f"开始日期最早为{day(case.earliest_start)}，请改到这一天或之后。"
        return error("starts_too_early", said, "starts_on", source=source)
    if case.starts_on > case.latest_start:
        said = f"开始日期最晚为{day(case.latest_start)}，请改到这一天或之前，或临近出发时再办理。"
        return error("starts_too_late", said, "starts_on", source=source)
    return None


def ends_within_bounds(case: FilingCase) -> Finding | None:
    """An end the person chose lies after the start and within the type's validity (RULES.md §2.4)."""
    if case.ends_on is None:
        return None
    source = case.cite(f"types.{case.type}.validity")
    if case.ends_on < case.starts_on:
        said = f"结束日期不能早于开始日期（{day(case.starts_on)}），请修改。"
        return error("ends_before_start", said, "ends_on", source=source)
    if case.ends_on < case.shortest_end:
        said = f"此类备案至少到{day(case.shortest_end)}，请改到这一天或之后，或不填结束日期。"
        return error("ends_too_early", said, "ends_on", source=source)
    if case.longest_end and case.ends_on > case.longest_end:
        said = f"此类备案最长到{day(case.longest_end)}，请改到这一天或之前；到期后可再次备案。"
        return error("ends_too_late", said, "ends_on", source=source)
    return None


def long_term_is_long(case: FilingCase) -> Finding | None:
    """A long-term filing is for living elsewhere, by default more than half a year (S-09; areas: FILING_RULES.md)."""
    if not case.long_term or case.ends_on is None or case.ends_on < case.starts_on:
        return None
    least = case.kind.residence.at_least or HALF_A_YEAR
    if case.ends_on >= last_day(case.starts_on, least):
        return None
    said = f"长期备案适用于在就医地居住{least.label}以上；短期外出请改选“其他临时外出”，或修改结束日期。"
    return warning(
        "short_stay", said, "ends_on", "type", source=case.cite(f"types.{case.type}.residence") or "RULES.md S-09"
    )


def no_live_rival(case: FilingCase) -> Finding | None:
    """One long-term filing per enrolment, one other per destination and type (DESIGN.md §3, §5)."""
    if case.rival is None:
        return None
    if case.predecessor:
        said = f"该备案已有一份变更申请在办理中（受理编号{case.rival}），请等待结果或先撤回。"
    elif case.long_term:
        said = f"已有一份长期备案（受理编号{case.rival}）；要换就医地或类型，请在该备案上办理变更。"
    else:
        said = f"同一就医地已有同类备案（受理编号{case.rival}），有效期内无需重复办理。"
    return conflict("filing_overlaps", said, "destination", source="DESIGN.md §5")


def predecessor_may_change(case: FilingCase) -> Finding | None:
    """The filing to be changed still counts, and its lock (变更时限, at most 6 months: RULES.md §2.4) is over."""
    old = case.predecessor
    if old is None:
        return None
    source = case.cite(f"types.{case.type}.lock")
    if not old.live:
        said = f"原备案（受理编号{old.number}）已失效，无法变更，请重新备案。"
        return conflict("predecessor_ended", said, source=source)
    documented = old.waived_by_documents and case.papers and case.promise is None
    if old.locked_until and not documented:
        said = f"按参保地规定，原备案在{day(old.locked_until)}前（含当日）不能变更，请之后再办理，或提交证明材料。"
        return conflict("filing_locked", said, source=source)
    return None


def made_up_for(case: FilingCase) -> Finding | None:
    """A filing during a stay (补办, 规程 art. 16): before the discharge settlement the hospital settles directly."""
    if case.stay is None:
        return None
    source = case.cite("make_up")
    if not case.rules.make_up.before_discharge:
        said = f"{case.insured.area.name}不受理入院后补办，请出院后回参保地申请手工报销。"
        return error("make_up_not_accepted", said, "makes_up_for", source=source)
    if case.stay.admitted_on > case.filed_on:
        return error("admission_in_future", "入院日期不能晚于今天，请核对。", "makes_up_for", source=source)
    if case.stay_at is None or case.destination.code not in case.stay_at.areas:
        said = f"没有找到{case.destination.name}的这家医疗机构，请核对后重新选择。"
        return error("institution_elsewhere", said, "makes_up_for", source=source)
    said = f"补办{day(case.stay.admitted_on)}入院的备案：请在出院结算前完成，并告知医院已备案。"
    return info("made_up_for", said, source=source)


def emergency_reported_late(case: FilingCase) -> Finding | None:
    """Where emergencies are to be reported within a term, a late one settles lower (RULES.md §2.9)."""
    if case.type != "emergency" or case.report_by is None or case.filed_on <= case.report_by:
        return None
    said = f"急诊应在{day(case.report_by)}前报告，现已超过时限，将按参保地规定的较低待遇结算。"
    return info("emergency_late", said, source=case.cite("emergency.report"))
