"""The receipt of a filing (备案回执): what was handed in, how it stands, and until when it counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import WrongState
from core.printing import Joined, Kept
from filings.filing_case import period
from filings.lifecycle import commitment
from filings.models import Filing
from policies.language.wording import day
from regions.models import Agency
from reviews.models import Status
from reviews.papers import Paper, filled

HOTLINE = "12393"


def paper(filing: Filing, *, unmasked: bool) -> Paper:
    """The receipt of a filing that was handed in; `unmasked`: for those who act for the person under a mandate.

    Raises WrongState `no_receipt` for a draft.
    """
    if filing.submitted_at is None:
        raise WrongState(_("没有提交过，没有回执。"), code="no_receipt")
    return Paper(
        title=_("异地就医备案回执"),
        number=filing.number,
        rows=filled(_rows(filing, unmasked)),
        issuer=_issuer(filing),
        issued=_("打印日期：%s") % day(clock.today()),
        notes=_notes(filing),
    )


def _rows(filing: Filing, unmasked: bool) -> Iterator[tuple[object, object]]:
    person, status = filing.person, Status(filing.status)
    yield _("办理状态"), _standing(filing)
    yield _("姓名"), Kept(person.name if unmasked else person.masked_name)
    yield _("证件号码"), person.id_number if unmasked else person.masked_id_number
    yield _("参保地"), Kept(filing.area.name)
    yield _("险种"), filing.enrollment.get_insurance_display()
    yield _("备案类型"), filing.get_type_display()
    yield _("就医地"), Kept(filing.destination.name)
    if status == Status.APPROVED and filing.valid_from:
        yield _("有效期"), period(filing.valid_from, filing.valid_until)
    else:
        yield _("申请的起止日期"), period(filing.starts_on, filing.ends_on)
    yield _("提交时间"), _moment(filing.submitted_at)
    if status == Status.SUBMITTED:
        yield _("办结时限"), _moment(filing.due_at) + (_("（暂定）") if filing.due_provisional else "")
    yield _("办结时间"), _moment(filing.decided_at)
    if signed := commitment(filing):
        due = _("，应在%s前补交") % day(signed["due_on"]) if signed["due_on"] else ""
        yield _("个人承诺"), Joined(signed["label"], due)


def _standing(filing: Filing) -> str:
    if filing.status != Status.APPROVED or filing.valid_from is None:
        return str(filing.get_status_display())
    return _("已通过，生效中") if filing.valid_from <= clock.today() else _("已通过，待生效")


def _moment(moment: datetime | None) -> str:
    """2026年11月20日 14:05; empty where it has not come."""
    local = moment.astimezone(clock.SHANGHAI) if moment else None
    return f"{day(local.date())} {local:%H:%M}" if local else ""


def _issuer(filing: Filing) -> str:
    agency = Agency.objects.filter(area=filing.area_id).order_by("pk").first()
    return Kept(agency.name) if agency else _("%s医疗保障经办机构") % filing.area.name


def _notes(filing: Filing) -> list[str]:
    in_force = _("有效期内在就医地已联网的定点医院，凭医保码或社会保障卡直接结算，不需要出示本回执。")
    waiting = _("审核结果会发消息通知；本回执只证明已经受理。")
    said = {Status.APPROVED: in_force, Status.SUBMITTED: waiting, Status.RETURNED: waiting}
    return [
        *([said[Status(filing.status)]] if filing.status in said else []),
        _("以系统中的办理状态为准。有疑问请致电参保地经办机构或%s。") % HOTLINE,
    ]
