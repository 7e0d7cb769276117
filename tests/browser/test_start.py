"""The first page of the staff's site in a real browser: charts under the strict policy, figures that open lists, both themes."""

import os

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from core import clock
from reviews import services
from reviews.models import ReasonTemplate
from tests import factories as make
from tests.rivals import wait_until

SIZES = [(1440, 900), (1280, 720)]


def handed_in(day, reviewer, verb=None, **given):
    """A filing of that November morning, decided by the reviewer at noon the next day; without a verb it waits."""
    with clock.standing_at(make.moment(f"2026-11-{day:02d} 10:00")):
        filing = make.submitted()
    if verb:
        with clock.standing_at(make.moment(f"2026-11-{day + 1:02d} 12:00")):
            verb(filing, reviewer=reviewer, **given)
    return filing


@pytest.fixture
def reviewer(monday, settings):
    settings.REVIEW_MODE = "human"
    reviewer = make.reviewer(nickname="李审核")
    ReasonTemplate.objects.update_or_create(
        {"text": "上传的材料模糊，请重新拍摄。"}, kind="filing", outcome="returned", code="blurred"
    )
    for day in (9, 10, 10, 11, 12, 16, 17, 18, 18, 19):
        handed_in(day, reviewer, services.approve)
    handed_in(16, reviewer, services.return_for_correction, reason="上传的材料模糊，请重新拍摄。", code="blurred")
    handed_in(17, reviewer)
    handed_in(19, reviewer)
    services.assign(handed_in(19, reviewer), reviewer=reviewer)
    handed_in(20, reviewer)
    return reviewer


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN, Role.HOSPITAL])
def test_each_role_begins_with_its_own_figures(desk, reviewer, role, size):
    hospital = make.institution("H50010000001", place=make.CHONGQING) if role == Role.HOSPITAL else None
    account = reviewer if role == Role.REVIEWER else make.staff(role, institution=hospital)
    page = desk(account, "")
    page.set_viewport_size({"width": size[0], "height": size[1]})

    expect(page.locator(".yd-tile").first).to_be_visible()
    wait_until(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))  # charts follow the window
    if role != Role.HOSPITAL:
        assert page.evaluate("Chart.getChart(document.querySelector('canvas.chart')).data.datasets.length") == 2
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.classList.toggle('dark', theme === 'dark')", theme)
        if os.environ.get("SHOTS"):
            page.wait_for_timeout(300)
            page.screenshot(path=f"{os.environ['SHOTS']}/{role}-{size[0]}-{theme}.png", full_page=True)


def test_a_figure_opens_its_list(desk, reviewer):
    page = desk(reviewer, "")

    page.get_by_role("link", name="已超期").click()

    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_month_is_read_on_a_page(desk, reviewer):
    page = desk(make.supervisor(), "settlements/settlement/report/?month=2026-11")

    expect(page.get_by_role("heading", name="重庆市 2026年11月")).to_be_visible()
    expect(page.get_by_text("本月尚未结束，数字截至生成时间。")).to_be_visible()
    assert page.evaluate("Chart.getChart(document.querySelector('canvas.chart')).data.datasets.length") == 2
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.classList.toggle('dark', theme === 'dark')", theme)
        if os.environ.get("SHOTS"):
            page.wait_for_timeout(300)
            page.screenshot(path=f"{os.environ['SHOTS']}/report-{theme}.png", full_page=True)
