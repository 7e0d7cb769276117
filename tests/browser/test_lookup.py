"""What anyone may look up without signing in: hospitals, agencies, diseases, and what would be paid."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core.text import spell
from regions.models import Agency, Disease
from tests.browser.acts import open_page
from tests.factories import CHENGDU, CHONGQING, area, institution

WEST = "四川大学华西医院"


@pytest.fixture
def places(monday):
    """A hospital that is open for everything, one for nothing but stays, a pharmacy, twenty-five of one name; two agencies."""
    area(CHONGQING)
    Disease.objects.create(code="M03900", name="高血压", since=2021)
    Disease.objects.create(code="M01600", name="糖尿病", since=2021)
    institution(
        "H51010000001", place=CHENGDU, name=WEST, grade="三级甲等", outpatient=True, chronic=["M03900"], address="成都市示范路1号（演示地址）",
        phone="028-00000000", invented_contact=True, **spell(WEST)._asdict(),
    )  # fmt: skip
    institution("H51010000002", place=CHENGDU, name="成都示范二院", level=2)
    institution(
        "P51010000001",
        place=CHENGDU,
        name="成都示范药房",
        kind="pharmacy",
        level=0,
        inpatient=False,
        chronic=["M03900"],
    )
    for number in range(25):
        institution(f"H500000001{number:02}", place=CHONGQING, name=f"重庆示范第{number}医院")
    Agency.objects.create(
        area_id=CHENGDU, name="成都市医疗保障事务中心", phone="028-00000000", address="蜀绣西路", demo=True
    )
    Agency.objects.create(area_id=CHONGQING, name="重庆市医疗保障事务中心")


def test_a_hospital_is_found_and_says_what_it_settles(phone, places):
    open_page(phone, "#/signin")
    phone.get_by_role("link", name="不登录也能查").click()
    phone.get_by_role("link", name="定点医院和药店").click()
    expect(phone.get_by_text("找到 27 家")).to_be_visible()
    expect(phone.locator(".group .choices li")).to_have_count(20)
    phone.get_by_role("button", name="加载更多").click()
    expect(phone.locator(".group .choices li")).to_have_count(27)

    phone.get_by_label("搜索医院").fill("huaxi")
    expect(phone.get_by_text("找到 1 家")).to_be_visible()
    phone.get_by_role("link", name=WEST).click()

    expect(phone.get_by_text("演示数据")).to_be_visible()
    expect(phone.locator(".lookup-row", has_text="普通门诊")).to_contain_text("已开通")
    expect(phone.locator(".tags li")).to_have_text(["高血压"])
    expect(phone.get_by_role("link", name="拨打 028-00000000")).to_have_attribute("href", "tel:028-00000000")
    asked = parse_qs(urlsplit(phone.get_by_role("link", name="在地图中查看").get_attribute("href")).query)
    assert asked == {"keyword": [WEST], "region": ["成都市"], "referer": ["yidi"]}
    phone.get_by_role("link", name="返回").click()
    expect(phone.get_by_label("搜索医院")).to_have_value("huaxi")


def test_what_is_not_found_says_why(phone, places):
    open_page(phone, "#/hospitals")
    phone.get_by_label("等级").select_option("二级医院")
    expect(phone.get_by_text("找到 1 家")).to_be_visible()
    phone.get_by_label("已开通").select_option("门诊慢特病")
    phone.get_by_label("病种").select_option("糖尿病")

    expect(phone.get_by_text("没有找到医院：全国、二级医院、已开通糖尿病跨省直接结算。")).to_be_visible()
    phone.get_by_role("button", name="清除条件").click()
    expect(phone.get_by_text("找到 27 家")).to_be_visible()
    phone.locator("label.chip", has_text="药店").click()
    expect(phone.get_by_text("找到 1 家")).to_be_visible()
    expect(phone.get_by_label("等级")).to_have_count(0)


def test_a_disease_leads_to_the_hospitals_that_are_open_for_it(phone, places):
    open_page(phone, "#/diseases")
    phone.get_by_label("搜索病种").fill("高")

    phone.locator(".card", has_text="高血压").get_by_role("button", name="哪些医院开通").click()

    expect(phone.get_by_text("找到 1 家")).to_be_visible()
    expect(phone.get_by_role("link", name=WEST)).to_be_visible()


def test_an_agency_is_one_call_away(phone, places):
    open_page(phone, "#/agencies")
    expect(phone.locator(".card")).to_have_count(2)

    phone.get_by_label("搜索经办机构").fill("重庆")

    expect(phone.locator(".card")).to_have_count(1)
    expect(phone.get_by_role("link", name="拨打 12393")).to_have_attribute("href", "tel:12393")
    phone.get_by_label("搜索经办机构").fill("无处")
    expect(phone.get_by_text("没有找到全国名称或地区含“无处”的经办机构的联系方式。")).to_be_visible()


def test_what_would_be_paid_is_told_without_signing_in(phone, places):
    """重庆's employees under long-term filing at level 3: 880 first, then 85 %: (20000 − 880) × 0.85 = 16252.00."""
    open_page(phone, "#/hospitals/H51010000001")
    phone.get_by_role("button", name="我去这里能报多少").click()
    expect(phone.get_by_text(WEST)).to_be_visible()
    phone.get_by_role("button", name="请选择在哪里参保").click()
    phone.get_by_role("dialog").get_by_role("button", name="重庆市").click()
    phone.get_by_label("费用总额").fill("20000")

    phone.get_by_role("button", name="算一算").click()

    expect(phone.get_by_text("最多报 16,252.00 元")).to_be_visible()
    expect(phone.get_by_role("link", name="登录后按本人今年的费用再算")).to_be_visible()


def test_a_policy_is_read_in_plain_words_with_its_sources(phone, places):
    """重庆's employees at level 3: 880 is taken first (its file, CQ1)."""
    open_page(phone, "#/policies")
    phone.get_by_label("搜索政策").fill("重庆")
    expect(phone.get_by_text("今天有效的政策 1 份")).to_be_visible()
    phone.locator(".group .choices a").click()

    phone.locator("summary", has_text="职工").filter(has_text="住院").first.click()

    expect(phone.locator("details[open] .policy-gives", has_text="880").first).to_be_visible()
    phone.locator("summary", has_text="依据").last.click()
    expect(phone.locator("details[open] .source").first).to_be_visible()


def test_a_policy_nobody_wrote_down_says_so(phone, places):
    open_page(phone, "#/policies")
    phone.get_by_label("搜索政策").fill("无处")

    expect(phone.get_by_text("没有名称含“无处”的政策：还没有人收录这个地方")).to_be_visible()


def test_the_notices_of_an_area_are_read_before_anyone_files(phone, places):
    open_page(phone, "#/notices")
    phone.get_by_role("button", name="请选择在哪里参保").click()
    phone.get_by_role("dialog").get_by_role("button", name="重庆市").click()

    phone.locator("summary", has_text="异地长期居住人员").click()

    expect(phone.locator("details[open] .notice-body")).to_contain_text("适用人群")
    expect(phone.get_by_role("link", name="我要备案")).to_be_visible()
