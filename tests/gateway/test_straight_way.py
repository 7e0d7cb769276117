"""How straight the way of 2207 and 2304 is: statements that reach the database, four and five more than the till's own 16.

More: the lock by which 2601 waits, the call, the visit, its lines, what of them is billed. Only who stayed elsewhere is asked which of those stays this one continues.
"""

import pytest

from tests import factories as make
from tests.gateway.desk import Desk
from tests.journey import journey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filed(desk):
    """A visit and a stay of somebody who was filed for, lines and all, waiting to be settled."""
    make.working_calendar()
    patients = [desk, Desk(code=desk.place.code)]
    for each in patients:
        make.approved(each.patient, each.citizen, to="110000", filing_type="other")
    return patients


def outpatient(desk):
    visit = desk.register()
    desk.output("2203", desk.description(visit, med_type="11"))
    desk.lines(visit, *((str(at), "XA", "200.00") for at in range(5)))
    return "2207A", desk.bill(visit, "1000.00", med_type="11")


def stay(desk):
    visit = desk.admit(med_type="21", begntime="2026-03-02 08:00:00")
    desk.lines(visit, *((str(at), "XA", "2000.00") for at in range(5)), infno="2301", med_type="21")
    desk.output("2402", desk.leaving(visit, endtime="2026-03-02 09:30:00"))
    return "2304A", desk.stay_bill(visit, "10000.00")


@pytest.mark.parametrize(("kind", "most"), [(outpatient, 20), (stay, 21)])
def test_a_bill_of_the_interface(filed, kind, most):
    first, second = (kind(each) for each in filed)
    filed[0].output(*first)  # the queries are prepared, the policies compiled

    with journey() as settling:
        filed[1].output(*second)

    assert len(settling.statements) <= most, "\n".join(settling.statements)
