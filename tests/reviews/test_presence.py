"""At a case: opening its page holds it softly, the other hears of it, and it ends by itself."""

from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Message
from reviews import presence, services
from reviews.models import Presence, Submission
from tests import factories as make
from tests.rivals import split, together

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def zhang():
    return make.reviewer(name="张敏")


@pytest.fixture
def li():
    return make.reviewer(name="李强")


def machine_time(moment):
    return patch("django.utils.timezone.now", return_value=moment)


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(account, case):
    return signed_in(account).get(reverse("admin:reviews_submission_change", args=[case.pk]))


def asks(account, case, page="", **more):
    given = {"page": page, "version": case.version, **more}
    return signed_in(account).post(reverse("admin:presence", args=[case.pk]), given)


def holders(case):
    return [row.account for row in Presence.objects.filter(submission=case.pk, until__gt=timezone.now())]


def test_whoever_opens_a_case_is_at_it_and_the_next_is_told_the_name_and_since_when(zhang, li):
    case = make.submitted()

    with machine_time(make.moment("2026-11-29 09:06:40")):
        first, second = opened(zhang, case), opened(li, case)

        assert holders(case) == [zhang]
        assert first.context["held_by"] == ""
        assert second.context["held_by"] == "张敏 正在办理，09:06 起"
        assert "张敏 正在办理，09:06 起" in second.content.decode()


def test_it_ends_after_ten_minutes_unless_the_page_goes_on_saying_that_it_is_open(zhang, li):
    case, start = make.submitted(), timezone.now()
    presence.hold(case, zhang, "a")
    since = Presence.objects.get().since

    with machine_time(start + timedelta(minutes=9)):
        assert presence.hold(case, zhang, "a").since == since

    with machine_time(start + timedelta(minutes=18)):
        assert presence.hold(case, li, "b").account == zhang

    with machine_time(start + timedelta(minutes=20)):
        assert presence.hold(case, li, "b").account == li


def test_who_comes_back_after_it_ended_is_there_from_then_on(zhang):
    case, later = make.submitted(), timezone.now() + timedelta(minutes=11)
    presence.hold(case, zhang, "a")

    with machine_time(later):
        assert presence.hold(case, zhang, "a").since == later


def test_leaving_the_page_lets_go_and_a_page_left_late_lets_nothing_go(zhang, li):
    case = make.submitted()
    first, second = opened(zhang, case).context["page"], opened(zhang, case).context["page"]

    assert asks(zhang, case, first, leaving="1").status_code == 204
    assert holders(case) == [zhang]

    asks(li, case, second, leaving="1")
    assert holders(case) == [zhang]

    asks(zhang, case, second, leaving="1")
    assert holders(case) == []


def test_it_blocks_nobody_and_ends_with_the_decision(zhang, li):
    case = make.submitted()
    presence.hold(case, zhang, "a")
    address = reverse("admin:reviews_submission_change", args=[case.pk])

    signed_in(li).post(address, {"action": "approve", "version": case.version})

    assert Submission.objects.get().status == "approved"
    assert holders(case) == []
    assert asks(zhang, case, "a").json() == {
        "here": "",
        "news": "李强 已于 10:00 作出决定：通过。您填写的内容仍在本页，没有提交。",
    }
    assert holders(case) == []


def test_whoever_takes_the_case_in_hand_is_at_it_and_the_other_is_told(zhang, li):
    case = make.submitted()
    presence.hold(case, zhang, "a")
    address = reverse("admin:reviews_submission_change", args=[case.pk])

    signed_in(li).post(address, {"action": "claim", "version": case.version})

    assert holders(case) == [li]
    told = asks(zhang, case, "a").json()
    assert told["here"].startswith("李强 正在办理，")
    assert told["news"] == "李强 已于 10:00 接手此件，您填写的内容仍在本页。"
    assert holders(case) == [li]


