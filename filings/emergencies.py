"""Emergency care elsewhere (急诊抢救): deemed filed (规程 art. 8 and 34), or to be reported, as the area says."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment
from core import clock
from core.errors import Invalid
from filings.checks.care import filed_to
from filings.deemed import record
from filings.filing_case import Stay
from filings.models import Filing, FilingType, unsigned
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from policies.language.terms import due_on
from policies.language.wording import day
from regions import calendar
from regions.models import Area
from reviews.lifecycle import Actor, Case
from reviews.models import Kind, Status
from reviews.presenting import about


def report_by(rules: FilingRules, admitted_on: date, area: str, *, networked: bool = True) -> date | None:
    """The last day to report an emergency to the agency; None: the area wants no report, or names no term.

    Some areas want it only of hospitals outside the network (重庆, 沈阳), which cannot upload the mark.
    """
    report = rules.emergency.report
    if report is None or report.within is None or (report.outside_network_only and networked):
        return None
    if report.within.unit != "working days":
        return due_on(admitted_on, report.within)
    noon = datetime.combine(admitted_on, time(12), clock.SHANGHAI)
    return calendar.due(noon, report.within.count, area).at.astimezone(clock.SHANGHAI).date()


def report_of(filing: Filing) -> date | None:
    """The last day to report this filing's emergency; None: it is none, or the area wants no report."""
    if filing.type != FilingType.EMERGENCY:
        return None
    stay = Stay.read(filing.makes_up_for)
    return report_by(filing.rules, stay.admitted_on if stay else filing.starts_on, filing.area_id)


def travel(filing: Filing, last_day: date | None) -> str:
    """What an emergency settles as: its own rule, or what the area says of one reported too late."""
    rules = filing.rules
    late = last_day is not None and filing.filed_on > last_day
    return rules.emergency.report.late if late and rules.emergency.report else rules.types["emergency"].travel


def record_emergency(
    enrollment: Enrollment, area: Area, on: date, *, account: Account, institution: str = ""
) -> Filing:
    """Record that an emergency is deemed filed: the settlement finds no filing and sees the hospital's mark.

    `area` is where the hospital lies, `on` the day of admission, `account` the hospital's. A filing that already covers
    the day is returned as it is. Raises Invalid (`enrollment_not_in_force`).
    """
    if enrollment.status_on(on) != "active":
        raise Invalid(
            _("入院当日参保关系不在有效期内，不能按急诊备案。"), code="enrollment_not_in_force", attr="enrollment"
        )
    destination = filed_to(area, rules_for(enrollment.area_id, clock.today()))
    same = Filing.objects.filter(enrollment=enrollment, destination=destination, type=FilingType.EMERGENCY)
    with transaction.atomic():
        Enrollment.objects.select_for_update(of=("self",), no_key=True).get(pk=enrollment.pk)
        covering = same.covering(on).filter(status__in=[Status.APPROVED, Status.EXPIRED]).first()
        return covering or _record(enrollment, destination, on, account, institution)


def _record(enrollment: Enrollment, destination: Area, on: date, account: Account, institution: str) -> Filing:
    person = enrollment.person
    return record(
        unsigned(
            kind=Kind.FILING,
            person=person,
            enrollment=enrollment,
            area=enrollment.area,
            destination=destination,
            type=FilingType.EMERGENCY,
            starts_on=on,
            contact_name=person.name,
            contact_phone=person.phone,
            makes_up_for=str(Stay(institution, on)) if institution else "",
            lane="deemed",
        ),
        actor=Actor(account),
        code="recorded_by_hospital",
        then=_say_how_to_report,
    )


def _say_how_to_report(case: Case) -> None:
    filing: Filing = case.submission
    if filing.report_by:
        text = _("%(about)s：急诊已登记。请在%(day)s前（出院结算前）向参保地经办机构报告，以免降低待遇。")
        case.tell("report_emergency", _("请报告急诊就医"), text % {"about": about(case), "day": day(filing.report_by)})
