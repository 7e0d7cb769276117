"""Open lists carry an ETag; who has the answer already gets 304 and no body."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from regions.models import Area
from tests.roles import as_owner

LISTS = [
    "areas/",
    "institutions/",
    "diseases/",
    "agencies/",
    "policies/",
    "policies/national/",
    "calendar/2026/",
    "notices/?area=500000",
]


@pytest.fixture(scope="module")
def _once(django_db_setup, django_db_blocker):
    """All that is shipped, in a transaction that ends with the module; each test in a part of it that is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        with as_owner(), connection.cursor() as cursor:  # else the planner may guess by what other tests left behind
            cursor.execute("ANALYZE regions_area, regions_county, regions_institution, regions_agency")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(_once, db):
    """The world of the module."""


@pytest.mark.parametrize("path", LISTS)
def test_the_same_answer_is_not_sent_twice(api, loaded, path):
    first = api.get(f"/api/v1/{path}")

    assert first.status_code == 200

    again = api.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_another_answer_is(api, loaded):
    first = api.get("/api/v1/areas/500000/")
    Area.objects.filter(code="500000").update(name="渝")

    again = api.get("/api/v1/areas/500000/", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.json()["name"]) == (200, "渝")
    assert again["ETag"] != first["ETag"]


def test_pages_and_filters_have_tags_of_their_own(api, loaded):
    asked = ["areas/", "areas/?page=2", "areas/?level=province", "areas/?q=beijing"]

    assert len({api.get(f"/api/v1/{path}")["ETag"] for path in asked}) == 4


@pytest.mark.parametrize(
    ("path", "control"),
    [
        ("areas/", {"public", "max-age=60"}),
        ("areas/500000/", {"public", "no-cache"}),
        ("policies/", {"public", "no-cache"}),
        ("deadline/", {"public", "no-cache"}),
        ("clock/", {"no-store"}),
    ],
)
def test_how_long_an_answer_is_good(api, loaded, path, control):
    assert {part.strip() for part in api.get(f"/api/v1/{path}")["Cache-Control"].split(",")} == control


def test_a_refusal_is_not_kept(api, loaded):
    response = api.get("/api/v1/areas/?level=village")

    assert response.status_code == 400
    assert not response.has_header("ETag")
