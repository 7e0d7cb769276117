"""A filing entered at the counter with a scan, and decided by a colleague."""

from playwright.sync_api import expect

from claims.models import Claim
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


LIST = "项目名称,目录类别,金额,先自付比例\n西药,甲类,15000,\n核磁共振,特需,3000,10%\n"


def test_a_claim_is_entered_by_the_hospitals_list(desk, monday):
    """The list is shown with what is wrong in it, mended, a line added by hand, and goes in with the scans."""
    of, clerk = make.enrollment(make.person("王秀兰")), make.reviewer(name="张敏", identity_hash="zhang")
    make.institution()
    page = desk(clerk, f"claims/claim/enter/{of.pk}/")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_text("从医院的清单录入").click()
    page.locator("#lines-file").set_input_files(
        {"name": "清单.csv", "mimeType": "text/csv", "buffer": LIST.encode("gb18030")}
    )
    page.get_by_role("button", name="核对明细").click()

    expect(page.get_by_text("第 2 行：目录类别应为 A、B 或 C").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("目录类别").nth(1).select_option("B")
    page.get_by_role("button", name="再加五行").click()
    page.get_by_label("名称", exact=True).nth(2).fill("陪护")
    page.get_by_label("目录类别").nth(2).select_option("C")
    page.get_by_label("金额（元）").nth(2).fill("2000")

    for name, text in {
        "care": "inpatient", "hospital": "H11010100001", "admitted_on": "2026-11-01", "discharged_on": "2026-11-10",
        "invoice_code": "11060126", "invoice_number": "0012345678", "bank_account": "6222020200112233446", "reason": "没有备案",
        "total": "20000",
    }.items():  # fmt: skip
        field = page.locator(f"[name={name}]")
        field.select_option(text) if name == "care" else field.fill(text)
    for kind in make.CLAIM_PAPERS:
        page.locator(f"#scan-{kind}").set_input_files(
            {"name": f"{kind}.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
        )
    page.get_by_role("button", name="提交，由其他审核员办理").click()
    expect(page.get_by_text("材料正在检查")).to_be_visible()
    for paper in Material.objects.all():
        materials.process(paper.pk)

    expect(page.get_by_text("须由其他审核员办理")).to_be_visible()
    lines = [(item.name, item.catalogue, item.amount) for item in Claim.objects.get().cost.items]
    assert lines == [("西药", "A", 15000), ("核磁共振", "B", 3000), ("陪护", "C", 2000)]
