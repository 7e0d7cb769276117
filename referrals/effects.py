"""What a decision, an end or the passing of time does to a referral. Called by `reviews` with the case locked."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _

from core import clock
from filings import travel
from filings.checks.where import no_filing_reason
from filings.deemed import end_recorded, record
from filings.facts import hypothetical
from filings.filing_case import earlier, usual_end
from filings.models import Filing, FilingType
from filings.places import place
from policies.language.filing_rules import rules_for
from policies.language.terms import TRAVEL_LABELS
from policies.language.wording import day
from referrals.models import Referral
from reviews.case import SYSTEM, Actor, Case
from reviews.enrollments import end_with_enrollment
from reviews.models import Status
from reviews.schedule import reminder_due
from reviews.services import conclude
from reviews.validity import cut, supersede
from reviews.workflow import Action


def approved(case: Case) -> None:
    """The referral stands: it takes over from the one before it, and makes the filing it is good for."""
    referral: Referral = case.submission
    if referral.predecessor_id:
        supersede(referral.predecessor_id, by=referral, last=referral.issued_on - timedelta(days=1))
    filing = make_filing(referral, told=False)
    case.change(live_key=referral.key_in_force, made_filing=filing)
    if referral.predecessor_id:
        _end_filing(Referral.objects.get(pk=referral.predecessor_id), "referral_superseded", _("转诊已由新的转诊替代"))
    said = {
        "number": referral.number,
        "hospital": referral.issuer.name,
        "place": referral.receiver.name if referral.receiver else referral.destination.name,
        "until": day(referral.valid_until or referral.issued_on),
    }
    text = _(
        "受理编号%(number)s：%(hospital)s为您开具了转诊，转往%(place)s，有效期至%(until)s。就医时可出示转诊二维码。"
    )
    case.tell("referral_approved", _("转诊证明已生效"), text % said + _changes(referral, filing))


def _changes(referral: Referral, filing: Filing | None) -> str:
    if filing is None:
        return ""
    label = TRAVEL_LABELS[filing.travel]  # type: ignore[index]
    until = _("，有效期至%s") % day(filing.valid_until) if filing.valid_until else ""
    text = _("已同时办理到%(place)s的异地就医备案（受理编号%(number)s%(until)s），按“%(travel)s”结算。")
    said = {"place": referral.destination.name, "number": filing.number, "until": until, "travel": label}
    return text % said


def make_filing(referral: Referral, *, told: bool = True) -> Filing | None:
    """Record the filing a referral is good for; None where none is needed: at home, or where care is free of filing.

    `told`: the patient gets the filing's own message; not where the referral's message speaks of both.
    """
    there, home = place(referral.destination), place(referral.area)
    imagined = hypothetical(referral.enrollment, there, home, FilingType.REFERRAL, None)
    if travel.is_home(referral.area, there) or no_filing_reason(imagined)[0]:
        return None
    starts_on = _first_day(referral)
    person = referral.person
    return record(
        Filing(
            person=person,
            enrollment=referral.enrollment,
            area=referral.area,
            destination=referral.destination,
            type=FilingType.REFERRAL,
            starts_on=starts_on,
            ends_on=_kept_longer(referral, starts_on),
            contact_name=person.name,
            contact_phone=person.phone,
            lane="referral",
        ),
        actor=Actor(referral.applicant),
        code="filed_by_referral",
        then=(lambda case: None) if told else (lambda case: case.told.clear()),
    )


def _first_day(referral: Referral) -> date:
    """From the day of issue, as far back as one may file; never before the enrolment."""
    back = referral.rules.types["referral"].starts.back
    earliest = earlier(referral.filed_on, back) if back else referral.filed_on
    return max(referral.issued_on, earliest, referral.enrollment.valid_from)


def _kept_longer(referral: Referral, starts_on: date) -> date | None:
    """A filing in force that runs longer is not cut short by the new one; None: the usual end."""
    rules = rules_for(referral.area_id, clock.today())
    usual = usual_end(rules.types["referral"], starts_on, by_commitment=False)
    older = Filing.objects.live().filter(
        enrollment=referral.enrollment_id, destination=referral.destination_id, type=FilingType.REFERRAL
    )
    until = older.filter(status=Status.APPROVED).values_list("valid_until", flat=True).first()
    return until if until and usual and until > usual else None


def rejected(case: Case) -> None:
    """Tell the patient; the hospital sees the reason in its list."""
    text = _("受理编号%s：转诊未通过参保地审核，请联系开具医院了解原因。") % case.submission.number
    case.tell("referral_rejected", _("转诊未通过"), text)


def ended(case: Case) -> None:
    """Revoked: it counts no longer, and the filing it made ends. Otherwise what it made stands or ends by itself."""
    referral: Referral = case.submission
    if referral.status != Status.REVOKED:
        return
    cut(case, clock.today() - timedelta(days=1))
    text = _("受理编号%s：开具医院撤销了这份转诊，转诊证明不再有效。如有疑问请联系开具医院。") % referral.number
    case.tell("referral_revoked", _("转诊已撤销"), text)
    _end_filing(referral, "referral_revoked", _("开具医院撤销了转诊"))


def _end_filing(referral: Referral, code: str, why: str) -> None:
    """End the filing it made, if that still counts; another standing referral to the same place goes on with its own."""
    if referral.made_filing is None:
        return
    text = _("受理编号%(number)s：%(why)s，据此办理的备案已终止。已入院的仍可直接结算。")
    said = text % {"number": referral.made_filing.number, "why": why}
    end_recorded(referral.made_filing, code=code, title=_("异地就医备案已终止"), text=said)
    _carry_on(referral)


def _carry_on(referral: Referral) -> None:
    same = Referral.objects.standing_on(clock.today()).filter(
        enrollment=referral.enrollment_id, destination=referral.destination_id
    )
    other = same.exclude(pk=referral.pk).select_related(*Referral.JOINS, "area", "applicant").order_by("-id").first()
    live = Filing.objects.live().filter(
        enrollment=referral.enrollment_id, destination=referral.destination_id, type=FilingType.REFERRAL
    )
    if other is not None and not live.exists():
        Referral.objects.filter(pk=other.pk).update(made_filing=make_filing(other))


def awake(case: Case) -> None:
    """Do what is due for a referral that stands: its end, or the reminder of it."""
    referral: Referral = case.submission
    today = clock.today()
    if referral.enrollment.status_on(today) == "ended":
        end_with_enrollment(case)
    elif referral.valid_until and referral.valid_until < today:
        conclude(case, Action.EXPIRE, actor=SYSTEM)
        text = _("受理编号%s：转诊证明已到期。仍需转诊的，请到参保地医院重新开具。") % referral.number
        case.tell("referral_expired", _("转诊证明已到期"), text)
    elif reminder_due(referral):
        case.change(reminded_at=clock.now())
        case.record("remind", actor=SYSTEM, of="expiry")
        text = _("受理编号%(number)s：转诊证明%(day)s到期。届时仍需转诊的，请到参保地医院重新开具。")
        said = {"number": referral.number, "day": day(referral.valid_until or today)}
        case.tell("referral_expiring", _("转诊证明即将到期"), text % said)
