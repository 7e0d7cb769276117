"""The payment file (支付文件): approved claims leave for the bank once, by finance that decided none of them, and are marked as paid.

What the bank sends back is `claims/refusals.py`. Reviewers and supervisors look at batches and pay nothing: who decides that
money is owed and who sends it are two offices. Supervisors keep what ends a case: to revoke it before the money left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Account, Role
from claims.models import Claim, Payment, PaymentBatch, PaymentDownload, PaymentLine
from claims.presenting import masked
from core import clock, sheets
from core.errors import Forbidden, Invalid, WrongState
from policies.language.wording import day
from reviews.lifecycle import Actor, Case
from reviews.locking import rows_of, write
from reviews.models import Decision, Event, Kind, Submission
from reviews.presenting import about
from reviews.services.entering import next_number
from reviews.workflow import Action, permit

MOST = 2_000
HEAD = (
    "批次号", "序号", "受理编号", "结算编号", "参保人", "开户名", "银行账号", "支付金额", "就医机构", "入院（就诊）日期",
    "审核通过日期",
)  # fmt: skip


@transaction.atomic
def export(account: Account) -> PaymentBatch:
    """Put what is due in the account's area into one batch, at most `MOST`, the oldest first.

    What this person decided or corrected, or is a party to, is left for a colleague. Raises Forbidden `same_reviewer` where
    nothing else is due, `not_finance`; WrongState `nothing_due`, also where a rival was quicker.
    """
    area = area_paid_by(account)
    due = Claim.objects.due(area)
    others = due.exclude(own_claims(account)).order_by("decided_at", "pk").values_list("pk", flat=True)
    rows = _lock(others[:MOST])
    if not rows and due.exists():
        message = _("待支付的报销都由您审核或核定过，请由没有参与审核的人员生成支付文件。")
        raise Forbidden(message, code="same_reviewer")
    if not rows:
        raise WrongState(_("没有待支付的报销。"), code="nothing_due")
    batch = PaymentBatch.objects.create(
        number=next_number(clock.today()),
        area_id=area,
        made_by=account,
        made_at=clock.now(),
        count=len(rows),
        total=sum(row.settlement.fund for row in rows),
    )
    _move(rows, Action.EXPORT, account, payment_status=Payment.EXPORTED, batch=batch)
    PaymentLine.objects.bulk_create([_line(batch, order, row) for order, row in enumerate(rows, start=1)])
    return batch


def _line(batch: PaymentBatch, order: int, claim: Claim) -> PaymentLine:
    """What the file says of a claim; it is kept, for the claim's account may be another later."""
    assert claim.settlement is not None
    return PaymentLine(
        batch=batch,
        claim=claim,
        order=order,
        amount=claim.settlement.fund,
        bank_account=claim.bank_account,
        bank_holder=claim.bank_holder or claim.person.name,
    )


def area_paid_by(account: Account) -> str:
    """The area whose claims this account pays. Raises Forbidden `not_finance`."""
    if account.role != Role.FINANCE or not account.is_active or account.area_id is None:
        raise Forbidden(_("只有参保地经办机构的财务人员可以办理报销支付。"), code="not_finance")
    return account.area_id


def _lock(keys: Iterable[Any]) -> list[Any]:
    """The claims that are due, read under the locks of their submissions: a rival's are not due any more."""
    locked = Submission.objects.select_for_update(no_key=True).filter(pk__in=list(keys)).order_by("pk")
    held = list(locked.values_list("pk", flat=True))
    rows = rows_of(Kind.CLAIM).filter(pk__in=held, status="approved", payment_status=Payment.DUE)
    return list(rows.order_by("decided_at", "pk"))


def own_claims(account: Account) -> Q:
    """The claims that this person decided or corrected, from whatever account, or that are their own."""
    decided = Decision.objects.filter(_same(account, "reviewer"), submission=OuterRef("pk"))
    corrected = Event.objects.filter(_same(account, "actor"), submission=OuterRef("pk"), verb=Action.CORRECT)
    involved = Q(Exists(decided)) | Q(Exists(corrected))
    return involved | Q(person__id_hash=account.identity_hash) if account.identity_hash else involved


