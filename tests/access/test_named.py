"""Every object that a body or a query names: another's is refused, in the same words as one that does not exist.

The fields come from the OpenAPI document: identifiers, and whatever bears the name of a model.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from drf_spectacular.generators import SchemaGenerator

from tests.access.api import LINES, Line
from tests.access.table import shape
from tests.access.world import HERE, World, call_that_changes_nothing

pytestmark = pytest.mark.django_db

OPEN_TO_ALL = {
    *("area", "parent", "place", "destination", "insured_area"),
    *("institution", "institutions", "diagnosing_institution", "receiving_institution", "disease", "notice"),
}
"""Reference data, which anybody reads at an endpoint of its own."""
SECRET = {"voucher"}
"""What only its holder knows, and shows at the till: tests/accounts/test_vouchers.py."""
A_WORD = {"POST estimates/ person", "POST estimates/ settlement", "POST estimates/ visit", "POST persons/ consent"}
"""Not an object: a category."""
MORE_NAMES = {
    "continues",
    "authority",
    "destination",
    "place",
    "parent",
    "insured_area",
    "diagnosing_institution",
    "receiving_institution",
}

NUMBER = "20260302-999999-9"
UNKNOWN_MATERIAL = (400, "material_unknown", "materials")
NO_ENROLLMENT = (404, "not_found", "enrollment")
NAMED: dict[str, tuple[int, str, str | None]] = {
    "POST filings/ enrollment": NO_ENROLLMENT,
    "POST filings/ materials": UNKNOWN_MATERIAL,
    "POST filings/ referral": (400, "referral_unknown", "referral"),
    "POST filings/ agent.authority": UNKNOWN_MATERIAL,
    "PATCH filings/{}/ enrollment": (400, "enrollment_fixed", "enrollment"),
    "PATCH filings/{}/ materials": UNKNOWN_MATERIAL,
    "PATCH filings/{}/ referral": (400, "referral_unknown", "referral"),
    "POST filings/{}/cancel/ materials": UNKNOWN_MATERIAL,
    "POST filings/{}/change/ materials": UNKNOWN_MATERIAL,
    "POST filings/{}/change/ referral": (400, "referral_unknown", "referral"),
    "POST filings/{}/proof/ materials": UNKNOWN_MATERIAL,
    "POST proofs/ filing": (404, "not_found", "filing"),
    "POST proofs/ materials": UNKNOWN_MATERIAL,
    "PATCH proofs/{}/ materials": UNKNOWN_MATERIAL,
    "POST recognitions/ enrollment": NO_ENROLLMENT,
    "POST recognitions/ materials": UNKNOWN_MATERIAL,
    "PATCH recognitions/{}/ materials": UNKNOWN_MATERIAL,
    "POST recognitions/{}/renew/ materials": UNKNOWN_MATERIAL,
    "POST claims/ enrollment": NO_ENROLLMENT,
    "POST claims/ materials": UNKNOWN_MATERIAL,
    "PATCH claims/{}/ materials": UNKNOWN_MATERIAL,
    "POST estimates/ enrollment": NO_ENROLLMENT,
    "POST settlements/ continues": (404, "continues_unknown", "continues"),
    "POST settlements/quote/ continues": (404, "continues_unknown", "continues"),
}
ASKED = {
    *(f"GET {base}-options/ enrollment" for base in ("filing", "recognition", "claim")),
    "GET filing-options/ filing",
    "GET eligibility/ enrollment",
    "GET settlement-years/ enrollment",
    "GET settlement-years/ person",
    "GET drafts/ person",
    *(
        f"GET {base}/ {name}"
        for base in ("filings", "proofs", "recognitions", "claims", "referrals", "settlements")
        for name in ("enrollment", "person")
    ),
}


def test_the_tables_name_every_field_that_names_an_object() -> None:
    found = {f"{operation} {field}" for operation, field, *_ in fields()} - A_WORD

    assert sorted(found - NAMED.keys() - ASKED) == [], (
        "whose objects do these name? Say in tests/access/test_named.py how another's is refused (NAMED: body, ASKED: query),"
        " or that everybody may read them (OPEN_TO_ALL)"
    )
    assert sorted((NAMED.keys() | ASKED) - found) == [], (
        "these fields are gone: take them out of tests/access/test_named.py"
    )


@pytest.mark.parametrize("name", NAMED)
def test_what_a_body_names_of_others_is_refused_as_if_it_did_not_exist(world: World, name: str) -> None:
    operation, field = name.rsplit(" ", 1)
    theirs = world.strangers[field.rpartition(".")[2]]

    nobodys = NUMBER if isinstance(theirs, str) else uuid.uuid4()
    refused, unknown = (sent(world, operation, field, key) for key in (theirs, nobodys))

    (problem,) = refused.json()["errors"]
    assert (refused.status_code, problem["code"], problem["attr"]) == NAMED[name]
    assert refused.json() == unknown.json()


@pytest.mark.parametrize("name", sorted(ASKED))
def test_what_a_query_names_of_others_is_answered_as_if_it_did_not_exist(world: World, name: str) -> None:
    operation, field = name.rsplit(" ", 1)

    theirs, nobodys = (asked(world, operation, field, key) for key in (world.strangers[field], uuid.uuid4()))

    assert theirs.status_code in (200, 404)
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
    assert not theirs.json().get("results")


def test_what_others_may_not_name_is_there_to_those_whose_it_is(world: World) -> None:
    """Else the lists above were empty for everybody."""
    person = world.strangers["person"]
    seen = {
        base: bool(world.api("stranger").get(f"/api/v1/{base}/?person={person}").json()["count"])
        for base in ("drafts", "filings", "referrals", "settlements")
    }

    assert seen == dict.fromkeys(seen, True)


def fields() -> Iterator[tuple[str, str]]:
    """Every (operation, field) that names an object, in bodies and queries."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    for path, methods in document["paths"].items():
        for method, of in methods.items():
            operation = f"{method.upper()} {shape(path.removeprefix('/api/v1/'))}"
            asked = [(one["name"], one["schema"]) for one in of.get("parameters", []) if one["in"] == "query"]
            sent = [
                leaf
                for body in of.get("requestBody", {}).get("content", {}).values()
                for leaf in leaves(document, body["schema"])
            ]
            yield from {(operation, name) for name, described in [*asked, *sent] if names_an_object(name, described)}


