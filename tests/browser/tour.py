"""Where the phone's pages are looked at: every route of `app.js` with an address of it, and what is done there to see its other states."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.acts import photo, said
from tests.browser.looking import Eye

APP = Path(__file__).parents[2] / "mobile" / "static" / "mobile" / "app.js"
ROUTES = tuple(re.findall(r'\{ pattern: "([^"]*)", page: ', APP.read_text("utf-8")))

Act = Callable[[Eye, str], None]


@dataclass(frozen=True)
class Stop:
    """A page, its names in braces filled in by `everything.furnish`; after each act it is looked at once more."""

    address: str
    acts: tuple[Act, ...] = ()


def stop(address: str, *acts: Act) -> Stop:
    return Stop(address, acts)


def sent_empty(eye: Eye, name: str) -> None:
    """The main action by keyboard, with nothing filled in: what is missing is said."""
    eye.phone.locator("#page [type=submit]").first.press("Enter")
    expect(eye.phone.locator("#page .field-error:not(:empty):visible, #page .alert").first).to_be_visible()
    eye.look(f"{name}, sent empty")


def unfolded(eye: Eye, name: str) -> None:
    eye.phone.evaluate("document.querySelectorAll('#page details').forEach((one) => (one.open = true))")
    eye.look(f"{name}, unfolded")


def above(opener: str, *acts: Act) -> Act:
    """What opens above the page by keyboard keeps the focus inside, and gives it back to where it came from."""

    def act(eye: Eye, name: str) -> None:
        button = eye.phone.locator(opener).first
        button.press("Enter")
        dialog = eye.phone.locator("dialog[open]")
        expect(dialog).to_be_visible()
        _rows(eye, dialog)
        eye.look(f"{name}, dialog")
        for _press in range(4):
            eye.phone.keyboard.press("Tab")
            assert eye.phone.evaluate("!document.activeElement.closest('.phone')"), f"{name}: the focus left the dialog"
        for each in acts:
            each(eye, f"{name}, dialog")
        if acts:
            eye.phone.keyboard.press("Escape")  # the first empties the field that searches
        eye.phone.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()

    return act


def _rows(eye: Eye, dialog: Locator) -> None:
    """A sheet of places waits for its list."""
    if "sheet" in (dialog.get_attribute("class") or ""):
        expect(dialog.locator(".choices .choice").first).to_be_visible()


def nothing_found(eye: Eye, name: str) -> None:
    eye.phone.locator("dialog[open] .search-input, #page .search-input").last.fill("qqqq")
    expect(eye.phone.locator("dialog[open] .empty-text, #page .empty-text").last).to_be_visible()
    eye.look(f"{name}, nothing found")


def pick(opener: str) -> Act:
    """The first of a list that opens above the page, and of the next if another follows."""

    def act(eye: Eye, name: str) -> None:
        eye.phone.locator(opener).first.click()
        for _list in range(2):
            row = eye.phone.locator("dialog[open] .choices .choice").first
            if _list and not row.is_visible():
                break
            row.click()
            eye.settle()
        eye.look(f"{name}, chosen")

    return act


def chosen(selector: str, index: int = 0) -> Act:
    def act(eye: Eye, name: str) -> None:
        eye.phone.locator(selector).nth(index).click(force=True)
        eye.look(f"{name}, {selector}")

    return act


def selected(selector: str, value: str | int) -> Act:
    """By its value, or by its place in the list."""

    def act(eye: Eye, name: str) -> None:
        wanted = {"index": value} if isinstance(value, int) else {"value": value}
        eye.phone.locator(selector).first.select_option(**wanted)
        eye.look(f"{name}, {selector} {value}")

    return act


def filled(values: dict[str, str]) -> Act:
    """Fields by their id."""

    def act(eye: Eye, _name: str) -> None:
        for field, value in values.items():
            eye.phone.locator(f"[id='{field}']").fill(value)

    return act


def goes(selector: str, pattern: str) -> Act:
    """The way to the next page."""

    def act(eye: Eye, name: str) -> None:
        eye.phone.locator(selector).first.press("Enter")
        expect(eye.phone).to_have_url(re.compile(f"#/{pattern}"))

    return act


def guided(eye: Eye, name: str) -> None:
    """Each question's first answer, until the answer stands."""
    for question in range(3):
        field = eye.phone.locator(".guide-question").nth(question)
        if not field.is_visible():
            break
        field.locator(".guide-choice").last.click()
        eye.settle()
        eye.look(f"{name}, question {question + 1}")
    expect(eye.phone.locator(".guide-answer")).to_be_visible()


