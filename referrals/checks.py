"""The automatic checks of referrals: pure functions over `ReferralCase`, one per rule (RULES.md §1.2, POLICY.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from filings.checks.care import granularity
from filings.filing_case import Insured, Place
from policies.language.filing_schema import RANKS, FilingRules
from policies.language.terms import due_on, last_day
from policies.language.wording import day
from reviews.checks import Finding, conflict, error, info


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """A medical institution: its level (0-3), the areas it lies in (city and province), whether it may refer."""

    code: str
    name: str
    level: int
    areas: frozenset[str]
    entitled: bool

    def lies_in(self, area: Place) -> bool:
        """In the area itself or a place local to it."""
        return area.code in self.areas or bool(self.areas & set(area.local_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralCase:
    """Everything the checks of a referral ask for.

    `local`: it stays at home (基层首诊); `renewal`: it follows one for the same illness; `replaces`: the number of the one
    that stands and ends with it; `rival`: the number of another one under review.
    """

    rules: FilingRules
    insured: Insured
    destination: Place
    local: bool
    issuer: Hospital
    receiver: Hospital | None
    doctor_rank: str
    issued_on: date
    filed_on: date
    renewal: bool = False
    replaces: str | None = None
    rival: str | None = None


LEVELS = ("社区", "一级", "二级", "三级")
RANK_LABELS = {"attending": "主治医师", "associate_chief": "副主任医师", "chief": "主任医师"}


def patient_is_insured(case: ReferralCase) -> Finding | None:
    """A referral is for somebody insured on the day it is issued."""
    if case.insured.covers(case.issued_on):
        return None
    message = f"患者{day(case.issued_on)}在{case.insured.area.name}没有有效的参保关系，请患者先核对参保状态。"
    return error("not_insured", message, "patient", source="RULES.md S-30")


def issuer_is_entitled(case: ReferralCase) -> Finding | None:
    """Only hospitals with the right refer out of the area (RULES.md S-22, S-34); at home every one sends up (S-31)."""
    if case.local or case.issuer.entitled:
        return None
    message = f"{case.issuer.name}没有转诊资格，请由参保地有转诊资格的医院开具。"
    return error("issuer_not_entitled", message, "issuer", source="RULES.md S-22")


def issuer_is_named(case: ReferralCase) -> Finding | None:
    """Where the area names the hospitals that may refer, only those do (宁波, 长春)."""
    named = case.rules.referral.hospitals
    if case.local or not named or {case.issuer.code, case.issuer.name} & set(named):
        return None
    message = f"{case.insured.area.name}只认可公布名单内的医院开具的转诊，请由名单内的医院开具。"
    return error("issuer_not_named", message, "issuer", source=case.rules.cite("referral.hospitals"))


def issuer_is_of_the_insured_area(case: ReferralCase) -> Finding | None:
    """A hospital of the insured area refers; where policy says so, the treating hospital renews (宁波)."""
    if case.issuer.lies_in(case.insured.area):
        return None
    if case.renewal and case.rules.referral.renewal == "treating" and case.issuer.lies_in(case.destination):
        return None
    message = f"患者的参保地是{case.insured.area.name}，转诊须由参保地的医院开具，请患者回参保地医院办理。"
    return error("issuer_elsewhere", message, "issuer", source="RULES.md S-34")


def issuer_has_the_level(case: ReferralCase) -> Finding | None:
    """The lowest level that may refer out of the area (S-34: tertiary); at home every level sends up (S-31)."""
    lowest = case.rules.referral.lowest_level
    if case.local or case.issuer.level >= lowest:
        return None
    message = (
        f"{case.insured.area.name}规定转往外地须由{LEVELS[lowest]}及以上医院开具，请先转至本地{LEVELS[lowest]}医院。"
    )
    return error("issuer_level_too_low", message, "issuer", source=case.rules.cite("referral.lowest_level"))


def doctor_has_the_rank(case: ReferralCase) -> Finding | None:
    """The doctor's rank where the area asks for one (宁波: associate chief physician)."""
    lowest = case.rules.referral.doctor
    if case.local or RANKS.index(case.doctor_rank) >= RANKS.index(lowest):
        return None
    message = f"{case.insured.area.name}规定转诊须由{RANK_LABELS[lowest]}及以上医师提出，请由符合条件的医师签署。"
    return error("doctor_rank_too_low", message, "doctor.rank", source=case.rules.cite("referral.doctor"))


