"""A PATCH from a client that can send none: only to the API, only as a POST, and nothing but a PATCH."""

import pytest

from tests.factories import api, citizen

ADDRESS = "/api/v1/account/notifications/"

pytestmark = pytest.mark.django_db


def test_a_post_that_says_so_is_a_patch():
    account = citizen()

    answer = api(account).post(ADDRESS, {"sms": False}, HTTP_X_HTTP_METHOD_OVERRIDE="PATCH")

    assert (answer.status_code, answer.json()["sms"]["on"]) == (200, False)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "patch", "GET"])
def test_nothing_else_is_overridden(method):
    answer = api(citizen()).post(ADDRESS, {"sms": False}, HTTP_X_HTTP_METHOD_OVERRIDE=method)

    assert answer.status_code == 405


def test_a_get_stays_one():
    answer = api(citizen()).get(ADDRESS, HTTP_X_HTTP_METHOD_OVERRIDE="PATCH")

    assert (answer.status_code, answer.json()["sms"]["on"]) == (200, True)
