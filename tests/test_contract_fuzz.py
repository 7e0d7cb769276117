"""The running service against its own document: calls made up from it, true and false ones, for every operation.

Whatever is sent, the answer has a documented status and the documented shape, and is never a server error.
"""

from datetime import date

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import registry
from accounts.registry import RegisterRecord, as_registered
from tests import factories
from tests.referrals.issuing import issued

SHAPE = [status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 5
ELSEWHERE = {"POST /api/v1/clock/"}  # moves the time of all that follows; tests/regions/test_times_api.py


@pytest.fixture
def application(db):
    """The WSGI application, in the test's own transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in signals:
        signal.connect(close_old_connections)


class World:
    """A citizen with a family, filings and a message; what a path may name of theirs."""

    def __init__(self):
        factories.working_calendar()
        person = factories.person("王秀兰", born=date(1955, 3, 7))
        enrollment = factories.enrollment(person, category="retired")
        self.citizen = factories.citizen(person)
        filing = factories.submitted(enrollment, account=self.citizen)
        draft = factories.draft(enrollment, account=self.citizen, to=factories.TIANJIN)
        self.reviewer = factories.reviewer()
        hospital = factories.institution("H50000000001", place=factories.CHONGQING, issues_referrals=True)
        self.hospital = factories.staff("hospital", institution=hospital)
        registry.store(RegisterRecord(person.name, person.id_number, enrollments=(as_registered(enrollment),)))
        referral = issued(person, self.hospital)
        self.named = {
            "filings": [str(filing.pk), str(draft.pk)],
            "referrals": [str(referral.pk)],
            "persons": [str(person.pk)],
            "mandates": [str(self.citizen.mandates.get().pk)],
            "messages": [str(message.pk) for message in self.citizen.messages.all()],
        }

    def ids_for(self, operation):
        return self.named.get(operation.path.removeprefix("/api/v1/").split("/")[0], [])


def token(account):
    return {"Accept-Encoding": "identity", "Authorization": f"Bearer {AuthToken.objects.create(account)[1]}"}


def examine(operation, headers, ids):
    """Call one operation with what hypothesis makes up from its description, half of the time for rows there are."""

    @given(case=operation.as_strategy(), known=st.sampled_from([None, *ids]))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case, known):
        if known:
            case.path_parameters = dict.fromkeys(case.path_parameters, known)
        with transaction.atomic():  # every call finds the world as it was
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        assert response.status_code < 500, (response.status_code, case.as_curl_command())
        case.validate_response(response, checks=SHAPE)

    call()


@pytest.mark.parametrize("caller", ["citizen", "reviewer", "hospital"])
def test_every_answer_is_as_described(application, caller, privacy):
    world = World()
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    problems = []

    with privacy.expecting() as leaks:  # what is made up may be somebody's name
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.label not in ELSEWHERE:
                try:
                    examine(operation, token(getattr(world, caller)), world.ids_for(operation))
                except BaseException as problem:
                    problems.append(f"{operation.label}: {problem!r}"[:1500])

    assert problems == [], "\n".join(problems)
    assert [str(leak) for leak in leaks if not leak.where.startswith("asked for ")] == []
