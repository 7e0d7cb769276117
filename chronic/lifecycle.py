"""A recognition in the queue: what it needs, what decisions and time do to it, how it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chronic import commitments, facts
from chronic.bodies import RecognitionColumns
from chronic.checks import CHECKS
from chronic.models import Recognition
from core import clock
from core.errors import WrongState
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Document
from policies.language.terms import Span, last_day
from policies.language.wording import day, document_label, listed
from reviews.checks import Finding, run
from reviews.lifecycle import MATERIALS, SYSTEM, Case, Lifecycle, Resting
from reviews.locking import locked
from reviews.models import Kind, Status, Submission
from reviews.needs import Need, NeedKind, Period, promised
from reviews.presenting import about
from reviews.schedule import at_nine, midnight_after
from reviews.services import conclude, cut, end_with_enrollment, resting, supersede
from reviews.workflow import Action

WEEK = timedelta(days=7)


class RecognitionLifecycle(Lifecycle[Recognition]):
    """Recognitions: two reviews by two people; in force until they are to be renewed."""

    kind = Kind.RECOGNITION
    model = Recognition
    joins = (*Lifecycle.joins, "area", "disease", "diagnosing_institution")
    named_by = ("disease",)
    in_bulk = False
    columns = (
        (gettext_lazy("病种"), lambda row: row.disease.name),
        (gettext_lazy("审核环节"), lambda row: _("专家复审") if row.stage > 1 else _("初审")),
    )
    resting = Resting(gettext_lazy("门诊慢特病认定"), gettext_lazy("需要继续享受待遇请"), gettext_lazy("重新申请认定"))
    verbs = {"renewal_failed": gettext_lazy("续期未通过或已撤回")}
    entry = ((gettext_lazy("门诊慢特病认定"), "admin:enter_recognition"),)
    fields = (
        ("disease", gettext_lazy("病种")),
        ("diagnosed_on", gettext_lazy("确诊日期")),
        ("diagnosing_institution", gettext_lazy("确诊医疗机构")),
        ("institutions", gettext_lazy("选定医疗机构")),
        ("commitment", gettext_lazy("个人承诺书")),
        MATERIALS,
    )

    def findings(self, cases: Sequence[Case]) -> list[list[Finding]]:
        return [run(CHECKS, case) for case in facts.gather(cases)]

    def overtaken(self, row: Recognition, rival: Submission | None) -> WrongState:
        number = rival.number if rival else ""
        message = _("该病种已有正在办理或有效的认定（受理编号%s），请在“门诊慢特病”中查看。") % number
        return WrongState(message, code="recognition_running", attr="disease")

    def stages(self, row: Recognition) -> int:
        return row.rules.review.stages("recognition")

    def allows(self, row: Recognition, action: str) -> bool:
        """One renewal at a time, when it is time."""
        return action != Action.RENEW or (row.renewable(clock.today()) and not row.is_being_renewed())

    def approved(self, case: Case) -> None:
        """It takes effect: from the first of next month unless the area says at once; a renewal takes over today (S-54)."""
        recognition: Recognition = case.submission
        old = _predecessor(recognition)
        starts = max(clock.today(), old.valid_from or clock.today()) if old else first_day(recognition, clock.today())
        case.change(valid_from=starts, renew_by=_renew_by(recognition, old, starts))
        commitments.start(case)
        if old:
            supersede(old.pk, by=recognition, last=starts - timedelta(days=1))
        if recognition.predecessor_id:
            case.change(live_key=recognition.key_in_force)
        text = _("%(about)s已通过，%(start)s起享受待遇%(until)s。")
        until = _("，请在%s前续期") % day(recognition.renew_by) if recognition.renew_by else ""
        words = {"about": about(case), "start": day(starts), "until": until}
        go = _("跨省就医请选择已开通该病种的医疗机构。")
        case.tell("approved", _("门诊慢特病认定已通过"), text % words + go + commitments.reminder_of(recognition))

    def rejected(self, case: Case) -> None:
        """Tell the applicant, with the reason; what was to be renewed is looked at again."""
        recognition: Recognition = case.submission
        commitments.release(case)
        _release_predecessor(recognition)
        text = _("%s未通过，请按原因准备好后重新申请。") % about(case)
        case.tell("rejected", _("门诊慢特病认定未通过"), text, reasoned=True)

    def reopened(self, case: Case, was: str) -> None:
        """Refused: the promise is open as it was. What a refused renewal did to what it renews stays."""
        super().reopened(case, was)
        if was == Status.REJECTED and case.submission.predecessor_id:
            raise resting(_("对原认定的后续办理"))
        if was == Status.REJECTED:
            commitments.reopen(case)

    def ended(self, case: Case) -> None:
        """Withdrawn, cancelled, expired or superseded: what it covered is cut, its promise kept or released."""
        recognition: Recognition = case.submission
        commitments.release(case, kept=recognition.status == Status.SUPERSEDED)
        if recognition.status == Status.CANCELLED and recognition.valid_from:
            yesterday = clock.today() - timedelta(days=1)
            cut(case, min(yesterday, recognition.enrollment.valid_until or yesterday))
        if recognition.submitted_at:
            _release_predecessor(recognition)

    def next_moment(self, row: Recognition) -> datetime | None:
        return _next_moment(row)

    def on_wake(self, case: Case) -> None:
        _do_what_is_due(case)

    def row(self, row: Recognition) -> Mapping[str, Any]:
        return _row(row)

    def described(self, row: Recognition, *, unmasked: bool = False) -> Iterable[tuple[Any, Any]]:
        return _described(row)

    def about(self, row: Recognition) -> str:
        return _("的“%s”门诊慢特病认定") % row.disease.name

    def summary(self, row: Recognition) -> str:
        return f"{row.disease.name}（{row.disease_id}）"

    def period(self, row: Recognition) -> Period:
        return Period(row.valid_from, row.valid_until or row.renew_by)

    def needs(self, row: Recognition, *, followed: Set[str]) -> Iterator[Need]:
        """What was promised, and a renewal in the month before the end; both are done by one renewal."""
        if followed:
            return
        if row.commitment_open and row.commitment_kind:
            yield promised(document_label(row.commitment_kind), row.commitment_due_on)
        elif row.renew_by and row.in_window(clock.today()):
            yield Need(NeedKind.RENEW, _("请在%s前办理续期，以免待遇中断。") % day(row.renew_by), row.renew_by)

    def documents(self, rules: FilingRules, row: Recognition | None) -> Iterable[Document]:
        """Those of its disease; the form is filled in, not handed in."""
        chronic = rules.chronic
        own = [document for each in chronic.disease_documents for document in each.documents]
        papers = chronic.documents_for(row.disease_id) if row else (*chronic.documents, *own)
        return [document for document in papers if document.kind != "chronic_form"]


def _predecessor(recognition: Recognition) -> Recognition | None:
    """What it renews, as long as that counts."""
    if recognition.predecessor_id is None:
        return None
    return Recognition.objects.filter(pk=recognition.predecessor_id, status=Status.APPROVED).first()


def first_day(recognition: Recognition, approved_on: date) -> date:
    """The first day of the benefit of a new recognition approved on a day."""
    if recognition.rules.chronic.starts == "at_once":
        return approved_on
    return (approved_on.replace(day=1) + timedelta(days=32)).replace(day=1)


def _renew_by(recognition: Recognition, old: Recognition | None, starts: date) -> date | None:
    """The last day of the period; a renewal adds its period to what is left of the old one, so coming early costs nothing.

    Documents handed in for a promise, outside the month of renewal, leave the day as it was.
    """
    period = recognition.rules.chronic.renewal
    if not isinstance(period, Span):
        return None
    if old is None or old.renew_by is None:
        return last_day(starts, period)
    if not old.in_window(recognition.filed_on):
        return old.renew_by
    return last_day(max(starts, old.renew_by + timedelta(days=1)), period)


def _release_predecessor(recognition: Recognition) -> None:
    """A renewal came to nothing: what it was to take over from may be overdue by now, and counted until yesterday."""
    if recognition.predecessor_id is None or recognition.valid_from is not None:
        return
    with locked(Submission(pk=recognition.predecessor_id)) as case:
        if case.submission.status == Status.APPROVED:
            case.reconsider()
            case.record("renewal_failed", actor=SYSTEM, renewal=str(recognition.pk))
            _do_what_is_due(case, without=recognition.pk)
            if case.submission.status == Status.APPROVED:
                case.wake(_next_moment(case.submission, without=recognition.pk))


def _next_moment(recognition: Recognition, *, without: Any = None) -> datetime | None:
    """The next business moment at which something of this approved recognition falls due; None: nothing ever.

    `without`: the renewal whose end is being written, and is not stored yet.
    """
    return min(_moments(recognition, without), default=None)


def _moments(recognition: Recognition, without: Any) -> Iterator[datetime]:
    if recognition.enrollment.valid_until:
        yield midnight_after(recognition.enrollment.valid_until)
    if not recognition.renew_by and not recognition.commitment_due_on:
        return
    if recognition.is_being_renewed(without=without):
        return
    if recognition.renew_by:
        yield midnight_after(recognition.renew_by)
        yield from _renewal_reminders(recognition)[recognition.reminders :][:1]
    if recognition.commitment_open and recognition.commitment_due_on:
        yield midnight_after(recognition.commitment_due_on)
        yield from commitments.reminders(recognition)[recognition.commitment_reminders :][:1]


def _renewal_reminders(recognition: Recognition) -> list[datetime]:
    """A month and a week before the last day, at nine; those that lay before the approval are left out."""
    last, opens, approved = recognition.renew_by, recognition.renewal_opens, recognition.decided_at
    if last is None or opens is None or approved is None:
        return []
    return [moment for on in (opens, last - WEEK) if (moment := at_nine(on)) > approved]


def _expire(case: Case, recognition: Recognition, renew_by: date, *, refused: bool) -> None:
    """Not renewed: it counted to the end of that day, or to the day on which a renewal in time was refused."""
    conclude(case, Action.EXPIRE, actor=SYSTEM)
    yesterday = clock.today() - timedelta(days=1)
    case.change(valid_until=max(renew_by, yesterday) if refused else renew_by)
    text = _("%s未续期，已到期。继续享受待遇请重新申请认定；其间就医先自费，再回参保地报销。")
    case.tell("expired", _("门诊慢特病认定已到期"), text % about(case))


def _remind(case: Case, recognition: Recognition) -> None:
    planned = _renewal_reminders(recognition)
    passed = sum(moment <= clock.now() for moment in planned)
    if passed <= recognition.reminders or recognition.renew_by is None:
        return
    case.change(reminders=passed)
    case.record("remind", actor=SYSTEM, of="renewal", count=passed)
    text = _("%(about)s%(day)s到期，请在此之前上传新的材料办理续期，以免待遇中断。")
    words = {"about": about(case), "day": day(recognition.renew_by)}
    case.tell(f"renewal_due_{passed}", _("请办理门诊慢特病续期"), text % words)


def _do_what_is_due(case: Case, *, without: Any = None) -> None:
    """Its end, a broken promise, a reminder. `without`: a renewal that was just refused, and is not stored yet."""
    recognition: Recognition = case.submission
    if recognition.enrollment.status_on(clock.today()) == "ended":
        end_with_enrollment(case)
    elif recognition.is_being_renewed(without=without):
        return
    elif recognition.renew_by and recognition.renew_by < clock.today():
        _expire(case, recognition, recognition.renew_by, refused=without is not None)
    elif not commitments.pursue(case):
        _remind(case, recognition)


def _row(recognition: Recognition) -> RecognitionColumns:
    """What a list shows; its joins are `disease` and `diagnosing_institution`."""
    where = recognition.diagnosing_institution
    return {
        "disease": recognition.disease_id,
        "disease_name": recognition.disease.name,
        "stages": recognition.stages,
        "diagnosed_on": recognition.diagnosed_on,
        "diagnosing_institution": recognition.diagnosing_institution_id,
        "diagnosing_institution_name": where.name if where else "",
        "valid_from": recognition.valid_from,
        "valid_until": recognition.valid_until,
        "renew_by": recognition.renew_by,
        "renewing": recognition.is_being_renewed(),
        "filed_by": recognition.filed_by,
        "commitment": commitments.shown(recognition),
        "predecessor": str(recognition.predecessor_id) if recognition.predecessor_id else None,
    }


def _described(recognition: Recognition) -> Iterator[tuple[Any, Any]]:
    """What it is about, for the reviewer's page."""
    yield _("病种"), f"{recognition.disease.name}（{recognition.disease_id}）"
    if recognition.stages > 1:
        names = {1: _("初审"), recognition.stages: _("专家复审")}
        yield _("审核环节"), names.get(recognition.stage, str(recognition.stage))
    if recognition.diagnosed_on:
        yield _("确诊日期"), day(recognition.diagnosed_on)
    if where := recognition.diagnosing_institution:
        yield _("确诊医疗机构"), f"{where.name}（{where.get_level_display()}）"
    chosen = [institution.name for institution in recognition.institutions.all()]
    if chosen:
        yield _("选定医疗机构"), listed(chosen)
    if recognition.valid_from:
        yield _("有效期"), _valid(recognition)
    yield _("证明方式"), recognition.get_filed_by_display()
    if signed := commitments.shown(recognition):
        due = _("应于%s前补齐") % day(signed["due_on"]) if signed["due_on"] else _("认定通过后起算")
        yield _("承诺"), f"{signed['label']}，{due}"
    if recognition.predecessor:
        yield _("续期自"), recognition.predecessor.number


def _valid(recognition: Recognition) -> str:
    assert recognition.valid_from is not None
    first, last = recognition.valid_from, recognition.valid_until or recognition.renew_by
    return f"{day(first)} 至 {day(last)}" if last else f"{day(first)} 起"
