"""What may happen to a bill: quote, settle, reverse, and what people are told of it. Nothing else writes settlements or the year.

Locks are taken in one order: voucher or claim, person (for a stay), insurance year, enrolment (its personal account), filing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from stdnum import luhn

from accounts.models import Account, Enrollment, Mandate, Message, Person, Role, Voucher
from accounts.models.persons import PERSON_STANDS
from accounts.services import vouchers
from accounts.services.uniting import MERGED_MEANWHILE
from core import bulk, clock
from core.errors import Forbidden, Invalid, WrongState
from core.postgresql.base import Kept
from filings.emergencies import record_emergency
from filings.models import Filing
from filings.services import visit_done
from policies.language.terms import CARE_LABELS
from regions.models import Institution
from reviews.models import Submission
from reviews.services import settled_firmly
from reviews.workflow import UNDO_WITHIN
from settlements import accumulators, facts
from settlements.accumulators import Place
from settlements.adjudication import Adjudication, Bill
from settlements.bills import BillRequest
from settlements.models import AMOUNTS, Channel, Settlement, Status, YearCounter
from settlements.models.years import locked_years
from settlements.till import adjudicate_directly, bill_of, enrolled, near_to, refuse_settled

JUST_NOW = 2 * UNDO_WITHIN


def quote(account: Account, request: BillRequest, *, person: uuid.UUID | None = None) -> Settlement:
    """How a bill would be split now, as an entry that is not stored; nothing is written, the voucher is not used up.

    `person`: whom `till.identify` found; None: the voucher says. Raises what `adjudicate_directly` raises, and what
    is wrong with the voucher.
    """
    hospital = _hospital(account)
    whose = person or vouchers.read(request.voucher, hospital.code).person_id
    bill = bill_of(request, hospital)
    near = near_to(whose, bill, continues=request.continues, settling=False)
    split = adjudicate_directly(enrolled(whose, request), hospital, bill, request, near)
    return split.entry(by=account, channel=Channel.DIRECT)


@transaction.atomic(savepoint=False)
def settle(account: Account, request: BillRequest, *, person: uuid.UUID | None = None) -> Settlement:
    """Split a bill for good: an entry with all it was computed from, the year moved, the voucher used up.

    A refusal ends the transaction, the caller's too. Raises what `quote` raises; WrongState `bill_settled`, `invoice_paid`,
    `invoice_claimed`.
    """
    hospital = _hospital(account)
    bill = bill_of(request, hospital)
    voucher = None if person else _voucher(hospital, bill, request.voucher)
    whose = voucher.person_id if voucher else person
    assert whose is not None
    if person and bill.care == "inpatient":
        Person.objects.lock(person)
    near = near_to(whose, bill, continues=request.continues, settling=True)
    refuse_settled(bill, near)
    insured = enrolled(whose, request)
    split = adjudicate_directly(insured, hospital, bill, request, near, lock=True)
    entry = split.entry(by=account, channel=Channel.DIRECT)
    entry.filing = _filing(account, split)
    hold(split.circumstances.travel.filing, entry)
    entry.voucher = voucher.pk if voucher else None
    write(entry, split.counters, split.place)
    if voucher:
        vouchers.use(voucher, entry.pk)
    travel = split.circumstances.travel
    if entry.filing is not None and (travel.one_visit or travel.deemed):
        visit_done(entry.filing, entry.admitted_on)
    _tell_settled(entry, insured.followers)
    return entry


def hold(filing: Filing | None, entry: Settlement) -> None:
    """A filing that was decided just now may be undone meanwhile: see under a lock that it stands. Raises WrongState `filing_changed`."""
    if filing is not None and filing.decided_at and entry.settled_at < filing.decided_at + JUST_NOW:
        settled_firmly(filing)


def settled_since(submission: Submission, moment: datetime) -> str:
    """What was settled of the enrolment since a moment, at the till or by a claim, in a word; "" for nothing."""
    entries = Settlement.objects.standing().filter(person=submission.person_id, enrollment=submission.enrollment_id)
    return _("直接结算或报销") if entries.filter(settled_at__gte=moment).exists() else ""


def _hospital(account: Account) -> Institution:
    if account.role != Role.HOSPITAL or account.institution_id is None:
        raise Forbidden(_("只有医疗机构的经办账户可以结算。"))
    return facts.institution_named(account.institution_id)


def _voucher(hospital: Institution, bill: Bill, token: str) -> Voucher:
    """The voucher, locked, and for a stay its person after it.

    Where it is no good because it settled this very bill, the till hears of the bill.
    """
    try:
        return vouchers.read(token, hospital.code, lock=True, lock_person=bill.care == "inpatient")
    except WrongState:
        refuse_settled(bill, near_to(None, bill, continues="", settling=True))
        raise


def _filing(account: Account, split: Adjudication) -> Filing | None:
    """The filing that opened the way; an emergency without one makes its own (规程 art. 8)."""
    hospital, travel = split.bill.institution, split.circumstances.travel
    if not travel.deemed or hospital is None:
        return travel.filing
    return record_emergency(
        split.insured, hospital.area, split.bill.admitted_on, account=account, institution=hospital.code
    )


def write(entry: Settlement, counters: list[YearCounter], place: Place) -> None:
    """Number and store an entry under the lock of its year; move the year, its counters and the personal account by its amounts.

    Raises WrongState where a constraint finds that a rival was quicker; the transaction must not go on then.
    """
    entry.number = _next_number(entry.settled_on)
    moved = accumulators.moved(entry.year, counters, place, entry.amounts)
    entry.ordinal = entry.year.entries
    if entry.account:
        Enrollment.objects.filter(pk=entry.enrollment_id).update(account_spent=F("account_spent") + entry.account)
    try:
        bulk.together(*moved, bulk.inserting([entry]))
    except IntegrityError as error:
        raise _rival(error) from error
    bulk.stored([entry])


def _next_number(on: date) -> str:
    """What a till prints and a person reads out: J, day, running number, check digit (Luhn), as J20261121-00000123-6."""
    with connection.cursor() as cursor:
        cursor.execute(Kept("SELECT nextval('settlement_number')"))
        serial = f"{cursor.fetchone()[0]:08d}"
    return f"J{on:%Y%m%d}-{serial}-{luhn.calc_check_digit(f'{on:%Y%m%d}{serial}')}"


_RIVALS: Mapping[str, tuple[str, Any]] = {
    "bill_settled_once": ("bill_settled", _("账单刚刚已经结算，请按账单号查询结算结果。")),
    "invoice_paid_once": ("invoice_paid", _("该发票已经结算或报销，不能重复支付。")),
    "stay_continued_once": ("continues_taken", _("该次住院刚刚已由另一结算接续，请核对。")),
}


def _rival(error: IntegrityError) -> WrongState:
    """The refusal a loser is told, by the constraint its write tripped. Re-raises what is unknown."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if name not in _RIVALS:
        raise error
    code, message = _RIVALS[name]
    return WrongState(message, code=code)


