"""What happens around every request: its id, its log line, what its page may load; the API's document."""

import logging
import re

import pytest
from django.urls import URLResolver, get_resolver

from config.middleware import SANE
from tests import factories

pytestmark = pytest.mark.django_db

STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy(answer) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))


def test_callers_id_is_kept_when_it_is_a_harmless_word(client):
    assert client.get("/healthz", headers={"X-Request-ID": "proxy-0123.ABC"})["X-Request-ID"] == "proxy-0123.ABC"


@pytest.mark.parametrize("given", ["short", "a" * 65, "<script>alert(1)</script>", "two words", "line\tbreak-in-it"])
def test_any_other_id_is_replaced(client, given):
    answered = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]

    assert answered != given
    assert SANE.fullmatch(answered)


@pytest.mark.parametrize("path", ["areas/%00/", "institutions/H%001/"])
def test_a_null_character_in_the_path_is_a_bad_request(client, path):
    answer = client.get(f"/api/v1/{path}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_request")


def test_one_log_line_a_request_with_its_id_and_without_what_was_searched(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/api/v1/areas/?q=王秀兰", headers={"X-Request-ID": "request-0001"})

    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]

    assert [(line["event"], line["request"], line["request_id"]) for line in lines] == [
        ("request_finished", "GET /api/v1/areas/", "request-0001")
    ]
    assert "王秀兰" not in caplog.text


def test_probes_are_not_logged(client, caplog):
    with caplog.at_level(logging.INFO):
        client.get("/healthz")

    assert caplog.records == []


def test_defect_answers_with_the_id_the_log_knows_it_by(client, monkeypatch, caplog):
    monkeypatch.setattr("config.health.report", _fail)
    client.raise_request_exception = False

    answer = client.get("/readyz", headers={"X-Request-ID": "request-0002"})

    assert answer.status_code == 500
    assert answer["X-Request-ID"] == "request-0002"
    assert "a defect" not in answer.content.decode()


def _fail():
    raise RuntimeError("a defect")


def test_pages_load_and_run_their_own_files_only(client):
    assert policy(client.get("/api/v1/areas/")) == STRICT


def test_admin_and_api_page_get_what_their_libraries_need_and_no_more(client):
    assert policy(client.get("/admin/login/")) == STRICT | {
        "script-src": "'self' 'unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'",
    }
    assert policy(client.get("/api/v1/docs/")) == STRICT | {"style-src": "'self' 'unsafe-inline'"}


def test_api_page_loads_nothing_from_outside_and_has_no_inline_script(client):
    page = client.get("/api/v1/docs/").content.decode()

    assert re.findall(r"https?://", page) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert "swagger-ui-bundle" in page


def test_document_is_openapi_3_1_and_names_every_endpoint(client):
    document = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()

    assert document["openapi"].startswith("3.1")

    routes = {route for route in _routes(get_resolver(), "/") if route.startswith("/api/v1/")}
    documented = set(document["paths"]) | {"/api/v1/schema/", "/api/v1/docs/"}

    assert {_plain(route) for route in routes} - {_plain(path) for path in documented} == set()


def _routes(resolver: URLResolver, base: str):
    for pattern in resolver.url_patterns:
        route = base + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        else:
            yield route


def _plain(path: str) -> str:
    """The path with its parameters' names and types taken out."""
    return re.sub(r"\{[^}]*\}|<[^>]*>|\(\?P<[^>]*>[^)]*\)", "*", path).replace("\\", "")


def test_unknown_address_of_the_api_answers_in_the_apis_form(client):
    answer = client.get("/api/v1/nothing/")

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"


def test_who_signs_in_to_the_admin_arrives_there(client):
    staff = factories.staff("admin")
    staff.set_password("a long enough password")
    staff.save()

    answer = client.post("/admin/login/", {"username": staff.username, "password": "a long enough password"})

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_static_files_are_not_logged(client, caplog):
    with caplog.at_level(logging.INFO):
        answer = client.get("/static/mobile/icon.svg")
        answer.close()

    assert answer.status_code == 200
    assert caplog.records == []
