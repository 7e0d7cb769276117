"""Every route in every state, as everybody sees it: 320 to 1280 px, doubled type, dark, by keyboard, in three languages, by axe (WCAG 2.2 AA)."""

import re
from functools import cache
from itertools import chain

import pytest
from playwright.sync_api import expect

from core.languages.sentences import catalogue
from policies import published
from policies.language.loader import NATIONAL, SHIPPED, load_path, policy_files
from regions import reference
from settlements.eligibility.condition import CHRONIC_AT_COUNTER, CHRONIC_LIST, REGULATION
from tests import factories as make
from tests.attack.marking import TAG, mark_everything
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
    phone.emulate_media(reduced_motion="reduce")
    sign_in(phone, "新用户")
    eye = Eye(phone, tour=False)

    for pattern in (pattern for pattern in ROUTES if ":" not in pattern):
        eye.open(pattern)
        eye.look(pattern or "home")

    assert not eye.found, eye.told


def test_what_people_wrote_is_shown_as_text(walk):
    """Markup in every text that somebody could have typed: no page makes an element of it."""
    eye, names = walk(tour=False)
    mark_everything()
    made, shown = [], []

    for pattern, stops in STOPS.items():
        eye.open(stops[0].address.format_map(names))
        if eye.phone.locator(TAG.strip("<")).count():
            made.append(pattern)
        if TAG in eye.phone.locator("#page").inner_text():
            shown.append(pattern)

    assert made == []
    assert len(shown) >= 10


STANDS_ALL_THE_SAME = {"me"}
"""Pages that have enough to say without an answer."""


def test_every_page_says_that_nothing_could_be_read(walk, watch):
    """A page that asks the server and gets no answer names the problem and offers to ask again; nothing of it stays open for ever."""
    eye, names = walk(tour=False)
    watch.refusals |= {503}
    asked = []

    def fail(route):
        asked.append(route.request.url)
        route.fulfill(status=503, body="<html>")

    eye.phone.route(re.compile(r"/api/v1/(?!clock|messages/\?unread)"), fail)
    for pattern, stops in STOPS.items():
        asked.clear()
        eye.open(stops[0].address.format_map(names))
        eye.look(f"{pattern or 'home'}, refused")
        if asked and pattern not in STANDS_ALL_THE_SAME:
            expect(eye.phone.locator("#page [role=alert]:visible, #page .alert:visible").first).to_be_visible()

    assert not eye.found, eye.told


def test_without_a_network_it_says_so(walk, watch, context):
    eye, _names = walk(tour=False)
    watch.offline = True
    context.set_offline(True)

    eye.open("bills")
    expect(eye.phone.locator(".offline")).to_be_visible()
    eye.look("unreachable")

    assert not eye.found, eye.told


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_page_and_step_in_another_language(walk, language):
    """Nothing beyond the edge, nothing without a name, nothing left in simplified Chinese; in English no Chinese but names, what people wrote and originals, all marked."""
    eye, names = walk(language, tour=False)
    eye.colours, eye.reads = False, WORDS[language]
    for code in published.ground().by_area.keys() - {NATIONAL}:
        make.area(code)  # those whose benefits are known are called by their names

    for pattern, stops in STOPS.items():
        for one in stops:
            eye.open(one.address.format_map(names))
            eye.look(pattern or "home")
            for act in one.acts:
                act(eye, pattern or "home")

    assert not eye.found, eye.told


CHINESE = """() => {
  const walker = document.createTreeWalker([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.querySelector(".phone"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    const marked = parentElement.closest("[lang|=zh]");
    if (!/[\\u3400-\\u9fff]/.test(data) || !parentElement.checkVisibility() || (marked && !marked.matches(".name-kept"))) continue;
    found.push({ text: data.trim(), marked: Boolean(marked), within: (marked ?? parentElement).parentElement.textContent.trim().slice(0, 200) });
  }
  for (const each of walker.root.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) {
    if (!each.checkVisibility() || each.closest("[lang|=zh]")) continue;
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      const text = each.getAttribute(name)?.trim() ?? "";
      if (/[\\u3400-\\u9fff]/.test(text)) found.push({ text, marked: true, within: `${name} of ${each.tagName}` });
    }
  }
  return found;
}"""
"""What is Chinese on the page, or in the dialog above it; the name of a thing cannot be marked."""

NAMES = (
    "王秀兰", "王晓梅", "陈雨欣", "王*兰", "李*涵", "李*强", "赵*芳", "王*梅", "刘*国", "测试员", "赵明", "蜀绣西路1号",
    "北京大学第三附属示范医院", "重庆示范医院", "重医附一院", "医疗保障事务中心", "北京市示范路1号（演示地址）",
    "李子涵",
)  # fmt: skip
"""People, institutions and addresses keep their names."""
ON_STATEMENTS = ("发生额", "部分自负", "自付二")
"""What a statement calls a part of a bill is told as it is printed there."""
TYPED = (
    "请补充费用清单",
    "确诊日期与病历不符",
    "电话打不通",
    "请写明返回日期",
    "不是本人的居住证",
    "不是本人的申请",
    "没有备案",
    "漏录一笔材料费",
)
"""What people wrote stays as they wrote it."""
DISEASES = (*(row.name for row in reference.diseases()), "支气管或肺恶性肿瘤")
"""By the names of the national lists."""


def quoted():
    """The sources of all rules and benefits, by their titles and publishers."""
    for source in chain(
        (REGULATION, CHRONIC_LIST, CHRONIC_AT_COUNTER), *(load_path(path).sources for path in policy_files(SHIPPED))
    ):
        yield from (source.title, source.publisher)


@cache
def kept_words():
    words = {*NAMES, *TYPED, *ON_STATEMENTS, *DISEASES, *quoted(), *(row.name for row in reference.areas())} - {""}
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def chinese_left(phone):
    """What is Chinese and neither a name nor what somebody typed; and what is, and is not marked (foreign/marking.js marks it)."""
    kept = kept_words()
    found = phone.evaluate(CHINESE)
    unmarked = [f"not marked as Chinese: {each['text']}" for each in found if not each["marked"]]
    return unmarked + [
        f"{each['text']} in {each['within']}"
        for each in found
        if re.search(r"[\u3400-\u9fff]", kept.sub("", each["text"]))
    ]


def simplified_left(phone):
    """What is a text of ours and stands there as the source has it, though traditional Chinese writes it otherwise."""
    known = catalogue("zh-hant")
    return [text for each in phone.evaluate(CHINESE) if known.get(text := each["text"], text) != text]


WORDS = {"en": chinese_left, "zh-hant": simplified_left}


def test_large_type_is_one_tap_away_and_remembered(phone):
    sign_in(phone, "王秀兰")
    before = phone.locator("#page-title").evaluate("title => parseFloat(getComputedStyle(title).fontSize)")
    open_page(phone, "#/me")
    phone.get_by_role("switch", name="大字版").check()
    phone.reload()

    after = phone.locator("#page-title").evaluate("title => parseFloat(getComputedStyle(title).fontSize)")

    assert after == before * 1.25
