"""Notices: written from the rules in force, stored once for each thing they say."""

from dataclasses import replace
from datetime import datetime
from threading import Barrier, Thread

import pytest
from django.db import connection

from core.clock import SHANGHAI, standing_at
from core.errors import NotFound
from policies import notices
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import ReviewDays
from policies.models import Notice
from regions.models import Area
from tests import factories as make

TYPES = {"retiree", "resident", "worker", "referral", "emergency", "other"}
NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


def versions():
    return sorted(Notice.objects.values_list("type", "version"))


@pytest.fixture
def chongqing(areas):
    return "500000"


def test_every_type_has_a_notice(chongqing):
    with standing_at(NOON):
        current = notices.current_notices(chongqing)

    assert set(current) == TYPES

    other = current["other"]

    assert other.title == "重庆市异地就医备案告知书（其他跨省临时外出就医人员）"
    assert other.text.startswith("一、适用人群\n因出差、旅游、探亲等临时外出")
    assert other.published_at == NOON
    assert other.version == 1


def test_what_says_the_same_is_not_published_again(chongqing, django_assert_num_queries):
    with standing_at(NOON):
        first = notices.current_notices(chongqing)
        with django_assert_num_queries(2):
            again = notices.current_notices(chongqing)
        with django_assert_num_queries(2):
            make.current_notice(chongqing, "other")

    assert {kind: n.pk for kind, n in again.items()} == {kind: n.pk for kind, n in first.items()}
    assert make.current_notice(chongqing, "other").pk == first["other"].pk


def test_a_new_name_is_a_new_version_and_the_old_one_stays(chongqing):
    first = make.current_notice(chongqing, "other")
    Area.objects.filter(code=chongqing).update(name="渝州市")

    second = make.current_notice(chongqing, "other")

    assert (second.version, second.title) == (2, "渝州市异地就医备案告知书（其他跨省临时外出就医人员）")

    first.refresh_from_db()

    assert first.title.startswith("重庆市")


def test_rules_published_during_the_day_are_a_new_version_at_once(chongqing, monkeypatch):
    before = rules_for(chongqing, NOON.date())
    after = replace(before, review=replace(before.review, filing=ReviewDays(stages=(7,))))

    with standing_at(NOON):
        first = make.current_notice(chongqing, "other")
        monkeypatch.setattr(notices, "rules_for", lambda _area, _on: after)
        second = make.current_notice(chongqing, "other")

    assert [(notice.version, "7个工作日" in notice.text) for notice in (first, second)] == [(1, False), (2, True)]


def test_new_rules_are_a_new_version_of_what_they_change(make_area):
    # policies/data/440000-guangdong-2025.yaml adds a note for residents and workers from 1 January 2025.
    make_area("440100", "广州市")
    with standing_at(datetime(2024, 12, 31, 23, 59, tzinfo=SHANGHAI)):
        notices.current_notices("440100")

    with standing_at(datetime(2025, 1, 1, 0, 0, tzinfo=SHANGHAI)):
        after = notices.current_notices("440100")

    assert {kind for kind, notice in after.items() if notice.version == 2} == {"resident", "worker"}
    assert "在广东省内备案的，有效期与居住证明一致" in after["resident"].text


def test_an_area_without_rules_of_its_own_has_the_national_ones(areas):
    assert make.current_notice("511600", "other").title == "广安市异地就医备案告知书（其他跨省临时外出就医人员）"


def test_no_area_no_notice(areas):
    with pytest.raises(NotFound) as refused:
        notices.current_notices("999999")

    assert refused.value.code == "area_unknown"
    assert Notice.objects.count() == 0


def test_a_rival_who_published_first_is_believed(chongqing, monkeypatch):
    newest, rival = notices.newest_notices, []

    def beaten(*, area, types):
        """The rival publishes after we have looked and before we write."""
        before = newest(area=area, types=types)
        if not rival:
            rival.append(True)
            rival.append(notices.current_notices(area)["other"].pk)
        return before

    monkeypatch.setattr(notices, "newest_notices", beaten)

    with standing_at(NOON):
        notice = notices.current_notices(chongqing)["other"]

    assert notice.pk == rival[1]
    assert versions() == sorted((kind, 1) for kind in TYPES)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_publish_one_version():
    Area.objects.create(code="500000", name="重庆市", level="province", pools_at="province")
    start, published = Barrier(4, timeout=30), []

    def look():
        start.wait()
        with standing_at(NOON):
            published.append(notices.current_notices("500000")["other"].pk)
        connection.close()

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join(30)

    assert len(published) == 4
    assert len(set(published)) == 1
    assert versions() == sorted((kind, 1) for kind in TYPES)


def test_one_notice_is_published_alone(chongqing):
    make.current_notice(chongqing, "other")

    assert versions() == [("other", 1)]


def test_the_notices_of_an_area_are_open_to_whoever_must_read_them(api, chongqing):
    every = api.get("/api/v1/notices/?area=500000").json()

    (one,) = api.get("/api/v1/notices/?area=500000&type=other").json()["results"]

    assert ({row["type"] for row in every["results"]}, every["count"]) == (TYPES, 6)
    assert one in every["results"]
    assert one["id"] == str(make.current_notice(chongqing, "other").pk)
    assert one["text"].startswith("一、适用人群")


@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ("", "area", "required"),
        ("area=999999", "area", "area_unknown"),
        ("area=510000", "area", "area_unknown"),
        ("area=500000&type=holiday", "type", "invalid_choice"),
    ],
    ids=["no area", "unknown", "no pool of its own", "no such type"],
)
def test_only_pooling_areas_have_notices(api, areas, query, attr, code):
    answer = api.get(f"/api/v1/notices/?{query}")

    assert (answer.status_code, [(e["attr"], e["code"]) for e in answer.json()["errors"]]) == (400, [(attr, code)])
    assert not Notice.objects.exists()
