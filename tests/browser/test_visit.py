"""Before a visit: will the card work, and what would I pay? Figures by hand from policies/data/500000-chongqing-2025.yaml."""

import re

import pytest
from playwright.sync_api import expect

from filings.models import Filing
from regions.models import Agency, Disease
from reviews import services
from tests.browser.acts import (
    hand_in,
    open_page,
    pick_hospital,
    read_notice,
    say_contact,
    sign_in,
    upload,
    wait_for_the_kept_pages,
)
from tests.factories import CHONGQING, enrollment, institution, person, reviewer


@pytest.fixture
def enrolled(monday):
    """A retired employee of 重庆 who thinks of a hospital in 北京."""
    of = enrollment(person("王秀兰"), category="retired")
    Agency.objects.create(area_id=CHONGQING, name="重庆市医疗保障事务中心", phone="023-00000000")
    institution(name="北京示范医院", outpatient=True)
    return of


def condition(phone, label):
    return phone.locator(".condition", has=phone.get_by_text(label, exact=True))


def bar(phone, label):
    return phone.locator(".bar-row", has=phone.locator("b", has_text=label))


def choose_chip(where, text):
    where.locator("label.chip", has_text=text).click()


def reckon(phone, total):
    phone.get_by_label("费用总额").fill(total)
    phone.get_by_role("button", name="算一算").click()
    expect(phone.get_by_role("heading", name="估算结果")).to_be_visible()