def leaves(document: Any, schema: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a schema with their dotted names; a list's elements bear the name of the list."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    parts = [part for way in ("anyOf", "oneOf", "allOf") for part in schema.get(way, [])]
    parts += [schema["items"]] if "items" in schema else []
    for part in parts:
        yield from leaves(document, part, name)
    for inner, described in schema.get("properties", {}).items():
        yield from leaves(document, described, f"{name}.{inner}" if name else inner)
    if not parts and "properties" not in schema and schema.get("type") != "null":
        yield name, schema


MODELS = {name for model in apps.get_models() for name in (model._meta.model_name, f"{model._meta.model_name}s")}


def names_an_object(name: str, described: Any) -> bool:
    last = name.rpartition(".")[2]
    return (described.get("format") == "uuid" or last in MODELS | MORE_NAMES) and last not in OPEN_TO_ALL | SECRET


def sent(world: World, operation: str, field: str, key: Any) -> Any:
    """The operation's own true call, but for the field."""
    method, path = operation.split(" ")
    line = next(line for line in reversed(LINES) if (line.method, shape(line.path)) == (method, path))
    caller = "hospital" if path.startswith("settlements") else "owner"
    with call_that_changes_nothing():
        known = world.known(caller) | ({"id": world.row(line.of, line.state, caller).pk} if line.state else {})
        body = body_of(world, line, caller, known)
        put(world, body, field, str(key))
        call = getattr(world.api(caller), method.lower())
        return call(f"/api/v1/{line.path.format(**known)}", body, format="json", HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)


def body_of(world: World, line: Line, caller: str, known: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(line.body(world, world[caller], known)))  # type: ignore[no-any-return]


AGENT = {"name": "王代办", "id_number": "110101195503070028", "phone": "13900000001", "relation": "agent"}


def put(world: World, body: dict[str, Any], field: str, key: str) -> None:
    """Set a field by its dotted name."""
    if field == "materials":
        body[field] = [key]
    elif field == "agent.authority":
        world.registered(world.enrollment)
        whom = {"name": world.person.name, "id_number": world.person.id_number, "insured_area": HERE}
        del body["enrollment"]
        body |= {"agent": {**AGENT, "authority": key}, "for": {**whom, "insurance": "resident"}}
    else:
        body[field] = key


WITH = {
    "filing-options/": {"destination": "530100"},
    "eligibility/": {"institution": "H52010000001", "care": "inpatient"},
}


def asked(world: World, operation: str, field: str, key: Any) -> Any:
    path = operation.removeprefix("GET ")
    own = {"enrollment": str(world.enrollment.pk)} if path == "filing-options/" else {}
    with call_that_changes_nothing():
        return world.api("owner").get(f"/api/v1/{path}", {**WITH.get(path, {}), **own, field: str(key)})
