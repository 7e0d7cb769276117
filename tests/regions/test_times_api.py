"""`calendar/{year}/`, `deadline/`, `clock/`."""

from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Account
from core import clock, hooks
from core.clock import SHANGHAI
from core.errors import Invalid
from regions.models import CalendarDay, CalendarYear, ClosedDay

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


@pytest.fixture
def year(areas):
    CalendarYear.objects.create(year=2026, announced=True, source="国办发明电〔2025〕7号")
    CalendarDay.objects.create(date=date(2026, 10, 1), is_workday=False, name="国庆节", source="国办发明电〔2025〕7号")
    CalendarDay.objects.create(date=date(2026, 9, 20), is_workday=True, name="国庆节调休上班", source="同上")
    CalendarDay.objects.create(date=date(2027, 1, 1), is_workday=False, name="元旦", source="国务院令第795号")
    ClosedDay.objects.create(area_id="500000", date=date(2026, 11, 23), reason="系统升级")


def test_a_year(api, year):
    assert api.get("/api/v1/calendar/2026/").json() == {
        "year": 2026,
        "announced": True,
        "source": "国办发明电〔2025〕7号",
        "days": [
            {"date": "2026-09-20", "is_workday": True, "name": "国庆节调休上班", "source": "同上"},
            {"date": "2026-10-01", "is_workday": False, "name": "国庆节", "source": "国办发明电〔2025〕7号"},
        ],
        "closed": [],
    }


def test_a_year_with_the_closed_days_of_an_area(api, year):
    assert api.get("/api/v1/calendar/2026/?area=500000").json()["closed"] == [
        {"date": "2026-11-23", "reason": "系统升级"}
    ]
    assert api.get("/api/v1/calendar/2026/?area=510100").json()["closed"] == []


@pytest.mark.parametrize("path", ["calendar/2031/", "calendar/99999999/", "calendar/0/"])
def test_a_year_nobody_entered(api, year, path):
    response = api.get(f"/api/v1/{path}")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("asked", "due", "provisional"),
    [
        ("at=2026-11-20T10:00:00%2B08:00", "2026-11-24T17:00:00+08:00", False),
        ("at=2026-11-20T10:00:00+08:00", "2026-11-24T17:00:00+08:00", False),  # a plus that became a space
        ("at=2026-11-20T23:59:59Z", "2026-11-24T17:00:00+08:00", False),  # Saturday morning in Shanghai
        ("at=2026-11-20T10:00", "2026-11-24T17:00:00+08:00", False),
        ("at=2026-11-20T10:00:00%2B08:00&working_days=1", "2026-11-23T17:00:00+08:00", False),
        ("at=2026-11-20T10:00:00%2B08:00&area=500000", "2026-11-25T17:00:00+08:00", False),
        ("at=2026-12-30T10:00:00%2B08:00", "2027-01-04T17:00:00+08:00", True),
        ("", "2026-11-24T17:00:00+08:00", False),
    ],
)
def test_a_deadline(api, year, asked, due, provisional):
    with clock.standing_at(NOON):
        response = api.get(f"/api/v1/deadline/?{asked}")

    assert response.json() == {"due_at": due, "provisional": provisional}


@pytest.mark.parametrize(
    ("asked", "attr", "code"),
    [
        ("at=soon", "at", "invalid"),
        ("at=0001-01-01T00:00:00%2B14:00", "at", "overflow"),
        ("at=1999-12-31T00:00:00%2B08:00", "at", "out_of_range"),
        ("at=9999-12-31T00:00:00%2B08:00", "at", "out_of_range"),
        ("working_days=0", "working_days", "min_value"),
        ("working_days=251", "working_days", "max_value"),
        ("working_days=two", "working_days", "invalid"),
        ("area=999999", "area", "area_unknown"),
    ],
)
def test_a_deadline_that_cannot_be_asked(api, year, asked, attr, code):
    response = api.get(f"/api/v1/deadline/?{asked}")

    assert response.status_code == 400
    assert [(e["attr"], e["code"]) for e in response.json()["errors"]] == [(attr, code)]


@pytest.mark.parametrize(("path", "queries"), [("calendar/2026/?area=500000", 4), ("deadline/?area=500000", 2)])
def test_queries_do_not_grow(api, year, django_assert_num_queries, path, queries):
    api.get(f"/api/v1/{path}")
    for days in (10, 400):
        first = date(2026, 1, 1) + timedelta(days=days)
        ClosedDay.objects.bulk_create(
            ClosedDay(area_id="510100", date=first + timedelta(days=i), reason="x") for i in range(days)
        )
        with clock.standing_at(NOON):
            api.get(f"/api/v1/{path}")
            with django_assert_num_queries(queries):
                assert api.get(f"/api/v1/{path}").status_code == 200


def test_the_time(api, db, settings):
    with clock.standing_at(NOON):
        response = api.get("/api/v1/clock/")

        assert response.json() == {"now": "2026-11-20T12:00:00+08:00", "simulated": True}
        assert response["Cache-Control"] == "no-store"

        settings.SIMULATION = False
        assert api.get("/api/v1/clock/").json()["simulated"] is False


