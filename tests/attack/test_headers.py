"""What every answer says to a browser: where it comes from, what it may load, who may frame it; and what its cookies may."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver, reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Role
from tests import factories as make
from tests.attack.test_unstorable import NOWHERE
from tests.config.test_requests import _routes

pytestmark = pytest.mark.django_db

SAID = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}


@pytest.fixture
def production(settings):
    """The part of production's settings that is about the browser (config.settings.security)."""
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


def addresses():
    """One of every kind: the API's, the phone's, the staff's lists, probes, and some that are not there."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    yield from (re.sub(r"\{[^}]+\}", NOWHERE, address) for address in document["paths"])
    yield from (
        route
        for route in _routes(get_resolver(), "/")
        if not re.search(r"[<(\\?]", route) and not route.startswith("/api/")
    )
    yield from (
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    )
    yield from ("/nothing-here", "/api/v1/nothing-here/", "/admin/nothing-here/")


def lacking(answer):
    """What an answer does not say, or says too much of."""
    for name, value in SAID.items():
        if answer.get(name) != value:
            yield f"{name}: {answer.get(name)}"
    policy = answer.get("Content-Security-Policy", "")
    for part in ("default-src", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        if part not in policy:
            yield f"Content-Security-Policy without {part}"
    if "max-age=31536000; includeSubDomains; preload" not in answer.get("Strict-Transport-Security", ""):
        yield "Strict-Transport-Security"
    yield from (name for name in ("Access-Control-Allow-Origin", "Server", "X-Powered-By") if name in answer)
    for name, cookie in answer.cookies.items():
        if cookie["max-age"] == 0:
            continue  # it is being taken away
        if not cookie["secure"] or cookie["samesite"] not in ("Lax", "Strict"):
            yield f"cookie {name}"


def test_every_answer_says_it(production):
    site = Client(raise_request_exception=False)
    site.force_login(make.staff(Role.ADMIN))
    found, asked = {}, 0
    for client in (Client(raise_request_exception=False), site):
        for address in dict.fromkeys(addresses()):
            answer = client.get(address, secure=True)
            asked += 1
            if wrong := list(lacking(answer)):
                found[address] = (answer.status_code, wrong)

    assert asked > 300
    assert found == {}


def test_the_sessions_cookie_is_out_of_reach_of_scripts(production, client):
    staff = make.staff(Role.ADMIN)
    staff.set_password("a long enough password")
    staff.save()

    answer = client.post(
        "/admin/login/", {"username": staff.username, "password": "a long enough password"}, secure=True
    )

    session = next(cookie for name, cookie in answer.cookies.items() if "session" in name)
    assert (session["httponly"], session["secure"], session["samesite"], session["path"]) == (True, True, "Lax", "/")


def test_plain_http_is_sent_to_https(settings, client):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/admin/")

    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/admin/")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example"])
def test_another_hosts_name_is_not_answered_to(settings, client, host):
    settings.ALLOWED_HOSTS = ["testserver"]

    answer = client.get("/api/v1/areas/", headers={"Host": host})

    assert answer.status_code == 400
    assert host not in answer.content.decode()