def test_taking_over_tells_the_other_on_the_page_and_in_the_inbox(zhang, li):
    case = make.submitted()
    services.assign(case, reviewer=zhang)
    case = Submission.objects.get()
    presence.hold(case, zhang, "a")

    services.take_over(case, reviewer=li)

    assert asks(zhang, case, "a").json()["news"] == "李强 已于 10:00 接手此件，您填写的内容仍在本页。"
    assert holders(case) == []
    message = Message.objects.get(account=zhang)
    assert (message.kind, message.text) == ("taken_over", f"受理编号{case.number}：李强已接手办理，您无需再办理。")


def test_looking_at_what_a_colleague_has_in_hand_holds_nothing(zhang, li):
    case = make.submitted()
    services.assign(case, reviewer=zhang)

    opened(li, case)
    assert holders(case) == []

    opened(zhang, case)
    opened(li, case)
    assert holders(case) == [zhang]


def test_who_decided_the_first_stage_only_looks_at_the_second(zhang, li, two_stages):
    case = make.submitted()
    services.approve(case, reviewer=zhang)

    opened(zhang, case)
    assert holders(case) == []

    opened(li, case)
    assert holders(case) == [li]


@pytest.mark.parametrize("role", ["admin", "decided"])
def test_neither_an_administrator_nor_a_decided_case_is_held(zhang, role):
    case = make.submitted()
    if role == "decided":
        services.approve(case, reviewer=make.reviewer())

    answer = opened(make.staff("admin") if role == "admin" else zhang, case)

    assert answer.status_code == 200
    assert not Presence.objects.exists()


def test_who_may_not_see_the_case_learns_nothing():
    case = make.submitted()

    assert asks(make.reviewer("510100"), case).status_code == 404
    assert signed_in(make.citizen()).post(reverse("admin:presence", args=[case.pk])).status_code in (302, 403)
    assert opened(make.reviewer("510100"), case).status_code == 302
    assert not Presence.objects.exists()


def test_the_next_case_is_one_that_no_colleague_has_open_as_long_as_there_is_one(zhang, li):
    first, second = make.submitted(), make.submitted()
    presence.hold(first, zhang, "a")

    for case in (second, first):
        signed_in(li).post(reverse("admin:next_case"))
        assert Submission.objects.get(pk=case.pk).assignee == li
        if case == second:
            services.approve(case, reviewer=li)


def test_the_worklist_shows_who_is_at_a_case(zhang, li):
    mine, theirs = make.submitted(), make.submitted()
    services.assign(theirs, reviewer=zhang)
    presence.hold(mine, li, "a")

    listed = signed_in(zhang).get(reverse("admin:reviews_submission_changelist")).content.decode()

    assert "李强 正在办理" in listed
    assert listed.count("正在办理") == 1


def test_who_was_where_a_day_ago_is_forgotten(zhang):
    old, fresh = make.submitted(), make.submitted()
    for case in (old, fresh):
        presence.hold(case, zhang, "a")
    Presence.objects.filter(submission=old.pk).update(until=timezone.now() - timedelta(hours=25))

    assert presence.purge() == 1
    assert Presence.objects.get().submission_id == fresh.pk


def test_who_loses_a_race_reads_who_decided_and_keeps_the_text(zhang, li):
    case = make.submitted()
    services.approve(case, reviewer=zhang)
    address = reverse("admin:reviews_submission_change", args=[case.pk])

    answer = signed_in(li).post(address, {"action": "reject", "version": case.version, "reason": "居住证已过期"})

    said = answer.content.decode()
    assert answer.status_code == 412
    assert "张敏 已于 10:00 作出决定：通过" in said
    assert "居住证已过期" in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stale", [False, True], ids=["nobody was there", "somebody left long ago"])
def test_of_many_who_open_it_at_once_one_holds_it_and_the_others_are_told_who(stale):
    case, colleagues = make.submitted(), [make.reviewer() for _number in range(6)]
    if stale:
        presence.hold(case, make.reviewer(), "old")
        Presence.objects.update(until=timezone.now() - timedelta(minutes=1))

    held, _refused = split(together(*[partial(presence.hold, case, each, each.pk.hex[:16]) for each in colleagues]))

    holder = Presence.objects.get().account
    assert holder in colleagues
    assert {row.account for row in held} == {holder}