def test_reading_the_time_asks_for_no_token(api, db):
    assert api.get("/api/v1/clock/", headers={"Authorization": "Bearer 00"}).status_code == 200


@pytest.fixture
def citizen(db):
    return Account.objects.create(nickname="王秀兰")


@pytest.fixture
def signed_in(api, citizen):
    api.force_authenticate(citizen)
    return api


@pytest.fixture
def mover(monkeypatch):
    """The queue's part, played by a mover that only moves: it stands at `to`, or an hour on."""
    moves = []

    def move(to=None):
        now = clock.simulated_now()
        if to is not None and to < now:
            raise Invalid("时钟只能向前拨。", code="clock_backwards", attr="to")
        moves.append(to)
        clock.hold(to or now + timedelta(hours=1))
        return 0

    monkeypatch.setitem(hooks.followers, clock.moving.name, [move])
    cache.clear()
    return moves


def test_moving_the_clock(signed_in, mover):
    to = (timezone.now() + timedelta(days=40)).astimezone(SHANGHAI).replace(microsecond=0)

    response = signed_in.post("/api/v1/clock/", {"to": to.isoformat()})

    assert response.status_code == 200, response.content
    assert response.json() == {"now": to.isoformat(), "simulated": True}
    assert signed_in.get("/api/v1/clock/").json()["now"] == to.isoformat()
    assert mover == [to]


def test_moving_to_the_next_thing_due(signed_in, mover):
    assert signed_in.post("/api/v1/clock/", {"next": True}).status_code == 200
    assert mover == [None]


def test_only_who_signed_in_moves_it(api, mover, db):
    response = api.post("/api/v1/clock/", {"next": True})

    assert (response.status_code, response.json()["errors"][0]["code"]) == (401, "not_authenticated")
    assert mover == []


def test_outside_simulation_there_is_nothing_to_move(signed_in, mover, settings):
    settings.SIMULATION = False

    response = signed_in.post("/api/v1/clock/", {"next": True})

    assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "not_simulated")
    assert mover == []


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, None, "to_or_next"),
        ({"next": False}, None, "to_or_next"),
        ({"next": True, "to": "2100-01-01T00:00:00+08:00"}, None, "to_or_next"),
        ({"to": "2000-01-01T00:00:00+08:00"}, "to", "clock_backwards"),
        ({"to": "yesterday"}, "to", "invalid"),
        ([1], None, "invalid"),
    ],
)
def test_moves_that_are_refused(signed_in, mover, body, attr, code):
    response = signed_in.post("/api/v1/clock/", body)

    assert response.status_code == 400
    assert [(e["attr"], e["code"]) for e in response.json()["errors"]] == [(attr, code)]
    assert mover == []


def test_a_resent_move_moves_once(signed_in, mover):
    key = {"Idempotency-Key": "move-1"}
    first = signed_in.post("/api/v1/clock/", {"next": True}, headers=key)

    again = signed_in.post("/api/v1/clock/", {"next": True}, headers=key)

    assert again.json() == first.json()
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert mover == [None]


def test_a_key_is_not_used_for_another_body(signed_in, mover):
    key = {"Idempotency-Key": "move-1"}
    signed_in.post("/api/v1/clock/", {"next": True}, headers=key)

    response = signed_in.post("/api/v1/clock/", {"to": "2099-01-01T00:00:00+08:00"}, headers=key)

    assert (response.status_code, response.json()["errors"][0]["code"]) == (409, "idempotency_conflict")
    assert mover == [None]


def test_a_refused_move_is_not_kept(signed_in, mover):
    key = {"Idempotency-Key": "move-1"}

    assert signed_in.post("/api/v1/clock/", {"next": False}, headers=key).status_code == 400
    assert signed_in.post("/api/v1/clock/", {"next": True}, headers=key).status_code == 200


def test_a_key_is_one_persons_own(signed_in, mover, db):
    key = {"Idempotency-Key": "move-1"}
    signed_in.post("/api/v1/clock/", {"next": True}, headers=key)

    signed_in.force_authenticate(Account.objects.create(nickname="李强"))

    assert "Idempotent-Replayed" not in signed_in.post("/api/v1/clock/", {"next": True}, headers=key)
    assert mover == [None, None]


def test_a_rival_with_the_same_key_is_told_to_wait(signed_in, mover, monkeypatch):
    key = {"Idempotency-Key": "move-1"}
    rival = []

    def slow(to=None):
        rival.append(signed_in.post("/api/v1/clock/", {"next": True}, headers=key))
        return 0

    monkeypatch.setitem(hooks.followers, clock.moving.name, [slow])

    assert signed_in.post("/api/v1/clock/", {"next": True}, headers=key).status_code == 200
    assert (rival[0].status_code, rival[0].json()["errors"][0]["code"]) == (409, "in_progress")


@pytest.mark.parametrize("key", ["", "x" * 129])
def test_a_key_that_is_none(signed_in, mover, key):
    response = signed_in.post("/api/v1/clock/", {"next": True}, headers={"Idempotency-Key": key})

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "idempotency_key_invalid")
