"""Rivals at the tills: the first has written and not yet committed, the second comes; then the first commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts import registry
from accounts.models import Enrollment
from core import clock
from core.errors import Refusal, WrongState
from filings import services as filing_services
from filings.models import Filing
from reviews import services as queue
from reviews.services import Actor
from settlements.models import InsuranceYear, Settlement
from settlements.services import reverse
from tests import factories as make
from tests.rivals import apart, somebody_waits_for_us, split, together, wait_until
from tests.settlements.proving import assert_books_hold, deadlocks
from tests.settlements.till import SIMPLE, Till, policies, till

pytestmark = pytest.mark.django_db(transaction=True)
NOW = "2026-03-02 10:00"
JANUARY, FEBRUARY = ({"admitted_on": f"2026-0{m}-10", "discharged_on": f"2026-0{m}-12"} for m in (1, 2))
VISIT = {"care": "outpatient", "admitted_on": "2026-03-01", "discharged_on": None}


@pytest.fixture(autouse=True)
def _monday(transactional_db):
    make.working_calendar()
    with clock.standing_at(make.moment(NOW)), policies(SIMPLE):
        yield
        assert_books_hold()


def overtaken(first: Callable[[], Any], second: Callable[[], Any], *, waits: bool = True) -> tuple[Any, Any]:
    """`first` is done, but not committed, when `second` comes in a thread of its own; what both came to.

    `waits`: the second must stand still for a lock until the first commits, or must not.
    """
    seen: list[Any] = []
    rival = threading.Thread(target=lambda: seen.append(apart(second, at=NOW)))
    with transaction.atomic():
        one = first()
        rival.start()
        wait_until(lambda: bool(seen) or somebody_waits_for_us())
        assert not seen if waits else seen
    rival.join(30)
    return one, seen[0]


def code(refusal: Any) -> str:
    if not isinstance(refusal, Refusal):
        raise AssertionError(refusal)
    return refusal.problems[0].code


def elsewhere(cashier: Till) -> Till:
    return till(cashier.patient, make.institution("H11010100002", outpatient=True))


def test_one_bill_at_two_tills_settles_once():
    cashier = till()

    _one, refused = overtaken(lambda: cashier.settle(bill_number="B"), lambda: cashier.settle(bill_number="B"))

    assert code(refused) == "bill_settled"
    assert Settlement.objects.count() == 1


def test_one_bill_number_for_two_patients_settles_once():
    """They share no lock: the constraint decides, and its loser is told the same."""
    cashier = till()
    other = Till(make.enrollment(make.person("李四")), cashier.hospital)

    _one, refused = overtaken(lambda: cashier.settle(bill_number="B"), lambda: other.settle(bill_number="B"))

    assert code(refused) == "bill_settled"
    assert not InsuranceYear.objects.filter(person=other.patient.person).exists()


def test_one_code_settles_one_bill():
    cashier = till()
    shown = cashier.voucher()

    _one, refused = overtaken(lambda: cashier.settle(voucher=shown), lambda: cashier.settle(voucher=shown, **JANUARY))

    assert code(refused) == "voucher_used"


def test_nobody_lies_in_two_hospitals_at_once_even_in_the_same_moment():
    cashier = till()
    stay, other = {"admitted_on": "2026-02-01", "discharged_on": "2026-02-10"}, elsewhere(cashier)

    _one, refused = overtaken(
        lambda: cashier.settle(**stay), lambda: other.settle(admitted_on="2026-02-09", discharged_on="2026-02-20")
    )

    assert code(refused) == "stay_overlaps"


def test_stays_over_new_year_overlap_although_their_years_differ():
    """Each is in a year of its own, so only the lock of the person keeps them apart."""
    cashier = till()
    other, last = elsewhere(cashier), {"admitted_on": "2025-12-28", "discharged_on": "2026-01-02"}

    _one, refused = overtaken(
        lambda: cashier.settle(**last), lambda: other.settle(admitted_on="2025-12-20", discharged_on="2025-12-30")
    )

    assert code(refused) == "stay_overlaps"


def test_a_settlement_is_not_reversed_under_a_later_one():
    cashier = till()
    first = cashier.settle(**JANUARY)

    later, refused = overtaken(lambda: cashier.settle(**FEBRUARY), lambda: reverse(cashier.staff, first, reason="错"))

    assert code(refused) == "later_settlement_exists"
    assert later.number in str(refused)


def test_a_later_one_begins_from_what_the_reversal_left():
    cashier = till()
    first = cashier.settle(**JANUARY)

    _undone, later = overtaken(lambda: reverse(cashier.staff, first, reason="错"), lambda: cashier.settle(**FEBRUARY))

    assert (later.deductible, later.pooled) == (Decimal(1000), Decimal(7200))  # the first admission of the year again


def test_a_stay_is_not_reversed_while_one_of_the_next_year_continues_it():
    cashier = till()
    old = cashier.settle(admitted_on="2025-12-20", discharged_on="2025-12-30")
    goes_on = {"admitted_on": "2025-12-30", "discharged_on": "2026-01-05", "continues": old.number}

    new, refused = overtaken(lambda: cashier.settle(**goes_on), lambda: reverse(cashier.staff, old, reason="错"))

    assert new.year_id != old.year_id
    assert code(refused) == "later_settlement_exists"


def test_a_stay_that_was_just_reversed_is_not_continued():
    cashier = till()
    old = cashier.settle(admitted_on="2025-12-20", discharged_on="2025-12-30")
    goes_on = {"admitted_on": "2025-12-30", "discharged_on": "2026-01-05", "continues": old.number}

    _undone, refused = overtaken(lambda: reverse(cashier.staff, old, reason="错"), lambda: cashier.settle(**goes_on))

    assert code(refused) == "continues_unknown"


def test_a_settlement_is_reversed_once():
    cashier = till()
    one = cashier.settle()

    _undone, refused = overtaken(
        lambda: reverse(cashier.staff, one, reason="甲"), lambda: reverse(cashier.staff, one, reason="乙")
    )

    assert code(refused) == "already_reversed"
    assert Settlement.objects.filter(status="reversal").count() == 1


def test_the_first_two_of_a_year_make_its_row_once_and_count_on():
    """Outpatients: 200 deductible of the year taken by the first 300, so the second pays none: 50 % of 100, then of 300."""
    cashier = till()
    bill = {**VISIT, "cost": {"total": "300.00"}}

    one, two = overtaken(lambda: cashier.settle(**bill), lambda: cashier.settle(**bill))

    assert InsuranceYear.objects.count() == 1
    assert [(row.ordinal, row.deductible, row.pooled) for row in (one, two)] == [(1, 200, 50), (2, 0, 150)]


def test_two_of_a_year_that_has_begun_count_on():
    """1 000 deductible for the first admission, 500 for each later one; each begins from what the other left."""
    cashier = till()
    cashier.settle(**JANUARY)
    one, two = overtaken(lambda: cashier.settle(**FEBRUARY), lambda: cashier.settle(**VISIT))

    three, four = overtaken(lambda: cashier.settle(), lambda: cashier.settle(**VISIT, cost={"total": "300.00"}))

    assert [row.ordinal for row in (one, two, three, four)] == [2, 3, 4, 5]
    assert (two.deductible, four.deductible) == (200, 0)
    assert (one.deductible, three.deductible) == (500, 500)


def test_two_bills_of_one_emergency_make_one_filing():
    cashier = till()

    one, two = overtaken(lambda: cashier.settle(**VISIT), lambda: cashier.settle(admitted_on="2026-03-01"))

    assert Filing.objects.count() == 1
    assert one.filing_id == two.filing_id


def test_two_settlements_of_two_years_do_not_spend_one_account_twice():
    """3 000 on the account. 10 000: 2 800 of it own, all from the account; the other year finds 200."""
    cashier = till(make.enrollment(make.person(), account_balance=Decimal(3000)))
    old = {"admitted_on": "2025-12-01", "discharged_on": None, "care": "outpatient", "cost": {"total": "5400.00"}}

    one, two = overtaken(lambda: cashier.settle(use_account=True), lambda: cashier.settle(use_account=True, **old))

    assert (one.account, one.cash) == (2800, 0)
    assert (two.own, two.account, two.cash) == (2800, 200, 2600)  # 5 400 less 200, half of it
    assert Enrollment.objects.get().account_left == 0


def registered(of: Enrollment, balance: int) -> registry.RegisterRecord:
    """What the register says of a person now."""
    row = registry.as_registered(of)
    changed = registry.RegisteredEnrollment(**{**row.__dict__, "account_balance": Decimal(balance)})
    return registry.RegisterRecord(of.person.name, of.person.id_number, of.person.phone, enrollments=(changed,))


@pytest.mark.parametrize("care", [{}, VISIT])
def test_what_was_spent_is_not_forgotten_when_the_register_speaks(care):
    cashier = till(make.enrollment(make.person(), account_balance=Decimal(100)))

    one, _mirrored = overtaken(
        lambda: cashier.settle(use_account=True, **care), lambda: registry.mirror(registered(cashier.patient, 400))
    )

    assert (one.account, Enrollment.objects.get().account_left) == (100, 300)


@pytest.mark.parametrize("care", [{}, VISIT])
def test_a_bill_is_paid_by_what_the_register_has_just_said(care):
    cashier = till(make.enrollment(make.person(), account_balance=Decimal(100)))

    _mirrored, one = overtaken(
        lambda: registry.mirror(registered(cashier.patient, 400)), lambda: cashier.settle(use_account=True, **care)
    )

    assert one.account == 400


def test_the_register_and_the_tills_never_wait_in_a_circle():
    quarrels = deadlocks()
    cashier = till(make.enrollment(make.person(), account_balance=Decimal(100_000)))
    record = registered(cashier.patient, 100_000)
    stays = [{"admitted_on": f"2026-01-{d:02d}", "discharged_on": f"2026-01-{d + 1:02d}"} for d in range(1, 5)]
    bills = [cashier.bill(use_account=True, **care) for care in (*stays, VISIT, VISIT)]
    acts = [act for bill in bills for act in (_settling(cashier, bill), lambda: registry.mirror(record))]

    winners, refused = split(together(*acts))

    assert (len(winners), refused) == (12, [])
    assert deadlocks() == quarrels


def _settling(cashier: Till, bill: dict[str, Any]) -> Callable[[], Any]:
    return lambda: cashier.settle(**bill)


def test_a_filing_is_cancelled_while_a_bill_is_settled_under_it():
    """Neither waits for the other: the stay began under the filing, which covers it to its end."""
    cashier = till()
    with clock.standing_at(make.moment("2026-02-02 09:00")):
        filing = make.approved(cashier.patient, cashier.citizen, to=make.BEIJING)

    def cancel() -> Filing:
        return filing_services.cancel(Filing.objects.get(pk=filing.pk), actor=Actor.of(cashier.citizen, filing.person))

    stay = {**FEBRUARY, "emergency": False}

    one, cancelled = overtaken(lambda: cashier.settle(**stay), cancel, waits=False)

    assert (one.filing_id, cancelled.status) == (filing.pk, "cancelled")

    with pytest.raises(WrongState):
        cashier.settle(admitted_on="2026-03-02", discharged_on="2026-03-02", emergency=False)


def decided_just_now(cashier: Till) -> tuple[Filing, Any]:
    filing, reviewer = make.filed(cashier.patient, cashier.citizen, to=make.BEIJING), make.reviewer()
    queue.approve(filing, reviewer=reviewer)
    return filing, reviewer


TODAY = {"admitted_on": "2026-03-02", "discharged_on": "2026-03-02", "emergency": False}


def test_an_approval_is_not_undone_while_a_bill_is_settled_on_it():
    cashier = till()
    filing, reviewer = decided_just_now(cashier)

    one, refused = overtaken(lambda: cashier.settle(**TODAY), lambda: queue.undo(filing, reviewer=reviewer))

    assert (one.filing_id, code(refused)) == (filing.pk, "undo_rested_on")
    filing.refresh_from_db()
    assert filing.status == "approved"


def test_no_bill_rests_on_an_approval_that_is_being_undone():
    cashier = till()
    filing, reviewer = decided_just_now(cashier)

    _undone, refused = overtaken(lambda: queue.undo(filing, reviewer=reviewer), lambda: cashier.settle(**TODAY))

    assert code(refused) == "filing_changed"
    assert Settlement.objects.count() == 0
