"""Master data by file on the staff's site: an import with an error, then mended; a calendar; a catalogue published by another."""

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from policies.models import CatalogueEntry, CatalogueVersion
from regions import importing
from regions.models import CalendarDay, CalendarYear, Institution
from tests import factories as make
from tests.policies.cataloguing import listed
from tests.regions.test_notice import NOTICES


@pytest.fixture
def admin(transactional_db):
    return make.staff(Role.ADMIN, name="系统管理员")


def file(**cells):
    """The institutions as they go out, with cells of the first one written over."""
    head = importing.columns_of("regions.institution")
    row = dict(zip(head, next(importing.cells_of("regions.institution")), strict=True))
    text = ",".join(head) + "\r\n" + ",".join(str(value) for value in {**row, **cells}.values()) + "\r\n"
    return {"name": "institutions.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_import_with_an_error_is_mended(desk, admin, theme):
    make.institution("H11010100001", name="北京示范医院")
    wrong, right = file(level="9"), file(name="北京示范医院新院区")
    page = desk(admin, "regions/institution/")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    page.reload()
    page.get_by_role("link", name="按文件导入").click()
    page.get_by_label("CSV 或 XLSX 文件").set_input_files(wrong)
    page.get_by_role("button", name="核对").click()

    expect(page.get_by_text("第 2 行：level")).to_be_visible()

    page.get_by_label("CSV 或 XLSX 文件").set_input_files(right)
    page.get_by_role("button", name="核对").click()

    expect(page.get_by_text("新增 0 行，变更 1 行")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()

    expect(page.get_by_text("已导入：新增 0 行，变更 1 行，未变 0 行。")).to_be_visible()
    assert Institution.objects.get().name == "北京示范医院新院区"


def test_a_year_is_made_from_its_notice(desk, admin):
    CalendarYear.objects.create(year=2026)
    page = desk(admin, "regions/calendaryear/2026/change/")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="粘贴放假通知").click()
    page.get_by_label("通知全文").fill(NOTICES[2026])
    page.get_by_role("button", name="核对").click()
    page.get_by_role("button", name="保存为该年日历").click()

    expect(page.get_by_text("2026 年日历已按通知保存，变动 25 天。")).to_be_visible()
    assert CalendarDay.objects.count() == 25


CATALOGUE = (
    "area,code,name,class,first_copay_ratio,price_limit,effective_from\n110000,XD1,示例药,{},0.1,12.5,2026-01-01\n"
)


def test_a_catalogue_file_is_looked_at_published_by_another_and_in_the_list(desk, transactional_db):
    """A wrong file first: nothing is lost, and nothing of it is kept."""
    make.area("110000")
    listed("XD1 A", "XD9 C")
    first, other = (make.supervisor("110000", name=name) for name in ("李主管", "王主管"))
    page = desk(first, "policies/catalogueentry/")

    page.get_by_role("link", name="导入目录文件").click()
    for text in (CATALOGUE.format("戊"), CATALOGUE.format("乙")):
        content = {"name": "北京.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
        page.get_by_label("选择文件").set_input_files(content)
        page.get_by_role("button", name="检查并保存为草稿").click()
        if "戊" in text:
            expect(page.get_by_role("alert")).to_contain_text("没有导入任何内容")
            expect(page.get_by_role("alert")).to_contain_text("第 2 行")
            assert list(CatalogueVersion.objects.values_list("status", flat=True)) == ["published"]

    expect(page.get_by_text("您上传的目录由另一位工作人员发布。")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="XD1")).to_contain_text("乙类，先自付 0.1，限价 12.5 元")
    expect(page.get_by_role("button", name="发布", exact=True)).to_have_count(0)

    theirs = desk(other, page.url.split("/admin/")[1])
    theirs.get_by_role("button", name="发布", exact=True).click()
    expect(theirs.get_by_text("北京.csv 已发布，编号 2。")).to_be_visible()
    theirs.get_by_role("link", name="目录", exact=True).click()

    expect(theirs.get_by_role("row").filter(has_text="110000")).to_contain_text("现行")
    expect(theirs.get_by_role("row").filter(has_text="XD9")).to_contain_text("丙类")
    assert CatalogueEntry.objects.get(area="110000").item_class == "B"
