"""The automatic checks of recognitions: pure functions over `RecognitionCase`, one per rule, in the order shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from filings.filing_case import Insured
from policies.language.filing_schema import ChronicRules, FilingRules
from policies.language.filing_types import Document
from policies.language.wording import day, listed
from reviews.checks import (
    Commitment,
    Finding,
    Material,
    barred,
    conflict,
    error,
    incomplete,
    info,
    missing,
    not_accepted,
    signed_by_another,
    unreadable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """An institution: its level, whether it counts as home, whether it is open for this disease across areas."""

    name: str
    level: int
    at_home: bool
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """The recognition that this one renews: whether it still counts, and since when it may be renewed (None: never)."""

    number: str
    live: bool
    renewable_from: date | None
    commitment_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier recognition of the same disease, wherever it was."""

    number: str
    area: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionCase:
    """Everything the checks ask for. `filed_on`: the day it was handed in, or today for a draft."""

    rules: FilingRules
    insured: Insured
    disease: str
    disease_name: str
    filed_on: date
    diagnosed_on: date | None = None
    diagnosed_at: Hospital | None = None
    chosen: tuple[Hospital, ...] = ()
    materials: tuple[Material, ...] = ()
    commitment: Commitment | None = None
    barred_until: date | None = None
    rival: str | None = None
    old: Old | None = None
    earlier: Earlier | None = None

    @property
    def documents(self) -> tuple[Document, ...]:
        return self.rules.chronic.documents_for(self.disease)


LEVELS = ("社区", "一级", "二级", "三级")


def enrollment_in_force(case: RecognitionCase) -> Finding | None:
    """Only who is insured on the day can apply (S-56)."""
    if case.insured.covers(case.filed_on):
        return None
    if case.filed_on < case.insured.since:
        message = f"参保自{day(case.insured.since)}起生效，请在这一天或之后申请。"
    else:
        message = f"{case.insured.area.name}的参保关系已结束，请续保后申请，或在现在的参保地申请。"
    return error("enrollment_not_in_force", message, "enrollment", source="RULES.md S-56")


def disease_is_recognised(case: RecognitionCase) -> Finding | None:
    """Each area has its list of diseases (POLICY.md §5, chronic)."""
    if case.disease in case.rules.chronic.diseases:
        return None
    message = f"{case.insured.area.name}不认定“{case.disease_name}”，请改选其他病种或咨询经办机构。"
    return error("disease_not_recognised", message, "disease", source=case.rules.cite("chronic.diseases"))


def no_live_recognition(case: RecognitionCase) -> Finding | None:
    """One an enrolment and disease, or one renewal of it (DESIGN.md §3)."""
    if case.rival is None:
        return None
    if case.old:
        message = f"该认定已有一份续期申请在办理中（受理编号{case.rival}），请等待结果或先撤回。"
        return conflict("renewal_running", message, source="DESIGN.md §3")
    message = f"“{case.disease_name}”已有正在办理或有效的认定（受理编号{case.rival}），请在“门诊慢特病”中查看。"
    return conflict("recognition_running", message, "disease", source="DESIGN.md §3")


def may_be_renewed(case: RecognitionCase) -> Finding | None:
    """A renewal is of a recognition that counts, in the month before its end, or brings what was promised (S-54)."""
    if case.old is None:
        return None
    if not case.old.live:
        message = f"原认定（受理编号{case.old.number}）已失效，不能续期，请重新申请认定。"
        return conflict("predecessor_ended", message, source="RULES.md S-54")
    if case.old.commitment_open:
        if case.commitment is None:
            return None
        message = "原认定的承诺还没有履行，请上传承诺的材料，不能再以承诺方式办理。"
        return error("commitment_open", message, "commitment", source=case.rules.cite("commitment"))
    opens = case.old.renewable_from
    if opens is None:
        message = f"原认定（受理编号{case.old.number}）长期有效，不需要续期。"
        return conflict("renewal_not_needed", message, source=case.rules.cite("chronic.renewal"))
    if case.filed_on < opens:
        return conflict(
            "renewal_too_early", f"请在{day(opens)}或之后办理续期。", source=case.rules.cite("chronic.renewal")
        )
    return None


def diagnosis_has_happened(case: RecognitionCase) -> Finding | None:
    """When it was diagnosed (2503: hosp_ide_date); not in the future."""
    if case.diagnosed_on is None:
        return error("diagnosis_missing", "请填写确诊日期。", "diagnosed_on", source="RULES.md §3.9")
    if case.diagnosed_on > case.filed_on:
        return error("diagnosis_in_future", "确诊日期不能晚于今天，请核对。", "diagnosed_on", source="RULES.md §3.9")
    return None


