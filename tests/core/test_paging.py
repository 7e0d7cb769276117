"""Pages: counted to 10 000 and no further, stable, at most 100 rows."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.errors import NotFound
from core.http.paging import Paging
from regions.models import ClosedDay, Disease

CAP = 10_000


def page(rows, query=""):
    paging = Paging()
    shown = paging.paginate_queryset(rows, Request(APIRequestFactory().get(f"/api/v1/things/?{query}")))
    return paging.envelope([*shown])


def diseases(number):
    Disease.objects.bulk_create(Disease(code=f"M{i:06}", name="x", since=2021) for i in range(number))
    return Disease.objects.values_list("code", flat=True)


def test_the_first_of_three_pages(db):
    answer = page(diseases(45))

    assert (answer["count"], len(answer["results"])) == (45, 20)
    assert answer["results"][0] == "M000000"
    assert answer["next"] == "http://testserver/api/v1/things/?page=2"
    assert answer["previous"] is None
    assert "count_capped" not in answer


def test_the_last_page(db):
    answer = page(diseases(45), "page=3&q=x")

    assert answer["results"] == [f"M{i:06}" for i in range(40, 45)]
    assert answer["next"] is None
    assert answer["previous"] == "http://testserver/api/v1/things/?page=2&q=x"


def test_back_to_the_first_page(db):
    assert page(diseases(45), "page=2")["previous"] == "http://testserver/api/v1/things/"


def test_a_full_last_page_has_no_next(db):
    assert page(diseases(40), "page=2")["next"] is None


def test_nothing_is_one_empty_page(db):
    assert page(diseases(0)) == {"count": 0, "next": None, "previous": None, "results": []}


def test_past_the_last_page(db):
    with pytest.raises(NotFound) as refused:
        page(diseases(40), "page=3")

    assert (refused.value.code, refused.value.problems[0].attr) == ("page_not_found", "page")


@pytest.mark.parametrize(("asked", "given"), [("1", 1), ("100", 100), ("101", 100), ("999999999", 100), ("", 20)])
def test_at_most_a_hundred_rows(db, asked, given):
    assert len(page(diseases(150), f"page_size={asked}")["results"]) == given


@pytest.mark.parametrize(
    ("rows", "count", "capped"), [(CAP - 1, CAP - 1, None), (CAP, CAP, None), (CAP + 1, CAP, True)]
)
def test_the_count_stops_at_ten_thousand(db, rows, count, capped):
    answer = page(diseases(rows))

    assert (answer["count"], answer.get("count_capped")) == (count, capped)


def test_rows_past_the_cap_are_still_reached(db):
    answer = page(diseases(CAP + 50), "page=101&page_size=100")

    assert answer["results"][0] == "M010000"
    assert len(answer["results"]) == 50
    assert answer["next"] is None


def test_rows_that_compare_equal_are_neither_repeated_nor_lost(areas):
    days = [ClosedDay(area_id=code, date="2026-12-01", reason="x") for code in ("500000", "510100", "511600", "519900")]
    expected = {day.pk for day in ClosedDay.objects.bulk_create(days)}
    rows = ClosedDay.objects.order_by("-date").values_list("pk", flat=True)

    seen = [page(rows, f"page_size=1&page={number}")["results"][0] for number in (1, 2, 3, 4)]

    assert seen == sorted(expected)


def test_what_is_no_query_is_paged_too():
    assert page([*range(50)], "page=2&page_size=30")["results"] == [*range(30, 50)]
