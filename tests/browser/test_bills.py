"""Bills on the phone: settled at a till, read by the patient and family. Figures by hand from the files of 重庆 and `SIMPLE`."""

import re

import pypdfium2
import pytest
from playwright.sync_api import expect

from settlements.services import reverse
from tests.browser.acts import open_page, sign_in
from tests.factories import enrollment, institution, mandate, person
from tests.settlements.till import SIMPLE, policies, till

STAY = {"admitted_on": "2026-11-01", "discharged_on": "2026-11-12"}


@pytest.fixture
def resident(monday):
    """An adult resident of 重庆, at a till in 北京."""
    of = enrollment(person("王秀兰"), insurance="resident", category="adult")
    return till(of, institution(name="北京示范医院", outpatient=True))


def meter(phone, name):
    return phone.locator(".meter", has=phone.get_by_text(name))


def row(phone, label):
    return phone.locator(".sheet-row", has=phone.locator("summary span", has_text=re.compile(f"^{label}$")))


def of_year(name, amount):
    return re.compile(rf"{name}\s*{amount} 元")


def test_from_the_message_to_the_bill_line_by_line(phone, resident):
    """(60 800 − 800) × 50 % = 30 000; the burden of 30 800 above 17 833 × 60 % = 7 780.20."""
    sign_in(phone, "王秀兰", resident.patient.person)
    settlement = resident.settle(cost={"total": "60800.00"}, admitted_on="2026-09-01", discharged_on="2026-09-12")

    open_page(phone, "#/messages")

    phone.get_by_role("link", name="医疗费用已结算").click()

    expect(phone.locator(".status-name")).to_have_text("已结算")
    expect(phone.locator(".part")).to_contain_text(
        [
            re.compile(r"统筹基金\s*30,000.00\s*49.3%"),
            re.compile(r"大病保险\s*7,780.20\s*12.8%"),
            re.compile(r"个人现金\s*23,019.80\s*37.9%"),
            of_year("起付线", "800.00"),
            of_year("统筹基金支付", "30,000.00"),
            of_year("政策内个人负担", "30,800.00"),
            of_year("大病保险支付", "7,780.20"),
        ]
    )
    expect(phone.get_by_role("img", name="统筹基金 30,000.00 元，占 49.3%")).to_be_visible()

    pooled = row(phone, "统筹基金支付")
    expect(pooled).to_contain_text("30,000.00")
    expect(pooled.locator(".sheet-words")).to_be_hidden()

    pooled.locator("summary").click()

    expect(pooled).to_contain_text("起付线以上的费用，由统筹基金按比例支付的钱。")
    expect(pooled).to_contain_text("怎么算：60000.00 × 50%")
    expect(pooled.locator(".source")).to_contain_text("重庆居民医保报销比例（住院50/70，门诊60/40）")
    expect(row(phone, "全自费")).to_have_count(0)  # what is nothing is left out
    expect(phone.get_by_text(settlement.number)).to_be_visible()

    phone.get_by_role("link", name="查看对应备案").click()

    expect(phone.get_by_role("heading", name="备案详情")).to_be_visible()


def test_a_bill_with_bands_costs_outside_and_the_account(phone, monday):
    """北京, active, level 3: 12 000 − 1 000 − 400 = 10 600 in scope; (10 600 − 1 300) × 85 % = 7 905."""
    of = enrollment(person("武志刚"), code="110000", account_balance="500")
    at = till(of, institution("H50010000001", place="500000", name="重庆示范医院"))
    settlement = at.settle(
        cost={"total": "12000.00", "excluded": "1000", "first_copay": "400"}, use_account=True, **STAY
    )

    sign_in(phone, "武志刚", of.person)

    open_page(phone, f"#/bills/{settlement.pk}")

    expect(row(phone, "全自费")).to_contain_text("1,000.00")
    expect(row(phone, "先行自付")).to_contain_text("400.00")
    expect(row(phone, "符合政策范围")).to_contain_text("10,600.00")
    expect(row(phone, "起付线")).to_contain_text("1,300.00")
    expect(row(phone, "基金支付合计")).to_contain_text("7,905.00")
    expect(row(phone, "个人负担")).to_contain_text("4,095.00")
    expect(row(phone, "个人账户支付")).to_contain_text("500.00")
    expect(row(phone, "个人现金支付")).to_contain_text("3,595.00")

    row(phone, "先行自付").locator("summary").click()

    expect(row(phone, "先行自付")).to_contain_text("北京写“自付二”")


