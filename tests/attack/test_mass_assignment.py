"""Mass assignment: a call that is allowed carries every other column there is, and changes nothing by it.

The calls are those of the table of access (tests/access/api.py), so that a new one is tried by itself; the columns are the models'.
"""

from dataclasses import replace
from functools import cache

import pytest
from django.apps import apps
from django.db import connection
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Account
from tests.access.api import LINES
from tests.access.conftest import world  # noqa: F401
from tests.access.table import answers, shape
from tests.access.test_api import ask
from tests.factories import api, citizen, person

pytestmark = pytest.mark.django_db

WORD, DAY, NUMBER = "mass-assigned", "2001-02-03", 1404040404
CALLS = [
    (line, next(caller for caller, status in answers(line.answers).items() if status in ("200", "201")))
    for line in LINES
    if line.method != "GET"
    and {"200", "201"} & set(answers(line.answers).values())
    and line.path not in ("materials/", "clock/")
]


def columns():
    """Every column of every table, with something that would be noticed in it."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            kind = field.get_internal_type()
            if kind == "BooleanField":
                value = True
            elif kind in ("DateField", "DateTimeField"):
                value = DAY
            elif "Integer" in kind or kind == "DecimalField":
                value = NUMBER
            else:
                value = WORD
            yield from ((name, value) for name in {field.name, field.attname})


@cache
def document_of_the_api():
    return SchemaGenerator().get_schema(request=None, public=True)


def declared(method, path):
    """What the call does take, by the API's document."""
    document = document_of_the_api()
    for address, verbs in document["paths"].items():
        if shape(address.removeprefix("/api/v1/")) == shape(path) and method.lower() in verbs:
            body = verbs[method.lower()].get("requestBody", {}).get("content", {}).get("application/json", {})
            return names_in(body, document)
    return set()


def names_in(schema, document):
    found = set()
    if isinstance(schema, dict):
        if "$ref" in schema:
            return names_in(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
        found |= set(schema.get("properties", {}))
        for part in schema.values():
            found |= names_in(part, document)
    elif isinstance(schema, list):
        for part in schema:
            found |= names_in(part, document)
    return found


def traces():
    """Tables in which something of it stands."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(
                    f"SELECT t::text FROM {table} t WHERE t::text LIKE ANY (%s) LIMIT 1",
                    [[f"%{WORD}%", f"%{DAY}%", f"%{NUMBER}%"]],
                )
                if row := cursor.fetchone():
                    found[model._meta.label] = row[0][:300]
    return found


def powers():
    return set(Account.objects.values_list("pk", "role", "is_active", "area", "institution"))


@pytest.mark.parametrize(("line", "caller"), CALLS, ids=str)
def test_columns_that_a_call_does_not_take_change_nothing(world, line, caller):  # noqa: F811
    taken, found = declared(line.method, line.path), {}

    def swollen(*given):
        body = {**{name: value for name, value in columns() if name not in {*taken, "file"}}, **line.body(*given)}
        found.update(before=powers())
        return body

    asked = ask(
        world,
        replace(line, body=swollen),
        caller,
        then=lambda: found.update(after=powers(), traces=traces()),
    )

    assert asked.answer.status_code in (200, 201, 400)
    assert found["traces"] == {}
    assert found["before"] <= found["after"]


def test_nobody_gives_themselves_a_role():
    account = citizen(person())
    before = powers()

    answer = api(account).patch(
        "/api/v1/account/",
        {**dict(columns()), "language": "en", "elder_mode": True, "role": "admin", "is_superuser": True},
    )

    account.refresh_from_db()
    assert (answer.status_code, account.language, account.elder_mode) == (200, "en", True)
    assert (traces(), powers()) == ({}, before)
