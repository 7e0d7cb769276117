"""Forged requests: another site makes a signed-in browser send something, frames a page, or sends it away.

Every address of the staff's site is tried, taken from the resolver: a new one by itself.
"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from accounts.models import Role
from tests import factories as make
from tests.attack.test_unstorable import NOWHERE
from tests.config.test_requests import _routes

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "//evil.example/", "https://evil.example/", "http:evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "https:///evil.example", "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "//testserver@evil.example",
    "\t//evil.example", "/%09/evil.example", "https://testserver.evil.example/",
]  # fmt: skip


def pages():
    """Every address of the staff's site, with something in the place of each part."""
    for route in dict.fromkeys(_routes(get_resolver(), "/")):
        if route.startswith("/admin/") and "(?P<url>" not in route:
            plain = re.sub(r"<uuid:[^>]*>|<[^>]*>|\(\?P<[^>]*>[^)]*\)", NOWHERE, route).replace("\\", "")
            yield plain.rstrip("$?")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR, Role.FINANCE])
def test_nothing_is_written_for_a_form_of_another_site(role):
    """Without the token of our own page every POST is refused before anything is looked at, and nothing is written."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make.staff(role))
    found, asked = {}, 0
    for address in pages():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.post(
                address,
                {"action": "delete_selected", "username": "x", "password": "x"},
                headers={"Origin": "https://evil.example"},
            )
        asked += 1
        wrote = [row["sql"][:120] for row in queries if re.match(r"\s*(INSERT|UPDATE|DELETE)", row["sql"])]
        if answer.status_code not in (403, 404, 405) or wrote:
            found[address] = (answer.status_code, wrote)

    assert asked > 100
    assert found == {}


def test_a_session_of_the_staffs_site_is_no_key_to_the_api():
    """The API takes the token in the header alone, which no other site can make a browser send."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.staff(Role.REVIEWER))
    case = make.submitted()

    answers = [
        client.post(f"/api/v1/filings/{case.pk}/approve/", {}, content_type="application/json"),
        client.get(f"/api/v1/filings/{case.pk}/"),
        client.get("/api/v1/account/?token=x"),
    ]

    assert [answer.status_code for answer in answers] == [401] * 3


def test_the_api_lets_no_other_site_read():
    client = make.api(make.citizen(make.person()))
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    for answer in (client.options("/api/v1/filings/", headers=asked), client.get("/api/v1/account/", headers=asked)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_sent_to_another_site(to):
    """By the sign-in, the second factor, the confirmation, the sign-out, or a list's search."""
    staff = make.staff(Role.REVIEWER)
    staff.set_password("a long enough password")
    staff.save()
    client = Client(raise_request_exception=False)
    asked = {"next": to, "back": to, "return": to, "url": to}
    form = {"username": staff.username, "password": "a long enough password", **asked}

    answers = [client.get("/admin/login/", asked), client.post("/admin/login/", form, query_params=asked)]
    client.force_login(staff)
    for address in pages():
        answers.append(client.get(address, asked))
        if "log" in address or "security" in address or "confirm" in address:
            answers.append(client.post(address, form, query_params=asked))

    sent = {answer["Location"] for answer in answers if answer.has_header("Location")}
    assert sent
    assert {place for place in sent if not re.match(r"/(?![/\\])", place) and not place.startswith("?")} == set()
