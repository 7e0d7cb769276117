"""A bill at the edges of the calendar: new year, the day a policy changes, years that begin in July, months. By hand."""

from datetime import date
from decimal import Decimal

import pytest

from core import clock
from settlements.adjudication import case_of
from settlements.models import InsuranceYear, YearCounter
from settlements.services import reverse
from settlements.verification import replay
from tests import factories as make
from tests.settlements.proving import books_under
from tests.settlements.till import till

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-08-03 10:00")):
        yield


def file(since, ratio, *, until="null", more=""):
    """A file of 重庆: stays 1 000, then `ratio`; outpatients `ratio` from the first fen."""
    return f"""
area: "500000"
name: 测试
effective_from: {since}
effective_until: {until}
sources: [{{id: T1, title: t, publisher: p, year: 2025, grade: A}}]
benefits:
  - id: stays
    insurance: employee
    care: inpatient
    source: T1
    deductible: {{amounts: [{{amount: 1000}}]}}
    share: {{bands: [{{upto: null, ratios: [{{ratio: {ratio}}}]}}]}}
  - id: visits
    insurance: employee
    care: outpatient
    source: T1
    share: {{bands: [{{upto: null, ratios: [{{ratio: {ratio}}}]}}]}}
{more}
"""


def changing(more=""):
    """80 % until the end of June 2026, 60 % from the first of July on."""
    old = file("2020-01-01", "0.80", until="2026-07-01", more=more)
    return books_under(old, file("2026-07-01", "0.60", more=more))


OVER_NEW_YEAR = {"admitted_on": "2025-12-30", "discharged_on": "2026-01-02"}
ADMISSION = "stay_rule: admission"


def year_and_month(entry):
    """The insurance year an entry counts in, and the month of it."""
    (month,) = YearCounter.objects.filter(year=entry.year).exclude(month=0).values_list("month", flat=True)
    return entry.year.starts_on, month


def test_a_stay_over_new_year_counts_where_it_ends():
    with books_under(file("2020-01-01", "0.80")):
        entry = till().settle(**OVER_NEW_YEAR)

    assert year_and_month(entry) == (date(2026, 1, 1), 1)


def test_a_stay_over_new_year_counts_where_it_began_if_the_area_says_so():
    with books_under(file("2020-01-01", "0.80", more=ADMISSION)):
        entry = till().settle(**OVER_NEW_YEAR)

    assert year_and_month(entry) == (date(2025, 1, 1), 12)


def test_each_year_has_a_first_admission_of_its_own():
    with books_under(file("2020-01-01", "0.80")):
        cashier = till()
        old = cashier.settle(admitted_on="2025-12-01", discharged_on="2025-12-31")
        new = cashier.settle(admitted_on="2025-12-31", discharged_on="2026-01-01")
        assert reverse(cashier.staff, old, reason="错").status == "reversed"  # the later one is of another year

    assert [case_of(entry).facts["visit"] for entry in (old, new)] == [1, 1]
    assert {row.starts_on: row.entries for row in InsuranceYear.objects.all()} == {
        date(2025, 1, 1): 2,
        date(2026, 1, 1): 1,
    }


@pytest.mark.parametrize(
    ("more", "stay", "pooled"),
    [
        ("", ("2026-06-20", "2026-06-30"), 7200),  # 9 000 × 80 %
        ("", ("2026-06-20", "2026-07-01"), 5400),  # 9 000 × 60 %: discharged on the day
        (ADMISSION, ("2026-06-20", "2026-07-01"), 7200),
        (ADMISSION, ("2026-07-01", "2026-07-05"), 5400),
    ],
)
def test_the_day_of_the_stay_picks_the_file(more, stay, pooled):
    with changing(more):
        entry = till().settle(admitted_on=stay[0], discharged_on=stay[1])

        assert entry.pooled == pooled
        assert replay().equal == 1


@pytest.mark.parametrize(("day", "pooled"), [("2026-06-30", 80), ("2026-07-01", 60)])
@pytest.mark.parametrize("more", ["", ADMISSION])
def test_the_day_of_the_visit_picks_the_file(more, day, pooled):
    with changing(more):
        entry = till().settle(care="outpatient", admitted_on=day, discharged_on=None, cost={"total": "100.00"})

        assert entry.pooled == pooled
        assert replay().equal == 1


def test_what_was_settled_under_the_old_file_is_replayed_by_it():
    """The first bill is computed again under 80 %, although 60 % counts by now; its reversal gives back just that."""
    with changing():
        cashier = till()
        old = cashier.settle(admitted_on="2026-06-01", discharged_on="2026-06-05")
        new = cashier.settle(admitted_on="2026-07-01", discharged_on="2026-07-05")
        assert (old.policy, new.policy) == ("test-0", "test-1")
        assert old.policy_sha256 != new.policy_sha256
        assert old.year_id == new.year_id
        reverse(cashier.staff, new, reason="错")
        reverse(cashier.staff, old, reason="错")
        assert replay().equal == 4

    assert set(YearCounter.objects.values_list("scope", "pooled")) == {(0, 0)}


def test_nothing_is_settled_on_a_day_without_a_policy():
    with books_under(file("2026-07-01", "0.60")):
        refused = till().post(admitted_on="2026-06-29", discharged_on="2026-06-30")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "covered")


@pytest.mark.parametrize(("last", "starts"), [("2026-06-30", date(2025, 7, 1)), ("2026-07-01", date(2026, 7, 1))])
def test_a_year_may_begin_in_july(last, starts):
    with books_under(file("2020-01-01", "0.80", more='year_starts: "07-01"')):
        entry = till().settle(admitted_on="2026-06-20", discharged_on=last)

    assert entry.year.starts_on == starts


def test_one_is_insured_on_the_day_of_admission_and_pays_by_the_enrolment_of_that_day():
    """Moved to another area during the stay: the area of the first day pays."""
    person = make.person("王秀兰")
    old = make.enrollment(person, valid_until=date(2026, 6, 30))
    make.enrollment(person, code=make.CHENGDU, valid_from=date(2026, 7, 1))

    with books_under(file("2020-01-01", "0.80")):
        entry = till(old).settle(admitted_on="2026-06-30", discharged_on="2026-07-10")

    assert (entry.enrollment, entry.pooled) == (old, Decimal(7200))


def test_the_age_is_that_of_the_day_of_admission():
    """Sixty on 1 July: the stay that began the day before is that of a person of 59."""
    ten_more = "share: {adjust: [{when: {age_from: 60}, points: 10}], "
    text = file("2020-01-01", "0.80").replace("share: {", ten_more)
    born = make.enrollment(make.person(born=date(1966, 7, 1)))

    with books_under(text):
        cashier = till(born)
        before = cashier.settle(admitted_on="2026-06-30", discharged_on="2026-07-01")
        after = cashier.settle(admitted_on="2026-07-01", discharged_on="2026-07-02")

    assert (before.pooled, after.pooled) == (Decimal(7200), Decimal(8100))
