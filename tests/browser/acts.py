"""What people do on the phone, and what happens behind it meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, Route, expect

from accounts.models import Account, Person
from core.languages import TAGS
from core.languages.sentences import translated
from core.models import ClockState
from reviews import materials
from reviews.models import Material
from tests.factories import mandate, moment
from tests.rivals import wait_until

PATIENCE_MS = 60_000

KEPT = """async () => {
  const own = (name) => /^.(release|pages|static.mobile).|^.shell[.]/.test(new URL(name).pathname);
  const loaded = () => ["/", ...performance.getEntriesByType("resource").map(({ name }) => name).filter(own)];
  const found = (name) => caches.match(name, { ignoreVary: true });
  const missing = async () => {
    const names = loaded();
    const answers = await Promise.all(names.map(found));
    return [...names.filter((_name, place) => !answers[place]), ...(navigator.serviceWorker.controller ? [] : ["the worker"])];
  };
  for (let waited = 0; (await missing()).length; waited += 50) {
    if (waited > 15000) throw new Error(`not kept: ${await missing()}`);
    await new Promise((go) => setTimeout(go, 50));
  }
}"""


def wait_for_the_kept_pages(phone: Page) -> None:
    """Until a reload without a network would still show the pages opened so far. Asked in the page: what polls by string needs eval."""
    phone.evaluate(KEPT)


STORED = """async () => {
  const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
  const names = (await indexedDB.databases()).map(({ name }) => name);
  const entries = [];
  for (const name of names) {
    const found = await done(indexedDB.open(name));
    for (const each of await done(found.transaction("kept").objectStore("kept").getAll())) {
      if (each instanceof CryptoKey) entries.push(`key ${each.extractable}`);
      else entries.push(new TextDecoder("latin1").decode(each.sealed));
    }
    found.close();
  }
  return { open: JSON.stringify([localStorage, sessionStorage]), entries };
}"""
"""What lies on the phone: as it can be read, and what is sealed."""


@contextmanager
def sealed(phone: Page) -> Iterator[None]:
    """Until the phone has sealed what is written meanwhile, and nothing more of it comes: it takes a moment, in which nobody reloads."""
    before = phone.evaluate(STORED)["entries"]
    yield
    seen = [before]

    def at_rest() -> bool:
        phone.wait_for_timeout(100)
        seen.append(phone.evaluate(STORED)["entries"])
        return bool(before != seen[-1] == seen[-2])

    wait_until(at_rest)


OPEN = """async (hash) => {
  const isClosing = () => history.state?.sheet && !document.querySelector("dialog[open]");
  for (let waited = 0; isClosing() && waited < 15000; waited += 20) await new Promise((go) => setTimeout(go, 20));
  location.hash = hash;
}"""


def open_page(phone: Page, hash_: str) -> None:
    """Go to a page as if its address had been typed, once a sheet that was just closed is gone from the history as well."""
    phone.evaluate(OPEN, hash_)


def press(page: Page, *keys: str) -> None:
    """Press keys that a page's own script answers: not before it listens, which it does when the page has loaded."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


CODES = {tag: code for code, tag in TAGS.items()}


def said(phone: Page, text: str) -> str:
    """A text of the pages in the language they are in."""
    return translated(text, CODES[phone.locator("html").get_attribute("lang") or ""])


@contextmanager
def held(phone: Page, address: str, method: str) -> Iterator[Callable[[], None]]:
    """Calls of this method wait for the end of the block; the first is on its way once what is given has returned."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == method:
            waiting.append(route)
        else:
            route.continue_()

    def sent() -> None:
        wait_until(lambda: phone.wait_for_timeout(20) or bool(waiting))

    phone.route(address, hold)
    yield sent
    for route in waiting:
        route.continue_()
    phone.unroute(address)


def sign_in(phone: Page, name: str, *persons: Person, relation: str = "self") -> Account:
    """Sign in as a sandbox account that may already act for `persons`, the first of them as `relation`."""
    open_page(phone, "#/signin")
    phone.get_by_placeholder(said(phone, "也可以输入任意名字")).fill(name)
    with phone.expect_response("**/auth/wechat/"):
        phone.get_by_role("button", name=said(phone, "微信登录")).click()
    expect(phone.get_by_role("link", name=said(phone, "我要备案"))).to_be_visible()
    account = Account.objects.get(nickname=name)
    for order, person in enumerate(persons):
        mandate(account, person, relation=relation if order == 0 else "other")
    return account


def choose(phone: Page, place: str, kind: str) -> None:
    """From the page that asks for whom: the first enrolment, the place, the type of filing."""
    expect(phone.get_by_role("heading", level=1)).to_have_text(
        said(phone, "为谁备案")
    )  # the page before it has choices too
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name=said(phone, "就医地")).click()
    phone.get_by_label(said(phone, "搜索就医地")).fill(place)
    phone.get_by_role("dialog").get_by_role("button", name=place).click()
    phone.get_by_role("radio", name=said(phone, kind)).check()
    phone.get_by_role("link", name=said(phone, "开始备案")).click()


def pick_hospital(phone: Page, place: str, name: str) -> None:
    """On a page before a visit: the place, and in the list that follows a hospital of it."""
    phone.get_by_role("button", name=said(phone, "就医地")).click()
    phone.get_by_role("dialog", name=said(phone, "选择就医地")).get_by_role("button", name=place).click()
    phone.get_by_role("dialog", name=said(phone, "选择医院")).get_by_role("button", name=name).click()


def read_notice(phone: Page) -> None:
    phone.get_by_label(said(phone, "本人已仔细阅读备案告知书")).check()
    phone.get_by_role("button", name=said(phone, "我已阅读，开始备案")).click()


def say_contact(phone: Page, name: str = "王秀兰", number: str = "13900000001") -> None:
    phone.get_by_label(said(phone, "联系人"), exact=True).fill(name)
    phone.get_by_label(said(phone, "联系电话")).fill(number)


def photo(colour: str = "steelblue") -> dict[str, object]:
    """A picture as a phone would send it."""
    data = BytesIO()
    Image.new("RGB", (1200, 800), colour).save(data, "JPEG")
    return {"name": "居住证.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def upload(phone: Page, name: str = "相册或文件") -> None:
    """Choose a photo for the first document, and let the worker make it safe."""
    phone.locator(".adder", has_text=said(phone, name)).first.locator("input").set_input_files(photo())
    expect(phone.get_by_text(said(phone, "正在处理…"))).to_be_visible()
    for material in Material.objects.filter(status=Material.State.PROCESSING):
        materials.process(material.pk)
    expect(phone.get_by_text(said(phone, "已上传"))).to_be_visible()


def hand_in(phone: Page) -> None:
    """From the filled form to the result."""
    phone.get_by_role("button", name=said(phone, "下一步：核对")).click()
    phone.get_by_role("button", name=said(phone, "提交备案")).click()
    expect(phone.get_by_role("link", name=said(phone, "查看备案记录"))).to_be_visible()


def stand_still(text: str) -> None:
    """Let business time stand at a moment, for the server and so for the phone."""
    now, machine = moment(text), timezone.now()
    held = {"offset": now - machine, "held_at": now, "held_until": machine + timedelta(hours=1)}
    ClockState.objects.update_or_create(id=1, defaults=held)
