"""What the year, the month and the disease have come to decides the next bill. Small policies, figures by hand."""

from decimal import Decimal

import pytest

from core import clock
from settlements.models import YearCounter
from settlements.services import reverse
from tests import factories as make
from tests.settlements.proving import assert_books_hold, books_under
from tests.settlements.till import till

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-08-03 10:00")):
        yield


def benefit(care, body, more=""):
    """A policy of one benefit."""
    head = f"\nbenefits:\n  - id: one\n    insurance: employee\n    care: {care}\n    source: T1\n"
    return head + "".join(f"    {line}\n" for line in body.strip().splitlines()) + more


def flat(ratio):
    return f"share: {{bands: [{{upto: null, ratios: [{{ratio: {ratio}}}]}}]}}"


def visit(cashier, day, total, **more):
    return cashier.settle(care="outpatient", admitted_on=day, discharged_on=None, cost={"total": total}, **more)


def stay(cashier, day, total, **more):
    last = f"{day[:-2]}{int(day[-2:]) + 1:02d}"
    return cashier.settle(admitted_on=day, discharged_on=last, cost={"total": total}, **more)


def test_a_monthly_limit_is_full_and_the_next_month_begins_anew():
    """Half, at most 300 a month: 400 → 200; 300 → 150, 100 left of the limit; then nothing; in April 150 again."""
    with books_under(benefit("outpatient", flat("0.50") + "\nlimits: [{of: pooled, period: month, amount: 300}]")):
        cashier = till()

        bills = [("2026-03-02", "400"), ("2026-03-30", "300"), ("2026-03-31", "300"), ("2026-04-01", "300")]

        assert [visit(cashier, *bill).pooled for bill in bills] == [200, 100, 0, 150]

        late = visit(cashier, "2026-03-15", "300")  # of March, though it comes after April's
        assert late.pooled == 0


def test_a_monthly_deductible_is_taken_once_a_month():
    """200 a month, then half: 150 → all deductible; 150 → the other 50, half of 100; in April 200 of 300, half of 100."""
    with books_under(benefit("outpatient", "deductible: {period: month, amounts: [{amount: 200}]}\n" + flat("0.50"))):
        cashier = till()
        bills = [("2026-03-02", "150"), ("2026-03-20", "150"), ("2026-03-21", "100"), ("2026-04-01", "300")]

        rows = [visit(cashier, *bill) for bill in bills]

        assert [(row.deductible, row.pooled) for row in rows] == [(150, 0), (50, 50), (0, 50), (200, 50)]


def test_a_yearly_deductible_is_used_up_in_the_middle_of_a_bill():
    """1 800 a year: 1 000, then 800 of the next 2 000, whose other 1 200 are paid at 70 %."""
    with books_under(benefit("outpatient", "deductible: {period: year, amounts: [{amount: 1800}]}\n" + flat("0.70"))):
        cashier = till()

        rows = [
            visit(cashier, "2026-03-02", "1000"),
            visit(cashier, "2026-05-02", "2000"),
            visit(cashier, "2026-06-02", "100"),
        ]

        assert [(row.deductible, row.pooled) for row in rows] == [(1000, 0), (800, 840), (0, 70)]


CAPPED = benefit(
    "inpatient",
    flat("0.80") + "\nannual_cap: {of: pooled, amount: 10000}",
    "supplements:\n  - {id: l, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.90}], "
    "annual_cap: 5000, source: T1}\n",
)


def test_the_cap_is_reached_in_the_middle_of_a_bill_and_a_reversal_opens_it_again():
    """10 000 → 8 000. 10 000 again: 2 000 left, used up at 2 500; 7 500 beyond, 90 % is 6 750, of which the fund pays 5 000."""
    with books_under(CAPPED):
        cashier = till()
        stay(cashier, "2026-03-02", "10000")

        over = stay(cashier, "2026-04-02", "10000")

        assert (over.pooled, over.beyond, over.large_amount, over.own) == (2000, 7500, 5000, 3000)

        reverse(cashier.staff, over, reason="录错")
        less = stay(cashier, "2026-04-02", "3000", bill_number=over.bill_number)

        assert (less.pooled, less.beyond, less.large_amount) == (2000, 500, 450)  # 3 000 − 2 500, 90 %

        after = stay(cashier, "2026-05-02", "10000")
        assert (after.pooled, after.beyond, after.large_amount) == (0, 10000, 4550)  # what the fund has left of 5 000


def test_a_cap_used_up_to_the_fen_leaves_nothing_beyond():
    """12 500 × 80 % = 10 000 exactly; one fen more in the next bill is beyond."""
    with books_under(CAPPED):
        cashier = till()

        full = stay(cashier, "2026-03-02", "12500")

        assert (full.pooled, full.beyond) == (10000, 0)

        fen = stay(cashier, "2026-04-02", "0.01")
        assert (fen.pooled, fen.beyond, fen.large_amount, fen.cash) == (0, Decimal("0.01"), Decimal("0.01"), 0)


def test_bands_of_the_year_go_on_where_the_last_bill_ended():
    """50 % to 10 000 of the year, then 90 %: 6 000 → 3 000; 6 000 → 4 000 at 50 %, 2 000 at 90 % = 3 800."""
    bands = (
        "share: {base: year, bands: [{upto: 10000, ratios: [{ratio: 0.50}]}, {upto: null, ratios: [{ratio: 0.90}]}]}"
    )
    with books_under(benefit("outpatient", bands)):
        cashier = till()
        first, second = visit(cashier, "2026-03-02", "6000"), visit(cashier, "2026-03-03", "6000")
        assert (first.pooled, second.pooled) == (3000, 3800)
        reverse(cashier.staff, second, reason="录错")
        assert visit(cashier, "2026-03-03", "5000").pooled == 2900  # 4 000 and 1 000


