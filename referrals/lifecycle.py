"""A referral in the queue: what it needs, what decisions and time do to it, how it is shown; what filings ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from core import clock
from core.errors import Invalid
from core.sealing import mask_name
from filings import travel
from filings.checks.care import no_filing_reason
from filings.emergencies import end_deemed, record
from filings.facts import hypothetical
from filings.filing_case import Place, earlier, usual_end
from filings.filing_case import Referral as Certificate
from filings.models import Filing, FilingType, unsigned
from policies.language.filing_rules import rules_for
from policies.language.terms import TRAVEL_LABELS, last_day
from policies.language.wording import day
from referrals import facts
from referrals.bodies import HospitalShape, ReferralColumns
from referrals.certificate import spaced
from referrals.checks import CHECKS
from referrals.models import NamedReferral, Reason, Referral
from regions.models import Institution
from reviews import schedule
from reviews.checks import Finding, Level, run
from reviews.lifecycle import SYSTEM, Actor, Case, Lifecycle, Resting
from reviews.models import Kind, Status
from reviews.needs import Need, Period
from reviews.presenting import about
from reviews.services import conclude, cut, end_with_enrollment, supersede, take_effect
from reviews.workflow import Action


class ReferralLifecycle(Lifecycle[Referral]):
    """Referrals: reviewed where the insured area reviews them; in force for a time; each makes the filing it is good for."""

    kind = Kind.REFERRAL
    model = Referral
    joins = (*Lifecycle.joins, "destination__parent", "issuer__area", "receiver__area")
    named_by = ("destination", "issuer", "receiver")
    destination = "referral__destination__code"
    columns = (
        (gettext_lazy("转往"), lambda row: row.receiver.name if row.receiver else row.destination.name),
        (gettext_lazy("开具医院"), lambda row: row.issuer.name),
    )
    resting = Resting(gettext_lazy("转诊"), gettext_lazy("仍需转诊请"), gettext_lazy("重新开具转诊证明"))
    returned = gettext_lazy("%(about)s由参保地退回，由开具医院在%(day)s前补正，您无需办理。")
    lapsed = gettext_lazy("%(about)s：医院未在规定时间内补正，转诊视为撤回。仍需转诊的，请联系开具医院。")

    fields = (
        ("diagnosis", gettext_lazy("诊断")),
        ("reason", gettext_lazy("转诊原因")),
        ("summary", gettext_lazy("病情摘要")),
        ("destination", gettext_lazy("转往地区")),
        ("receiving_institution", gettext_lazy("接收医疗机构")),
        ("doctor", gettext_lazy("医师")),
        ("issued_on", gettext_lazy("开具日期")),
    )

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        return [run(CHECKS, case) for case in facts.gather(cases)]

    def entered(self, case: Case, *, actor: Actor, again: bool) -> None:
        """Approved in the same transaction where the area does not review, and for referrals at home."""
        referral: Referral = case.submission
        until = last_day(referral.issued_on, referral.rules.referral.validity)
        case.change(valid_from=referral.issued_on, valid_until=until)
        if _stands_at_once(referral):
            take_effect(case, actor=SYSTEM, lane="instant")

    def issued_by(self, row: Referral, account: Account) -> bool:
        return account.institution_id == row.issuer_id

    def approved(self, case: Case) -> None:
        """The referral stands: it takes over from the one before it, and makes the filing it is good for."""
        referral: Referral = case.submission
        before = Referral.objects.filter(pk=referral.predecessor_id).first() if referral.predecessor_id else None
        replaced = before is not None and before.status == Status.APPROVED
        if before:
            supersede(before.pk, by=referral, last=referral.issued_on - timedelta(days=1))
        filing = make_filing(referral, told=False)
        case.change(live_key=referral.key_in_force, made_filing=filing)
        if before:
            _end_filing(before, "referral_superseded", _("转诊已由新的转诊替代"))
        words = {
            "about": about(case),
            "hospital": referral.issuer.name,
            "until": day(referral.valid_until or referral.issued_on),
        }
        text = _("%(about)s已生效，由%(hospital)s开具，有效期至%(until)s。") % words + _("就医时可出示转诊二维码。")
        instead = (
            _("它替代同一疾病此前的转诊（受理编号%s），原转诊不再有效。") % before.number if before and replaced else ""
        )
        case.tell("referral_approved", _("转诊证明已生效"), text + instead + _changes(referral, filing))

    def rejected(self, case: Case) -> None:
        """Tell the patient; the hospital sees the reason in its list."""
        text = _("%s未通过参保地审核，请联系开具医院。") % about(case)
        case.tell("referral_rejected", _("转诊未通过"), text, reasoned=True)

    def ended(self, case: Case) -> None:
        """Revoked: it counts no longer, and the filing it made ends. Otherwise what it made stands or ends by itself."""
        referral: Referral = case.submission
        if referral.status != Status.REVOKED:
            return
        cut(case, clock.today() - timedelta(days=1))
        text = _("%s已由开具医院撤销，转诊证明不再有效。如有疑问请联系开具医院。") % about(case)
        case.tell("referral_revoked", _("转诊已撤销"), text, reasoned=True)
        _end_filing(referral, "referral_revoked", _("开具医院撤销了转诊"))

    def next_moment(self, row: Referral) -> datetime | None:
        return min(schedule.of_validity(row), default=None)

    def on_wake(self, case: Case) -> None:
        """Do what is due for a referral that stands: its end, or the reminder of it."""
        referral: Referral = case.submission
        today = clock.today()
        if referral.enrollment.status_on(today) == "ended":
            end_with_enrollment(case)
        elif referral.valid_until and referral.valid_until < today:
            conclude(case, Action.EXPIRE, actor=SYSTEM)
            text = _("%s已到期。仍需转诊的，请到参保地医院重新开具。") % about(case)
            case.tell("referral_expired", _("转诊证明已到期"), text)
        elif schedule.reminder_due(referral):
            case.change(reminded_at=clock.now())
            case.record("remind", actor=SYSTEM, of="expiry")
            text = _("%(about)s%(day)s到期。届时仍需转诊的，请到参保地医院重新开具。")
            words = {"about": about(case), "day": day(referral.valid_until or today)}
            case.tell("referral_expiring", _("转诊证明即将到期"), text % words)

    def row(self, row: Referral) -> Mapping[str, Any]:
        return _row(row)

    def about(self, row: Referral) -> str:
        return _("转往%s的转诊") % (row.receiver.name if row.receiver else row.destination.name)

    def summary(self, row: Referral) -> str:
        """重庆示范医院 → 北京市"""
        return f"{row.issuer.name} → {row.receiver.name if row.receiver else row.destination.name}"

    def needs(self, row: Referral, *, followed: Set[str]) -> Iterator[Need]:
        """An end that is near."""
        if not followed and (near := Period(row.valid_from, row.valid_until).expiring()):
            yield near

    def described(self, row: Referral, *, unmasked: bool = False) -> Iterable[tuple[Any, Any]]:
        return described(row, unmasked=unmasked)

    # What filings ask (`filings.facts.Referrals`): a citizen names a referral when filing for themselves.

    def certificates(self, filings: Sequence[Filing]) -> Mapping[Any, Certificate]:
        persons = {row.pk: row.person_id for row in filings}
        return {
            row.filing_id: facts.certificate(row.referral, persons[row.filing_id]) for row in facts.named_by(filings)
        }

    def naming(self, filings: Sequence[Filing]) -> set[Any]:
        return {row.filing_id for row in facts.named_by(filings)}

    def name(self, case: Case, referral: str | None) -> None:
        """By number, verification code or id; empty: what was named is taken back. Raises Invalid `referral_unknown`."""
        if not referral:
            NamedReferral.objects.filter(filing=case.submission).delete()
            return
        named = facts.find(referral, case.submission.person_id)
        if named is None:
            message = _("没有找到这份转诊证明，请核对编号，或上传医院出具的转诊证明。")
            raise Invalid(message, code="referral_unknown", attr="referral")
        if case.new:
            case.add(NamedReferral(filing=case.submission, referral=named))
        else:
            NamedReferral.objects.update_or_create(filing=case.submission, defaults={"referral": named})


def _changes(referral: Referral, filing: Filing | None) -> str:
    if filing is None:
        return ""
    label = TRAVEL_LABELS[filing.travel]  # type: ignore[index]
    until = _("，有效期至%s") % day(filing.valid_until) if filing.valid_until else ""
    text = _("已同时办理到%(place)s的异地就医备案（受理编号%(number)s%(until)s），按“%(travel)s”结算。")
    words = {"place": referral.destination.name, "number": filing.number, "until": until, "travel": label}
    return text % words


def make_filing(referral: Referral, *, told: bool = True) -> Filing | None:
    """Record the filing a referral is good for; None where none is needed: at home, or where care is free of filing.

    `told`: the patient gets the filing's own message; not where the referral's message speaks of both.
    """
    there, home = Place.of(referral.destination), Place.of(referral.area)
    imagined = hypothetical(referral.enrollment, there, home, FilingType.REFERRAL, None)
    if travel.is_home(referral.area, there) or no_filing_reason(imagined)[0]:
        return None
    starts_on = _first_day(referral)
    person = referral.person
    return record(
        unsigned(
            kind=Kind.FILING,
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
        silently=not told,
    )


def _first_day(referral: Referral) -> date:
    """From the day of issue, as far back as one may file; never before the enrolment."""
    back = referral.rules.types["referral"].starts.back
    earliest = earlier(referral.filed_on, back) if back else referral.filed_on
    return max(referral.issued_on, earliest, referral.enrollment.valid_from)


def _kept_longer(referral: Referral, starts_on: date) -> date | None:
    """Longer for some illnesses; and a filing in force that runs longer is not cut short. None: the usual end."""
    kind = rules_for(referral.area_id, clock.today()).types["referral"]
    usual = usual_end(kind, starts_on, by_commitment=False)
    ends = [usual_end(kind, starts_on, by_commitment=False, diagnosis=referral.diagnosis_code)]
    older = Filing.objects.live().filter(
        enrollment=referral.enrollment_id, destination=referral.destination_id, type=FilingType.REFERRAL
    )
    ends.append(older.filter(status=Status.APPROVED).values_list("valid_until", flat=True).first())
    return max((end for end in ends if end and usual and end > usual), default=None)


def _end_filing(referral: Referral, code: str, why: str) -> None:
    """End the filing it made, if that still counts; another standing referral to the same place goes on with its own."""
    if referral.made_filing is None:
        return
    end_deemed(referral.made_filing, code=code, why=why)
    _carry_on(referral)


def _carry_on(referral: Referral) -> None:
    same = Referral.objects.standing_on(clock.today()).filter(
        enrollment=referral.enrollment_id, destination=referral.destination_id
    )
    other = (
        same.exclude(pk=referral.pk)
        .select_related(*ReferralLifecycle.joins, "area", "applicant")
        .order_by("-id")
        .first()
    )
    live = Filing.objects.live().filter(
        enrollment=referral.enrollment_id, destination=referral.destination_id, type=FilingType.REFERRAL
    )
    if other is not None and not live.exists():
        Referral.objects.filter(pk=other.pk).update(made_filing=make_filing(other))


def _stands_at_once(referral: Referral) -> bool:
    odd = any(finding["level"] == Level.WARNING for finding in referral.checks)
    local = travel.is_home(referral.area, Place.of(referral.destination))
    return not odd and (local or not referral.rules.referral.review)


def _row(referral: Referral) -> ReferralColumns:
    """What a list shows of a referral; its joins are `destination`, `issuer`, `receiver` and `made_filing`."""
    return {
        "issuer": _hospital(referral.issuer),
        "receiver": _hospital(referral.receiver) if referral.receiver else None,
        "destination": referral.destination_id,
        "destination_name": referral.destination.name,
        "reason": referral.reason,
        "reason_label": str(Reason(referral.reason).label),
        "issued_on": referral.issued_on,
        "valid_from": referral.valid_from,
        "valid_until": referral.valid_until,
        "verification_code": spaced(referral.verification_code),
        "filing": str(referral.made_filing_id) if referral.made_filing_id else None,
        "predecessor": str(referral.predecessor_id) if referral.predecessor_id else None,
    }


def _hospital(institution: Institution) -> HospitalShape:
    return {"code": institution.code, "name": institution.name, "level": institution.level}


def described(referral: Referral, *, unmasked: bool = False) -> Iterator[tuple[Any, Any]]:
    """What a referral is about, for the reviewer's page; `unmasked`: the doctor's name in full."""
    yield _("开具医疗机构"), f"{referral.issuer.name}（{referral.issuer.get_level_display()}）"
    yield _("诊断"), f"{referral.diagnosis_name}（{referral.diagnosis_code}）"
    yield _("转诊原因"), referral.get_reason_display()
    yield _("病情摘要"), referral.summary
    yield _("转往地区"), referral.destination.name
    if referral.receiver:
        yield _("接收医疗机构"), f"{referral.receiver.name}（{referral.receiver.get_level_display()}）"
    doctor = referral.doctor_name if unmasked else mask_name(referral.doctor_name)
    yield _("医师"), f"{doctor}（{referral.get_doctor_rank_display()}）"
    yield _("开具日期"), day(referral.issued_on)
    if referral.valid_until:
        yield _("有效期至"), day(referral.valid_until)
    if referral.predecessor:
        yield _("替代"), referral.predecessor.number
