"""A prepared query answers what the same QuerySet would, whatever it was asked first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext

from core.prepared import Param, PreparedQuery
from regions.models import Area, CalendarDay
from reviews.models import Submission
from reviews.models.submission import live_numbers
from tests import factories as make
from tests.roles import as_owner

TABLE = "reviews_submission"
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


def as_read(row, seen=()):
    """What an instance knows: its columns, what it was joined with, where it came from, what it has not read."""
    held = {name: value for name, value in row.__dict__.items() if name != "_state"}
    joined = {
        name: as_read(other, (*seen, row)) if other is not None else None
        for name, other in row._state.fields_cache.items()
        if not any(other is each for each in (*seen, row))
    }
    return type(row), held, joined, row._state.adding, row._state.db, row.get_deferred_fields()


@pytest.mark.parametrize(
    "query",
    [
        lambda: Area.objects.select_related("parent__parent"),
        lambda: Area.objects.select_related("parent").only("name", "parent__level"),
        lambda: Area.objects.select_related("parent").defer("parent__name", "pinyin").annotate(below=Count("children")),
        lambda: Area.objects.filter(name__contains="100%'s \\").select_related("parent"),
    ],
)
def test_an_instance_is_what_django_makes_of_the_row(areas, query):
    Area.objects.filter(code="510100").update(name="100%'s \\ 市")

    asked = [as_read(row) for row in query().order_by("code")]

    assert asked
    assert [as_read(row) for row in PreparedQuery(lambda: query().order_by("code"))()] == asked


def test_a_row_of_a_child_table_takes_what_its_parent_read(db):
    filed = make.draft()

    (row,) = PreparedQuery(lambda: Submission.objects.select_related("filing__destination", "referral"))()
    (asked,) = Submission.objects.select_related("filing__destination", "referral")

    assert row.filing == filed
    assert as_read(row.filing) == as_read(asked.filing)
    assert row._state.fields_cache["referral"] is None


@pytest.mark.parametrize(
    "query",
    [
        lambda: Area.objects.values("code", "parent__name"),
        lambda: Area.objects.values_list("parent", "code"),
        lambda: Area.objects.values_list("name", flat=True),
    ],
)
def test_values_are_what_django_makes_of_the_row(areas, query):
    assert PreparedQuery(lambda: query().order_by("code"))() == [*query().order_by("code")]


def test_what_cannot_be_prepared_is_refused(areas):
    with pytest.raises(TypeError, match="select_related"):
        PreparedQuery(lambda: Area.objects.prefetch_related("agencies"))()
    with pytest.raises(TypeError, match="NamedValuesListIterable"):
        PreparedQuery(lambda: Area.objects.values_list("code", named=True))()


def test_a_plan_for_all_values_knows_what_never_differs(db):
    """The index of the live alone serves a plan that knows that only the live are asked for."""
    said: list[str] = []

    def heard(execute, sql, *given):
        said.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(heard):
        live_numbers(key="nobody's")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = %s::regclass AND NOT indisunique", [TABLE]
        )
        for (other,) in cursor.fetchall():  # of an empty table any index costs the same
            cursor.execute(f"DROP INDEX {other}")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"PREPARE asked (text) AS {said[0]}".replace("%s", "$1"))
        cursor.execute("EXPLAIN EXECUTE asked ('of another')")
        plan = str(cursor.fetchall())

    assert "one_live_submission" in plan


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
