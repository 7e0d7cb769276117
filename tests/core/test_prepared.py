"""A prepared query answers what the same QuerySet would, whatever it was asked first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from core.prepared import Param, PreparedQuery
from regions.models import Area, CalendarDay
from tests import factories as make

CITIES = PreparedQuery(
    lambda: (
        Area.objects.filter(Q(parent=Param("province")) | Q(code=Param("code")))
        .select_related("parent")
        .order_by("code")
    )
)
AMONG = PreparedQuery(
    lambda: Area.objects.filter(parent__any=Param("provinces")).order_by("code").values_list("code", flat=True)
)


@pytest.fixture
def areas(db):
    for code in ("510100", "520100", "530100", "500000"):
        make.area(code)


def test_each_call_has_its_own_values(areas):
    sichuan = CITIES(province="510000", code="500000")

    assert [row.code for row in sichuan] == ["500000", "510100"]
    assert [row.code for row in CITIES(province="520000", code="530100")] == ["520100", "530100"]


def test_related_rows_come_with_them(areas):
    (city,) = CITIES(province="530000", code="")

    with CaptureQueriesContext(connection) as captured:
        assert city.parent.code == "530000"

    assert len(captured) == 0


def test_a_list_of_any_length(areas):
    assert AMONG(provinces=[]) == []
    assert AMONG(provinces=["510000"]) == ["510100"]
    assert AMONG(provinces=["510000", "530000", "990000"]) == ["510100", "530100"]


def test_the_lookup_serves_ordinary_queries_too(areas):
    assert set(Area.objects.filter(code__any={"510100", "530100"})) == set(
        Area.objects.filter(code__in=["510100", "530100"])
    )


def test_the_first_or_none(areas):
    first = CITIES.first(province="510000", code="520100")

    assert first is not None
    assert first.code == "510100"
    assert CITIES.first(province="", code="") is None


def test_rows_are_counted(areas):
    assert CITIES.count(province="510000", code="500000") == 2
    assert CITIES.count(province="", code="") == 0


def test_nothing_is_asked_where_nothing_can_be_found(db):
    nobody = PreparedQuery(lambda: Area.objects.none().filter(code=Param("code")))

    with CaptureQueriesContext(connection) as captured:
        assert nobody(code="510100") == []
        assert nobody.count(code="510100") == 0

    assert len(captured) == 0


def test_a_value_left_out_is_an_error(areas):
    with pytest.raises(KeyError, match="code"):
        CITIES(province="510000")


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_on_its_own_connection():
    days = PreparedQuery(lambda: CalendarDay.objects.filter(date=Param("day")).values_list("name", flat=True))
    CalendarDay.objects.create(date=date(2026, 10, 1), is_workday=False, name="国庆节")

    def elsewhere():
        try:
            return days(day=date(2026, 10, 1)), connection.connection.info.backend_pid
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        found, other = pool.submit(elsewhere).result()

    assert found == days(day=date(2026, 10, 1)) == ["国庆节"]
    assert other != connection.connection.info.backend_pid
