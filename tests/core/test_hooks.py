"""What follows when something happens in an app below."""

from core import hooks
from core.hooks import Hook

rang = Hook[[str]]("bell rang")


def test_all_that_follows_is_done_in_order(monkeypatch):
    monkeypatch.setitem(hooks.followers, rang.name, [])
    rang.follow(lambda door: f"{door} opened")
    rang.follow(lambda door: f"{door} closed")

    done = rang("front door")

    assert done == ["front door opened", "front door closed"]


def test_nothing_follows_where_nobody_asked_for_it():
    assert Hook[[]]("nothing of the kind")() == []
