"""What may happen to a bill: quote, settle, reverse. Nothing else writes settlements, or what the year has come to.

Locks are taken in one order: voucher or claim, person (for a stay), insurance year, enrolment (its personal account), filing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Person, Role, Voucher
from accounts.services import vouchers
from core import bulk, clock
from core.errors import Forbidden, Invalid, WrongState
from core.prepared import Param, PreparedQuery
from filings.emergencies import record_emergency
from filings.models import Filing
from filings.validity import visit_done
from regions.models import Area, Institution
from reviews.models import LIVE, Submission
from settlements import accumulators, facts
from settlements.accumulators import Place
from settlements.adjudication import Reckoned, reckon
from settlements.models import AMOUNTS, Channel, InsuranceYear, Settlement, Status, claim_key
from settlements.notifications import tell_reversed, tell_settled
from settlements.till import cases
from settlements.till.finding import enrolled
from settlements.till.numbering import next_number
from settlements.till.requests import Asked


def quote(account: Account, asked: Asked, *, person: uuid.UUID | None = None) -> Settlement:
    """How a bill would be split now, as an entry that is not stored; nothing is written, the voucher is not used up.

    `person`: whom `desk.finding.shown` identified; None: the voucher says. Raises what `reckon` raises, and what is wrong
    with the voucher.
    """
    hospital = _hospital(account)
    whose = person or vouchers.read(asked.voucher, hospital.code).person_id
    return _entry(account, asked, reckon(enrolled(whose, asked), hospital, asked))


def settle(account: Account, asked: Asked, *, person: uuid.UUID | None = None) -> Settlement:
    """Split a bill for good: an entry with all it was computed from, the year moved, the voucher used up.

    Raises what `quote` raises; WrongState `bill_settled`, `invoice_paid`, `invoice_claimed`.
    """
    hospital = _hospital(account)
    with transaction.atomic():
        voucher = None if person else _voucher(hospital, asked)
        whose = voucher.person_id if voucher else person
        assert whose is not None
        if asked.care == "inpatient":
            LOCKED_PERSON(person=whose)
        _refuse_settled(hospital, asked)
        insured = enrolled(whose, asked)
        reckoned = reckon(insured, hospital, asked, lock=True)
        entry = _entry(account, asked, reckoned)
        entry.number, entry.filing = next_number(), _filing(account, asked, reckoned)
        entry.voucher = voucher.pk if voucher else None
        write(entry, reckoned.counters, reckoned.place)
        if voucher:
            vouchers.use(voucher, entry.pk)
        _finish_visit(entry)
        tell_settled(entry, insured)
    return entry


def _hospital(account: Account) -> Institution:
    if account.role != Role.HOSPITAL or account.institution_id is None:
        raise Forbidden(_("只有医疗机构的经办账户可以结算。"))
    return facts.institution_named(account.institution_id)


def _voucher(hospital: Institution, asked: Asked) -> Voucher:
    """The voucher, locked. Where it is no good because it settled this very bill, the till hears of the bill."""
    try:
        return vouchers.read(asked.voucher, hospital.code, lock=True)
    except WrongState:
        _refuse_settled(hospital, asked)
        raise


LOCKED_PERSON = PreparedQuery[Any](
    lambda: (
        Person.objects.filter(pk=Param("person")).order_by().select_for_update(no_key=True).values_list("pk", flat=True)
    )
)
SETTLED_BILL = PreparedQuery[Any](
    lambda: (
        Settlement.objects.standing()
        .filter(institution=Param("institution"), bill_number=Param("bill"), channel=Channel.DIRECT)
        .order_by()
        .values_list("number", flat=True)
    )
)


CLAIMED = PreparedQuery[Any](
    lambda: (
        Submission.objects.filter(live_key=Param("key"), status__in=LIVE).order_by().values_list("number", flat=True)
    )
)


def _refuse_settled(hospital: Institution, asked: Asked) -> None:
    number = SETTLED_BILL.first(institution=hospital.code, bill=asked.bill_number)
    if number is not None:
        raise _bill_settled(number)
    if asked.invoice and CLAIMED.first(key=claim_key(asked.invoice)) is not None:
        said = _("该发票已由患者申请手工报销，不能再直接结算；患者撤回申请后可以结算。")
        raise WrongState(said, code="invoice_claimed", attr="invoice")


def _bill_settled(number: str) -> WrongState:
    said = _("账单已经结算（结算编号%s）。如需更正，请先冲正该结算，再重新结算。") % number
    return WrongState(said, code="bill_settled", attr="bill_number")


def _entry(account: Account, asked: Asked, reckoned: Reckoned) -> Settlement:
    visit, hospital, insured = reckoned.visit, reckoned.visit.institution, reckoned.visit.enrollment
    return Settlement(
        institution=hospital,
        institution_name=hospital.name,
        care_area=pooling_area(hospital.area),
        bill_number=asked.bill_number,
        invoice=asked.invoice,
        year=reckoned.year or InsuranceYear(starts_on=reckoned.year_starts_on),
        person=insured.person,
        enrollment=insured,
        area=insured.area,
        insurance=insured.insurance,
        care=asked.care,
        disease=asked.disease,
        level=hospital.level,
        admitted_on=asked.admitted_on,
        discharged_on=asked.discharged_on,
        stay_on=reckoned.stay_on,
        counter=reckoned.place.counter,
        travel=visit.travel.code,
        emergency=asked.emergency,
        filing=visit.travel.filing,
        continues=reckoned.continues,
        linked_deductible=reckoned.linked,
        policy=reckoned.policy.id,
        policy_sha256=reckoned.policy.sha256,
        settled_by=account,
        settled_at=clock.now(),
        settled_on=clock.today(),
        **cases.kept(reckoned.case, reckoned.result),
    )


def pooling_area(area: Area) -> Area:
    """The pooling area a hospital's area is part of (海口 → 海南省), or the area itself."""
    return area.parent if area.parent and area.parent_id == area.pool_code else area


