"""Every page of the staff's site × every kind of staff, on an object of the area, from one table (`tests/access/staff.py`)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.test import RequestFactory

from core import clock
from tests.access.routes import SITE, address_of, registered, site_pages
from tests.access.staff import PAGES, REGISTRY, STAFF, Page
from tests.access.table import answers, shape
from tests.access.world import World, call_that_changes_nothing, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_clock_that_is_asked_and_does_not_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is swept when it moves is tested in tests/reviews; here it is asked who may."""
    monkeypatch.setattr(clock, "move", lambda to: 0)


SIGNED_IN = [who for who in STAFF if who not in ("nobody", "citizen")]


def test_the_table_names_every_model_of_the_registry_and_no_other() -> None:
    there = {model._meta.label for model in registered()}

    assert sorted(there - set(REGISTRY)) == [], (
        "say in tests/access/staff.py who sees them: REGISTRY wants Pages for each"
    )
    assert sorted(set(REGISTRY) - there) == [], (
        "these are no longer in the site: take them out of tests/access/staff.py"
    )


def test_the_table_names_every_other_address_of_the_site_and_no_other() -> None:
    there, named = set(site_pages()), {shape(page.path) for page in PAGES}

    assert sorted(there - named) == [], "say in tests/access/staff.py who is answered what: PAGES wants a Page for each"
    assert sorted(named - there) == [], "these are no addresses of the site: take them out of tests/access/staff.py"


@pytest.mark.parametrize("label", REGISTRY)
@pytest.mark.parametrize("name", ["changelist", "change", "history", "add", "delete"])
def test_who_sees_a_page_of_a_model(world: World, listed: dict[str, Any], label: str, name: str) -> None:
    address = address_of(apps.get_model(label), name, listed[label])
    expected = getattr(REGISTRY[label], {"changelist": "list"}.get(name, name))

    found = {who: asked(world, who, address) for who in STAFF}

    assert found == answers(expected, STAFF)


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_answered_what_at_other_addresses(world: World, named: dict[str, Any], page: Page, method: str) -> None:
    address = page.path.format(**named)

    found = {who: asked(world, who, address, method) for who in STAFF}

    assert found == answers(getattr(page, method), STAFF)


@pytest.mark.parametrize("label", REGISTRY)
def test_a_list_shows_what_one_may_open_and_no_more(world: World, listed: dict[str, Any], label: str) -> None:
    model, pages = apps.get_model(label), REGISTRY[label]
    opens, lists = answers(pages.change, STAFF), answers(pages.list, STAFF)

    for who in SIGNED_IN:
        if lists[who] != "200":
            continue
        with call_that_changes_nothing():
            context = world.site(who).get(f"/{SITE}{address_of(model, 'changelist')}?{ALL.get(label, '')}").context_data
        if "cl" in context:
            shown = context["cl"].queryset.filter(pk=listed[label]).exists()
            assert (who, shown) == (who, opens[who] in ("200", "to"))


ALL = {"reviews.Submission": "queue=all", "reviews.SecondReview": "tab=all"}
"""Lists that open with a part."""


@pytest.mark.parametrize("label", REGISTRY)
def test_what_others_have_is_as_if_it_did_not_exist(world: World, listed: dict[str, Any], label: str) -> None:
    model = apps.get_model(label)
    nobodys = uuid.uuid4() if model._meta.pk.get_internal_type() == "UUIDField" else "999999"

    for name in ("change", "history"):
        for who, answer in answers(getattr(REGISTRY[label], name), STAFF).items():
            if answer in ("home", "404"):
                assert asked(world, who, address_of(model, name, nobodys)) == answer


@pytest.mark.parametrize("label", REGISTRY)
def test_who_has_which_action(world: World, label: str) -> None:
    (of,) = [admin for model, admin in registered().items() if model._meta.label == label]
    given = dict(part.split(": ") for part in REGISTRY[label].actions.split(", ") if part)
    expected = {name: set(who.split()) for name, who in given.items()}
    may_list = answers(REGISTRY[label].list, STAFF)

    for who in [who for who in SIGNED_IN if may_list[who] == "200"]:
        request = RequestFactory().get("/")
        request.user = world[who]
        found = set(of.get_actions(request)) if of.actions else set()
        assert (who, found) == (who, {name for name, roles in expected.items() if role_of(who) in roles})


@pytest.mark.parametrize("label", [label for label, pages in REGISTRY.items() if pages.actions])
def test_an_action_on_what_one_does_not_see_does_nothing(world: World, listed: dict[str, Any], label: str) -> None:
    address = f"/{SITE}{address_of(apps.get_model(label), 'changelist')}"
    opens, lists = answers(REGISTRY[label].change, STAFF), answers(REGISTRY[label].list, STAFF)
    actions = [part.split(": ")[0] for part in REGISTRY[label].actions.split(", ")]

    for who in [who for who in SIGNED_IN if lists[who] != "200" or opens[who] != "200"]:
        for action in actions:
            with call_that_changes_nothing():
                before = written()
                answer = world.site(who).post(address, {"action": action, "_selected_action": str(listed[label])})
                assert (who, answer.status_code < 500, written()) == (who, True, before)


def role_of(who: str) -> str:
    return who.removesuffix("_b")


def asked(world: World, who: str, address: str, method: str = "get") -> str:
    """Ask the site, and leave no trace: the status, or where one is sent."""
    caller = "owner" if who == "citizen" else who
    with call_that_changes_nothing():
        answer = getattr(world.site(caller), method)(f"/{SITE}{address}")
        if answer.status_code not in (301, 302):
            return str(answer.status_code)
    to = answer["Location"]
    if to.startswith(f"/{SITE}login/"):
        return "in"
    return "home" if to == f"/{SITE}" else "to"