def test_the_year_and_how_far_it_is(phone, resident):
    """One stay of 60 800: 30 000 of 80 000 used, 大病 reached; the next stay costs 800, 300 or 100 by level."""
    resident.settle(cost={"total": "60800.00"}, admitted_on="2026-09-01", discharged_on="2026-09-12")
    sign_in(phone, "王秀兰", resident.patient.person)
    open_page(phone, "#/")
    phone.get_by_role("link", name="就医账单").click()

    year = phone.locator(".year")

    expect(year).to_contain_text("重庆市 · 居民医保")
    expect(year.locator(".sum-of")).to_contain_text(["医保付了 37,780.20 元", "自己付了 23,019.80 元"])
    expect(year).to_contain_text("共 1 笔，费用总额 60,800.00 元")
    expect(phone.get_by_text("起付线（本年度第 2 次住院）")).to_be_visible()
    expect(phone.locator(".level").filter(visible=True)).to_have_text(
        [
            re.compile(r"三级医院\s*800 元"),
            re.compile(r"二级医院\s*300 元"),
            re.compile(r"一级医院、社区.*100 元", re.DOTALL),
        ]
    )

    cap = meter(phone, "年度封顶线")
    expect(cap).to_contain_text("还剩 50,000 元")
    expect(cap.locator(".meter-full")).to_have_attribute("style", "width: 37.5%;")

    illness = meter(phone, "大病保险起付线")
    expect(illness).to_contain_text("已达到")
    expect(illness).to_contain_text("目前累计 30,800 元，今年已付 7,780.20 元")

    phone.get_by_text("普通门诊", exact=True).first.click()

    expect(phone.get_by_text("重庆市城乡居民医保不支付三级医院的普通门诊费用。")).to_be_visible()

    phone.get_by_text("怎么算的").first.click()

    expect(phone.get_by_text("按上次结算时的就医类型（异地急诊抢救）计算。")).to_be_visible()


def test_reversed_bills_are_marked_and_count_no_more(phone, resident):
    settlement = resident.settle(**STAY)
    sign_in(phone, "王秀兰", resident.patient.person)
    reverse(resident.staff, settlement, reason="漏录一笔材料费")

    open_page(phone, "#/messages")

    phone.get_by_role("link", name="结算已冲正").click()

    expect(phone.locator(".status")).to_contain_text("已冲正")
    expect(phone.locator(".status")).to_contain_text("不再计入年度累计。")
    expect(phone.locator(".status-reason")).to_have_text("原因：漏录一笔材料费")

    open_page(phone, "#/bills")

    expect(phone.locator("a.card .tag")).to_have_text("已冲正")
    expect(phone.locator(".year")).to_contain_text("共 0 笔，费用总额 0.00 元")


def test_my_familys_bills_by_year_and_care(phone, monday):
    with policies(SIMPLE):
        mother, hospital = enrollment(person("王秀兰")), institution(name="北京示范医院", outpatient=True)
        father = till(enrollment(person("李国强")), hospital)
        for month in range(1, 10):
            for day in (3, 8, 13):
                father.settle(**visit(f"2026-{month:02d}-{day:02d}"))
        father.settle(admitted_on="2025-11-01", discharged_on="2025-11-05")
        account = sign_in(phone, "王秀兰", mother.person)
        mandate(account, father.patient.person, relation="spouse")

        open_page(phone, "#/bills")

        expect(phone.get_by_role("button", name="王*兰（本人）")).to_have_attribute("aria-pressed", "true")
        expect(phone.get_by_text("这一年还没有直接结算的账单。")).to_be_visible()
        expect(phone.get_by_role("link", name="出示医保码")).to_be_visible()

        phone.get_by_role("button", name="李*强（配偶）").click()

        expect(phone.locator("a.card")).to_have_count(20)

        phone.get_by_role("button", name="加载更多").click()

        expect(phone.locator("a.card")).to_have_count(27)
        # 27 × 100 − 200 = 2 500, half of it paid
        expect(phone.locator(".year .sum-of").first).to_contain_text("1,250.00")

        phone.get_by_text("普通门诊", exact=True).first.click()

        expect(phone.locator(".level").filter(visible=True).last).to_contain_text("已达到")

        phone.get_by_role("button", name="住院", exact=True).click()

        expect(phone.get_by_text("这一年没有这类账单。")).to_be_visible()

        phone.get_by_role("button", name="看全部账单").click()

        expect(phone.locator("a.card")).to_have_count(20)

        phone.get_by_label("医保年度").select_option("2025年")

        expect(phone.locator("a.card")).to_have_count(1)
        expect(phone.get_by_role("heading", name="这一年用了多少")).to_be_visible()

        phone.locator("a.card").click()

        expect(phone.get_by_role("heading", name="账单详情")).to_be_visible()

        phone.get_by_role("link", name="返回").click()

        expect(phone.get_by_role("button", name="李*强（配偶）")).to_have_attribute("aria-pressed", "true")
        expect(phone.get_by_label("医保年度")).to_have_value("2025-01-01")


