"""Master data by file on the staff's site: an import with an error, then mended; a year's calendar from its notice."""

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from regions import importing
from regions.models import CalendarDay, CalendarYear, Institution
from tests import factories as make
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