def diagnosed_by_a_hospital(case: RecognitionCase) -> Finding | None:
    """The diagnosis is of a hospital of the level the area asks for (S-51: level 2 or higher)."""
    where = case.diagnosed_at
    if where is None:
        message = "请选择确诊的医疗机构。"
        return error(
            "diagnosing_institution_missing",
            message,
            "diagnosing_institution",
            source=case.rules.cite("chronic.lowest_level"),
        )
    if where.level >= case.rules.chronic.lowest_level:
        return None
    message = (
        f"{where.name}不是{_lowest(case.rules.chronic)}医疗机构，请提供{_lowest(case.rules.chronic)}医疗机构的诊断。"
    )
    return error(
        "diagnosing_institution_level",
        message,
        "diagnosing_institution",
        source=case.rules.cite("chronic.lowest_level"),
    )


def institutions_fit(case: RecognitionCase) -> Finding | None:
    return chosen_fit(case.rules.chronic, case.chosen, case.disease_name)


def chosen_fit(rules: ChronicRules, chosen: tuple[Hospital, ...], disease: str) -> Finding | None:
    """The designated institutions: as many as the area says, of its level, elsewhere open for the disease (S-51, S-56)."""
    limit, source = rules.institutions, "RULES.md S-51"
    if limit and not chosen:
        message = f"请选择定点医疗机构（最多{limit}家）。"
        return error("institutions_required", message, "institutions", source=source)
    if limit and len(chosen) > limit:
        return error("institutions_too_many", f"最多选择{limit}家定点医疗机构，请减少。", "institutions", source=source)
    low = [hospital.name for hospital in chosen if hospital.level < rules.lowest_level]
    if low:
        message = f"{listed(low)}不是{_lowest(rules)}医疗机构，请改选。"
        return error("institution_level", message, "institutions", source=source)
    shut = [hospital.name for hospital in chosen if not (hospital.at_home or hospital.open)]
    if shut:
        message = f"{listed(shut)}尚未开通“{disease}”异地直接结算，请改选已开通的医疗机构。"
        return error("institution_not_open", message, "institutions", source="RULES.md S-56")
    return None


def _lowest(rules: ChronicRules) -> str:
    """二级及以上."""
    return LEVELS[rules.lowest_level] + ("及以上" if rules.lowest_level < len(LEVELS) - 1 else "")


def documents_are_readable(case: RecognitionCase) -> Finding | None:
    """Every attached document opens (RULES.md §5.2)."""
    return unreadable(case.materials)


def documents_are_complete(case: RecognitionCase) -> Finding | None:
    """Each required document of the disease, an alternative, or a commitment where one is accepted (S-50)."""
    wanted = missing(case.documents, case.materials, case.commitment.kind if case.commitment else "")
    return incomplete(wanted, case.rules.cite("chronic.documents"))


def commitment_is_accepted(case: RecognitionCase) -> Finding | None:
    """A commitment stands in only for what the area lets it, and only for what is not there (RULES.md §2.3)."""
    if case.commitment is None:
        return None
    return not_accepted(
        case.commitment,
        case.documents,
        case.materials,
        area=case.insured.area.name,
        source=case.rules.cite("chronic.documents"),
    )


def commitment_is_not_barred(case: RecognitionCase) -> Finding | None:
    """A broken promise, of a filing or a recognition, bars new ones for a time (RULES.md §2.3)."""
    return barred(case.barred_until, case.filed_on, case.rules.cite("commitment.bar")) if case.commitment else None


def commitment_is_signed_by_the_person(case: RecognitionCase) -> Finding | None:
    """The letter carries the name of the insured person."""
    return signed_by_another(case.commitment, case.insured.name) if case.commitment else None


def recognised_before(case: RecognitionCase) -> Finding | None:
    """An older record of the same disease helps the reviewer; it does not count here (RULES.md §2.6)."""
    if case.earlier is None or case.old:
        return None
    message = f"{case.earlier.area}曾自{day(case.earlier.valid_from)}起认定该病种（受理编号{case.earlier.number}），供审核参考。"
    return info("recognised_before", message, source="RULES.md §2.6")


CHECKS = (
    enrollment_in_force,
    disease_is_recognised,
    no_live_recognition,
    may_be_renewed,
    diagnosis_has_happened,
    diagnosed_by_a_hospital,
    institutions_fit,
    documents_are_readable,
    documents_are_complete,
    commitment_is_accepted,
    commitment_is_not_barred,
    commitment_is_signed_by_the_person,
    recognised_before,
)