def reverse(account: Account, settlement: Settlement, *, reason: str) -> Settlement:
    """Undo a settlement by an equal and opposite entry: the year goes back, the bill may be settled again.

    Returns the settlement, now reversed. Raises Forbidden `not_yours`, Invalid `required` (no reason), WrongState
    `already_reversed`, `later_settlement_exists` with the number.
    """
    if not may_reverse(account, settlement):
        message = _("只有办理该结算的医疗机构可以冲正；如需更正，请联系参保地经办机构。")
        raise Forbidden(message, code="not_yours")
    if not reason:
        raise Invalid(_("请填写冲正原因。"), code="required", attr="reason")
    with transaction.atomic():
        row, opposite = undo(account, settlement, reason=reason)
        _tell_reversed(row, opposite)
    return row


def undo(account: Account, settlement: Settlement, *, reason: str) -> tuple[Settlement, Settlement]:
    """Write the equal and opposite entry in the caller's transaction, whoever may; return the settlement and its reversal."""
    if settlement.care == "inpatient":
        Person.objects.lock(settlement.person_id)
    year = locked_years.first(pk=settlement.year_id)
    if year is None:
        raise WrongState(MERGED_MEANWHILE, code=PERSON_STANDS)
    row = Settlement.objects.select_related(*REVERSING).get(pk=settlement.pk)
    row.year = year
    if row.status != Status.SETTLED:
        raise WrongState(_("该结算已经冲正，请勿重复操作。"), code="already_reversed")
    _refuse_later(row)
    opposite = _opposite(account, row, reason)
    place = Place.of(row.counter, row.care, row.disease, row.stay_on)
    row.status = Status.REVERSED
    row.save(update_fields=["status"])
    write(opposite, accumulators.counters(year, place), place)
    return row, opposite


