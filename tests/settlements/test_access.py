"""Every endpoint of bills × every kind of caller, on one settlement, from one table (read by tests/test_access.py)."""

import uuid

import pytest

from accounts.models import Role
from core import clock
from settlements.models import Settlement
from tests import factories as make
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db

CALLERS = (
    "nobody",
    "owner",
    "stranger",
    "till",
    "another till",
    "reviewer",
    "elsewhere",
    "supervisor",
    "admin",
    "finance",
)
#       nobody owner stranger till another_till reviewer elsewhere supervisor admin finance
LISTED = (401, 200, 200, 200, 200, 200, 200, 200, 200, 200)
SEEN = (401, 200, 404, 200, 404, 200, 404, 200, 200, 404)
AT_A_TILL = (401, 403, 403, 201, 201, 403, 403, 403, 403, 403)
AT_ITS_TILL = (401, 403, 404, 200, 404, 403, 404, 200, 403, 404)  # the agency corrects what the till cannot
TABLE = {
    ("GET", "settlements/"): LISTED,
    ("GET", "settlements/{id}/"): SEEN,
    ("POST", "settlements/"): AT_A_TILL,
    ("POST", "settlements/quote/"): tuple(200 if status == 201 else status for status in AT_A_TILL),
    ("POST", "settlements/{id}/reverse/"): AT_ITS_TILL,
    ("GET", "settlements/{id}/statement.pdf"): SEEN,
}


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


@pytest.fixture
def cashier():
    return till()


def account_of(caller, cashier):
    """The account behind a column of the table."""
    match caller:
        case "nobody":
            return None
        case "owner":
            return cashier.citizen
        case "stranger":
            return make.citizen(make.person())
        case "till":
            return cashier.staff
        case "another till":
            return make.staff(Role.HOSPITAL, institution=make.institution("H11010100009"))
        case "elsewhere":
            return make.reviewer(make.CHENGDU)
        case "admin":
            return make.staff(Role.ADMIN)
        case _:
            return make.staff(caller)


def ask(line, caller, cashier):
    """Call the endpoint as the caller."""
    method, path = line
    settled = cashier.settle(admitted_on="2026-01-01", discharged_on="2026-01-02")
    client = make.api(account_of(caller, cashier))
    body = {"reason": "错"} if path.endswith("reverse/") else cashier.bill()
    call = getattr(client, method.lower())
    if method == "GET":
        return call(f"/api/v1/{path.format(id=settled.pk)}")
    return call(f"/api/v1/{path.format(id=settled.pk)}", body, format="json", HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("line", TABLE, ids=" ".join)
def test_who_may(line, caller, cashier):
    assert ask(line, caller, cashier).status_code == TABLE[line][CALLERS.index(caller)]


@pytest.mark.parametrize("caller", ["owner", "stranger", "another till", "reviewer", "elsewhere", "admin"])
def test_who_may_not_reverse_changes_nothing(caller, cashier):
    ask(("POST", "settlements/{id}/reverse/"), caller, cashier)

    assert [row.status for row in Settlement.objects.all()] == ["settled"]


@pytest.mark.parametrize("caller", ["stranger", "another till", "elsewhere"])
def test_a_list_shows_nobody_else_s(caller, cashier):
    assert ask(("GET", "settlements/"), caller, cashier).json()["results"] == []


@pytest.mark.parametrize(("caller", "count"), [("reviewer", 1), ("elsewhere", 0), ("owner", 1), ("admin", 1)])
def test_asking_for_an_insured_area_shows_no_more_of_it(caller, count, cashier):
    cashier.settle()

    client = make.api(account_of(caller, cashier))

    assert client.get("/api/v1/settlements/?insured_area=500000").json()["count"] == count
    assert client.get("/api/v1/settlements/?insured_area=110000").json()["count"] == 0