def leads_elsewhere(case: ReferralCase) -> Finding | None:
    """From the insured area to itself nobody is referred, unless to a hospital in it (基层首诊, S-31)."""
    home = case.insured.area
    if case.receiver or home.code not in (case.destination.code, case.destination.province):
        return None
    message = f"转往地区就是参保地{home.name}：转往外地的请改选转往地区，在本地转往上级医院的请选择接收医院。"
    return error("referral_to_itself", message, "destination", "receiving_institution", source="RULES.md S-31")


def receiver_is_named(case: ReferralCase) -> Finding | None:
    """Where the area wants the receiving hospital named."""
    if case.local or not case.rules.referral.names_receiver or case.receiver:
        return None
    message = f"{case.insured.area.name}规定须写明接收医院，请选择。"
    return error(
        "receiver_required", message, "receiving_institution", source=case.rules.cite("referral.names_receiver")
    )


def receiver_lies_there(case: ReferralCase) -> Finding | None:
    """The receiving hospital lies in the place the patient is sent to, and is another one."""
    if case.receiver is None:
        return None
    if case.receiver.code == case.issuer.code:
        message = "接收医院不能是开具转诊的医院，请改选。"
        return error("receiver_is_issuer", message, "receiving_institution", source="RULES.md S-31")
    if case.receiver.lies_in(case.destination):
        return None
    message = f"{case.receiver.name}不在{case.destination.name}，请改选接收医院或转往地区。"
    return error("receiver_elsewhere", message, "receiving_institution", "destination", source="RULES.md S-31")


def receiver_is_no_lower(case: ReferralCase) -> Finding | None:
    """One refers up the levels, never down: what cannot be treated here is treated there (S-31)."""
    if case.receiver is None or case.receiver.level >= case.issuer.level:
        return None
    message = (
        f"{case.receiver.name}（{LEVELS[case.receiver.level]}）的等级低于开具医院（{LEVELS[case.issuer.level]}），"
        "请改选同级或更高等级的医院。"
    )
    return error("receiver_level_lower", message, "receiving_institution", source="RULES.md S-31")


def issued_in_time(case: ReferralCase) -> Finding | None:
    """Issued today or before, and young enough: `paper` old at most, and not past its validity (S-32)."""
    if case.issued_on > case.filed_on:
        message = "开具日期不能晚于今天，请修改。"
        return error("issued_in_future", message, "issued_on", source="RULES.md S-32")
    rules = case.rules.referral
    until = last_day(case.issued_on, rules.validity)
    if rules.paper:
        until = min(until, due_on(case.issued_on, rules.paper))
    if case.filed_on <= until:
        return None
    message = f"这份转诊{day(case.issued_on)}开具，已超过时限（{day(until)}），请重新开具。"
    return error("issued_too_long_ago", message, "issued_on", source=case.rules.cite("referral.validity"))


def destination_fits_pooling(case: ReferralCase) -> Finding | None:
    """To the province or the city, as one files (S-12); at home any place does."""
    if case.local:
        return None
    return granularity(case.rules, case.destination)


def nothing_is_under_review(case: ReferralCase) -> Finding | None:
    """A second referral for the illness supersedes one that stands; one under review is decided first."""
    if case.rival is None:
        return None
    message = f"患者同一疾病已有一份转诊在审核中（受理编号{case.rival}），请等待结果，或由开具医院先撤回。"
    return conflict("referral_overlaps", message, "diagnosis", source="DESIGN.md §3")


def replaces_none(case: ReferralCase) -> Finding | None:
    """One referral an illness: whoever issues or decides another one knows that the first ends with it."""
    if case.replaces is None:
        return None
    return info("referral_replaces", replacing_message(case.replaces), "diagnosis", source="DESIGN.md §3")


def replacing_message(number: str) -> str:
    return f"患者同一疾病已有生效的转诊（受理编号{number}），这份转诊生效后将替代它。"


CHECKS = (
    patient_is_insured,
    issuer_is_entitled,
    issuer_is_named,
    issuer_is_of_the_insured_area,
    issuer_has_the_level,
    doctor_has_the_rank,
    leads_elsewhere,
    receiver_is_named,
    receiver_lies_there,
    receiver_is_no_lower,
    issued_in_time,
    destination_fits_pooling,
    nothing_is_under_review,
    replaces_none,
)