REVERSING = ("person", "area", "care_area", "institution", "enrollment", "continues")


def may_reverse(account: Account, settlement: Settlement) -> bool:
    """The hospital at whose till it was settled; its insured area's supervisors correct what that hospital cannot."""
    if settlement.channel != Channel.DIRECT:
        return False
    if account.role == Role.SUPERVISOR:
        return account.area_id == settlement.area_id
    return account.role == Role.HOSPITAL and account.institution_id == settlement.institution_id


def _refuse_later(row: Settlement) -> None:
    """Only the latest of a year is reversed, and no stay that another continues: their splits rest on it."""
    later = Settlement.objects.standing().filter(year=row.year_id, ordinal__gt=row.ordinal).order_by("-ordinal").first()
    later = later or Settlement.objects.standing().filter(continues=row).first()
    if later is not None:
        message = _(
            "该参保人在此之后还有结算（%(number)s，%(hospital)s）。请先冲正后面的结算，或联系参保地经办机构更正。"
        )
        words = {"number": later.number, "hospital": later.institution_name}
        raise WrongState(message % words, code="later_settlement_exists")


SAME = (
    "channel", "institution", "institution_name", "care_area_id", "bill_number", "invoice", "year", "person_id",
    "enrollment", "area_id", "insurance", "care", "disease", "level", "admitted_on", "discharged_on", "stay_on",
    "counter", "travel", "emergency", "filing_id", "continues_id", "linked_deductible", "policy", "policy_sha256",
)  # fmt: skip


def _opposite(account: Account, row: Settlement, reason: str) -> Settlement:
    return Settlement(
        status=Status.REVERSAL,
        reverses=row,
        reason=reason,
        settled_by=account,
        settled_at=clock.now(),
        settled_on=clock.today(),
        **{name: getattr(row, name) for name in SAME},
        **{name: -getattr(row, name) for name in AMOUNTS},
    )


def _tell_settled(entry: Settlement, followers: Iterable[Any]) -> None:
    """The bill was split: who paid what. `followers`: the keys of the accounts that act for the person."""
    text = _("%(name)s在%(hospital)s的%(care)s费用%(total)s元已结算：医保基金支付%(fund)s元，个人负担%(own)s元。")
    words = {
        "name": entry.person.masked_name,
        "hospital": entry.institution_name,
        "care": CARE_LABELS[entry.care],  # type: ignore[index]
        "total": f"{entry.total:,}",
        "fund": f"{entry.fund:,}",
        "own": f"{entry.own:,}",
    }
    _tell_all(followers, entry, entry, "settled", _("医疗费用已结算"), text % words)


def _tell_reversed(settlement: Settlement, opposite: Settlement) -> None:
    """It was undone: what that means for the patient."""
    text = _(
        "%(name)s在%(hospital)s的结算%(number)s已冲正，年度累计已恢复。如医院重新结算，会再次通知您；退款请向医院收费处询问。"
    )
    words = {
        "name": settlement.person.masked_name,
        "hospital": settlement.institution_name,
        "number": settlement.number,
    }
    followers = Mandate.objects.followers_of(settlement.person_id, clock.today())
    _tell_all(followers, settlement, opposite, "reversed", _("结算已冲正"), text % words)


def _tell_all(
    followers: Iterable[Any], about: Settlement, because: Settlement, kind: str, title: str, text: str
) -> None:
    key, at = f"{kind}:{because.pk.hex}", because.settled_at
    messages = [
        Message(
            account_id=account,
            key=key,
            kind=kind,
            title=title,
            text=text,
            submission=about.pk,
            submission_kind="settlement",
            created_at=at,
        )
        for account in followers
    ]
    if messages:
        bulk.insert(messages, ignore_conflicts=True)