def _filing(account: Account, asked: Asked, reckoned: Reckoned) -> Filing | None:
    """The filing that opened the way; an emergency without one makes its own (规程 art. 8)."""
    visit = reckoned.visit
    if not visit.travel.deemed:
        return visit.travel.filing
    hospital = visit.institution
    return record_emergency(
        visit.enrollment, hospital.area, asked.admitted_on, account=account, institution=hospital.code
    )


def write(entry: Settlement, counters: list[Any], place: Place) -> None:
    """Store an entry under the lock of its year, and move the year, its counters and the personal account by its amounts.

    Raises WrongState where a constraint finds that a rival was quicker; the transaction must not go on then.
    """
    entry.ordinal = accumulators.move(entry.year, counters, place, entry.amounts)
    if entry.account:
        Enrollment.objects.filter(pk=entry.enrollment_id).update(account_spent=F("account_spent") + entry.account)
    try:
        bulk.insert([entry])
    except IntegrityError as error:
        raise rival(error) from error


_RIVALS: Mapping[str, tuple[str, Any]] = {
    "bill_settled_once": ("bill_settled", _("账单刚刚已经结算，请按账单号查询结算结果。")),
    "invoice_paid_once": ("invoice_paid", _("该发票已经结算或报销，不能重复支付。")),
    "stay_continued_once": ("continues_taken", _("该次住院刚刚已由另一结算接续，请核对。")),
}


def rival(error: IntegrityError) -> WrongState:
    """The refusal a loser is told, by the constraint its write tripped. Re-raises what is unknown."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if name not in _RIVALS:
        raise error
    code, said = _RIVALS[name]
    return WrongState(said, code=code)


def _finish_visit(entry: Settlement) -> None:
    """A filing for one visit has served (S-10)."""
    if entry.filing is not None:
        visit_done(entry.filing, entry.admitted_on)


def reverse(account: Account, settlement: Settlement, *, reason: str) -> Settlement:
    """Undo a settlement by an equal and opposite entry: the year goes back, the bill may be settled again.

    Returns the settlement, now reversed. Raises Forbidden `not_yours`, Invalid `required` (no reason), WrongState
    `already_reversed`, `later_settlement_exists` with the number.
    """
    if not may_reverse(account, settlement):
        said = _("只有办理该结算的医疗机构可以冲正；如需更正，请联系参保地经办机构。")
        raise Forbidden(said, code="not_yours")
    if not reason:
        raise Invalid(_("请填写冲正原因。"), code="required", attr="reason")
    with transaction.atomic():
        row, opposite = undo(account, settlement, reason=reason)
        tell_reversed(row, opposite)
    return row


def undo(account: Account, settlement: Settlement, *, reason: str) -> tuple[Settlement, Settlement]:
    """Write the equal and opposite entry in the caller's transaction, whoever may; return the settlement and its reversal."""
    if settlement.care == "inpatient":
        LOCKED_PERSON(person=settlement.person_id)
    year = accumulators.again(settlement)
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
        said = _("该参保人在此之后还有结算（%(number)s，%(hospital)s）。请先冲正后面的结算，或联系参保地经办机构更正。")
        words = {"number": later.number, "hospital": later.institution_name}
        raise WrongState(said % words, code="later_settlement_exists")


SAME = (
    "channel", "institution", "institution_name", "care_area_id", "bill_number", "invoice", "year", "person_id",
    "enrollment", "area_id", "insurance", "care", "disease", "level", "admitted_on", "discharged_on", "stay_on",
    "counter", "travel", "emergency", "filing_id", "continues_id", "linked_deductible", "policy", "policy_sha256",
)  # fmt: skip


def _opposite(account: Account, row: Settlement, reason: str) -> Settlement:
    return Settlement(
        number=next_number(),
        status=Status.REVERSAL,
        reverses=row,
        reason=reason,
        settled_by=account,
        settled_at=clock.now(),
        settled_on=clock.today(),
        **{name: getattr(row, name) for name in SAME},
        **{name: -getattr(row, name) for name in AMOUNTS},
    )
