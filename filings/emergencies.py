"""Emergency care elsewhere (急诊抢救): deemed filed (规程 art. 8 and 34), or to be reported, as the area says.

A deemed filing nobody files: it is recorded for the person by what a hospital did, and approved in the same moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment
from core import clock
from core.errors import Invalid
from filings.checks.care import filed_to
from filings.filing_case import Stay
from filings.models import Filing, FilingType, unsigned
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from policies.language.terms import due_on
from policies.language.wording import day
from regions import calendar
from regions.models import Area
from reviews.lifecycle import SYSTEM, Actor, Case
from reviews.locking import locked
from reviews.models import Kind, Status
from reviews.presenting import about
from reviews.services import conclude, drafted, next_number, supersede, take_effect
from reviews.workflow import Action


def record(
    filing: Filing, *, actor: Actor, code: str, then: Callable[[Case], None] | None = None, silently: bool = False
) -> Filing:
    """File and approve in one moment. What is live of the same type for the same place gives way, with `code`.

    `then` adds what is to be said beside its approval; `silently`: the caller's own message speaks of it.
    """
    with drafted(filing, actor=actor) as case:
        _clear_the_way(filing, code)
        now = case.now
        case.change(
            live_key=filing.key_in_force,
            number=next_number(now.date()),
            submitted_at=now,
            stage_started_at=now,
            due_at=now,
        )
        case.record(Action.SUBMIT, actor=actor, to=Status.SUBMITTED)
        take_effect(case, actor=SYSTEM, lane=filing.lane)
        if then is not None:
            then(case)
        if silently:
            case.told.clear()
    return filing


def _clear_the_way(filing: Filing, code: str) -> None:
    """Older filings of this type for this place give way: those in force are superseded, those under review end."""
    same = Filing.objects.live().filter(
        enrollment=filing.enrollment_id, destination=filing.destination_id, type=filing.type
    )
    for older in same.exclude(pk=filing.pk).order_by("-pk"):
        if older.status == Status.APPROVED:
            supersede(older.pk, by=filing, last=filing.starts_on - timedelta(days=1))
            continue
        with locked(older) as case:
            conclude(case, Action.END, actor=SYSTEM, code=code, successor=str(filing.pk))


def end_deemed(filing: Filing, *, code: str, why: str) -> None:
    """End a filing whose reason fell away, if it is still in force; a stay that began under it stays covered."""
    with locked(filing) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.END, actor=SYSTEM, code=code)
            text = _("%(about)s已终止：%(why)s。已入院的仍可直接结算。") % {"about": about(case), "why": why}
            case.tell("filing_ended", _("异地就医备案已终止"), text)


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