def test_red_until_the_filing_that_is_one_tap_away_is_approved(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/")
    phone.get_by_role("link", name="能不能直接结算").click()

    pick_hospital(phone, "北京市", "北京示范医院")

    expect(phone.get_by_role("heading", name="还不能，差 1 项")).to_be_visible()

    unfiled = condition(phone, "没有到北京市的备案")
    expect(unfiled).to_contain_text("请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。")
    expect(phone.get_by_role("link", name="重庆市医疗保障事务中心")).to_have_attribute("href", "tel:023-00000000")

    unfiled.get_by_role("button", name="去备案").click()

    expect(phone.get_by_role("heading", name="选择备案信息")).to_be_visible()
    expect(phone.get_by_role("button", name="就医地")).to_contain_text("北京市")
    # what 重庆 pays for other temporary care nobody knows: it is not chosen for her
    expect(phone.get_by_role("radio", name="其他跨省临时外出就医人员")).not_to_be_checked()

    phone.get_by_role("radio", name="异地长期居住人员").check()
    phone.get_by_role("link", name="开始备案").click()
    read_notice(phone)
    say_contact(phone)
    upload(phone)
    hand_in(phone)
    open_page(phone, "#/direct")

    expect(phone.locator(".condition.tone-bad")).to_contain_text("正在审核")

    services.approve(Filing.objects.get(), reviewer=reviewer())
    open_page(phone, "#/")
    phone.get_by_role("link", name="能不能直接结算").click()

    expect(phone.get_by_role("heading", name="可以直接结算", exact=True)).to_be_visible()
    expect(phone.locator(".verdict")).to_contain_text("按“异地长期居住”享受待遇")
    expect(phone.locator(".condition.tone-bad")).to_have_count(0)


def test_a_hospital_that_is_not_open_is_changed_for_one_that_is(phone, enrolled):
    Disease.objects.create(code="M03900", name="高血压", since=2021)
    institution("H11010100002", name="北京慢病医院", chronic=["M03900"])
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/direct")
    pick_hospital(phone, "北京市", "北京示范医院")

    choose_chip(phone, "门诊慢特病")

    expect(phone.get_by_text("请选择病种。")).to_be_visible()

    phone.get_by_label("病种", exact=True).select_option("高血压")

    closed = condition(phone, "北京示范医院没有开通“高血压”异地直接结算")
    closed.get_by_role("button", name="查找已开通的医院").click()

    expect(phone.get_by_role("dialog").get_by_role("button", name="北京示范医院")).to_have_count(0)

    phone.get_by_role("dialog").get_by_role("button", name="北京慢病医院").click()

    expect(condition(phone, "医院已开通该病种")).to_have_class("condition tone-good")
    expect(condition(phone, "没有查到参保地对“高血压”的门诊慢特病认定")).to_contain_text("请先向参保地申请")


def test_every_way_of_going_side_by_side_with_the_sum_and_the_source_behind_it(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/direct")
    pick_hospital(phone, "北京市", "北京示范医院")
    phone.get_by_role("link", name="看看能报多少").click()
    phone.get_by_label("个人账户余额").fill("1,000")

    reckon(phone, "￥20,000 元")

    # (20 000 − 880) × 95 % filed; not filed (20 000 − 880 × 1.05) × 90 %
    expect(phone.get_by_role("heading", name="最多报 18,164.00 元")).to_be_visible()
    expect(phone.locator(".verdict")).to_contain_text("按“异地长期居住”，比不备案多报 995.60 元。")
    expect(phone.locator(".bar-row")).to_have_count(6)
    expect(bar(phone, "异地长期居住")).to_contain_text("报 18,164.00 元")

    unfiled = bar(phone, "未备案")
    expect(unfiled).to_contain_text("报 17,168.40 元")
    expect(unfiled).to_contain_text("自己付 2,831.60 元")

    unfiled.locator("summary").first.click()

    expect(unfiled.locator(".part")).to_contain_text(
        [re.compile(r"统筹基金\s*17,168.40"), re.compile(r"个人账户\s*1,000.00"), re.compile(r"个人现金\s*1,831.60")]
    )

    deductible = unfiled.locator(".line").filter(has=phone.get_by_text("起付线", exact=True))
    expect(deductible).to_contain_text("924.00")
    expect(deductible).to_contain_text("× 1.05（未备案，CQ2）")
    expect(deductible.locator(".source").first).to_be_hidden()

    deductible.get_by_text("依据").click()

    expect(deductible.locator(".source")).to_contain_text(
        ["重庆市职工医保起付线与报销比例", "市外突发疾病住院5个工作日内备案"]
    )
    expect(deductible.locator(".source").last).to_contain_text("官方来源")

    refused = bar(phone, "其他临时外出")
    expect(refused).to_contain_text("没有查到规定")
    expect(refused).to_contain_text("没有找到重庆市对转诊和其他临时外出住院支付比例的规定")

    phone.get_by_role("button", name="去备案").click()

    expect(phone.get_by_role("radio", name="异地长期居住人员")).to_be_checked()


def test_a_bill_line_by_line(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/estimate")
    choose_chip(phone, "按清单逐项填")
    add_item(phone, 0, "床位费", "甲类", "10000")
    phone.get_by_role("button", name="添加一项").click()
    add_item(phone, 1, "人工关节", "乙类", "5000", copay="10", limit="4000")
    phone.get_by_role("button", name="添加一项").click()

    add_item(phone, 2, "营养品", "自费", "600")

    expect(phone.get_by_text("合计 15,600.00 元")).to_be_visible()

    phone.get_by_role("button", name="算一算").click()

    # 15 600 − 600 − (5000 − 4000) − 4000 × 10 % = 13 600; (13 600 − 880) × 95 % = 12 084
    expect(phone.get_by_role("heading", name="最多报 12,084.00 元")).to_be_visible()

    filed = bar(phone, "异地长期居住")
    filed.locator("summary").first.click()
    lines = ["全自费600.00", "超限价自费1,000.00", "先行自付400.00", "符合政策范围13,600.00"]

    for text in lines:
        expect(filed.locator(".line-head", has_text=text)).to_be_visible()


def add_item(phone, index, name, kind, amount, *, copay="", limit=""):
    item = phone.locator(".item").nth(index)
    item.get_by_label("名称").fill(name)
    item.get_by_label("金额").fill(amount)
    choose_chip(item, kind)
    if copay:
        item.get_by_label("先行自付").fill(copay)
    if limit:
        item.get_by_label("支付限价").fill(limit)


def test_without_a_person_the_area_and_the_insurance_are_enough(phone, enrolled, watch):
    sign_in(phone, "新用户")
    open_page(phone, "#/estimate")
    phone.get_by_role("button", name="参保地").click()
    phone.get_by_role("dialog", name="选择参保地").get_by_role("button", name="重庆市").click()

    phone.get_by_label("险种").select_option("居民医保")

    expect(phone.get_by_label("人员类别")).to_have_value("adult")

    watch.refusals.add(400)
    choose_chip(phone, "新生儿随母亲")
    phone.get_by_label("新生儿的出生日期").fill("2027-01-01")
    phone.get_by_label("费用总额").fill("60800")
    phone.get_by_role("button", name="算一算").click()
    expect(phone.locator("[data-error=born_on]")).to_have_text("出生日期晚于入院或就诊日期，请核对。")
    choose_chip(phone, "新生儿随母亲")

    reckon(phone, "60800")

    # (60 800 − 800) × 50 % = 30 000; the burden of 30 800 above 17 833 × 60 % = 7 780.20
    home = bar(phone, "本地就医")

    expect(home).to_contain_text("报 37,780.20 元")

    home.locator("summary").first.click()

    expect(home.locator(".part")).to_contain_text(
        [
            re.compile(r"统筹基金\s*30,000.00"),
            re.compile(r"大病保险\s*7,780.20"),
            re.compile(r"个人现金\s*23,019.80"),
        ]
    )
    # not filed: (60 800 − 840) × 45 % = 26 982; (33 818 − 17 833) × 60 % = 9 591
    expect(bar(phone, "未备案")).to_contain_text("报 36,573.00 元")
    expect(phone.get_by_role("button", name="去备案")).to_have_count(0)


def test_what_was_typed_before_signing_in_is_there_afterwards(phone, enrolled):
    """Also when WeChat loads the pages anew; and the next who has not signed in finds nothing of it."""
    open_page(phone, "#/estimate")
    phone.get_by_role("button", name="参保地").click()
    phone.get_by_role("dialog", name="选择参保地").get_by_role("button", name="重庆市").click()
    phone.get_by_label("费用总额").fill("60800")
    phone.reload()
    expect(phone.get_by_label("费用总额")).to_have_value("60800")
    open_page(phone, f"#/coverage/{CHONGQING}")
    choose_chip(phone, "居民医保")

    sign_in(phone, "王秀兰", enrolled.person)

    open_page(phone, "#/estimate")
    expect(phone.get_by_label("费用总额")).to_have_value("60800")
    expect(phone.get_by_role("button", name="参保地")).to_contain_text("重庆市")
    open_page(phone, f"#/coverage/{CHONGQING}")
    expect(phone.get_by_role("radio", name="居民医保")).to_be_checked()
    assert not phone.evaluate("Object.keys(sessionStorage).some((name) => name.endsWith('.nobody'))")


def test_an_injury_is_asked_about_before_the_visit(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/direct")
    pick_hospital(phone, "北京市", "北京示范医院")

    choose_chip(phone, "外伤")

    expect(phone.get_by_role("heading", name="还不能，差 2 项")).to_be_visible()
    unsigned = condition(phone, "外伤就医还没有承诺无第三方责任")
    expect(unsigned).to_contain_text("请在医院签署外伤无第三方责任承诺书")

    choose_chip(phone, "没有第三方责任")

    expect(phone.get_by_role("heading", name="还不能，差 1 项")).to_be_visible()
    expect(condition(phone, "外伤可直接结算")).to_have_class("condition tone-good")


def test_nobody_in_particular_says_when_they_retired(phone, enrolled):
    """A retired employee of 重庆; the year is asked of the retired alone, and sent as it is typed."""
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/estimate")
    phone.get_by_label("参保人", exact=True).select_option("不选人，按参保地估算")
    phone.get_by_role("button", name="参保地").click()
    phone.get_by_role("dialog", name="选择参保地").get_by_role("button", name="重庆市").click()

    expect(phone.get_by_label("退休年份")).to_have_count(0)

    phone.get_by_label("人员类别").select_option("退休")
    phone.get_by_label("退休年份").fill("1998")

    with phone.expect_request("**/api/v1/estimates/") as sent:
        reckon(phone, "20000")
    assert sent.value.post_data_json["retired_year"] == 1998


def test_a_refusal_is_said_in_words(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/estimate")
    choose_chip(phone, "普通门诊")

    reckon(phone, "300")

    expect(phone.get_by_role("heading", name="没有能报销的情形")).to_be_visible()
    expect(bar(phone, "异地转诊")).to_contain_text("没有查到规定")
    expect(bar(phone, "异地转诊")).to_contain_text("没有找到重庆市职工医保普通门诊的待遇")
    expect(phone.locator(".bar-track")).to_have_count(0)


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(phone, enrolled, context, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/estimate")
    watch.refusals = {400}

    phone.get_by_role("button", name="算一算").click()

    expect(phone.get_by_label("费用总额")).to_be_focused()
    expect(phone.get_by_text("请填写费用总额，或逐项填写明细。")).to_be_visible()

    phone.get_by_label("费用总额").fill("很多")
    phone.get_by_role("button", name="算一算").click()

    expect(phone.locator(".field-bad")).to_contain_text("请填写不小于0")

    watch.offline = True
    context.set_offline(True)
    phone.get_by_label("费用总额").fill("20000")
    phone.get_by_role("button", name="算一算").click()

    expect(phone.get_by_role("alert")).to_have_text("网络连接不上。请检查网络后重试，已填写的内容不会丢失。")

    context.set_offline(False)
    phone.get_by_role("button", name="算一算").click()

    expect(phone.get_by_role("heading", name="最多报 18,164.00 元")).to_be_visible()

    phone.reload()

    expect(phone.get_by_role("heading", name="最多报 18,164.00 元")).to_be_visible()

    phone.go_back()

    expect(phone.get_by_label("费用总额")).to_have_value("20000")


def test_an_answer_that_does_not_come_is_asked_again(phone, enrolled, context, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/direct")

    pick_hospital(phone, "北京市", "北京示范医院")

    expect(phone.locator(".verdict")).to_be_visible()

    watch.offline = True
    context.set_offline(True)
    choose_chip(phone, "普通门诊")

    expect(phone.get_by_role("alert")).to_contain_text("网络连接不上")

    context.set_offline(False)

    expect(phone.get_by_role("heading", name="还不能")).to_be_visible()


def test_someone_new_is_told_to_bind_first_or_just_to_reckon(phone):
    sign_in(phone, "新用户")

    open_page(phone, "#/direct")

    expect(phone.get_by_text("还没有可以查询的参保人")).to_be_visible()

    phone.get_by_role("link", name="先看看能报多少").click()

    expect(phone.get_by_role("button", name="参保地")).to_be_visible()


def test_from_the_filing_one_looks_what_it_would_pay(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()

    phone.get_by_role("link", name="看看能报多少").click()

    expect(phone.get_by_role("button", name="就医地")).to_contain_text("北京市")

    reckon(phone, "20000")

    expect(phone.get_by_role("heading", name="最多报 18,164.00 元")).to_be_visible()


def test_a_filing_that_was_begun_is_not_lost_by_beginning_another(phone, enrolled):
    institution("H31010100001", place="310000", name="上海示范医院")
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    open_page(phone, "#/direct")
    pick_hospital(phone, "上海市", "上海示范医院")
    phone.get_by_role("button", name="去备案").click()
    expect(phone.get_by_role("heading", level=1, name="选择备案信息")).to_be_visible()
    expect(phone.get_by_role("button", name="就医地")).to_contain_text("上海市")

    open_page(phone, "#/file")

    expect(phone.locator(".card-draft")).to_have_count(2)
    expect(phone.locator(".card-draft", has_text="上海市")).to_contain_text("王*兰")

    phone.get_by_role("button", name="继续填写 北京市").click()

    expect(phone.get_by_role("button", name="就医地")).to_contain_text("北京市")


def test_pages_that_did_not_arrive_say_so_and_are_opened_again(phone, enrolled, context, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    wait_for_the_kept_pages(phone)
    watch.offline = True
    context.set_offline(True)
    phone.reload()

    open_page(phone, "#/direct")

    expect(phone.get_by_role("alert")).to_contain_text("页面没有打开")

    context.set_offline(False)

    expect(phone.get_by_role("button", name="就医地")).to_be_visible()
