"""`make screenshots`: every page of the phone, in the order of its routes: at 375 px for docs/phone.md, whole and at 1280 px to look at.

Run as `pytest tests/browser/phone_pages.py`; the name keeps it out of the ordinary run. It fails when a route has no picture here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import Account, Enrollment, Person
from chronic.models import Recognition
from filings import proofs
from filings.models import Filing
from referrals import services as referral_services
from referrals.bodies import PatientInput, ReferralInput
from regions.models import Area, Institution
from reviews import services
from reviews.models import Submission
from reviews.services import Actor
from tests import factories as make
from tests.browser.acts import open_page, pick_hospital, read_notice, say_contact, sign_in, stand_still
from tests.browser.screenshots import GRANDCHILD, WANG, ZHANG, demo, insured  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[2]
APP = ROOT / "mobile" / "static" / "mobile" / "app.js"
PATTERNS = re.findall(r'\{ pattern: "([^"]*)"', APP.read_text("utf-8"))
SHOWN, LOOKED_AT = ROOT / "docs" / "phone", ROOT / "test-results" / "pages"
SIZES = {375: (375, 740), 1280: (1280, 800)}
SMALL = 375
GRANDFATHER, DAUGHTER = "500000195308190017", "500000198305220042"
CHONGQING, ZHENGZHOU, BEIJING, SHANGHAI = "500000", "410100", "110000", "310000"
HOSPITAL = "H11010100001"
TODAY = "2026-11-23 10:00"


@dataclass
class Album:
    """The pictures of one size, by route."""

    page: Page
    width: int
    taken: dict[str, Path] = field(default_factory=dict)

    def take(self, pattern: str) -> None:
        """The open page, once nothing moves on it any more: what a phone shows of it, and the whole of it."""
        assert pattern in PATTERNS, pattern
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator("#page > section")).to_be_visible()
        expect(self.page.locator(".toast-shown, .skeleton")).to_have_count(0)
        self.page.evaluate("document.activeElement?.blur()")
        name = re.sub(r"\W+", "-", pattern).strip("-") or "home"
        place = LOOKED_AT / str(self.width)
        place.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=place / f"{name}.png", full_page=True, animations="disabled")
        self.taken[pattern] = place / f"{name}.png"
        if self.width == SMALL:
            shown = Image.open(BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
            SHOWN.mkdir(exist_ok=True)
            shown.save(SHOWN / f"{name}.webp", lossless=True, quality=100, method=6)

    def visit(self, pattern: str, *parts: object) -> None:
        """Open the page of a route by its address, and take it."""
        filled = iter(parts)
        open_page(self.page, "#/" + re.sub(r":\w+", lambda _: str(next(filled)), pattern))
        expect(self.page.locator("#page .skeleton")).to_have_count(0)
        self.take(pattern)


@dataclass
class Story:
    """What a family of 重庆 has under way, one thing for every page."""

    account: Account
    wang: Enrollment
    done: dict[str, Submission] = field(default_factory=dict)
    asked: Person | None = None

    @property
    def actor(self) -> Actor:
        return Actor.of(self.account, self.wang.person)


def decided(submission: Submission, *usernames: str) -> None:
    for username in usernames:
        services.approve(submission, reviewer=Account.objects.get(username=username))


def handed_in(story: Story, draft: Submission) -> Submission:
    return services.submit(draft, actor=story.actor)


def earlier(story: Story) -> None:
    """From spring to autumn: two promises, of which one is kept, a filing in force, a stay, a disease recognised."""
    account, wang, child = story.account, story.wang, insured(GRANDCHILD)
    grandfather = insured(GRANDFATHER)
    make.mandate(account, grandfather, relation="spouse")
    promise = {"kind": "residence_permit", "signed_name": "王秀兰"}
    stand_still("2026-10-12 09:30")
    promised = make.filed(wang, account, filing_type="resident", to=BEIJING, commitment=promise)
    decided(promised, "cq-reviewer")
    kept = make.filed(grandfather.enrollments.get(), account, filing_type="resident", to=SHANGHAI, commitment=promise)
    decided(kept, "cq-reviewer")
    stand_still("2026-11-03 14:10")
    proof = proofs.prove(account, Filing.objects.get(pk=kept.pk), [make.material(account).pk]).submission
    in_force = make.submitted(child.enrollments.get(), account=account, to=SHANGHAI, contact_name="王秀兰")
    decided(in_force, "cq-reviewer")
    story.done |= {"promised": promised, "proof": proof, "in_force": in_force}


def locked(story: Story) -> Submission:
    """A filing of an area that lets documents lift its lock."""
    second = Enrollment.objects.create(
        person=insured(GRANDFATHER),
        area=Area.objects.get(code=ZHENGZHOU),
        insurance="employee",
        category="retired",
        valid_from=date(2015, 1, 1),
    )
    draft = make.draft(second, account=story.account, type="resident", to=BEIJING)
    make.material(story.account, submission=draft)
    handed_in(story, draft)
    services.approve(draft, reviewer=make.reviewer(ZHENGZHOU))
    until = date(2027, 5, 20)
    Filing.objects.filter(pk=draft.pk).update(change_locked_until=until, cancel_locked_until=until)
    return draft


def recognised(story: Story) -> None:
    """One in force that is to be renewed, one still a draft."""
    disease = make.recognition_draft(story.wang, "M01600", account=story.account)
    handed_in(story, disease)
    decided(disease, "cq-reviewer", "cq-supervisor")
    Recognition.objects.filter(pk=disease.pk).update(valid_from=date(2026, 9, 1), renew_by=date(2026, 11, 30))
    story.done |= {
        "disease": disease,
        "disease_draft": make.recognition_draft(story.wang, "M03900", account=story.account),
    }


def claimed(story: Story) -> None:
    """One approved and to be paid, one a draft."""
    stand_still("2026-11-10 11:00")
    claim = make.claim_draft(story.wang, account=story.account)
    handed_in(story, claim)
    decided(claim, "cq-reviewer", "cq-supervisor")
    story.done |= {"claim": claim, "claim_draft": make.claim_draft(story.wang, account=story.account)}


def referred(story: Story) -> Submission:
    """By the hospital of 重庆, to 北京."""
    stand_still("2026-11-19 15:20")
    person = story.wang.person
    sent = {
        "patient": PatientInput.of({"name": person.name, "id_number": person.id_number}),
        "diagnosis": {"code": "C34.9"},
        "reason": "needs_specialty",
        "summary": "右上肺占位，拟行手术。",
        "destination": Area.objects.get(code=BEIJING),
        "doctor": {"name": "赵明", "rank": "chief"},
        "receiver": Institution.objects.get(code=HOSPITAL),
    }
    clerk = Account.objects.get(username="cq-hospital")
    return referral_services.issue(clerk, ReferralInput.model_construct(**sent)).submission


def told(page: Page) -> Story:
    """Sign in, and let all of it have happened by this Monday."""
    wang = insured(WANG)
    account = sign_in(page, "王秀兰", wang, insured(GRANDCHILD), insured(ZHANG))
    story = Story(account, wang.enrollments.get())
    call_command("load_demo_bills", verbosity=0)
    earlier(story)
    recognised(story)
    claimed(story)
    story.done["referral"] = referred(story)
    stand_still(TODAY)
    story.done["locked"] = locked(story)
    story.done["draft"] = make.draft(story.wang, account=account, to="510100")
    story.asked = insured(DAUGHTER)
    make.mandate(account, story.asked, relation="child", status="pending", active_from=None)
    return story


def lists_of_everybody(album: Album) -> None:
    """What is open to anyone."""
    page = album.page
    for pattern in (
        "lookup",
        "hospitals",
        "agencies",
        "diseases",
        "policies",
        "notices",
        "help",
        "privacy",
        "coverage",
    ):
        album.visit(pattern)
    album.visit("hospitals/:code", HOSPITAL)
    album.visit("notices/:area", CHONGQING)
    album.visit("coverage/:area", CHONGQING)
    open_page(page, "#/policies")
    page.locator("#page a[href^='#/policies/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("政策全文")
    expect(page.locator("#page .skeleton")).to_have_count(0)
    album.take("policies/:id")


def before_a_visit(album: Album) -> None:
    page = album.page
    open_page(page, "#/direct")
    pick_hospital(page, "北京市", "北京示范医院")
    expect(page.locator(".verdict")).to_be_visible()
    album.take("direct")
    page.get_by_role("link", name="看看能报多少").click()
    page.get_by_label("费用总额").fill("60000")
    album.take("estimate")
    page.get_by_role("button", name="算一算").click()
    expect(page.locator(".bar-row").first).to_be_visible()
    album.take("estimate/result")


def a_filing(album: Album) -> None:
    """From whom it is for to its result."""
    page = album.page
    album.visit("file")
    page.locator("#page .choice").first.click()
    page.get_by_role("button", name="就医地").click()
    page.get_by_label("搜索就医地").fill("昆明")
    page.get_by_role("dialog").get_by_role("button", name="昆明市").click()
    page.get_by_role("radio", name="其他").check()
    album.take("file/select")
    page.get_by_role("link", name="开始备案").click()
    expect(page.get_by_label("本人已仔细阅读备案告知书")).to_be_visible()
    album.take("file/notice")
    read_notice(page)
    say_contact(page)
    album.take("file/form")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("button", name="提交备案")).to_be_visible()
    album.take("file/check")
    page.get_by_role("button", name="提交备案").click()
    expect(page.get_by_role("link", name="查看备案记录")).to_be_visible()
    album.take("file/done/:id")


def of_the_family(album: Album, story: Story) -> None:
    page = album.page
    for pattern in (
        "",
        "guide",
        "family",
        "family/add",
        "code",
        "messages",
        "me",
        "consents",
        "mydata",
        "notifications",
    ):
        album.visit(pattern)
    album.visit("agent")
    album.visit("family/:id", story.asked.pk)
    album.visit("code/:person", story.wang.person_id)
    open_page(page, "#/bills")
    expect(page.locator("a.card").first).to_be_visible()
    album.take("bills")
    page.locator("a.card").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账单详情")
    expect(page.locator("#page .skeleton")).to_have_count(0)
    album.take("bills/:id")


def of_the_cases(album: Album, story: Story) -> None:
    done, wang = {name: case.pk for name, case in story.done.items()}, story.wang.pk
    for pattern, key in {
        "records/:id": "promised",
        "records/:id/edit": "draft",
        "records/:id/change": "in_force",
        "records/:id/lift": "locked",
        "records/:id/proof": "promised",
        "proofs/:id": "proof",
        "chronic/:id": "disease",
        "chronic/:id/edit": "disease_draft",
        "chronic/:id/renew": "disease",
        "chronic/:id/form": "disease",
        "claims/:id": "claim",
        "claims/:id/edit": "claim_draft",
        "referrals/:id": "referral",
    }.items():
        album.visit(pattern, done[key])
    for pattern in ("records", "chronic", "claims", "referrals"):
        album.visit(pattern)
    album.visit("chronic/apply/:enrollment", wang)
    album.visit("claims/apply/:enrollment", wang)


def without_a_network(album: Album, story: Story) -> None:
    page = album.page
    open_page(page, "#/me")
    page.get_by_role("switch", name="离线查看").check()
    expect(page.get_by_text("已保存，没有网络时也能查看")).to_be_visible()
    album.visit("kept")
    album.visit("kept/:id", story.done["referral"].pk)


@pytest.mark.parametrize("width", SIZES)
def test_every_page(chromium, demo, live_server, width):  # noqa: F811
    wide, high = SIZES[width]
    context = chromium.new_context(viewport={"width": wide, "height": high}, has_touch=True, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/#/signin")
    album = Album(page, width)
    album.take("signin")
    lists_of_everybody(album)
    story = told(page)
    page.goto(f"{live_server.url}/")
    steps: list[Callable[[], None]] = [
        lambda: of_the_family(album, story),
        lambda: before_a_visit(album),
        lambda: of_the_cases(album, story),
        lambda: a_filing(album),
        lambda: without_a_network(album, story),
    ]
    for step in steps:
        step()
    context.close()

    assert sorted(album.taken) == sorted(PATTERNS)
    named = set(re.findall(r'src="phone/([\w-]+)\.webp"', SHOWN.with_suffix(".md").read_text("utf-8")))
    assert {place.stem for place in album.taken.values()} == named
