"""Every endpoint of people × every kind of caller, own and others' objects, from one table."""

import pytest

from accounts import services
from accounts.models import Mandate, Proof, Role
from accounts.urls import urlpatterns
from tests import factories
from tests.factories import api, citizen, person, staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

# What the owner's object answers to: nobody, its owner, another citizen, reviewer, supervisor, hospital, administrator, finance.
TABLE = {
    ("POST", "auth/wechat/"): (400, 400, 400, 400, 400, 400, 400, 400),
    ("POST", "auth/password/"): (400, 400, 400, 400, 400, 400, 400, 400),
    ("POST", "auth/logout/"): (401, 204, 204, 204, 204, 204, 204, 204),
    ("GET", "account/"): (401, 200, 200, 200, 200, 200, 200, 200),
    ("PATCH", "account/"): (401, 200, 200, 200, 200, 200, 200, 200),
    ("DELETE", "account/"): (401, 204, 204, 403, 403, 403, 403, 403),
    ("GET", "account/export/"): (401, 200, 200, 403, 403, 403, 403, 403),
    ("GET", "account/closing/"): (401, 200, 200, 403, 403, 403, 403, 403),
    ("GET", "account/notifications/"): (401, 200, 200, 403, 403, 403, 403, 403),
    ("PATCH", "account/notifications/"): (401, 200, 200, 403, 403, 403, 403, 403),
    ("POST", "account/notifications/consents/"): (401, 400, 400, 403, 403, 403, 403, 403),
    ("GET", "persons/"): (401, 200, 200, 403, 403, 403, 403, 403),
    ("POST", "persons/"): (401, 400, 400, 403, 403, 403, 403, 403),
    ("DELETE", "persons/<uuid:person_id>/"): (401, 204, 404, 403, 403, 403, 403, 403),
    ("POST", "persons/<uuid:person_id>/verify/"): (401, 409, 404, 403, 403, 403, 403, 403),
    ("POST", "persons/<uuid:person_id>/resend/"): (401, 409, 404, 403, 403, 403, 403, 403),
    ("POST", "persons/<uuid:person_id>/vouchers/"): (401, 201, 404, 403, 403, 403, 403, 403),
    ("GET", "mandates/"): (401, 200, 200, 403, 403, 403, 403, 403),
    ("POST", "mandates/<uuid:mandate_id>/approve/"): (401, 200, 404, 403, 403, 403, 403, 403),
    ("POST", "mandates/<uuid:mandate_id>/revoke/"): (401, 200, 404, 403, 403, 403, 403, 403),
    ("GET", "messages/"): (401, 200, 200, 200, 200, 200, 200, 200),
    ("POST", "messages/<uuid:message_id>/read/"): (401, 200, 404, 404, 404, 404, 404, 404),
}
CALLERS = ("nobody", "owner", "citizen", Role.REVIEWER, Role.SUPERVISOR, Role.HOSPITAL, Role.ADMIN, Role.FINANCE)
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def owner():
    """A citizen bound to themselves."""
    return citizen(person())


@pytest.fixture
def address(owner):
    """The address of the owner's object for a pattern."""
    me = services.identity_of(owner)
    asked = factories.mandate(citizen(), me, proof=Proof.APPROVAL, status="pending", active_from=None)
    message = services.tell(owner, key="k", kind="test", title="标题", text="正文")
    ids = {"<uuid:person_id>": me.id, "<uuid:mandate_id>": asked.id, "<uuid:message_id>": message.id}

    def fill(pattern):
        for name, value in ids.items():
            pattern = pattern.replace(name, str(value))
        return f"/api/v1/{pattern}"

    return fill


def client_of(caller, owner):
    if caller == "nobody":
        return api()
    if caller == "owner":
        return api(owner)
    if caller == "citizen":
        return api(citizen(person()))
    return api(staff(caller, **({"institution": factories.institution()} if caller == Role.HOSPITAL else {})))


@pytest.mark.parametrize(("method", "pattern"), TABLE)
@pytest.mark.parametrize("caller", CALLERS)
def test_who_may(method, pattern, caller, owner, address):
    body = {"code": "000000"} if pattern.endswith("verify/") else {}

    response = getattr(client_of(caller, owner), method.lower())(address(pattern), body)

    assert response.status_code == TABLE[method, pattern][CALLERS.index(caller)]


def test_table_names_every_endpoint():
    served = {
        (method, str(route.pattern))
        for route in urlpatterns
        for method in METHODS
        if hasattr(route.callback.view_class, method.lower())
    }

    assert served == set(TABLE)


@pytest.mark.parametrize(("method", "pattern"), [key for key in TABLE if TABLE[key][2] == 404])
def test_refused_strangers_change_nothing(method, pattern, owner, address):
    target = address(pattern)
    before = list(Mandate.objects.order_by("id").values())

    getattr(api(citizen(person())), method.lower())(target, {"code": "000000"})

    assert list(Mandate.objects.filter(id__in=[row["id"] for row in before]).order_by("id").values()) == before
    assert services.unread(owner) == 1
