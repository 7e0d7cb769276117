"""Home: what is there before anyone signs in; what needs me first, what counts; the guided path to the right filing."""

import os

import pytest
from playwright.sync_api import expect

from filings.models import Filing
from reviews import services
from tests.browser.acts import open_page, sign_in
from tests.factories import (
    CHONGQING,
    TIANJIN,
    approved,
    area,
    citizen,
    enrollment,
    mandate,
    person,
    reviewer,
    submitted,
)

SHANGHAI, TAIYUAN = "310000", "140100"
SIZES = [(375, 740), (320, 640), (1280, 800)]


@pytest.fixture
def owner(monday):
    return enrollment(person("王秀兰"))


def look(phone, name):
    """Keep a picture of the page at three sizes, where somebody wants to see it (`SHOTS=folder`)."""
    if not os.environ.get("SHOTS"):
        return
    for scheme in ("light", "dark"):
        phone.emulate_media(color_scheme=scheme)
        for width, height in SIZES:
            phone.set_viewport_size({"width": width, "height": height})
            phone.screenshot(path=f"{os.environ['SHOTS']}/{name}-{width}-{scheme}.png", full_page=True)
    phone.emulate_media(color_scheme="light")
    phone.set_viewport_size({"width": 360, "height": 740})


def test_home_is_open_and_leads_to_the_sign_in_and_back(phone, owner):
    expect(phone.get_by_role("link", name="我要去外地看病")).to_be_visible()
    look(phone, "home-open")

    phone.get_by_role("link", name="手工报销").click()

    expect(phone.get_by_role("heading", level=1, name="登录")).to_be_visible()

    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()

    expect(phone.get_by_role("heading", level=1, name="手工报销")).to_be_visible()


def test_what_needs_me_stands_first_and_opens_where_it_is_done(phone, owner):
    account = sign_in(phone, "王秀兰", owner.person)
    returned = submitted(owner, account=account, to=SHANGHAI)
    services.return_for_correction(returned, reviewer=reviewer(), reason="居住证照片不清。", fields=["contact_phone"])
    approved(enrollment(owner.person, code=TAIYUAN), account, to=TIANJIN)
    submitted(owner, account=account)
    mandate(
        citizen(person("王晓梅")), owner.person, relation="parent", status="pending", proof="approval", active_from=None
    )

    phone.reload()

    needs = phone.locator(".nudge")
    expect(needs).to_have_count(2)
    expect(needs.nth(0)).to_contain_text("请补正")
    expect(needs.nth(0)).to_contain_text("王*兰 · 上海市 · 其他临时外出就医人员")
    expect(needs.nth(0)).to_contain_text("还有 30 天")
    expect(needs.nth(1)).to_contain_text("王*梅申请为王*兰代办异地就医业务")
    expect(phone.locator("a.card", has_text="天津市")).to_contain_text("还有")
    expect(phone.locator("a.card", has_text="北京市")).to_contain_text("还有 2 个工作日")
    look(phone, "home-mine")

    needs.nth(0).click()

    expect(phone.locator(".status")).to_contain_text("居住证照片不清。")

    phone.go_back()
    phone.locator(".nudge").nth(1).click()

    expect(phone.get_by_role("button", name="同意", exact=True)).to_be_visible()


def go_to(phone, place):
    open_page(phone, "#/")
    phone.get_by_role("link", name="我要去外地看病").click()
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_label("搜索就医地").fill(place)
    phone.get_by_role("dialog").get_by_role("button", name=place).click()


def test_a_planned_journey_ends_in_the_filing_with_everything_filled_in(phone, owner):
    area(SHANGHAI)
    sign_in(phone, "王秀兰", owner.person)
    go_to(phone, "上海市")
    look(phone, "guide-questions")

    phone.get_by_role("radio", name="计划好的").check()
    phone.get_by_role("radio", name="长期在那边生活").check()
    phone.get_by_role("radio", name="半年以上").check()

    expect(phone.get_by_role("heading", name="办理“异地长期居住”备案")).to_be_visible()
    look(phone, "guide-answer")

    phone.get_by_role("button", name="开始备案").click()

    expect(phone.get_by_role("heading", level=1, name="选择备案信息")).to_be_visible()
    expect(phone.get_by_role("radio", name="异地长期居住人员")).to_be_checked()
    expect(phone.get_by_role("button", name="就医地")).to_contain_text("上海市")
    assert not Filing.objects.exists()


def test_a_short_journey_is_another_temporary_one(phone, owner):
    area(SHANGHAI)
    sign_in(phone, "王秀兰", owner.person)
    go_to(phone, "上海市")

    phone.get_by_role("radio", name="计划好的").check()
    phone.get_by_role("radio", name="长期在那边工作").check()
    phone.get_by_role("radio", name="不到半年").check()

    expect(phone.get_by_role("heading", name="办理“其他临时外出”备案")).to_be_visible()


def test_an_emergency_and_home_need_no_filing(phone, owner):
    area(SHANGHAI)
    sign_in(phone, "王秀兰", owner.person)
    go_to(phone, "上海市")

    phone.get_by_role("radio", name="突发急病").check()

    expect(phone.get_by_role("heading", name="急诊抢救不需要备案")).to_be_visible()
    expect(phone.locator(".guide-answer")).to_contain_text("急诊抢救视同已备案")

    area(CHONGQING)
    go_to(phone, "重庆市")
    phone.get_by_role("radio", name="计划好的").check()
    phone.get_by_role("radio", name="自己想去那边看病").check()
    phone.get_by_role("radio", name="不到半年").check()

    expect(phone.get_by_role("heading", name="不需要备案")).to_be_visible()
    look(phone, "guide-needless")
