"""Every route in every state, as everybody sees it: 320 to 1280 px, doubled type, dark, by keyboard, in three languages, by axe (WCAG 2.2 AA)."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import open_page, sign_in
from tests.browser.everything import furnish, patient
from tests.browser.looking import COUNTED, Eye
from tests.browser.tour import ELDER, ROUTES, STOPS, TOUR

PROVOKED = {400, 404, 409, 412}
"""What the walk asks for in vain: forms sent empty, and the pictures of papers that tests make."""


@pytest.fixture
def walk(phone, watch, chromium):
    """Somebody with something of everything, on a phone that moves nothing, in a language."""

    def begin(language="zh-hans", *, tour=True, guest=False):
        watch.refusals = PROVOKED
        phone.add_init_script(COUNTED)
        phone.emulate_media(reduced_motion="reduce")
        owner = patient()
        phone.reload()
        if guest:
            return Eye(phone, tour=tour), {}
        account = sign_in(phone, "王秀兰", owner)
        found = furnish(account, owner)
        if language != "zh-hans":
            speak(phone, language)
        return Eye(phone, tour=tour), found

    return begin


def speak(phone, language):
    url = phone.url.split("#")[0]
    phone.context.add_cookies([{"name": "yidi_language", "value": language, "url": url}])
    phone.reload()


def test_every_route_is_on_the_tour():
    assert ROUTES
    assert set(STOPS) == set(ROUTES)


def test_the_mode_for_old_people(walk):
    eye, names = walk()
    eye.phone.evaluate("localStorage.setItem('yidi.elder', '1')")
    eye.phone.reload()

    for one in ELDER:
        eye.open(one.address.format_map(names))
        eye.look(f"elder {one.address or 'home'}")
        eye.keys(f"elder {one.address or 'home'}")
        for act in one.acts:
            act(eye, f"elder {one.address}")

    assert not eye.found, eye.told


@pytest.mark.parametrize("part", TOUR)
def test_every_page_in_every_state(walk, part):
    eye, names = walk(guest=part == "guest")

    for pattern, stops in TOUR[part].items():
        for one in stops:
            eye.open(one.address.format_map(names))
            eye.look(pattern or "home")
            eye.keys(pattern or "home")
            for act in one.acts:
                act(eye, pattern or "home")

    assert not eye.found, eye.told


def test_the_pages_of_an_account_that_has_nothing(phone, watch):
    """Every page that needs no case: what is said where there is nothing, and the way out of it."""
    watch.refusals = PROVOKED
    phone.add_init_script(COUNTED)
    phone.reload()
    sign_in(phone, "新用户")
    eye = Eye(phone, tour=False)

    for pattern in (pattern for pattern in ROUTES if ":" not in pattern):
        eye.open(pattern)
        eye.look(pattern or "home")

    assert not eye.found, eye.told


def test_without_a_network_it_says_so(walk, watch, context):
    eye, _names = walk(tour=False)
    watch.offline = True
    context.set_offline(True)

    eye.open("bills")
    expect(eye.phone.locator(".offline")).to_be_visible()
    eye.look("unreachable")

    assert not eye.found, eye.told


def test_large_type_is_one_tap_away_and_remembered(phone):
    sign_in(phone, "王秀兰")
    before = phone.locator("#page-title").evaluate("title => parseFloat(getComputedStyle(title).fontSize)")
    open_page(phone, "#/me")
    phone.get_by_role("switch", name="大字版").check()
    phone.reload()

    after = phone.locator("#page-title").evaluate("title => parseFloat(getComputedStyle(title).fontSize)")

    assert after == before * 1.25
