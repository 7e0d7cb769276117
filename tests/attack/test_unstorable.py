"""What no column of PostgreSQL and no calendar can hold is refused readably, whoever sends it and wherever (never a 500)."""

import re

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.models import Role
from tests import factories as make

pytestmark = pytest.mark.django_db

NOWHERE = "01a224b9-9b61-7a26-aab2-9e9236bf54df"
VALUES = ["\0", "a\0b", "0001-01-01", "9999-12-31T23:59:59-12:00", "9" * 40, "1e999"]
YEARS = ["9999", "0", "-1", "10000", "9" * 20, "\0"]


def operations():
    """Every address of the API with the names its GET takes in the query string."""
    for address, verbs in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        url = re.sub(r"\{[^}]+\}", "x1", address.replace("{id}", NOWHERE))
        asked = [row["name"] for row in verbs.get("get", {}).get("parameters", []) if row["in"] == "query"]
        yield url, asked


def callers():
    yield "citizen", make.api(make.citizen(make.person()))
    yield "reviewer", make.api(make.reviewer())
    yield "hospital", make.api(make.staff(Role.HOSPITAL, institution=make.institution()))


def failures(requests):
    """Those that end in a defect; each in a savepoint of its own, so that one does not hide the next."""
    for name, send in requests:
        with transaction.atomic():
            answer = send()
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            yield name


def test_no_query_of_the_api():
    everyone = list(callers())
    for _role, client in everyone:
        client.raise_request_exception = False
    requests = [
        ((role, url, name, value), lambda c=client, u=url, n=name, v=value: c.get(u, {n: v}))
        for url, asked in operations()
        for name in asked
        for value in VALUES
        for role, client in everyone
    ]

    assert len(requests) > 1000
    assert list(failures(requests)) == []


def test_no_address_refuses_to_say_its_methods():
    everyone = list(callers())
    for _role, client in everyone:
        client.raise_request_exception = False
    requests = [
        ((role, url), lambda c=client, u=url: c.options(u)) for url, _asked in operations() for role, client in everyone
    ]

    assert list(failures(requests)) == []


@pytest.mark.parametrize(
    ("sent", "attrs"),
    [
        ({"type": "other\0"}, ["type"]),
        ({"contact": {"names": ["a", "\0"]}}, ["contact.names.1"]),
        ({"a\0": 1}, [None]),
    ],
)
def test_a_null_character_in_json_is_named_by_its_field(sent, attrs):
    answer = make.api(make.citizen(make.person())).post("/api/v1/filings/", sent)

    assert answer.status_code == 400
    assert [(row["code"], row["attr"]) for row in answer.json()["errors"]] == [
        ("null_characters_not_allowed", attr) for attr in attrs
    ]


def test_a_null_character_deep_in_json_is_found_without_recursion():
    text = '{"a":' * 900 + '"\\u0000"' + "}" * 900

    answer = make.api(make.citizen(make.person())).post("/api/v1/filings/", text, content_type="application/json")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "null_characters_not_allowed")


def test_a_backslash_before_u0000_is_text():
    answer = make.api(make.citizen(make.person())).post(
        "/api/v1/filings/", r'{"type": "\\u0000"}', content_type="application/json"
    )

    assert "null_characters_not_allowed" not in answer.content.decode()


def lists(model, page):
    """What is asked of a list of the staff's site, in the address and in a form."""
    filters = [name for name in map(_parameter, page.list_filter or ()) if name]
    names = ["q", "o", "p", "all", "e", "_facets", "_popup", "_to_field", "_changelist_filters", *filters]
    names += [f"{name}__{lookup}" for name in filters for lookup in ("exact", "in", "isnull", "id__exact")]
    asked = [(name, value) for name in names for value in ("\0", "9" * 20)]
    if page.date_hierarchy:
        asked += [(f"{page.date_hierarchy}__year", year) for year in YEARS]
    return asked


def _parameter(column):
    return column if isinstance(column, str) else getattr(column, "parameter_name", None)


def test_no_page_of_the_staffs_site():
    make.working_calendar()
    make.submitted()
    client = Client(raise_request_exception=False)
    client.force_login(make.staff(Role.ADMIN))
    requests = []
    for model, page in admin.site._registry.items():
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        url = reverse(f"{label}_changelist")
        requests += [
            ((url, name, value), lambda u=url, n=name, v=value: client.get(u, {n: v}))
            for name, value in lists(model, page)
        ]
        form = {"action": "x\0", "_selected_action": ["\0", "9" * 20]}
        requests.append(((url, "post"), lambda u=url, f=form: client.post(u, f)))
        for view in ("change", "delete", "history"):
            for pk in ("x", "9" * 30, NOWHERE, "_00"):
                try:
                    page_url = reverse(f"{label}_{view}", args=[pk])
                except NoReverseMatch:
                    continue
                requests.append(((page_url,), lambda u=page_url: client.get(u)))
    requests.append((("/admin/r/",), lambda: client.get(f"/admin/r/1/{NOWHERE}/")))

    assert list(failures(requests)) == []


def test_the_sign_in_page():
    client = Client(raise_request_exception=False)

    answer = client.post("/admin/login/", {"username": "a\0", "password": "\0"})

    assert answer.status_code == 200
    assert "空字符" in answer.content.decode()
