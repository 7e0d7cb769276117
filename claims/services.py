"""What may happen to a claim: apply, amend, hand in, correct, revoke, mend the account. Nothing else writes claims but their effects and payments."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Role
from claims.adjudication import catalogue_area, totalled
from claims.bodies import ClaimFields
from claims.checks import is_doubtful
from claims.models import BankRefusal, Claim, Payment
from core.errors import Forbidden, Invalid, WrongState
from policies.language.examples import Cost, Item
from regions.models import Area
from reviews.lifecycle import Actor, Case
from reviews.locking import locked
from reviews.models import Channel, Kind
from reviews.presenting import about
from reviews.services import acting_for, amending, attach, check_draft, conclude, drafted, enter
from reviews.services.deciding import guard_reviewer
from reviews.services.entering import start_stage
from reviews.workflow import Action, fits, permit
from settlements.bills import SUMS
from settlements.coding import CodedCost, Sent
from settlements.facts import STATED
from settlements.services import undo

PLAIN = (
    "care", "emergency", "admitted_on", "discharged_on", "invoice_code", "invoice_number", "bank_account",
    "bank_holder", "reason", "born_on", *STATED,
)  # fmt: skip


def apply(
    account: Account,
    enrollment: Enrollment,
    content: ClaimFields,
    *,
    draft: bool = False,
    entering: Channel | None = None,
) -> Case:
    """Claim a bill for an enrolment the account may act for, or keep a draft; `entering`: as a clerk of the insured area.

    Raises Invalid or WrongState with every error its checks find; WrongState `invoice_claimed` if a rival was quicker.
    """
    if account.role != Role.CITIZEN and entering is None:
        raise Forbidden(_("工作人员账户不能申请手工报销，请由参保人或代办人办理。"))
    actor = acting_for(account, enrollment, entering) if entering else Actor.of(account, enrollment.person_id)
    row = Claim(kind=Kind.CLAIM, person=enrollment.person, enrollment=enrollment, area=enrollment.area)
    for name, value in _columns(row, content).items():
        setattr(row, name, value)
    with drafted(row, actor=actor) as case:
        _attach(case, content, actor)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def _columns(row: Claim, content: ClaimFields) -> dict[str, Any]:
    """What was given, column by column; what follows from it with it."""
    given, hospital, cost = content.model_fields_set, content.institution, content.cost
    columns = content.given(*PLAIN)
    if given & {"disease", "care"}:
        disease = content.disease if "disease" in given else row.disease
        columns["disease"] = disease if (content.care or row.care) == "chronic" else None
    if hospital is not None:
        columns |= {"institution": hospital, "institution_name": hospital.name, "place": None}
    elif content.institution_name:
        columns |= {"institution": None, "institution_name": content.institution_name, "level": None}
    if "place" in given and hospital is None:
        columns["place"] = content.place
    if cost is not None:
        columns |= {"entered": _kept(cost), "corrected": "", "total": totalled(cost)[0]}
    return columns


def _kept(cost: Cost) -> str:
    """A cost as JSON in the form of the API (`{total, …}` or `{items}`); amounts are texts, codes stay as they were sent."""
    sums = {name: str(amount) for name in SUMS if (amount := getattr(cost, name)) is not None}
    rows = [*map(_sent, cost.sent)] if isinstance(cost, CodedCost) else [*map(_item, cost.items)]
    return json.dumps({**sums, **({"items": rows} if rows else {})}, ensure_ascii=False)


def _sent(line: Sent) -> dict[str, Any]:
    """A line by code, with what it says beside it."""
    row = {
        "name": line.name,
        "amount": str(line.amount),
        "code": line.code,
        "quantity": str(line.quantity),
        "charged_on": line.charged_on and line.charged_on.isoformat(),
        "class": line.item_class,
        "first_copay_ratio": None if line.first_copay_ratio is None else str(line.first_copay_ratio),
        "limit": None if line.limit is None else str(line.limit),
    }
    return {name: value for name, value in row.items() if value is not None}


def _item(item: Item) -> dict[str, Any]:
    row = {
        "name": item.name,
        "class": item.catalogue,
        "amount": str(item.amount),
        "first_copay_ratio": str(item.first_copay_ratio),
    }
    return row if item.limit is None else {**row, "limit": str(item.limit)}


def _attach(case: Case, content: ClaimFields, actor: Actor) -> None:
    if "materials" in content.model_fields_set:
        assert actor.account is not None
        attach(case, content.materials, actor.account)


def amend(claim: Claim, content: ClaimFields, *, actor: Actor, version: int | None = None) -> Claim:
    """Change a draft, or a claim returned for correction (PATCH). Another cost takes the place of a reviewer's correction."""
    with amending(claim, content.model_fields_set, actor=actor, version=version) as case:
        case.change(**_columns(case.submission, content))
        _attach(case, content, actor)
    return case.submission  # type: ignore[no-any-return]