def _same(account: Account, name: str) -> Q:
    """Rows of this account, or of another of the same person."""
    same = Q(**{name: account})
    return same | Q(**{f"{name}__identity_hash": account.identity_hash}) if account.identity_hash else same


def _move(rows: Sequence[Claim], action: Action, account: Account, **changes: Any) -> None:
    """Change locked claims together, each with its event."""
    cases = [Case(row) for row in rows]
    for case in cases:
        permit(case.submission, action, account)
        case.change(**changes)
        case.record(action, actor=Actor(account), batch=changes["batch"].number)
        if action == Action.PAY:
            _tell_paid(case)
    write(cases)


@transaction.atomic
def mark_paid(batch: PaymentBatch, account: Account, *, paid_on: date) -> PaymentBatch:
    """The bank paid the file: every claim in it is paid, and the persons are told.

    Raises WrongState `already_paid`; Invalid `paid_on_invalid` for a day before the file or after today; Forbidden `other_area`,
    and `same_reviewer` for whoever decided or corrected a claim in it, from whatever account.
    """
    row = locked_batch(batch, account)
    if Claim.objects.filter(own_claims(account), batch=row).exists():
        message = _("该批次中有您审核或核定过的报销，请由没有参与审核的人员登记支付。")
        raise Forbidden(message, code="same_reviewer")
    if row.paid_on is not None:
        raise WrongState(_("该批次已登记为%s支付。") % day(row.paid_on), code="already_paid")
    if not row.made_at.astimezone(clock.SHANGHAI).date() <= paid_on <= clock.today():
        raise Invalid(_("支付日期应在生成支付文件之后、今天或以前，请核对。"), code="paid_on_invalid", attr="paid_on")
    row.paid_on, row.paid_by = paid_on, account
    row.save(update_fields=["paid_on", "paid_by"])
    keys = Claim.objects.filter(batch=row).order_by("pk").values_list("pk", flat=True)
    held = list(Submission.objects.select_for_update(no_key=True).filter(pk__in=list(keys)).order_by("pk"))
    claims = list(rows_of(Kind.CLAIM).filter(pk__in=[each.pk for each in held]))
    _move(claims, Action.PAY, account, payment_status=Payment.PAID, paid_on=paid_on, batch=row)
    return row


def locked_batch(batch: PaymentBatch, account: Account) -> PaymentBatch:
    """The batch under its lock, which comes before those of its claims. Raises Forbidden `other_area`."""
    row = PaymentBatch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if row.area_id != area_paid_by(account):
        raise Forbidden(_("这是其他参保地的支付批次。"), code="other_area")
    return row


def _tell_paid(case: Case) -> None:
    claim: Claim = case.submission
    assert claim.settlement is not None
    assert claim.paid_on is not None
    text = _("%(about)s：%(fund)s元已于%(day)s支付到尾号%(tail)s的银行账户，如未到账请联系参保地经办机构。")
    words = {
        "about": about(case),
        "fund": f"{claim.settlement.fund:,}",
        "day": day(claim.paid_on),
        "tail": masked(claim.bank_account)[-4:],
    }
    case.tell("paid", _("手工报销已支付"), text % words)


def download(batch: PaymentBatch, account: Account) -> bytes:
    """The file as the bank takes it (CSV, UTF-8 with a mark): full names and account numbers, so every look is on record."""
    if batch.area_id != area_paid_by(account):
        raise Forbidden(_("这是其他参保地的支付批次。"), code="other_area")
    PaymentDownload.objects.create(batch=batch, account=account)
    return "".join(sheets.lines(HEAD, _lines(batch))).encode()


def _lines(batch: PaymentBatch) -> Iterator[list[Any]]:
    lines = batch.lines.select_related("claim__person", "claim__settlement").order_by("order")
    for line in lines.iterator(500):
        claim = line.claim
        assert claim.settlement is not None
        assert claim.decided_at is not None
        yield [
            batch.number,
            line.order,
            claim.number,
            claim.settlement.number,
            claim.person.name,
            line.bank_holder,
            line.bank_account,
            line.amount,
            claim.institution_name,
            claim.admitted_on,
            f"{claim.decided_at.astimezone(clock.SHANGHAI):%Y-%m-%d}",
        ]
