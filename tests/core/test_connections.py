"""What a connection keeps, and how it notices that its server has gone."""

import pytest
from django.db import connection, transaction

from core.prepared import Param, PreparedQuery
from regions.models import Area

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
