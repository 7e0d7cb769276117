"""A list that is true has no differences, however it is ordered and whichever numbers it knows; one false figure is one difference."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from settlements.reconciliation.comparing import Here, There, compare

AMOUNTS = st.tuples(*[st.integers(0, 3).map(Decimal)] * 2)


@st.composite
def days(draw):
    """The entries of a day: few bill numbers, so that bills are settled, reversed and settled again; some reversals of older ones."""
    entries = []
    for index in range(draw(st.integers(0, 8))):
        fund, cash = draw(AMOUNTS)
        bill, fate = draw(st.sampled_from("AB")), draw(st.sampled_from(["settled", "today", "later", "older"]))
        number = f"N{index}"
        figures = {"total": fund + cash, "fund": fund, "cash": cash}
        opposite = Here(f"R{index}", bill, "reversal", "500000", -fund - cash, -fund, -cash, reverses=number)
        if fate == "older":
            entries.append(opposite)
            continue
        status = "settled" if fate == "settled" else "reversed"
        undone = {"undone": fate != "settled", "undone_today": fate == "today"}
        entries.append(Here(number, bill, status, "500000", **figures, **undone))
        if fate == "today":
            entries.append(opposite)
    return entries


@st.composite
def lists(draw):
    """Entries, and a true list of them: in any order, each row with our number or without; what was reversed later as it was then."""
    here = draw(days())
    rows = []
    for entry in draw(st.permutations(here)):
        then = "settled" if entry.undone and not entry.undone_today and draw(st.booleans()) else entry.status
        number = entry.number if draw(st.booleans()) else ""
        rows.append(There(len(rows) + 2, entry.bill_number, number, then, entry.total, entry.fund, entry.cash))
    return here, rows


@given(lists())
def test_a_true_list_has_no_differences(both):
    here, rows = both

    assert compare(here, rows) == []


@given(lists(), st.data())
def test_a_row_too_many_or_too_few_is_found(both, data):
    here, rows = both

    extra = There(99, "C", "", "settled", Decimal(1), Decimal(0), Decimal(1))

    assert [one.code for one in compare(here, [*rows, extra])] == ["missing_here"]

    named = [row for row in rows if row.number and row.status != "reversal"]
    if named:
        left = data.draw(st.sampled_from(named))
        codes = [one.code for one in compare(here, [row for row in rows if row is not left])]
        assert codes == ["missing_there"]


@given(lists(), st.data())
def test_one_false_figure_is_one_difference(both, data):
    here, rows = both
    named = [row for row in rows if row.number]
    if named:
        wrong = data.draw(st.sampled_from(named))
        false = replace(wrong, cash=wrong.cash - 1, fund=wrong.fund + 1)
        found = compare(here, [false if row is wrong else row for row in rows])
        assert [(one.code, one.there) for one in found] == [("amount_differs", false)]
