"""Every endpoint of the API × every kind of caller, from one table (`tests/access/api.py`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

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


@pytest.mark.parametrize("line", LINES, ids=str)
def test_who_may(world: World, line: Line) -> None:
    found = {caller: str(ask(world, line, caller).status_code) for caller in CALLERS}

    assert found == answers(line.answers)


NAMES = ("id", "settlement", "person", "mandate", "message", "material")
NAMING = [line for line in LINES if any(f"{{{name}}}" in line.path for name in NAMES)]
WRITING = [line for line in LINES if line.method != "GET"]


@pytest.mark.parametrize("line", NAMING, ids=str)
def test_what_others_have_is_as_if_it_did_not_exist(world: World, line: Line) -> None:
    nobodys = {name: uuid.uuid4() for name in NAMES}

    for caller, status in answers(line.answers).items():
        if status == "404":
            theirs, nothing = ask(world, line, caller), ask(world, line, caller, nobodys)
            assert (caller, theirs.json()["errors"]) == (caller, nothing.json()["errors"])


@pytest.mark.parametrize("line", WRITING, ids=str)
def test_who_is_refused_leaves_no_trace(world: World, line: Line) -> None:
    for caller, status in answers(line.answers).items():
        if status in ("401", "403", "404"):
            before, after = traces(world, line, caller)
            assert (caller, after) == (caller, before)


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

    before, after = traces(world, line, "owner")

    assert after["reviews_event"] == before.get("reviews_event", 0) + 1


def test_what_is_served_is_what_the_document_describes() -> None:
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    promised = {
        (method.upper(), shape(path.removeprefix("/api/v1/"))) for path, of in described.items() for method in of
    }

    assert set(endpoints()) - promised == {("GET", "schema/"), ("GET", "docs/")}
    assert promised - set(endpoints()) == set()


def traces(world: World, line: Line, caller: str) -> tuple[dict[str, int], dict[str, int]]:
    """What was written before the call and after it; what is sent along (papers, codes) is made before."""
    seen = {}

    def look() -> None:
        seen["before"] = written()

    ask(world, line, caller, just_before=look, then=lambda: seen.update(after=written()))
    return seen["before"], seen["after"]


def ask(
    world: World,
    line: Line,
    caller: str,
    named: dict[str, Any] | None = None,
    just_before: Callable[[], None] = lambda: None,
    then: Callable[[], None] = lambda: None,
) -> Any:
    """Call the endpoint as the caller, and take back what it did; look at the database around the call."""
    known = world.known(caller)
    if line.state:
        row = world.row(line.of, line.state, caller)
        known |= {"id": row.pk, "code": getattr(row, "verification_code", ""), "its_enrollment": row.enrollment_id}
    known |= named or {}
    client = world.api(caller)
    with call_that_changes_nothing():
        path = f"/api/v1/{line.path.format(**known)}"
        if line.method == "GET":
            return client.get(path)
        sent = line.body(world, world.accounts[caller] or world["owner"], known)
        form = "multipart" if "file" in sent else "json"
        just_before()
        answer = getattr(client, line.method.lower())(path, sent, format=form, HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)
        then()
        return answer
