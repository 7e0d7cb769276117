"""A filing entered at the counter with a scan, and decided by a colleague."""

from playwright.sync_api import expect

from filings.models import Filing
from reviews import materials
from reviews.models import Material
from tests import factories as make
from tests.reviews.material_files import jpeg


def test_a_filing_is_entered_at_the_counter_and_a_colleague_decides_it(desk, monday):
    of, clerk = make.enrollment(make.person("王秀兰")), make.reviewer(name="张敏", identity_hash="zhang")
    page = desk(clerk, f"filings/filing/enter/{of.pk}/")
    page.get_by_label("备案类型").select_option("other")
    page.locator("[name=destination]").select_option("110000", force=True)
    page.get_by_label("开始日期").fill("2026-11-23")
    page.get_by_label("联系人").fill("王秀兰")
    page.get_by_label("联系电话").fill("13900000001")
    page.get_by_label("已向申请人出示").check()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "证件.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    )
    page.get_by_role("button", name="提交，由其他审核员办理").click()
    expect(page.get_by_text("材料正在检查")).to_be_visible()
    materials.process(Material.objects.get().pk)

    expect(page.get_by_text("须由其他审核员办理")).to_be_visible()

    entered = Filing.objects.get()
    assert (entered.channel, entered.materials.count()) == ("counter", 1)
    case = desk(make.reviewer(), f"reviews/submission/{entered.pk}/change/")
    expect(case.get_by_text("录入人 张敏")).to_be_visible()
    case.get_by_label("通过", exact=True).check()
    case.get_by_role("button", name="提交决定", exact=True).click()
    expect(case.get_by_text("已审核通过")).to_be_visible()
