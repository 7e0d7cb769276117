"""Lists and details cost a fixed number of queries: the same for ten rows and for a thousand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from filings import proofs
from filings.models import Commitment, Filing
from reviews import services as queue
from reviews.lifecycle import LIFECYCLES, Case
from reviews.models import Kind, Submission
from reviews.services import Actor
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG = "520100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture
def filing():
    """A filing by commitment, approved, of a person with an account of their own."""
    enrolled = make.enrollment(make.person("王秀兰"), code=GUIYANG)
    return make.approved(enrolled, make.citizen(enrolled.person), filing_type="resident", commitment=PROMISE)


COPY = """
WITH made AS (
    INSERT INTO reviews_submission ({parent})
    SELECT {copied} FROM reviews_submission, generate_series(%(first)s::int, %(last)s::int) AS n
    WHERE id = %(id)s RETURNING id
)
INSERT INTO filings_filing (submission_ptr_id, {child})
SELECT made.id, {child} FROM made, filings_filing WHERE submission_ptr_id = %(id)s
"""


def columns(model, *without):
    return [field.column for field in model._meta.local_concrete_fields if field.column not in without]


def multiply(filing, first, last):
    """Rows like this one, by SQL: inherited tables cannot be bulk-created (DESIGN.md §3)."""
    parent = columns(Submission)
    own = {"id": "gen_random_uuid()", "number": "'20250101-' || n", "live_key": "'copy:' || n"}
    sql = COPY.format(
        parent=", ".join(parent),
        copied=", ".join(own.get(name, name) for name in parent),
        child=", ".join(columns(Filing, "submission_ptr_id")),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": first, "last": last, "id": filing.pk})
    copies = Filing.objects.exclude(pk=filing.pk).filter(commitment=None)
    Commitment.objects.bulk_create(
        [
            Commitment(filing_id=pk, kind="lease", signed_at=filing.decided_at)
            for pk in copies.values_list("pk", flat=True)
        ]
    )


def queries(act):
    with CaptureQueriesContext(connection) as captured:
        answer = act()
    assert answer.status_code == 200
    return len(captured), answer.json()


# The token with its account, the rows with their joins, the last decisions; for citizens their mandates.
WHO = {"the person": 4, "a reviewer": 3}


@pytest.mark.parametrize("who", WHO)
def test_a_list_costs_the_same_for_ten_and_for_a_thousand(filing, who):
    account = filing.applicant if who == "the person" else make.reviewer(GUIYANG)
    client = make.api(account)
    multiply(filing, 1, 9)
    ten, short = queries(lambda: client.get("/api/v1/filings/", {"page_size": 100}))
    multiply(filing, 10, 999)

    thousand, long = queries(lambda: client.get("/api/v1/filings/", {"page_size": 100}))

    assert (len(short["results"]), short["count"]) == (10, 10)
    assert (len(long["results"]), long["count"]) == (100, 1000)
    assert (ten, thousand) == (WHO[who], WHO[who] + 1)  # what does not fit on the page is counted


def test_a_detail_costs_the_same_whatever_happened(filing):
    client, account = make.api(filing.applicant), filing.applicant
    url = f"/api/v1/filings/{filing.pk}/"
    few, _shown = queries(lambda: client.get(url))
    actor = Actor.of(account, filing.person_id)
    for _ in range(4):
        queue.withdraw(proofs.prove(account, filing, [make.material(account).pk]).submission, actor=actor)

    many, shown = queries(lambda: client.get(url))

    assert len(shown["events"]) == 7
    assert many == few


def test_a_list_of_proofs_costs_the_same_for_one_and_for_ten(filing):
    account = filing.applicant
    client, actor = make.api(account), Actor.of(account, filing.person_id)
    queue.withdraw(proofs.prove(account, filing, [make.material(account).pk]).submission, actor=actor)
    one, _shown = queries(lambda: client.get("/api/v1/proofs/"))
    for _ in range(9):
        queue.withdraw(proofs.prove(account, filing, [make.material(account).pk]).submission, actor=actor)

    ten, shown = queries(lambda: client.get("/api/v1/proofs/"))

    assert shown["count"] == 10
    assert (one, ten) == (4, 4)


def test_the_checks_of_many_cost_what_those_of_one_do(filing):
    """Areas, materials, promises, broken ones, institutions, live keys: once for a whole batch of a sweep."""
    for _ in range(5):
        make.filed(make.enrollment(make.person("王秀兰"), code=GUIYANG), filing_type="resident", commitment=PROMISE)
    rows = list(Filing.objects.select_related("person", "enrollment", "area"))

    with CaptureQueriesContext(connection) as one:
        LIFECYCLES[Kind.FILING].findings([Case(rows[0])])

    with CaptureQueriesContext(connection) as all_of_them:
        found = LIFECYCLES[Kind.FILING].findings([Case(row) for row in rows])

    assert len(found) == 6
    assert (len(one), len(all_of_them)) == (6, 6)


def test_submitting_costs_what_it_costs(filing):
    """Not less than it must do, and no surprise creeps in."""
    enrolled = make.enrollment(make.person("李雷"), code=GUIYANG)
    account = make.citizen(enrolled.person)
    actor = Actor.of(account, enrolled.person)
    draft = make.filed(enrolled, account, keep=True)

    with CaptureQueriesContext(connection) as captured:
        queue.submit(draft, actor=actor)

    assert len(captured) == 14
