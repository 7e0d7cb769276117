"""Who asks whether somebody or something is there gets one answer, and makes the machine do the same work, either way.

Work is counted, not timed: statements, and how often a password is hashed. By the ids of what others have: tests/access.
"""

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from tests import factories as make
from tests.referrals.issuing import insured

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


@pytest.fixture
def hashed(monkeypatch):
    """How often a password was hashed so far."""
    done, hasher = [], type(hashers.get_hasher("default"))
    honest = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *given, **more: done.append(1) or honest(*given, **more))
    return done


def test_a_name_of_staff_costs_what_any_other_name_costs(hashed):
    """The statements of the failed try itself differ by nothing; each costs one hash."""
    for role, name in ((Role.REVIEWER, "works-here"), (Role.REVIEWER, "switched-off"), (Role.CITIZEN, "no-staff")):
        account = make.staff(role) if role != Role.CITIZEN else make.citizen()
        account.username, account.is_active = name, name != "switched-off"
        account.set_password(PASSWORD)
        account.save()
    found = {}

    for name in ("nobody-at-all", "works-here", "switched-off", "no-staff"):
        del hashed[:]
        with CaptureQueriesContext(connection) as queries:
            answer = make.api().post("/api/v1/auth/password/", {"username": name, "password": "wrong"})
        found[name] = (answer.status_code, answer.json()["errors"], len(queries), len(hashed))

    assert set(map(str, found.values())) == {str(found["nobody-at-all"])}, found
    assert found["nobody-at-all"][3] == 1


def test_the_staffs_page_tells_no_more(hashed):
    account = make.reviewer()
    account.set_password(PASSWORD)
    account.save()
    found = []

    for name in ("nobody-at-all", account.username):
        del hashed[:]
        with CaptureQueriesContext(connection) as queries:
            page = Client().post("/admin/login/", {"username": name, "password": "wrong"}).content.decode()
        found.append((page.count("errornote"), "用户名或密码" in page or "正确" in page, len(queries), len(hashed)))

    assert found[0] == found[1]


def test_a_number_that_is_insured_costs_what_one_that_is_not_costs():
    """Whoever guesses a name learns not even whether the number is insured."""
    known = insured(make.CHONGQING).id_number
    found = []

    for number in (known, make.id_number()):
        client = make.api(make.citizen())
        body = {"name": "李雷", "id_number": number, "relation": "self", "consent": True}
        client.post("/api/v1/persons/", {**body, "consent": False})  # what is done once for an account is done
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/api/v1/persons/", body)
        found.append((answer.status_code, answer.json()["errors"], len(queries)))

    assert found[0] == found[1]
    assert found[0][1][0]["code"] == "not_registered"
