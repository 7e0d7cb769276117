"""What an account has to do, what counts and what is under way, of all its people and of every kind: `GET overview/`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import presenting
from accounts.bodies import MandateShape
from accounts.http import Endpoint
from accounts.models import Account, Enrollment, Mandate, MandateStatus, Proof, Relation, Role
from core import clock
from core.http.schema import operation
from core.prepared import prepared
from policies.language.wording import day
from regions.models import Agency
from reviews import overview_bodies as bodies
from reviews.lifecycle import LIFECYCLES
from reviews.models import Decision, Status, Submission
from reviews.models.submission import visible_with
from reviews.needs import Need, NeedKind
from reviews.overview_bodies import AgencyToCall, NeedShape, OverviewShape, StandingShape, UnderWayShape
from reviews.visible import child_of, children
from reviews.workflow import Action, actions_for

MOST = 100
"""Nobody has that many; it bounds the answer."""
OPEN = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)
UNDER_WAY = (Status.SUBMITTED, Status.RETURNED)


class Overview(Endpoint):
    """The first page of a phone, in one answer."""

    roles = frozenset({Role.CITIZEN})

    @operation("我的概览：要办的、生效中的、办理中的", answer=OverviewShape, example=bodies.OVERVIEW)
    def get(self, request: Request) -> Response:
        """What needs me first, what is in force with the days left, what is under review: of everybody I act for."""
        return Response(overview(self.account))


def overview(account: Account) -> OverviewShape:
    """Everything in a fixed number of queries, however much there is."""
    mandates = Mandate.objects.live_of(account)
    rows = _ongoing(account)
    approved = [row for row in rows if row.status == Status.APPROVED]
    needs = [*_of_mandates(account, mandates), *_of_cases(account, rows)]
    return {
        "bound": bool(account.active_mandates),
        "needs": sorted(needs, key=_urgency),
        "in_force": sorted(
            _in_force(approved), key=lambda row: row["days_left"] if row["days_left"] is not None else FAR
        ),
        "under_way": [_under_way(row) for row in rows if row.status == Status.SUBMITTED],
        "agency": _agency(account),
    }


def _agency(account: Account) -> AgencyToCall | None:
    """Whom to call: the agency of where the account's own person is insured, or else those it acts for."""
    mandates = account.active_mandates.values()
    if not mandates:
        return None
    own = [mandate.person_id for mandate in mandates if mandate.relation == Relation.SELF]
    persons = own or [mandate.person_id for mandate in mandates]
    row = _agencies.first(persons=persons, on=clock.today())
    return {"name": row[0], "phone": row[1]} if row else None


@prepared
def _agencies(*, persons: Sequence[UUID], on: date) -> QuerySet[Agency, tuple[str, str]]:
    """Name and telephone of the agencies of where these people are insured."""
    areas = Enrollment.objects.in_force(on).filter(person__any=persons).values("area")
    return Agency.objects.filter(area__in=areas).exclude(phone="").values_list("name", "phone")[:1]


FAR = 10**6
_ORDER = {str(kind): place for place, kind in enumerate(NeedKind)}


def _urgency(need: NeedShape) -> tuple[int, date]:
    return _ORDER[need["kind"]], need["on"] or date.max


def _ongoing(account: Account) -> list[Submission]:
    """What is open or counts, the newest first, each with the row of its kind."""
    return _of_citizen(**visible_with(account))


@prepared
def _of_citizen(*, area: Any, institution: Any, applicant: UUID, reached: list[UUID]) -> QuerySet[Submission]:
    standing = Q()
    for kind, lifecycle in LIFECYCLES.items():
        standing |= Q(kind=kind, status=Status.APPROVED) & lifecycle.ongoing
    visible = Submission.objects.visible_as(
        Role.CITIZEN, area=area, institution=institution, applicant=applicant, reached=reached
    )
    rows = visible.filter(Q(status__in=OPEN) | standing).select_related("person", "area", *children())
    return rows.order_by("-created_at", "-id")[:MOST]


# What is to be done.