def test_the_deductibles_of_a_year_have_a_maximum_together():
    """1 000 for each stay, at most 1 500 in a year: 1 000, 500, nothing."""
    with books_under(
        benefit("inpatient", "deductible: {amounts: [{amount: 1000}], annual_max: 1500}\n" + flat("0.80"))
    ):
        cashier = till()

        rows = [stay(cashier, f"2026-0{month}-02", "5000") for month in (3, 4, 5)]

        assert [(row.deductible, row.pooled) for row in rows] == [(1000, 3200), (500, 3600), (0, 4000)]


def test_the_second_bill_reaches_the_threshold_of_a_further_fund():
    """Half is pooled. Burdens 8 000 and 6 000: 4 000 above 10 000, 60 % of it; what the fund pays does not lower the burden."""
    fund = (
        "supplements:\n  - {id: s, insurance: employee, kind: burden, fund: serious_illness, period: year, "
        "thresholds: [{amount: 10000}], bands: [{upto: null, ratios: [{ratio: 0.60}]}], source: T1}\n"
    )
    with books_under(benefit("inpatient", flat("0.50"), fund)):
        cashier = till()
        rows = [
            stay(cashier, "2026-03-02", "16000"),
            stay(cashier, "2026-04-02", "12000"),
            stay(cashier, "2026-05-02", "2000"),
        ]
        assert [(row.burden, row.serious_illness) for row in rows] == [(8000, 0), (6000, 2400), (1000, 600)]
        assert rows[2].year.burden == 15000


CHRONIC = benefit(
    "chronic",
    flat("0.70")
    + """
limits:
  - {when: {disease: M03900}, of: pooled, period: year, amount: 1000}
  - {when: {disease: M01600}, of: pooled, period: month, amount: 500}""",
)


@pytest.fixture
def recognised_till(recognised):
    """A patient whose high blood pressure (M03900) and diabetes (M01600) are recognised, at a hospital open for both."""
    cashier = till(hospital=make.institution(chronic=["M03900", "M01600"]))
    make.diseases()
    recognised()
    return cashier


@pytest.fixture
def account():
    return make.citizen()


def care_for(cashier, disease, day, total):
    return cashier.settle(
        care="chronic", disease=disease, admitted_on=day, discharged_on=None, emergency=False, cost={"total": total}
    )


def test_each_chronic_disease_has_a_limit_of_its_own(recognised_till):
    """70 %: M03900 at most 1 000 a year, M01600 at most 500 a month; neither uses up the other's."""
    cashier = recognised_till
    with clock.standing_at(make.moment("2026-02-02 09:00")):
        make.approved(cashier.patient, cashier.citizen, to=make.BEIJING)
    with books_under(CHRONIC):
        bills = [
            ("M03900", "2026-03-02", "1000"),  # 700
            ("M01600", "2026-03-02", "600"),  # 420
            ("M03900", "2026-03-09", "1000"),  # 300 left of the year
            ("M01600", "2026-03-09", "600"),  # 80 left of March
            ("M03900", "2026-04-01", "100"),  # the year's is used up
            ("M01600", "2026-04-01", "600"),  # 420 of April
        ]
        assert [care_for(cashier, *bill).pooled for bill in bills] == [700, 420, 300, 80, 0, 420]
        sums = YearCounter.objects.filter(month=0).values_list("counter", "disease", "pooled")
        assert {counter or disease: pooled for counter, disease, pooled in sums} == {
            "chronic": 1920,
            "M03900": 1000,
            "M01600": 920,
        }


def test_a_personal_account_is_used_up_and_a_reversal_fills_it_again():
    """Half: 500 own, 500 from the account of 600; then 100 of the next 300; after the reversals 600 are there again."""
    with books_under(benefit("outpatient", flat("0.50"))):
        cashier = till(make.enrollment(make.person(), account_balance=Decimal(600)))

        rows = [visit(cashier, "2026-03-02", total, use_account=True) for total in ("1000", "600", "100")]

        assert [(row.account, row.cash) for row in rows] == [(500, 0), (100, 200), (0, 50)]

        for row in reversed(rows):
            reverse(cashier.staff, row, reason="录错")
        again = visit(cashier, "2026-03-02", "2000", use_account=True)

        assert (again.account, again.cash) == (600, 400)
        assert visit(cashier, "2026-03-03", "100").account == 0  # nobody asked to use it


def test_an_account_that_may_not_pay_elsewhere_does_not():
    with books_under(benefit("outpatient", flat("0.50"), "account_abroad: false\n")):
        cashier = till(make.enrollment(make.person(), account_balance=Decimal(600)))

        away = visit(cashier, "2026-03-02", "100", use_account=True)

        assert (away.account, away.cash) == (0, 50)

        home = till(cashier.patient, make.institution("H50010100001", place=make.CHONGQING, outpatient=True))
        here = visit(home, "2026-03-02", "100", use_account=True, emergency=False)

        assert (here.travel, here.account, here.cash) == ("local", 50, 0)
        assert_books_hold()
