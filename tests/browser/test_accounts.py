"""Reconciliation and clearing in the staff's site: a list is uploaded and its differences read; a month is looked at and closed."""

import pytest
from playwright.sync_api import expect

from core import clock
from settlements.models import Clearing, Settlement
from tests import factories as make
from tests.browser.acts import stand_still
from tests.factories import BEIJING, CHENGDU, CHONGQING, moment
from tests.settlements.ledger import ALIKE, CHONGQING_HOSPITAL, HERE, clerk, row, settled, text
from tests.settlements.till import HOSPITAL, policies

BEYOND_THE_EDGE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def entries(monday):
    """Settled on 2026-11-23: for 重庆 7 200 and 成都 4 000 of the fund in 北京, for 北京 4 000 in 重庆."""
    with policies(HERE, *ALIKE), clock.standing_at(moment("2026-11-23 09:30")):
        yield [
            settled(CHONGQING),
            settled(CHENGDU, total="6000.00"),
            settled(BEIJING, institution=CHONGQING_HOSPITAL, total="6000.00"),
        ]


def choose(page, data, name="对账单.csv"):
    page.get_by_label("CSV 文件").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data.encode()})
    page.get_by_role("button", name="导入并比对").click()


def test_a_hospital_uploads_its_list_and_reads_what_differs(desk, entries):
    page = desk(clerk(), "")

    page.get_by_role("link", name="日对账").first.click()

    expect(page.get_by_text("未导入")).to_be_visible()

    page.get_by_role("link", name="导入医院对账单").click()
    choose(page, text([row(entries[0], total="一万"), row(entries[1])]))

    expect(page.get_by_role("alert")).to_contain_text("第 2 行：费用总额应为金额")

    choose(page, text([row(entries[0], fund="7000.00", cash="3000.00"), row(entries[1])]))

    expect(page.locator("p[role=status]")).to_contain_text("有 1 处差异")
    expect(page.get_by_role("row", name="金额不一致")).to_contain_text("7,200.00")
    expect(page.get_by_role("row", name="金额不一致")).to_contain_text("7,000.00")

    page.get_by_role("link", name="当天明细").click()
    page.get_by_role("link", name="当天全部机构").click()
    page.get_by_role("link", name="1 处差异").click()
    page.get_by_role("link", name="当天明细").click()
    page.get_by_role("link", name="导入医院对账单").click()
    choose(page, text([row(entries[0]), row(entries[1])]), "更正.csv")

    expect(page.get_by_text("双方一致。", exact=True)).to_be_visible()

    page.get_by_role("link", name="当天明细").click()

    expect(page.get_by_text("一致", exact=True)).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="导出明细 CSV").click()

    assert download.value.suggested_filename == f"entries-{HOSPITAL}-2026-11-23.csv"


def test_a_month_is_looked_into_and_closed_once_it_is_over(desk, entries):
    page = desk(make.staff("admin"), "settlements/clearing/")

    expect(page.get_by_text("本月未结束")).to_be_visible()
    expect(page.get_by_role("row", name="重庆市 500000 北京市")).to_contain_text("3,200.00")

    page.get_by_role("row", name="重庆市 500000 北京市").get_by_role("link", name="7,200.00").click()

    expect(page.get_by_text(entries[0].number)).to_be_visible()
    expect(page.get_by_text(entries[2].number)).to_have_count(0)

    stand_still("2026-12-01 08:00")
    page.get_by_role("link", name="返回月度清算").click()
    page.get_by_role("button", name="关账").click()

    assert not Clearing.objects.exists()  # nobody closes a month without having looked at it

    page.get_by_label("已核对以上净额和合计").check()
    page.get_by_role("button", name="关账").click()

    expect(page.get_by_text("已与结算明细核对，关账结果没有变化。")).to_be_visible()
    expect(page.get_by_role("button", name="关账")).to_have_count(0)
    expect(page.get_by_role("row", name="合计（应收减应付必为零）")).to_contain_text("0.00")
    assert Clearing.objects.get().entries == Settlement.objects.count() == 3


@pytest.mark.parametrize("width", [1360, 390])
def test_no_page_goes_beyond_the_edge(desk, entries, width):
    page = desk(make.staff("admin"), "settlements/reconciliation/")
    page.set_viewport_size({"width": width, "height": 800})
    day = f"settlements/reconciliation/day/{HOSPITAL}/2026-11-23/"
    origin = page.url.partition("/admin/")[0]
    for address in ("settlements/reconciliation/", day, "settlements/reconciliation/import/", "settlements/clearing/",
                    "settlements/clearing/entries/?month=2026-11"):  # fmt: skip
        page.goto(f"{origin}/admin/{address}")
        assert page.evaluate(BEYOND_THE_EDGE) == 0, address
