"""`make effort`: clicks, keys and seconds of what reviewers and supervisors do all day, measured in a real browser.

Run as `pytest tests/browser/effort.py`; the name keeps it out of the ordinary run. Choosing from a list counts as two clicks,
a key with Ctrl as one key. Seconds are the machine's: from the first act until the page that answers stands.
"""

import time
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from core import clock
from reviews.models import ReasonTemplate, Submission
from tests import factories as make

MEASURED = []


@dataclass
class Hands:
    """What somebody does on a page, counted."""

    page: object
    clicks: int = 0
    keys: int = 0
    began: float = field(default_factory=time.monotonic)

    def click(self, role, name, **more):
        self.clicks += 1
        self.page.get_by_role(role, name=name, **more).first.click()

    def choose(self, selector, label):
        self.clicks += 2
        self.page.locator(selector).select_option(label=label)

    def tick(self, label):
        self.clicks += 1
        self.page.get_by_label(label).first.check()

    def press(self, *keys):
        self.page.wait_for_load_state()
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def write(self, selector, text):
        self.keys += len(text)
        self.page.locator(selector).fill(text)

    def done(self, what):
        """The answer stands: keep what it took."""
        MEASURED.append((what, self.clicks, self.keys, time.monotonic() - self.began))


@pytest.fixture(scope="module", autouse=True)
def table(request):
    """Print what was measured when all is done."""
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n\n| | clicks | keys | seconds |\n|---|---:|---:|---:|")
        for what, clicks, keys, seconds in MEASURED:
            print(f"| {what} | {clicks} | {keys} | {seconds:.1f} |")


@pytest.fixture
def waiting(monday):
    """Twenty-two clean cases of an area, and a prepared reason that marks two fields."""
    ReasonTemplate.objects.update_or_create(
        {"text": "起止日期与材料不符，请核对后重新填写。", "fields": ["starts_on", "ends_on"]},
        kind="filing", outcome="returned", code="dates_differ", area=None,
    )  # fmt: skip
    return [make.submitted() for _ in range(22)]


@pytest.fixture
def opened(desk, waiting):
    """A case that was just taken from the list, with a colleague's list behind it."""
    page = desk(make.reviewer(), "reviews/submission/")
    page.get_by_role("button", name="处理下一件").first.click()
    expect(page.locator("h1 .yd-number")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page


def expect_another(page, number):
    expect(page.locator("h1 .yd-number")).not_to_have_text(number)
    page.wait_for_load_state()


def test_a_clean_case(opened):
    number, hands = opened.locator("h1 .yd-number").inner_text(), Hands(opened)
    hands.press("a", "Control+Enter")
    expect_another(opened, number)

    hands.done("one clean case, the next one opened")
    assert (hands.clicks, hands.keys) == (0, 2)


def test_a_return_with_two_fields_by_a_prepared_reason(opened):
    number, hands = opened.locator("h1 .yd-number").inner_text(), Hands(opened)
    hands.press("r")
    place = opened.locator("#template option", has_text="起止日期与材料不符").evaluate("one => String(one.index)")
    hands.press(place, "Control+Enter")
    expect_another(opened, number)

    hands.done("a return with two fields, by a prepared reason")
    assert Submission.objects.get(number=number).decisions.get().fields == ["starts_on", "ends_on"]


def test_a_return_with_two_fields_by_hand(opened):
    number, hands = opened.locator("h1 .yd-number").inner_text(), Hands(opened)
    hands.press("r")
    hands.tick("开始日期")
    hands.tick("结束日期")
    hands.clicks += 1
    hands.write("#reason", "起止日期与材料不符，请核对。")
    hands.press("Control+Enter")
    expect_another(opened, number)

    hands.done("a return with two fields, written by hand")


def test_a_persons_history(desk, waiting):
    """Seven cases of one person. (Beside an open case the earlier ones stand without a click.)"""
    person = waiting[0].person
    for place in ("310000", "330100", "440300", "420100", "530100", "610100"):
        make.submitted(waiting[0].enrollment, account=waiting[0].applicant, to=place)
    page = desk(make.reviewer(), "reviews/submission/")
    hands = Hands(page)
    hands.clicks += 1
    hands.write("#searchbar", person.id_number)
    hands.press("Enter")
    page.get_by_text("按证件号码查找").wait_for()
    hands.done("a person's history, found by the ID number")


def test_twenty_cases_reassigned(desk, waiting):
    colleague = make.reviewer(name="张敏")
    Submission.objects.filter(pk__in=[row.pk for row in waiting[20:]]).update(due_at=clock.now())
    page = desk(make.supervisor(), "reviews/submission/?queue=unassigned")
    hands = Hands(page)
    hands.clicks += 1
    page.locator("#action-toggle").check()
    for row in page.locator("#result_list .action-select").all()[:2]:
        hands.clicks += 1
        row.uncheck()
    hands.choose("select[name=action]", "分配承办人")
    hands.click("button", "执行")
    hands.tick("张敏 在办 0 件")
    hands.click("button", "确认（20 件）")
    page.get_by_text("共 20 件，20 件已办理").wait_for()

    hands.done("twenty cases reassigned")
    assert Submission.objects.filter(assignee=colleague).count() == 20


def test_the_month_exported(desk, waiting):
    page = desk(make.supervisor(), "")
    hands = Hands(page)
    hands.click("link", "业务月报")
    page.get_by_role("link", name="下载 PDF").wait_for()
    file = page.get_by_role("link", name="下载 PDF").evaluate("one => one.href")
    hands.clicks += 1  # what the browser shows a PDF with is no page of ours
    answer = page.request.get(file)

    hands.done("the month exported: its report as PDF, from the start page")
    assert answer.body().startswith(b"%PDF")
