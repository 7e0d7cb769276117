"""`verify_settlements` finds nothing wrong in what the services wrote, and every kind of damage that went round them."""

from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Enrollment
from core import clock
from settlements.models import InsuranceYear, Settlement, YearCounter
from settlements.reconciliation import clearing, daily, reading
from settlements.verification import CHECKS
from tests import factories as make
from tests.factories import moment
from tests.rivals import together
from tests.roles import as_owner
from tests.settlements.ledger import ALIKE, CHONGQING_HOSPITAL, HERE, clerk, hospital, row, settled, text, undo
from tests.settlements.till import policies

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with policies(HERE, *ALIKE), clock.standing_at(moment("2026-03-02 10:00")):
        yield


def verify():
    """What the command prints, and what it complains of."""
    out, complaints = StringIO(), StringIO()
    try:
        call_command("verify_settlements", stdout=out, stderr=complaints)
        wrong = False
    except CommandError:
        wrong = True
    return wrong, out.getvalue(), complaints.getvalue().splitlines()


def damage(*statements):
    """Write to the tables as no service would."""
    kept = (
        "settlements.Settlement:entries_stay", "settlements.Settlement:no_delete", "settlements.ClearingLine:frozen_line",
        "settlements.Clearing:frozen", "settlements.Reconciliation:append_only",
    )  # fmt: skip
    with as_owner(), pgtrigger.ignore(*kept), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def book():
    """A year of everything: both ways, two visits of one person, a personal account, a reversal, a closed month, a list."""
    patient = make.enrollment(account_balance="500.00")
    with clock.standing_at(moment("2026-02-10 10:00")):
        first = settled(patient=patient, use_account=True)
        settled(make.BEIJING, institution=CHONGQING_HOSPITAL)
    settled(patient=patient, care="outpatient", discharged_on=None, total="1000.00")
    undone = settled()
    undo(undone)
    clearing.freeze(make.staff("admin"), first.settled_on.replace(day=1))
    rows = reading.read_file(text([row(first)]).encode())
    daily.take(clerk(), hospital(), first.settled_on, rows)
    return first


def test_all_agrees_and_says_what_was_checked(book):
    wrong, said, complaints = verify()

    assert (wrong, complaints) == (False, [])
    assert said.splitlines() == [
        "years are the sums of their entries: 3 checked, 0 differ",
        "counters are the sums of their entries: 8 checked, 0 differ",
        "the entries of a year are numbered without a gap: 3 checked, 0 differ",
        "reversals are equal and opposite: 2 checked, 0 differ",
        "total = fund + account + cash: 5 checked, 0 differ",
        "personal accounts spent what the entries say: 3 checked, 0 differ",
        "frozen clearings are the sums of their entries: 1 checked, 0 differ",
        "every direct entry stands in an institution's day: 5 checked, 0 differ",
        "days compared with hospitals are the sums of their entries: 1 checked, 0 differ",
    ]


def test_nothing_stored_is_nothing_wrong():
    assert verify()[0] is False