def photographed(eye: Eye, name: str) -> None:
    """A photo that is on its way, and in full above the page."""
    eye.phone.locator(".document .adder input").nth(1).set_input_files(photo() | {"name": "IMG_2041.jpg"})
    expect(eye.phone.locator(".file img")).to_be_visible()
    eye.look(f"{name}, photo")
    above("button.file-picture", chosen(".photo-tool", 2))(eye, f"{name}, photo")


def left_half_written(eye: Eye, name: str) -> None:
    """What was typed is there again, and says so."""
    eye.phone.locator("#bind-name").fill("李小明")
    eye.open("help")
    eye.open("family/add")
    expect(eye.phone.locator("#page .note .link")).to_be_visible()
    eye.look(f"{name}, half written")
    above("#page .note .link")(eye, f"{name}, half written")


def kept(eye: Eye, name: str) -> None:
    """What can be read without a network is on this phone from here on."""
    eye.phone.get_by_role("switch", name=said(eye.phone, "离线查看")).press("Space")
    expect(eye.phone.get_by_text(said(eye.phone, "已保存，没有网络时也能查看"))).to_be_visible()
    eye.look(f"{name}, kept")


CHILD = "#page .group:has-text('李*涵') .choice"
WRITTEN = {"form-contact_name": "王秀兰", "form-contact_phone": "13900000001", "form-signed_name": "李子涵"}
AHEAD = (above("#page .group > button.choice", nothing_found), pick("#page .group > button.choice"))
TOUR: dict[str, dict[str, tuple[Stop, ...]]] = {
    "guest": {
        "signin": (stop(""), stop("signin")),
    },
    "people": {
        "": (stop(""),),
        "family": (stop("family", above(".card-actions button.pill:not(.pill-primary)")),),
        "family/add": (stop("family/add", sent_empty, selected("#bind-kind", "passport"), selected("#bind-kind", "birth"), left_half_written),),
        "family/:id": (stop("family/{husband}", sent_empty),),
        "code": (stop("code", unfolded),),
        "code/:person": (stop("code/{child}"),),
        "messages": (stop("messages"),),
        "me": (stop("me", kept),),
        "kept": (stop("kept"),),
        "kept/:id": (stop("kept/{referral}"),),
        "notifications": (stop("notifications"),),
        "consents": (stop("consents", above(".card-actions .pill")),),
        "mydata": (stop("mydata"),),
        "agent": (stop("agent", sent_empty, pick("#page .choice-main"), unfolded),),
        "help": (stop("help", unfolded, nothing_found),),
        "privacy": (stop("privacy"),),
        "services": (stop("services"),),
    },
    "filings": {
        "file": (stop("file", goes(CHILD, "file/select")),),
        "file/select": (
            stop(
                "file/select", above(".choice-main", nothing_found), pick(".choice-main"),
                chosen("[value=resident]"), unfolded,
            ),
        ),
        "file/notice": (
            stop("file/notice", chosen(".footer button"), chosen("[name=read]"), goes(".footer button", "file/form")),
        ),
        "file/form": (
            stop(
                "file/form", sent_empty, unfolded, photographed, chosen("[name=way]", 1),
                filled(WRITTEN),
                goes(".footer [type=submit]", "file/check"),
            ),
        ),
        "file/check": (stop("file/check"),),
        "file/done/:id": (stop("file/done/{waiting}"), stop("file/done/{returned}")),
        "records": (stop("records", chosen(".filters .chip", 6)),),
        "records/:id": (
            stop("records/{waiting}", above(".actions .weui-btn")), stop("records/{returned}"),
            stop("records/{promised}"), stop("records/{locked}"),
        ),
        "records/:id/edit": (stop("records/{returned}/edit", chosen(".mends .pill")),),
        "records/:id/change": (stop("records/{promised}/change", sent_empty),),
        "records/:id/lift": (stop("records/{locked}/lift"),),
        "records/:id/proof": (stop("records/{promised}/proof", sent_empty),),
        "proofs/:id": (stop("proofs/{proof}"),),
        "referrals": (stop("referrals"),),
        "referrals/:id": (stop("referrals/{referral}"),),
    },
    "money": {
        "chronic": (stop("chronic"),),
        "chronic/apply/:enrollment": (
            stop("chronic/apply/{enrollment}", sent_empty, selected("#form-disease", "M00500"), above(".choice-main"), unfolded),
        ),
        "chronic/:id": (stop("chronic/{recognition}"), stop("chronic/{returned_recognition}")),
        "chronic/:id/edit": (stop("chronic/{returned_recognition}/edit"),),
        "chronic/:id/renew": (stop("chronic/{recognition}/renew", sent_empty),),
        "chronic/:id/form": (stop("chronic/{recognition}/form"),),
        "claims": (stop("claims"),),
        "claims/apply/:enrollment": (
            stop(
                "claims/apply/{enrollment}", sent_empty, chosen("#form-unlisted"), chosen("[name=itemised]", 1),
                chosen("[name=item-class-0]", 1), chosen(".stack > .adder"),
            ),
        ),
        "claims/:id": (stop("claims/{claim}", sent_empty), stop("claims/{returned_claim}")),
        "claims/:id/edit": (stop("claims/{returned_claim}/edit"),),
        "bills": (stop("bills", unfolded, chosen(".chips-scroll:not([x]) .chip", 1)),),
        "bills/:id": (stop("bills/{bill}", unfolded), stop("bills/{undone}")),
    },
    "before": {
        "guide": (stop("guide", above("#page button.choice"), pick("#page button.choice"), guided),),
        "direct": (stop("direct", *AHEAD, unfolded),),
        "estimate": (
            stop(
                "estimate", sent_empty, selected("#visit-person", ""), chosen("[name=care]", 2), chosen("[name=care]", 0),
                chosen("[name=itemised]", 1), chosen("[name=item-class-0]", 1), selected("#visit-person", 0),
                chosen("[name=itemised]", 0), filled({"cost.total": "1234567.89", "account_balance": "20000"}),
                goes("#page [type=submit]", "estimate/result"),
            ),
        ),
        "estimate/result": (stop("estimate/result", unfolded),),
        "coverage": (stop("coverage", above("#page button.choice")),),
        "coverage/:area": (stop("coverage/500000"),),
        "lookup": (stop("lookup"),),
        "hospitals": (stop("hospitals", above("#page button.choice"), selected("#wanted-care", "chronic"), nothing_found),),
        "hospitals/:code": (stop("hospitals/H11010100001"),),
        "agencies": (stop("agencies", nothing_found),),
        "diseases": (stop("diseases", nothing_found),),
        "policies": (stop("policies", nothing_found),),
        "policies/:id": (stop("policies/{policy}", unfolded),),
        "notices": (stop("notices", above("#page button.choice")),),
        "notices/:area": (stop("notices/500000", unfolded),),
    },
}  # fmt: skip
ELDER = (
    stop("", unfolded), stop("services"), stop("file", goes(CHILD, "file/select")), stop("file/select", pick(".choice-main")),
    stop("family/add"), stop("estimate"), stop("records/{returned}"), stop("messages"), stop("me"),
)  # fmt: skip
"""The same in 长辈版, which has a home of its own and one question a page."""
STOPS = {pattern: stops for part in TOUR.values() for pattern, stops in part.items()}
