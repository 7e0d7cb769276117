"""The reviewers' pages ask the database the same number of questions, however long the queue is."""

from copy import copy as clone

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.ids import new_id
from filings.models import Filing
from reviews.models import Submission
from tests import factories as make
from tests.load.population import copy

pytestmark = pytest.mark.django_db
PAGES = ["reviews_submission", "filings_filing", "reviews_event"]


def queue_up(count):
    """That many more submitted filings of one area; all of one person's, the first by the queue's own verbs."""
    pattern = make.submitted(make.enrollment(code="520100"))
    rows = [another(pattern) for _row in range(count - 1)]
    copy(rows, model=Submission)
    copy(rows)
    return pattern


def another(pattern):
    row = clone(pattern)
    row.id = row.submission_ptr_id = new_id()
    row.number, row.live_key = row.id.hex[-20:], row.id.hex
    return row


def asked(client, address):
    """How many queries the page takes once sessions and content types are warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.fixture
def client():
    found = Client()
    found.force_login(make.reviewer("520100"), backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_lists(client, page):
    address = reverse(f"admin:{page}_changelist")
    queue_up(10)
    few = asked(client, address)

    queue_up(990)

    assert Filing.objects.count() == 1000
    assert asked(client, address) == few


def test_a_case(client):
    address = reverse("admin:reviews_submission_change", args=[queue_up(10).pk])
    few = asked(client, address)

    queue_up(990)

    assert asked(client, address) == few