DAMAGE = {
    "a year's fund": ("UPDATE settlements_insuranceyear SET large_amount = 1 WHERE entries = 2", [0]),
    "a year's count": ("UPDATE settlements_insuranceyear SET entries = 4 WHERE burden > 0 AND entries = 2", [0, 2]),
    "a counter of the year": ("UPDATE settlements_yearcounter SET pooled = pooled + 1 WHERE month = 0 AND strpos(counter, 'outpatient') > 0", [1]),
    "a counter of a month": ("UPDATE settlements_yearcounter SET deductible = 0 WHERE month = 2", [1]),
    "a counter that is gone": ("DELETE FROM settlements_yearcounter WHERE month = 2", [1]),
    "a counter too many": (
        "INSERT INTO settlements_yearcounter (year_id, counter, disease, month, scope, deductible, pooled, beyond)"
        " SELECT id, '', 'M03900', 3, 1, 0, 0, 0 FROM settlements_insuranceyear LIMIT 1", [1],
    ),
    "an entry's month": ("UPDATE settlements_settlement SET stay_on = '2026-05-01' WHERE care = 'outpatient'", [1]),
    "an entry's amounts": ("UPDATE settlements_settlement SET pooled = pooled - 1, fund = fund - 1, cash = cash + 1, own = own + 1 WHERE care = 'outpatient'", [1]),
    "an entry that is gone": ("DELETE FROM settlements_settlement WHERE care = 'outpatient'", [0, 1, 2]),
    "a reversal of another sum": ("UPDATE settlements_settlement SET over_limit = -1 WHERE status = 'reversal'", [3]),
    "a reversal for somebody else": ("UPDATE settlements_settlement SET bill_number = 'X' WHERE status = 'reversal'", [3]),
    "reversed by nothing": ("UPDATE settlements_settlement SET status = 'reversed' WHERE care = 'outpatient'", [3]),
    "settled though reversed": ("UPDATE settlements_settlement SET status = 'settled' WHERE status = 'reversed'", [3]),
    "a total": (
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE settlements_settlement DROP CONSTRAINT total_is_fund_account_and_cash;"
        " UPDATE settlements_settlement SET total = total + 1 WHERE care = 'outpatient'", [4],
    ),
    "a personal account": ("UPDATE accounts_enrollment SET account_spent = 0", [5]),
    "a gap in a year": ("UPDATE settlements_settlement SET ordinal = 3 WHERE care = 'outpatient'", [2]),
    "a closed month's line": ("UPDATE settlements_clearingline SET fund = fund + 1", [6]),
    "a closed month's line that is gone": ("DELETE FROM settlements_clearingline", [6]),
    "a closed month's sum": ("UPDATE settlements_clearing SET fund = 0", [6]),
    "an entry's day": ("UPDATE settlements_settlement SET settled_on = '2026-01-01' WHERE care = 'outpatient'", [7]),
    "an entry without a hospital": ("UPDATE settlements_settlement SET institution_id = NULL WHERE care = 'outpatient'", [7]),
    "a compared day": ("UPDATE settlements_reconciliation SET entries = 9", [8]),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_every_damage_is_found_and_named(book, what):
    statement, expected = DAMAGE[what]
    damage(*statement.split("; "))
    wrong, said, complaints = verify()

    found = [number for number, line in enumerate(said.splitlines()) if not line.endswith(" 0 differ")]

    assert (wrong, found) == (True, expected)
    assert complaints


def test_a_wrong_row_is_named_with_both_figures(book):
    damage("UPDATE settlements_insuranceyear SET burden = burden + 0.01 WHERE entries = 2 AND burden > 0")

    year = InsuranceYear.objects.get(entries=2, burden__gt=0)

    # 10 000 − 7 200 of the stay and 1 000 − 400 of the visit, all within the policy
    assert verify()[2] == [f'  year {year.pk}: stored {{"burden":3400.01}}, by the entries {{"burden":3400.00}}']


def test_no_more_than_twenty_rows_are_named_and_the_rest_counted(book):
    for _ in range(21):
        make.enrollment()
    Enrollment.objects.filter(account_spent=0).update(account_spent=1)

    _wrong, _said, complaints = verify()

    assert (len(complaints), complaints[-1]) == (21, "  … and 3 more")


def test_chronic_care_counts_by_its_disease_too():
    entry = settled()
    chronic = Settlement.objects.get(pk=entry.pk)

    damage(f"UPDATE settlements_settlement SET care = 'chronic', disease = 'M03900' WHERE id = '{chronic.pk}'")

    assert [line.partition(":")[0].rpartition(" of year")[0].strip() for line in verify()[2]] == [
        "counter M03900 month 0", "counter M03900 month 3",
    ]  # fmt: skip

    for month in (0, 3):
        YearCounter.objects.create(
            year=entry.year, disease="M03900", month=month, scope=entry.eligible, deductible=entry.deductible,
            pooled=entry.pooled, beyond=entry.beyond,
        )  # fmt: skip

    assert verify()[2] == []


def test_every_check_is_tested():
    assert {number for _statement, numbers in DAMAGE.values() for number in numbers} == set(range(len(CHECKS)))


@pytest.mark.django_db(transaction=True)
def test_it_is_right_while_others_settle_and_reverse():
    """Every check looks at the same state, however much is written between the first and the last."""
    settled()  # the hospital and the areas are there

    def busy():
        for _ in range(4):
            undo(settled())

    results = together(busy, busy, *[lambda: [verify() for _ in range(6)]] * 2)

    assert [outcome for outcome in results if isinstance(outcome, Exception)] == []
    assert [wrong for outcome in results if outcome for wrong, _said, _complaints in outcome] == [False] * 12
