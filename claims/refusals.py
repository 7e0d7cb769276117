"""What the bank sent back (银行退回): one line by hand or the bank's return file; its claim is due again once the account was mended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Account
from claims.models import BankRefusal, Claim, Payment, PaymentBatch, PaymentLine
from claims.payments import HEAD, MOST, locked_batch, own_claims
from claims.presenting import masked
from core import clock
from core.errors import Forbidden, Invalid, Problem, WrongState
from core.sheets import plain
from policies.language.wording import day
from reviews.lifecycle import Actor, Case
from reviews.locking import rows_of, write
from reviews.models import Kind, Submission
from reviews.presenting import about
from reviews.workflow import Action, permit

RESULT = ("支付结果", "退回原因", "退回日期")
RETURN_HEAD = (*HEAD, *RESULT)
PAID, BACK = "成功", "退回"
LARGEST_FILE = 2 * 1024 * 1024


@dataclass(frozen=True)
class Refused:
    """The bank's word on one line: why it came back, and when."""

    line: PaymentLine
    code: str
    on: date


@transaction.atomic
def refuse(batch: PaymentBatch, account: Account, *, line: UUID | None, code: str, on: date) -> int:
    """Enter that the bank sent one line back; the citizen is told to mend the account. Said twice, it counts once: 0 the second time.

    Raises Forbidden `not_finance`, `other_area`, `same_reviewer`; WrongState `not_paid_yet`, `refused_otherwise`; Invalid.
    """
    row = _paid_batch(batch, account)
    named = _lines_of(row).filter(pk=line).first() if line else None
    if named is None:
        raise Invalid(_("该批次中没有这一笔，请刷新后重试。"), code="line_unknown", attr="line")
    if code not in BankRefusal:
        raise Invalid(_("请选择银行退回的原因。"), code="refusal_unknown", attr="code")
    problem = _problem(row, named, code, on)
    if problem:
        raise problem
    return _enter(row, account, [Refused(named, code, on)])


@transaction.atomic
def load(batch: PaymentBatch, account: Account, content: bytes) -> int:
    """Enter the bank's return file; return how many lines came back that nobody had entered yet.

    Raises as `refuse` does, and Invalid with every problem by line: then nothing of it is entered.
    """
    row = _paid_batch(batch, account)
    refused, problems = _read(row, content)
    if problems:
        raise Invalid(problems=problems)
    return _enter(row, account, refused)


def _paid_batch(batch: PaymentBatch, account: Account) -> PaymentBatch:
    row = locked_batch(batch, account)
    if row.paid_on is None:
        raise WrongState(_("请先登记该批次的支付日期，再登记银行退回。"), code="not_paid_yet")
    return row


def _lines_of(batch: PaymentBatch) -> QuerySet[PaymentLine]:
    return batch.lines.select_related("claim__settlement", "claim__person").order_by("order")


def _problem(batch: PaymentBatch, line: PaymentLine, code: str, on: date) -> Invalid | WrongState | None:
    """Why this cannot be entered; None also for what was entered already in the same words."""
    assert batch.paid_on is not None
    if not batch.paid_on <= on <= clock.today():
        return Invalid(_("退回日期应在支付日期之后、今天或以前，请核对。"), code="refused_on_invalid", attr="on")
    if line.refusal and (line.refusal, line.refused_on) != (code, on):
        words = {"number": line.claim.number, "day": day(line.refused_on), "why": line.get_refusal_display()}  # type: ignore[arg-type]
        message = _("%(number)s 已登记为%(day)s退回（%(why)s），不能改记。") % words
        return WrongState(message, code="refused_otherwise", attr="line")
    return None


def _enter(batch: PaymentBatch, account: Account, refused: Sequence[Refused]) -> int:
    """Under the locks of the claims: lines and claims together, each claim with its event and message."""
    new = {one.line.claim_id: one for one in refused if not one.line.refusal}
    held = Submission.objects.select_for_update(no_key=True).filter(pk__in=list(new)).order_by("pk")
    claims = list(rows_of(Kind.CLAIM).filter(pk__in=[each.pk for each in held]))
    if Claim.objects.filter(own_claims(account), pk__in=list(new)).exists():
        message = _("其中有您审核或核定过的报销，请由没有参与审核的财务人员登记退回。")
        raise Forbidden(message, code="same_reviewer")
    cases = []
    for claim in claims:
        one, case = new[claim.pk], Case(claim)
        permit(claim, Action.REFUSE, account)
        case.change(payment_status=Payment.REFUSED, refusal=one.code, batch=None, paid_on=None)
        case.record(Action.REFUSE, actor=Actor(account), batch=batch.number, code=one.code, on=str(one.on))
        _tell(case, one)
        cases.append(case)
        line = one.line
        line.refusal, line.refused_on, line.refused_at, line.refused_by = one.code, one.on, clock.now(), account
    PaymentLine.objects.bulk_update(
        [one.line for one in new.values()], ["refusal", "refused_on", "refused_at", "refused_by"]
    )
    write(cases)
    return len(cases)


