"""With Redis frozen or gone, everything that needs no queue goes on; nothing is unlimited meanwhile, and nothing answers 500."""

import socket
import time

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError, connection, transaction
from django.test import Client
from psycopg.errors import QueryCanceled
from redis.exceptions import ConnectionError as NoConnection

from accounts.limits import Limit, purge_counts, serves
from accounts.models import LimitCount
from core.cache import LEFT_ALONE, Cache, CacheGone
from core.errors import TooMany
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["frozen", "gone"])
def without_redis(request, settings):
    """A cache that takes the connection and never answers; one that takes none."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1] if request.param == "frozen" else 1
        options = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}
        default = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{port}/0", "OPTIONS": options}
        settings.CACHES = {"default": default}
        yield


@pytest.fixture
def counted_apart(transactional_db):
    """What is counted on a connection of its own stays after the test's transaction; so it is deleted."""
    yield
    LimitCount.objects.all().delete()


def test_what_is_only_kept_to_be_quicker_is_not_there(without_redis):
    cache.set("a", 1, 60)

    assert (cache.get("a"), cache.get("a", "otherwise"), "a" in cache, cache.delete("a")) == (
        None,
        "otherwise",
        False,
        False,
    )
    with pytest.raises(CacheGone):
        cache.add("a", 1)
    with pytest.raises(CacheGone):
        cache.incr("a")


def test_staff_work_on(without_redis):
    make.submitted()
    client = Client()
    client.force_login(make.reviewer())

    answers = [client.get("/admin/reviews/submission/") for _ in "ab"]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_citizens_work_on(without_redis):
    filing = make.submitted()
    client = make.api(filing.applicant)

    assert client.get("/api/v1/filings/").json()["count"] == 1
    assert client.get(f"/api/v1/filings/{filing.pk}/").status_code == 200
    assert client.get("/api/v1/areas/").status_code == 200


def test_limits_hold_meanwhile(counted_apart, without_redis, settings):
    settings.LIMITS = {"sign-in": "2/hour"}
    limit = Limit("sign-in")
    limit.spend("a")
    limit.spend("a")

    with pytest.raises(TooMany) as refused:
        limit.spend("a")

    limit.spend("b")
    limit.refund("b")
    assert 3590 <= refused.value.retry_after <= 3600
    assert LimitCount.objects.get(key=limit._key("a")).times == 3
    assert LimitCount.objects.get(key=limit._key("b")).times == 1


def test_a_count_stands_whatever_becomes_of_the_request(counted_apart, without_redis, settings):
    settings.LIMITS = {"guess-account": "1/hour"}
    limit = Limit("guess-account")
    with transaction.atomic():
        limit.spend("a")
        transaction.set_rollback(True)

    with pytest.raises(TooMany):
        limit.spend("a")


def test_a_period_that_is_over_begins_anew_and_is_purged(counted_apart, without_redis, settings):
    settings.LIMITS = {"sign-in": "1/min"}
    limit = Limit("sign-in")
    limit.spend("a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_limitcount SET until = now() - interval '1 second'")

    limit.spend("a")

    assert LimitCount.objects.get(key=limit._key("a")).times == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_limitcount SET until = now() - interval '1 second'")
    assert purge_counts() >= 1
    assert not LimitCount.objects.exists()


def test_sign_in_goes_on_and_is_limited(counted_apart, without_redis, settings):
    settings.LIMITS = {**settings.LIMITS, "sign-in": "2/hour"}
    wrong = {"username": "nobody", "password": "wrong"}

    statuses = [make.api().post("/api/v1/auth/password/", wrong).status_code for _ in range(3)]

    assert statuses == [401, 401, 429]


def test_what_cannot_be_done_without_it_is_503_and_says_when_to_come_again(without_redis, settings):
    settings.SIMULATION = True
    answer = make.api(make.staff("admin")).post("/api/v1/clock/", {"next": True}, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["errors"][0]["code"], answer["Retry-After"]) == (503, "busy", "2")


def test_after_a_failure_it_is_left_alone_for_a_moment(monkeypatch):
    asked, now = [], [1000.0]

    def refuse(*args, **named):
        asked.append(args)
        raise NoConnection

    monkeypatch.setattr(RedisCache, "get", refuse)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    guarded = Cache("redis://127.0.0.1:1/0", {})

    assert [guarded.get("a", "none") for _ in range(3)] == ["none"] * 3
    assert len(asked) == 1
    now[0] += LEFT_ALONE
    guarded.get("a")
    assert len(asked) == 2


@pytest.mark.parametrize("path", ["/api/v1/filings/", "/admin/reviews/submission/"])
def test_a_statement_that_takes_too_long_is_503(path):
    reviewer = make.reviewer()
    client = make.api(reviewer) if path.startswith("/api") else Client()
    client.force_login(reviewer)

    def too_long(execute, sql, *rest):
        if "reviews_submission" in sql:
            raise OperationalError from QueryCanceled()
        return execute(sql, *rest)

    with connection.execute_wrapper(too_long):
        answer = client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "几秒" in answer.content.decode()


def test_caches_are_the_guarded_one():
    assert isinstance(caches["default"], Cache)


def test_what_served_something_serves_nothing_else_meanwhile(db, without_redis):
    told = [serves("a", "one", 60), serves("a", "two", 60), serves("a", "one", 60), serves("a", "two", 60)]

    assert told == [True, False, True, False]
    assert serves("b", "two", 60)