def _of_mandates(account: Account, mandates: list[Mandate]) -> Iterator[NeedShape]:
    """To bind somebody, to give the code that proves it, to answer who asks to act for me."""
    pending = [row for row in presenting.mandate_rows(mandates, account) if row["status"] == MandateStatus.PENDING]
    if not account.active_mandates and not any(row["mine"] for row in pending):
        yield _need(Need(NeedKind.BIND, _("绑定自己或家人后，就能备案和查看进度。")), title=_("先绑定参保人"))
    for row in pending:
        if row["mine"] and row["proof"] == Proof.CODE:
            text = _("请输入发到参保登记手机的验证码，完成绑定。")
            yield _of_mandate(Need(NeedKind.VERIFY, text), row, _("请验证身份"))
        elif "approve" in row["actions"]:
            yield _of_mandate(Need(NeedKind.CONSENT, _asks(row)), row, _("有人申请为您代办"))


def _asks(mandate: MandateShape) -> str:
    words = {
        "holder": mandate["holder"],
        "person": mandate["person"]["name"] or "",
    }
    return _("%(holder)s申请为%(person)s代办异地就医业务，请同意或拒绝。") % words


def _of_mandate(need: Need, mandate: MandateShape, title: str) -> NeedShape:
    return {
        **_need(need, title=title),
        "mandate": mandate["id"],
        "person": mandate["person"]["id"],
        "person_name": mandate["person"]["name"] or "",
    }


def _of_cases(account: Account, rows: Sequence[Submission]) -> Iterator[NeedShape]:
    """What each case asks of its people, as far as this account may do it."""
    followed: dict[Any, set[str]] = defaultdict(set)
    for row in rows:
        if row.status in UNDER_WAY and (key := LIFECYCLES[row.kind].follows(child_of(row))):
            followed[key].add(row.kind)
    reasons = _reasons([row for row in rows if row.status == Status.RETURNED])
    for row in rows:
        for need in _asked(row, account, followed[row.pk] | followed[row.predecessor_id], reasons):
            yield _of_case(need, row)


def _asked(row: Submission, account: Account, followed: Set[str], reasons: dict[Any, str]) -> Iterable[Need]:
    if row.status == Status.APPROVED:
        return LIFECYCLES[row.kind].needs(child_of(row), followed=followed)
    actions = actions_for(row, account)
    if Action.RESUBMIT in actions and row.correct_by:
        last = row.correct_by.astimezone(clock.SHANGHAI).date()
        text = _("请在%(day)s前补正。%(typed)s") % {"day": day(last), "typed": reasons.get(row.pk, "")}
        return [Need(NeedKind.CORRECT, text, last)]
    return [Need(NeedKind.FINISH, _("还没有提交，可以继续填写。"))] if Action.SUBMIT in actions else []


def _reasons(returned: Sequence[Submission]) -> dict[Any, str]:
    """Why each was returned, last."""
    decisions = Decision.objects.of([row.pk for row in returned]) if returned else []
    return {row.submission_id: row.reason.text if row.reason else "" for row in decisions}


def _of_case(need: Need, row: Submission) -> NeedShape:
    shown = _need(need, title=LIFECYCLES[row.kind].title(child_of(row)))
    about = {"submission": str(row.pk), "submission_kind": row.kind, "number": row.number}
    return {**shown, **about, "person": str(row.person_id), "person_name": row.person.masked_name}  # type: ignore[typeddict-item]


def _need(need: Need, *, title: Any) -> NeedShape:
    left = (need.on - clock.today()).days if need.on else None
    return {
        "kind": str(need.kind), "title": str(title), "text": str(need.text), "on": need.on, "days_left": left,
        "submission": None, "submission_kind": None, "number": None, "mandate": None, "person": None, "person_name": "",
    }  # fmt: skip


# What counts, and what is under review.


def _in_force(rows: Iterable[Submission]) -> Iterator[StandingShape]:
    for row in rows:
        lifecycle, child = LIFECYCLES[row.kind], child_of(row)
        if period := lifecycle.period(child):
            yield {
                **_line(row),
                "valid_from": period.first,
                "valid_until": period.last,
                "begun": period.first is None or period.first <= clock.today(),
                "days_left": period.days_left,
            }


def _under_way(row: Submission) -> UnderWayShape:
    assert row.due_at
    return {
        **_line(row),
        "due_at": row.due_at.astimezone(clock.SHANGHAI).isoformat(),
        "due_provisional": row.due_provisional,
    }


def _line(row: Submission) -> bodies.Line:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "number": row.number,
        "title": LIFECYCLES[row.kind].title(child_of(row)),
        "person": str(row.person_id),
        "person_name": row.person.masked_name,
        "insured_area_name": row.area.name,
    }
