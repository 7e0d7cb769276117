"""JSON in: whatever arrives, the answer is a value or a refusal, never a defect."""

import pytest
from django.core.cache import cache

from accounts.models import Account

URL = "/api/v1/clock/"


@pytest.fixture
def signed_in(api, db):
    api.force_authenticate(Account.objects.create(nickname="王秀兰"))
    cache.clear()
    return api


def refusal(api, body, content_type="application/json", **headers):
    response = api.generic("POST", URL, body, content_type, headers=headers)
    (problem,) = response.json()["errors"]
    return response.status_code, response.json()["type"], problem["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'next': true}",
        b'{"next": NaN}',
        b'{"next": Infinity}',
        b"\xff\xfe",
        '{"next": "中"}'.encode("gbk"),
        b'{"next": "\\ud800"}',
        b"[" * 100_000,
        b"[" * 2_000 + b"]" * 2_000,
        b"\x00",
    ],
)
def test_what_is_no_json(signed_in, body):
    assert refusal(signed_in, body) == (400, "client_error", "parse_error")
    assert refusal(signed_in, body, **{"Idempotency-Key": "k"}) == (400, "client_error", "parse_error")


@pytest.mark.parametrize("body", [b"null", b"1", b'"x"', b"[]", b'[{"next": true}]'])
def test_what_is_json_but_no_form(signed_in, body):
    assert refusal(signed_in, body)[0] == 400


def test_what_is_too_large(signed_in):
    assert refusal(signed_in, b'{"x": "' + b"x" * 2_100_000 + b'"}') == (413, "client_error", "body_too_large")


@pytest.mark.parametrize(
    "kind", ["text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_only_json_is_read(signed_in, kind):
    assert refusal(signed_in, b"next=1", kind) == (415, "client_error", "unsupported_media_type")
