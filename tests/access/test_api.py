"""Every endpoint of the API × every kind of caller, from one table (`tests/access/api.py`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.access.api import LINES, LOOK, OTHERS, READ, Line
from tests.access.routes import API, SITE, endpoints, routes
from tests.access.table import CALLERS, answers, shape
from tests.access.world import HERE, World, call_that_changes_nothing, written

pytestmark = pytest.mark.django_db


def test_the_table_names_every_endpoint_and_no_other() -> None:
    named = {(line.method, shape(line.path)) for line in LINES}
    served = set(endpoints())

    assert sorted(served - named) == [], "say in tests/access/api.py who is answered what: one Line for each of these"
    assert sorted(named - served) == [], "these lines of tests/access/api.py are of no endpoint: take them out"


def test_what_lies_beside_the_api_and_the_site_is_named() -> None:
    beside = {address for address, _view in routes() if not address.startswith((API, SITE))}

    assert sorted(beside - set(OTHERS)) == [], (
        "who may ask this, and where is it tested? Say in OTHERS of tests/access/api.py"
    )
    assert sorted(set(OTHERS) - beside) == [], "these are gone: take them out of OTHERS of tests/access/api.py"


NAMES = ("id", "settlement", "person", "mandate", "message", "material")


@pytest.mark.parametrize("line", LINES, ids=str)
def test_who_may_and_who_is_refused_learns_and_leaves_nothing(world: World, line: Line) -> None:
    expected = answers(line.answers)
    others = any(f"{{{name}}}" in line.path for name in NAMES)
    found = {}

    for caller in CALLERS:
        asked = ask(world, line, caller)
        found[caller] = str(asked.answer.status_code)
        if expected[caller] in ("401", "403", "404"):
            assert (caller, asked.after) == (caller, asked.before)
        if expected[caller] == found[caller] == "404" and others:
            nothing = ask(world, line, caller, {name: uuid.uuid4() for name in NAMES})
            assert (caller, asked.answer.json()["errors"]) == (caller, nothing.answer.json()["errors"])

    assert found == expected


LISTED = {
    line.path.partition("/")[0]: line for line in LINES if line.answers in (READ, LOOK) and line.path.count("/") == 2
}


@pytest.mark.parametrize("base", LISTED)
def test_a_list_shows_what_one_may_open_and_no_more(world: World, base: str) -> None:
    """However it is filtered."""
    line = LISTED[base]

    for caller, status in answers(line.answers).items():
        if caller == "nobody":
            continue
        row = world.row(line.of, line.state, caller) if line.state else world.settlement
        for query in ("", f"&person={row.person_id}", f"&enrollment={row.enrollment_id}", f"&q={row.number}"):
            found = world.api(caller).get(f"/api/v1/{base}/?page_size=100{query}").json()["results"]
            assert (caller, query, str(row.pk) in {one["id"] for one in found}) == (caller, query, status == "200")


def test_asking_for_an_insured_area_shows_no_more_of_it(world: World) -> None:
    counts = {
        caller: [count(world, caller, f"insured_area={area}") for area in (HERE, "110000")]
        for caller in ("owner", "stranger", "hospital", "hospital_b", "reviewer", "reviewer_b", "admin")
    }

    assert counts == {
        "owner": [1, 0], "stranger": [1, 0], "hospital": [1, 0], "hospital_b": [1, 0],
        "reviewer": [2, 0], "reviewer_b": [0, 0], "admin": [2, 0],
    }  # fmt: skip


def count(world: World, caller: str, query: str) -> int:
    return int(world.api(caller).get(f"/api/v1/settlements/?{query}").json()["count"])


def test_a_call_that_is_answered_is_seen_to_write(world: World) -> None:
    line = next(line for line in LINES if str(line) == "POST filings/{id}/withdraw/")

    asked = ask(world, line, "owner")

    assert asked.after["reviews_event"] == asked.before.get("reviews_event", 0) + 1


def test_what_is_served_is_what_the_document_describes() -> None:
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    promised = {
        (method.upper(), shape(path.removeprefix("/api/v1/"))) for path, of in described.items() for method in of
    }

    assert set(endpoints()) - promised == {("GET", "schema/"), ("GET", "docs/")}
    assert promised - set(endpoints()) == set()


class Asked(NamedTuple):
    """The answer; of what writes, also what had been written before the call and after it, by table."""

    answer: Any
    before: dict[str, int] = {}
    after: dict[str, int] = {}


def ask(
    world: World,
    line: Line,
    caller: str,
    named: dict[str, Any] | None = None,
    then: Callable[[], None] = lambda: None,
) -> Asked:
    """Call the endpoint as the caller, look (`then`), and take back what it did; what is sent along is made before one looks."""
    known = world.known(caller)
    if line.state:
        row = world.row(line.of, line.state, caller)
        known |= {"id": row.pk, "code": getattr(row, "verification_code", ""), "its_enrollment": row.enrollment_id}
    known |= named or {}
    client = world.api(caller)
    with call_that_changes_nothing():
        path = f"/api/v1/{line.path.format(**known)}"
        if line.method == "GET":
            return Asked(client.get(path))
        sent = line.body(world, world.accounts[caller] or world["owner"], known)
        form = "multipart" if "file" in sent else "json"
        before = written()
        answer = getattr(client, line.method.lower())(path, sent, format=form, HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)
        asked = Asked(answer, before, written())
        then()
        return asked
