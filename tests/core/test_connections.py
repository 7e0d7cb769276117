"""What a connection keeps, and how it notices that its server has gone."""

from datetime import UTC, datetime

import pghistory
import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.db.models import IntegerField, Value
from django.db.models.functions import Cast
from psycopg.pq import TransactionStatus

from core.postgresql.base import Kept
from core.prepared import Param, PreparedQuery
from regions.models import Area
from tests.roles import as_owner

NAMES = PreparedQuery(lambda: Area.objects.filter(code=Param("code")).values_list("name", flat=True))


def kept():
    """The statements this session keeps that read areas' names: how often each was planned for all values, and for one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE 'SELECT%%name%%regions_area%%code%%$1%%'"
        )
        return cursor.fetchall()


@pytest.fixture
def fresh(transactional_db):
    """A connection that keeps nothing yet."""
    connection.close()
    yield
    connection.close()


def test_a_prepared_query_is_planned_once_for_all_values(fresh):
    for code in ("110000", "510000", "530000"):
        NAMES(code=code)

    assert kept() == [(3, 0)]


def test_a_refusal_does_not_forget_what_was_prepared(fresh):
    NAMES(code="110000")

    with pytest.raises(LookupError):
        refused("510000")
    with transaction.atomic(), pytest.raises(LookupError):
        refused("530000")

    assert kept() == [(3, 0)]


@transaction.atomic
def refused(code):
    NAMES(code=code)
    raise LookupError


def test_other_queries_are_planned_for_their_values(fresh):
    for _ in range(8):
        [*Area.objects.filter(code="110000").values_list("name", flat=True)]

    assert kept() == []


def test_what_is_read_while_history_is_written_is_kept_too(fresh):
    with pghistory.context(actor="张审核"):
        for code in ("110000", "510000", "530000"):
            NAMES(code=code)

    assert kept() == [(3, 0)]


def test_what_somebody_puts_something_before_is_an_ordinary_text():
    statement = Kept("UPDATE regions_area SET name = %s")

    assert type("SELECT 1; " + statement) is str
    assert "SELECT 1; " + statement == "SELECT 1; UPDATE regions_area SET name = %s"


def test_a_statement_longer_than_the_driver_remembers_is_kept(fresh):
    """The driver remembers how it reads statements of up to 4 096 letters."""
    long = Kept("SELECT %s::text || '" + "异" * 5000 + "'")
    with connection.cursor() as cursor:
        for word in ("一", "二"):
            cursor.execute(long, [word])
            assert cursor.fetchone()[0] == word + "异" * 5000
        cursor.execute("SELECT generic_plans FROM pg_prepared_statements WHERE length(statement) > 5000")
        assert cursor.fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-30 08:00:00.000001+08", datetime(2026, 11, 30, 0, 0, 0, 1, UTC)),
        ("1899-12-31 23:59:59+00", datetime(1899, 12, 31, 23, 59, 59, 0, UTC)),
        (None, None),
    ],
)
def test_moments_are_read_in_utc_as_django_has_them(db, written, read):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [written])
        moment = cursor.fetchone()[0]

    assert moment == read
    assert moment is None or moment.tzinfo is UTC


def test_moments_read_bit_by_bit_are_in_utc_too(db):
    """A cursor of the server's, as `iterator` uses."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute("SELECT timestamptz '2026-11-30 08:00+08' FROM generate_series(1, 3)")
        assert [*cursor] == [(datetime(2026, 11, 30, tzinfo=UTC),)] * 3


def test_where_nothing_may_be_kept_a_prepared_query_is_like_any_other(fresh, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)
    connection.close()

    assert NAMES(code="110000") == []
    assert kept() == []


def test_a_server_that_is_there_is_not_asked_first(fresh):
    NAMES(code="110000")
    before = last_asked()

    begins_a_request()
    assert connection.is_usable()

    assert last_asked() == before


def test_a_connection_that_was_ended_is_replaced(fresh):
    NAMES(code="110000")
    ended = connection.connection.info.backend_pid
    elsewhere("SELECT pg_terminate_backend(%s, 5000)", ended)

    begins_a_request()

    assert NAMES(code="110000") == []
    assert connection.connection.info.backend_pid != ended


def test_a_connection_that_ends_under_a_kept_statement_is_a_service_that_is_away(fresh):
    NAMES(code="110000")
    elsewhere("SELECT pg_terminate_backend(%s, 5000)", connection.connection.info.backend_pid)

    with pytest.raises(OperationalError):
        NAMES(code="110000")

    begins_a_request()
    assert NAMES(code="110000") == []


def test_a_kept_statement_that_is_refused_says_why_and_is_kept(fresh):
    """With the values that it was refused for it is refused by the kind of its error; with others it is done."""
    seventh = PreparedQuery(
        lambda: Area.objects.annotate(n=Value(7) / Cast(Param("by"), IntegerField())).values_list("n")
    )
    with as_owner():
        Area.objects.create(code="990000", name="某地", level="province")

    assert seventh(by=7) == [(1,)]
    with pytest.raises(DataError, match="division by zero"):
        seventh(by=0)
    assert seventh(by=1) == [(7,)]


def test_the_first_statement_of_a_transaction_begins_it(fresh):
    """It is prepared already, and would be sent at once."""
    NAMES(code="110000")

    with transaction.atomic():
        NAMES(code="110000")
        assert connection.connection.info.transaction_status == TransactionStatus.INTRANS


def begins_a_request():
    """What Django does with a connection when a request begins (`close_old_connections`)."""
    connection.health_check_enabled = True
    connection.close_if_unusable_or_obsolete()


def last_asked():
    return elsewhere("SELECT query_start FROM pg_stat_activity WHERE pid = %s", connection.connection.info.backend_pid)


def elsewhere(sql, *params):
    """The first value of a statement's answer, by another connection."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(sql, params)
            return cursor.fetchone()[0]
    finally:
        other.close()
