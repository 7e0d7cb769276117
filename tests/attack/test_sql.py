"""SQL in every filter: what is asked of the API or of a list of the staff's site never becomes part of a statement.

The addresses, names and lists are generated from the OpenAPI document and the site's registry: a new one is tried by itself.
"""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Role
from tests import factories as make
from tests.attack.test_unstorable import NOWHERE, callers, failures, lists

pytestmark = pytest.mark.django_db

MARK = "zq9"
VALUES = [f"{MARK}'\"\\); SELECT pg_sleep(9) -- %s%(a)s $$", f"1) OR 1=1 -- {MARK}"]


@pytest.fixture
def written():
    """The statements in which the marked text stands, instead of travelling beside them."""
    found = []

    def look(execute, sql, params, many, context):
        if MARK in str(sql):
            found.append(str(sql)[:300])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield found


def reads():
    """Every address of the API: with each parameter of its query, and with the text in the place of each part of its path."""
    for address, verbs in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        whole = re.sub(r"\{[^}]+\}", NOWHERE, address)
        for name in [row["name"] for row in verbs.get("get", {}).get("parameters", []) if row["in"] == "query"]:
            yield from ((whole, {name: value}) for value in VALUES)
        for part in re.findall(r"\{[^}]+\}", address):
            yield from (
                (re.sub(r"\{[^}]+\}", NOWHERE, address.replace(part, value.replace("%", "%25").replace("/", ""))), {})
                for value in VALUES
            )


def test_in_every_parameter_of_the_api(written):
    everyone = list(callers())
    for _role, client in everyone:
        client.raise_request_exception = False
    requests = [
        ((role, url, asked), lambda c=client, u=url, a=asked: c.get(u, a))
        for url, asked in reads()
        for role, client in everyone
    ]

    assert len(requests) > 1000
    assert list(failures(requests)) == []
    assert written == []


def test_in_every_filter_search_and_order_of_the_staffs_site(written):
    make.submitted()
    client = Client(raise_request_exception=False)
    client.force_login(make.staff(Role.ADMIN))
    requests = []
    for model, page in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name in dict.fromkeys(name for name, _value in lists(model, page)):
            requests.append(((url, name), lambda u=url, n=name: client.get(u, {n: VALUES[0]})))
        requests += [((url, "search", value), lambda u=url, v=value: client.post(u, {"q": v})) for value in VALUES]

    assert len(requests) > 400
    assert list(failures(requests)) == []
    assert written == []


def test_a_statement_made_of_text_is_found(written):
    """The control: where the text did stand in the statement, this would see it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{MARK}'")

    assert written == [f"SELECT '{MARK}'"]