def correct(
    claim: Claim,
    *,
    reviewer: Account,
    cost: Cost | None = None,
    level: int | None = None,
    place: Area | None = None,
    version: int | None = None,
) -> Claim:
    """A reviewer enters or corrects the cost, and says what a hospital outside the lists is (核定); the person's stays on record.

    Two people approve the same figures: a correction at the second stage starts a new round at the first.
    Raises Forbidden and WrongState as a decision does; Invalid where the cost contradicts itself, or the catalogue.
    """
    with locked(claim, version=version) as case:
        guard_reviewer(case, reviewer)
        permit(case.submission, Action.CORRECT, reviewer)
        if not fits(Action.CORRECT, case.submission, reviewer):
            raise WrongState(_("此件正由其他审核员承办，请先接手再核定。"), code="already_assigned")
        before = case.submission.total
        _change(case, cost, level, place)
        after = case.submission.total
        case.record(Action.CORRECT, actor=Actor(reviewer), before=str(before), after=str(after))
        if case.submission.stage > 1:
            case.change(round=case.submission.round + 1, escalated_at=None)
            start_stage(case, 1)
        check_draft(case)
    return case.submission  # type: ignore[no-any-return]


def _change(case: Case, cost: Cost | None, level: int | None, place: Area | None) -> None:
    if cost is not None:
        total, wrong = totalled(cost)
        if wrong is not None:
            raise Invalid(wrong.detail, code=wrong.code, attr=wrong.attr)
        if isinstance(cost, CodedCost) and case.submission.ended_on:
            cost.resolved(catalogue_area(case.submission), case.submission.ended_on)
        case.change(corrected=_kept(cost), total=total)
    if case.submission.institution_id is None:
        stated = {"level": level, "place": place}
        case.change(**{name: value for name, value in stated.items() if value is not None})


def mend_account(
    claim: Claim,
    *,
    actor: Actor,
    bank_account: str,
    bank_holder: str = "",
    confirmed: bool = False,
    version: int | None = None,
) -> Claim:
    """The applicant gives another account after the bank sent the payment back: it is due again, and nothing else of it changes.

    No reviewer looks at it once more, so it must be the person's own account, or of the holder that was approved.
    Raises WrongState `not_refused`; Invalid `bank_holder_differs`, `bank_account_unchanged`, and `bank_account_doubtful` unless
    it is `confirmed`.
    """
    with locked(claim, version=version) as case:
        row: Claim = case.submission
        permit(row, Action.ACCOUNT, actor.account)
        if row.payment_status != Payment.REFUSED:
            message = _("只有银行退回的报销可以更正收款账户；审核中的请联系参保地经办机构。")
            raise WrongState(message, code="not_refused")
        _check_account(row, bank_account, bank_holder, confirmed=confirmed)
        case.record(Action.ACCOUNT, actor=actor, refusal=row.refusal)
        case.change(bank_account=bank_account, bank_holder=bank_holder, payment_status=Payment.DUE, refusal="")
    return case.submission  # type: ignore[no-any-return]


def _check_account(row: Claim, account: str, holder: str, *, confirmed: bool) -> None:
    named, own = row.bank_holder or row.person.name, row.person.name
    if (holder or own) not in (own, named):
        message = _("开户名与参保人姓名不一致，请改用参保人本人的账户。")
        raise Invalid(message, code="bank_holder_differs", attr="bank_holder")
    same = (account, holder or own) == (row.bank_account, named)
    if same and row.refusal not in (BankRefusal.ACCOUNT_FROZEN, BankRefusal.OTHER):
        message = _("与银行退回的账户相同，请填写另一个账户，或核对账号和开户名。")
        raise Invalid(message, code="bank_account_unchanged", attr="bank_account")
    if is_doubtful(account) and not confirmed:
        message = _("银行卡号校验不符，请对照银行卡核对收款账号；确认无误的，请再次提交。")
        raise Invalid(message, code="bank_account_doubtful", attr="bank_account")


def revoke(claim: Claim, *, supervisor: Account, reason: str, version: int | None = None) -> Claim:
    """The agency undoes an approval before the money left: the entry is reversed, the invoice is free again.

    Raises Forbidden `not_supervisor`, or as a decision does; WrongState `money_left` once it stands in a payment file,
    `later_settlement_exists`; Invalid without a reason.
    """
    if supervisor.role != Role.SUPERVISOR:
        raise Forbidden(_("只有参保地的主管可以撤销已通过的报销。"), code="not_supervisor")
    if not reason.strip():
        raise Invalid(_("请写明撤销的原因。"), code="reason_required", attr="reason")
    with locked(claim, version=version) as case:
        guard_reviewer(case, supervisor)
        row: Claim = case.submission
        permit(row, Action.REVOKE, supervisor)
        if row.batch_id is not None or row.settlement is None:
            raise WrongState(_("款项已列入支付文件，不能撤销；请追回后按规定更正。"), code="money_left")
        undo(supervisor, row.settlement, reason=reason.strip())
        case.change(payment_status=Payment.NONE, refusal="")
        conclude(case, Action.REVOKE, actor=Actor(supervisor), note=reason.strip())
        text = _("%s的审核结果已由参保地经办机构撤销。") % about(case)
        case.tell("revoked", _("手工报销已撤销"), text, reasoned=True)
    return case.submission  # type: ignore[no-any-return]
