"""The running service against its own document: calls made up from it, true and false ones, for every operation as every caller.

Whatever is sent, the answer has a documented status and the documented shape, and is never a server error. First each operation by
itself, half of the time on rows there are; then walks along the links between operations, where what one call answers is what the
next is called on: schemathesis finds them in the document. `make contract` sends ten thousand calls and prints how many came back.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.table import CALLERS
from tests.access.world import World

pytestmark = pytest.mark.django_db

SHAPE = [status_code_conformance, content_type_conformance, response_schema_conformance]
ELSEWHERE = "/api/v1/clock/"  # POST moves the time of all that follows; tests/regions/test_times_api.py
ENDS = ("/api/v1/auth/logout/", "/api/v1/account/")
"""After these a walk would only hear 401."""
ROLES = ("nobody", "owner", "agent", "hospital", "reviewer", "supervisor", "finance", "admin")
LONG = "CONTRACT_LONG" in os.environ
ASKING = CALLERS if LONG else ROLES
EXAMPLES, WALKS, STEPS = (4, 30, 12) if LONG else (1, 1, 8)
QUIET: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],
}
NAMED = {
    "persons": "person", "mandates": "mandate", "messages": "message", "materials": "material",
    "settlements": "settlement", "areas": "area", "institutions": "institution", "policies": "policy",
}  # fmt: skip
"""Of what is no submission: the name of one of it in the world."""


class Findings:
    """What was answered, by status, and what should not have been, each kind once with a command that shows it again."""

    def __init__(self) -> None:
        self.answered: Counter[int] = Counter()
        self.operations: set[str] = set()
        self.wrong: dict[str, str] = {}
        self.callers: defaultdict[str, set[str]] = defaultdict(set)

    def look(self, caller: str, case: Any, response: Any) -> None:
        """Compare an answer with the document."""
        self.answered[response.status_code] += 1
        self.operations.add(case.operation.label)
        try:
            assert response.status_code < 500
            case.validate_response(response, checks=SHAPE)
        except BaseException as problem:
            kind = f"{case.operation.label} {response.status_code} {type(problem).__name__}"
            self.callers[kind].add(caller)
            self.wrong.setdefault(kind, f"{problem}\n{response.text[:300]}\n{case.as_curl_command()}"[:1500])

    def told(self) -> str:
        return "\n\n".join(
            f"{kind} (as {', '.join(sorted(self.callers[kind]))}): {said}" for kind, said in self.wrong.items()
        )


@pytest.fixture
def findings(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Iterator[Findings]:
    found = Findings()
    yield found
    if LONG:
        with capsys.disabled():
            print(
                f"\n{request.node.name}: {found.answered.total()} calls of {len(found.operations)} operations, {dict(found.answered)}"
            )


@pytest.fixture(autouse=True)
def _limits_that_nobody_reaches(settings: Any) -> None:
    """Else most of what is sent would only be counted."""
    settings.LIMITS = dict.fromkeys(settings.LIMITS, "1000000/day")


@pytest.fixture(autouse=True)
def _what_is_made_up_may_be_a_name(privacy: Any) -> Iterator[None]:
    with privacy.expecting() as leaks:
        yield
    assert [str(leak) for leak in leaks if not leak.where.startswith("asked for ")] == []


@pytest.fixture(scope="module")
def document() -> Any:
    """The OpenAPI document as it is served."""
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


@pytest.fixture
def schema(document: Any) -> Iterator[Any]:
    """The document before the WSGI application in the test's own transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    loaded = schemathesis.openapi.from_dict(document)
    loaded.app, loaded.location = get_wsgi_application(), "/api/v1/schema/"
    yield loaded.exclude(method="POST", path=ELSEWHERE)
    for signal in signals:
        signal.connect(close_old_connections)


def headers_of(world: World, caller: str) -> dict[str, str]:
    bearer = {"Authorization": world.tokens[caller]["HTTP_AUTHORIZATION"]} if caller != "nobody" else {}
    return {"Accept-Encoding": "identity", **bearer}


def there_is(world: World, path: str) -> list[str]:
    """What there is that a path of this kind may name."""
    base = path.removeprefix("/api/v1/").split("/")[0]
    if base in NAMED:
        return [str(world.known("owner")[NAMED[base]])]
    return [str(row.pk) for (kind, *_state), row in world.made.items() if kind == base]


def examine(world: World, operation: Any, findings: Findings) -> None:
    """Call one operation with what hypothesis makes up from its description, each as every caller."""

    @given(case=operation.as_strategy(), known=st.sampled_from([*there_is(world, operation.path), None]))
    @settings(max_examples=EXAMPLES, **QUIET)
    def call(case: Any, known: str | None) -> None:
        if known:
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        for caller in ASKING:
            with transaction.atomic():  # every call finds the world as it was
                response = case.call(headers=headers_of(world, caller))
                transaction.set_rollback(True)
            findings.look(caller, case, response)

    call()


def test_every_answer_is_as_described(world: World, schema: Any, findings: Findings) -> None:
    operations = [result.ok() for result in schema.get_all_operations()]

    for operation in operations:
        examine(world, operation, findings)

    assert findings.operations == {operation.label for operation in operations}
    assert findings.wrong == {}, findings.told()


@pytest.mark.parametrize("caller", ASKING)
def test_so_is_every_answer_on_a_walk(world: World, schema: Any, findings: Findings, caller: str) -> None:
    headers = headers_of(world, caller)

    walks = schema.exclude(path=ENDS).as_state_machine()
    on_nothing = {rule: None for rule in walks.root_rules if "_id_" in rule}

    class Walk(type("Linked", (walks,), on_nothing)):  # type: ignore[misc]
        """Calls that build on each other, none on an id that was made up; all of it is taken back at its end."""

        def setup(self) -> None:
            self.world = transaction.atomic()
            self.world.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, *_more: Any, **_named: Any) -> None:
            findings.look(caller, case, response)

    run_state_machine_as_test(Walk, settings=settings(max_examples=WALKS, stateful_step_count=STEPS, **QUIET))

    assert findings.wrong == {}, findings.told()