def _tell(case: Case, one: Refused) -> None:
    text = _(
        "%(about)s：%(amount)s元未能支付到尾号%(tail)s的银行账户（%(why)s）。"
        "请在“手工报销”中更正收款账户，更正后重新支付。"
    )
    words = {
        "about": about(case),
        "amount": one.line.amount,
        "tail": masked(one.line.bank_account)[-4:],
        "why": BankRefusal(one.code).label,
    }
    case.tell("payment_refused", _("报销款被银行退回，请更正收款账户"), text % words)


# The bank's return file: our own file with three columns more


def _read(batch: PaymentBatch, content: bytes) -> tuple[list[Refused], list[Problem]]:
    """What came back, and what is wrong, by line."""
    rows = list(csv.reader(io.StringIO(_text(content), newline="")))
    if not rows or tuple(cell.strip() for cell in rows[0]) != RETURN_HEAD:
        raise _wrong(1, _("表头应为：%s。") % "、".join(RETURN_HEAD))
    if len(rows) - 1 > MOST:
        raise _wrong(1, _("文件超过%d行，请核对是否为本批次的回盘文件。") % MOST)
    lines = {line.claim.number: line for line in _lines_of(batch)}
    refused: list[Refused] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        try:
            refused += _one(batch, lines, seen, number, [plain(cell.strip()) for cell in cells])
        except Invalid as wrong:
            problems += wrong.problems
    return refused, problems


def _text(content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise _wrong(1, _("文件太大，请上传本批次的回盘文件。"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _wrong(1, _("不是文本文件，请上传 CSV（UTF-8 或 GBK）。"))


def _one(
    batch: PaymentBatch, lines: dict[str, PaymentLine], seen: set[str], number: int, cells: list[str]
) -> Iterator[Refused]:
    """What one line says: nothing where it was paid. Raises Invalid with what is wrong in it."""
    if len(cells) != len(RETURN_HEAD):
        raise _wrong(number, _("应有%d列。") % len(RETURN_HEAD))
    row = dict(zip(RETURN_HEAD, cells, strict=True))
    line = lines.get(row["受理编号"])
    if row["批次号"] != batch.number or line is None:
        raise _wrong(number, _("不在本批次中（批次%(batch)s，受理编号%(claim)s）。") % _named(row))
    if row["受理编号"] in seen:
        raise _wrong(number, _("受理编号%s重复。") % row["受理编号"])
    seen.add(row["受理编号"])
    if (row["支付金额"], row["银行账号"]) != (f"{line.amount:.2f}", line.bank_account):
        raise _wrong(number, _("金额或账号与支付文件不一致（应为%s元）。") % line.amount)
    if row["支付结果"] == BACK:
        yield _back(batch, line, number, row)
    elif row["支付结果"] != PAID:
        raise _wrong(number, _("支付结果应为“%(paid)s”或“%(back)s”。") % {"paid": PAID, "back": BACK})
    elif line.refusal:
        raise _wrong(number, _("已登记为退回，不能再记为成功。"))


def _back(batch: PaymentBatch, line: PaymentLine, number: int, row: dict[str, str]) -> Refused:
    code = next((one.value for one in BankRefusal if row["退回原因"] in (one.value, one.label)), None)
    if code is None:
        raise _wrong(number, _("退回原因应为：%s。") % "、".join(str(label) for label in BankRefusal.labels))
    try:
        on = date.fromisoformat(row["退回日期"])
    except ValueError:
        raise _wrong(number, _("退回日期应写作 2026-03-05。")) from None
    problem = _problem(batch, line, code, on)
    if problem:
        raise _wrong(number, problem.detail)
    return Refused(line, code, on)


def _named(row: dict[str, str]) -> dict[str, str]:
    return {"batch": row["批次号"], "claim": row["受理编号"]}


def _wrong(number: int, sentence: str) -> Invalid:
    said = _("第 %(line)d 行：%(what)s") % {"line": number, "what": sentence}
    return Invalid(said, code="return_file_invalid", attr="file")


def sums_of(batch: PaymentBatch) -> dict[str, Decimal | int]:
    """What left, what came back, and what reached people (nothing before the batch is marked as paid)."""
    back = batch.lines.exclude(refusal="").aggregate(count=Count("id"), total=Sum("amount"))
    count, total = back["count"], back["total"] or Decimal("0.00")
    paid = batch.paid_on is not None
    return {
        "exported_count": batch.count,
        "exported_total": batch.total,
        "refused_count": count,
        "refused_total": total,
        "paid_count": batch.count - count if paid else 0,
        "paid_total": batch.total - total if paid else Decimal("0.00"),
    }
