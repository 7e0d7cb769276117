"""Who, where, when and by which policy: the upper part of the statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.clock import SHANGHAI
from policies.engine import Case
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS
from policies.language.wording import LEVEL_LABELS, day, value_text
from settlements.models import Channel, Settlement
from settlements.presenting import disease_names

Pairs = list[list[str]]
SHA_SHOWN = 12
NONE = "—"


def moment(at: datetime) -> str:
    """2026年11月20日 14:05."""
    local = at.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def basics(settlement: Settlement, case: Case) -> Pairs:
    """Label and value, side by side two by two."""
    pairs = [*_who(settlement, case), *_where(settlement), *_when(settlement), *_how(settlement)]
    return [[label, str(value)] for label, value in pairs]


def wide(settlement: Settlement, policy: Mapping[str, Any]) -> Pairs:
    """Label and value of what needs a whole line."""
    return [[_("医疗机构"), _institution(settlement)], [_("待遇政策"), _policy(settlement, policy)]]


def _who(settlement: Settlement, case: Case) -> Iterator[tuple[str, Any]]:
    yield _("姓名"), settlement.person.name
    yield _("证件号码"), settlement.person.id_number
    yield _("参保地"), settlement.area.name
    yield _("险种"), settlement.get_insurance_display()
    yield _("人员类别"), value_text("person", case.facts["person"]) if "person" in case.facts else NONE


def _where(settlement: Settlement) -> Iterator[tuple[str, Any]]:
    yield _("就医地"), settlement.care_area.name if settlement.care_area else NONE
    yield _("就医类别"), _care(settlement)
    if settlement.disease:
        yield _("病种"), _disease(settlement.disease)


def _when(settlement: Settlement) -> Iterator[tuple[str, Any]]:
    if settlement.care == "inpatient":
        yield _("入院日期"), day(settlement.admitted_on)
        yield _("出院日期"), day(settlement.discharged_on) if settlement.discharged_on else NONE
    else:
        yield _("就诊日期"), day(settlement.admitted_on)


def _how(settlement: Settlement) -> Iterator[tuple[str, Any]]:
    yield _("就医类型"), TRAVEL_LABELS[settlement.travel]  # type: ignore[index]
    yield _("备案受理编号"), settlement.filing.number if settlement.filing else NONE
    if settlement.continues:
        yield _("接续的住院"), settlement.continues.number
    yield _("票据号码") if settlement.channel == Channel.MANUAL else _("账单号"), settlement.bill_number or NONE
    yield _("结算方式"), settlement.get_channel_display()


def _institution(settlement: Settlement) -> str:
    level = LEVEL_LABELS.get(settlement.level) if settlement.level is not None else None
    return f"{settlement.institution_name}（{level}）" if level else settlement.institution_name


def _care(settlement: Settlement) -> str:
    care = CARE_LABELS[settlement.care]  # type: ignore[index]
    return _("%(care)s（急诊）") % {"care": care} if settlement.emergency else care


def _disease(code: str) -> str:
    name = disease_names().get(code)
    return f"{name}（{code}）" if name else code


def _policy(settlement: Settlement, policy: Mapping[str, Any]) -> str:
    """Its name, which version, and the beginning of the fingerprint by which the very text can be known again."""
    mark = _("指纹 %s") % settlement.policy_sha256[:SHA_SHOWN]
    if "name" not in policy:
        return f"{settlement.policy}，{mark}"
    text = _("%(name)s（%(start)s起执行），版本 %(id)s，%(mark)s")
    return text % {**policy, "start": day(policy["effective_from"]), "mark": mark}
