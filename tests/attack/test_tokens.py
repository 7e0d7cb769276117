"""A stolen or a found key opens no more than it should: tokens, their digests, sessions, and where they may be said."""

import pytest
from django.test import Client
from knox.models import AuthToken

from accounts.models import Role
from accounts.services import close_account, switch
from tests import factories as make

pytestmark = pytest.mark.django_db
ACCOUNT = "/api/v1/account/"
PASSWORD = "a long enough password"


def opens(token):
    client = make.api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get(ACCOUNT).status_code


def test_what_lies_in_the_database_is_no_token():
    row, token = AuthToken.objects.create(make.citizen(make.person()))

    assert opens(token) == 200
    assert {
        opens(found) for found in (row.digest, row.token_key, token[:-1], token[:15], token.upper(), f" {token}x")
    } == {401}


@pytest.mark.parametrize("where", ["query", "body", "cookie", "basic", "another word"])
def test_a_token_is_taken_from_the_header_alone(where, privacy):
    """An address is written to logs and histories, a cookie is sent by other sites' pages."""
    _row, token = AuthToken.objects.create(make.citizen(make.person()))
    client = Client()
    if where == "cookie":
        client.cookies["Authorization"] = client.cookies["token"] = token
    header = {"basic": f"Basic {token}", "another word": f"Session {token}"}.get(where, "")
    query = f"?token={token}&access_token={token}&Authorization=Bearer%20{token}" if where == "query" else ""

    if where == "body":
        answer = client.post(
            "/api/v1/filings/", {"token": token, "access_token": token}, content_type="application/json"
        )
    else:
        with privacy.expecting():  # the address it is asked for by
            answer = client.get(f"{ACCOUNT}{query}", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401


def test_a_token_opens_no_page_of_the_staffs_site():
    _row, token = AuthToken.objects.create(make.staff(Role.ADMIN))

    answer = Client().get("/admin/", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_it_ends_with_the_account():
    account, colleague = make.citizen(make.person()), make.reviewer()
    tokens = [AuthToken.objects.create(each)[1] for each in (account, colleague)]
    assert [opens(token) for token in tokens] == [200, 200]

    close_account(account)
    switch(colleague, by=make.supervisor(), active=False)

    assert [opens(token) for token in tokens] == [401, 401]


def test_a_session_known_before_the_sign_in_is_not_the_one_afterwards():
    """Whoever laid a session into somebody's browser has not signed in with them."""
    staff = make.staff(Role.ADMIN)
    staff.set_password(PASSWORD)
    staff.save()
    browser = Client()
    browser.get("/admin/login/")
    session = browser.session
    session["laid"] = True
    session.save()
    before = session.session_key

    browser.post("/admin/login/", {"username": staff.username, "password": PASSWORD})

    assert browser.session.session_key != before
    thief = Client()
    thief.cookies[next(name for name in browser.cookies if "session" in name)] = before
    assert thief.get("/admin/").status_code == 302


def test_an_invented_session_opens_nothing():
    browser = Client()
    browser.cookies["yidi_session"] = browser.cookies["yidi_session_8000"] = "a" * 32

    assert browser.get("/admin/").status_code == 302