def visit(day):
    return {"care": "outpatient", "admitted_on": day, "discharged_on": None, "cost": {"total": "100.00"}}


def test_what_no_source_says_is_said_so(phone, monday):
    """重庆's file knows nothing of employees' outpatient care, nor their cap."""
    sign_in(phone, "王秀兰", enrollment(person("王秀兰")).person)

    open_page(phone, "#/bills")

    expect(phone.get_by_text("没有找到重庆职工封顶线").first).to_be_visible()

    phone.get_by_text("普通门诊", exact=True).first.click()

    expect(phone.get_by_text("没有找到重庆市职工医保普通门诊的待遇")).to_be_visible()


def test_what_depends_on_the_hospital_is_a_range_with_the_reason_once(phone, monday):
    """苏州: 800, 600 or 300 for the first stay, nothing at mental hospitals (SZ1)."""
    sign_in(phone, "王秀兰", enrollment(person("王秀兰"), code="320500").person)

    open_page(phone, "#/bills")

    expect(phone.locator(".level").filter(visible=True)).to_have_text(
        [
            re.compile(r"三级医院\s*0 至 800 元"),
            re.compile(r"二级医院\s*0 至 600 元"),
            re.compile("一级医院.*0 至 300 元", re.DOTALL),
        ]
    )
    expect(phone.get_by_text("因医院的专科类别而不同，就医时才能确定。")).to_have_count(1)


def test_someone_new_is_told_to_bind_first(phone):
    sign_in(phone, "新用户")

    open_page(phone, "#/bills")

    expect(phone.get_by_text("还没有可以查看账单的参保人")).to_be_visible()
    expect(phone.get_by_role("link", name="添加参保人")).to_be_visible()


def test_without_a_network_it_says_so_and_is_tried_again(phone, resident, context, watch):
    resident.settle(**STAY)
    sign_in(phone, "王秀兰", resident.patient.person)

    open_page(phone, "#/bills")

    expect(phone.locator("a.card")).to_have_count(1)

    watch.offline = True
    context.set_offline(True)
    phone.locator("a.card").click()

    expect(phone.get_by_role("alert")).to_contain_text("网络连接不上")

    context.set_offline(False)

    expect(phone.locator(".status-name")).to_have_text("已结算")


def test_somebody_elses_bill_does_not_exist(phone, resident, watch):
    settlement = resident.settle(**STAY)
    sign_in(phone, "王秀兰")
    watch.refusals = {404}

    open_page(phone, f"#/bills/{settlement.pk}")

    expect(phone.get_by_role("alert")).to_contain_text("没有找到")


def test_the_statement_is_kept_as_a_pdf(phone, resident, tmp_path):
    settlement = resident.settle(**STAY)
    sign_in(phone, "王秀兰", resident.patient.person)
    open_page(phone, f"#/bills/{settlement.pk}")

    with phone.expect_download() as download:
        phone.get_by_role("button", name="下载结算单（PDF）").click()

    download.value.save_as(tmp_path / "statement.pdf")

    assert "北京示范医院" in pypdfium2.PdfDocument(tmp_path / "statement.pdf")[0].get_textpage().get_text_range()
