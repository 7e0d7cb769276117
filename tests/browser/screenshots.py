"""`make screenshots`: the README's pictures, from the project's own demo at a moment that always stands.

Run as `pytest tests/browser/screenshots.py`; the name keeps it out of the ordinary run.
"""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.sync_api import expect

from accounts.models import Account, Person
from accounts.registry import mirror, register
from filings.models import Filing
from policies import publishing
from policies.language.loader import SHIPPED
from reviews import materials, services
from reviews.models import Material
from scenarios import running
from scenarios.models import PolicyScenario
from scenarios.services import request
from settlements.models import Settlement
from tests.browser.acts import choose, hand_in, open_page, pick_hospital, read_notice, say_contact, sign_in
from tests.factories import submitted

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WANG, GRANDCHILD, WU = "110101195503070028", "500000201605140065", "140000196904040012"
ZHANG = "500000194812030026"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1360, "height": 980}
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
GROUND, SHADOW = "#e8efeb", (16, 40, 28, 70)
COLOURS = 256


@pytest.fixture
def demo(monday):
    call_command("load_reference", verbosity=0)
    call_command("load_demo", verbosity=0)


@pytest.fixture
def hand(chromium, demo, live_server):
    """A phone of today's size, with sharp pixels."""
    context = chromium.new_context(viewport=PHONE, device_scale_factor=2, has_touch=True, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    yield page
    context.close()


@pytest.fixture
def desk(chromium, demo, live_server):
    context = chromium.new_context(viewport=DESK, device_scale_factor=1.5, locale="zh-CN")
    yield context.new_page()
    context.close()


def insured(number: str) -> Person:
    """A person of the demo register."""
    record = register().look_up(number)
    assert record is not None
    return mirror(record)


def residence_permit() -> dict[str, object]:
    """A sample paper to photograph."""
    card = Image.new("RGB", (1200, 760), "#cfe3ef")
    draw = ImageDraw.Draw(card)
    draw.rounded_rectangle((60, 60, 1140, 700), 48, fill="#f6fbfe", outline="#7fa8c4", width=6)
    big, small = ImageFont.truetype(FONT, 84), ImageFont.truetype(FONT, 46)
    draw.text((420, 110), "居 住 证", "#27506b", big)
    for row, text in enumerate(["姓名　王秀兰", "住址　北京市海淀区示范路 1 号", "签发　2025.06.01", "样张，不是证件"]):
        draw.text((130, 270 + 96 * row), text, "#333333", small)
    data = BytesIO()
    card.save(data, "JPEG")
    return {"name": "居住证.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def shoot(page) -> Image.Image:
    """The open page once nothing moves on it any more."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".toast-shown, .skeleton")).to_have_count(0)
    page.evaluate("document.activeElement?.blur()")
    return Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")


def shoot_from(page, selector: str) -> Image.Image:
    """The open page with this below its header."""
    page.locator(selector).first.evaluate("one => { scrollBy(0, one.getBoundingClientRect().top - 60) }")
    return shoot(page)


def keep(picture: Image.Image, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, kmeans=4, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


def framed(picture: Image.Image, width: int, radius: int) -> Image.Image:
    """Scaled to `width`, with round corners and a soft shadow around it."""
    scaled = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    mask = Image.new("L", scaled.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, scaled.width - 1, scaled.height - 1), radius, fill=255)
    margin = 40
    around = Image.new("RGBA", (scaled.width + 2 * margin, scaled.height + 2 * margin), (0, 0, 0, 0))
    around.paste(SHADOW, (margin, margin + 10), mask)
    around = around.filter(ImageFilter.GaussianBlur(16))
    around.paste(scaled, (margin, margin), mask)
    return around


def arranged(desk: Image.Image, left: Image.Image, right: Image.Image) -> Image.Image:
    """A page of the staff's site behind two phones."""
    whole = Image.new("RGB", (1960, 1010), GROUND)
    places = [
        (framed(desk, 1090, 14), (0, 85)),
        (framed(left, 380, 34), (1085, 100)),
        (framed(right, 380, 34), (1495, 20)),
    ]
    for picture, place in places:
        whole.paste(picture, place, picture)
    return whole


def test_overview(hand, desk, live_server):
    wang, child = insured(WANG), insured(GRANDCHILD)
    account = sign_in(hand, "王秀兰", wang, child)
    in_force(account, child)
    filing = file_with_a_photo(hand)
    shown = case_page(desk, live_server.url, filing)
    open_page(hand, f"#/records/{filing.pk}")
    record = shoot(hand)
    open_page(hand, "#/")
    home = shoot(hand)
    keep(arranged(shown, home, record), "overview")


def test_before_the_visit(hand, desk, live_server):
    """An area of which every way of going is priced: what its policy pays, and what a change of it would do."""
    sign_in(hand, "武志刚", insured(WU))
    open_page(hand, "#/direct")
    pick_hospital(hand, "北京市", "北京示范医院")
    direct = shoot_from(hand, ".verdict")
    hand.get_by_role("link", name="看看能报多少").click()
    hand.get_by_label("费用总额").fill("60000")
    hand.get_by_label("个人账户余额").fill("8450")
    hand.get_by_role("button", name="算一算").click()
    expect(hand.locator(".bar-track")).to_have_count(6)
    paid = shoot_from(hand, ".group")
    keep(arranged(scenario_page(desk, live_server.url, draft_compared()), paid, direct), "before-the-visit")


def test_after_the_visit(hand, desk, live_server):
    """A stay that reached 大病: the year and how far it is, the bill line by line, and the same for the staff."""
    call_command("load_demo_bills", verbosity=0)
    zhang = insured(ZHANG)
    sign_in(hand, "张桂芳", zhang)
    open_page(hand, "#/bills")
    expect(hand.locator("a.card")).to_have_count(1)
    year = shoot(hand)
    hand.locator("a.card").click()
    bill = shoot_from(hand, ".paid")
    settlement = Settlement.objects.get(person=zhang)
    enter(desk, live_server.url, "cq-reviewer")
    staff = page_of(desk, f"{live_server.url}/admin/settlements/settlement/{settlement.pk}/change/")
    keep(arranged(staff, year, bill), "after-the-visit")


STAFF = {
    "start": "",
    "worklist": "reviews/submission/",
    "staff": "reviews/submission/staff/",
    "exports": "reviews/export/",
    "audit": "reviews/submission/audit/",
    "report": "settlements/settlement/report/",
}
"""The supervisor's pages in docs/staff.md, by picture."""


def test_the_desk(desk, demo, live_server):
    """A supervisor's morning: what waits, who has it, what was selected."""
    call_command("load_demo_bills", verbosity=0)
    supervisor, reviewer = Account.objects.get(username="cq-supervisor"), Account.objects.get(username="cq-reviewer")
    cases = [submitted(to=place) for place in ("110000", "310000", "530100", "440300", "110000", "310000")]
    services.approve(cases[0], reviewer=reviewer)
    services.return_for_correction(cases[1], reviewer=reviewer, reason="请补充起止日期。", fields=["starts_on"])
    services.assign(cases[2], reviewer=reviewer)
    enter(desk, live_server.url, supervisor.username)
    for name, address in STAFF.items():
        keep(smaller(page_of(desk, f"{live_server.url}/admin/{address}")), f"staff-{name}")
    desk.goto(f"{live_server.url}/admin/reviews/submission/")
    desk.locator("#action-toggle").check()
    desk.locator("select[name=action]").select_option(label="分配承办人")
    desk.get_by_role("button", name="执行").click()
    keep(smaller(shoot(desk)), "staff-hand-on")
    desk.goto(f"{live_server.url}/admin/reviews/submission/{cases[3].pk}/change/")
    desk.get_by_role("button", name="由我承办").click()
    keep(smaller(shoot(desk)), "staff-case")


LIST = "西药\t甲类\t15000.00\n核磁共振\t乙类\t3000.00\t10%\n陪护\t自费\t2000.00"


def test_the_counter(desk, demo, live_server):
    """A clerk enters a claim by the hospital's list."""
    enter(desk, live_server.url, "cq-reviewer")
    of = insured(ZHANG).enrollments.get()
    desk.goto(f"{live_server.url}/admin/claims/claim/enter/{of.pk}/")
    desk.get_by_text("从医院的清单录入").click()
    desk.get_by_label("或粘贴").fill(LIST)
    desk.get_by_role("button", name="核对明细").click()
    expect(desk.get_by_label("名称", exact=True).first).to_have_value("西药")
    keep(smaller(shoot_from(desk, "#bill-lines")), "staff-counter")


def smaller(picture: Image.Image) -> Image.Image:
    return picture.resize((1360, round(picture.height * 1360 / picture.width)), Image.Resampling.LANCZOS)


def in_force(account: Account, child: Person) -> None:
    """The grandchild's filing, approved earlier."""
    filing = submitted(child.enrollments.get(), account=account, to="310000", contact_name="王秀兰")
    reviewer = Account.objects.get(username="cq-reviewer")
    services.approve(filing, reviewer=reviewer)
    account.messages.update(read_at=filing.created_at)


def file_with_a_photo(hand) -> Filing:
    open_page(hand, "#/file")
    choose(hand, "北京市", "异地长期居住人员")
    read_notice(hand)
    say_contact(hand)
    hand.locator(".adder", has_text="相册或文件").first.locator("input").set_input_files(residence_permit())
    expect(hand.get_by_text("正在处理…")).to_be_visible()
    for material in Material.objects.filter(status=Material.State.PROCESSING):
        materials.process(material.pk)
    expect(hand.get_by_text("已上传")).to_be_visible()
    hand_in(hand)
    return Filing.objects.get(destination="110000")


EXAMPLE = """
examples:
  - name: 费用正好是起付线
    given: {insurance: employee, person: active, age: 45, care: inpatient, level: 3, travel: local, cost: {total: 600}}
    expect: {deductible: 600.00, pooled: 0.00}
"""


def draft_compared() -> PolicyScenario:
    """A draft for next year over generated bills: employees' deductible is lower, and so is the share of unplanned trips."""
    admin = Account.objects.get(username="admin")
    text = (SHIPPED / "140100-taiyuan-2025.yaml").read_text("utf-8").partition("\nexamples:")[0]
    for old, new in [
        ("2025-01-01", "2027-01-01"),
        ("amount: 800,", "amount: 600,"),
        ("ratio: 0.70, source: TY5", "ratio: 0.66, source: TY5"),
    ]:
        assert old in text
        text = text.replace(old, new)
    text += EXAMPLE
    scenario = request(admin, publishing.upload(text, "140100-taiyuan-2027.yaml", by=admin), size=200_000, seed=1)
    running.work()
    return scenario


def enter(desk, url: str, username: str) -> None:
    desk.goto(f"{url}/admin/")
    desk.get_by_label("用户名").fill(username)
    desk.get_by_label("密码").fill("yidi-demo-2026")
    desk.get_by_role("button", name="登录").click()


def case_page(desk, url: str, filing: Filing) -> Image.Image:
    enter(desk, url, "cq-reviewer")
    desk.goto(f"{url}/admin/reviews/submission/{filing.pk}/change/")
    desk.get_by_role("button", name="由我承办").click()
    expect(desk.locator(".yd-stage img")).to_be_visible()
    return page_of(desk, desk.url)


def scenario_page(desk, url: str, scenario: PolicyScenario) -> Image.Image:
    enter(desk, url, "admin")
    return page_of(desk, f"{url}/admin/scenarios/policyscenario/{scenario.pk}/change/")


def page_of(desk, address: str) -> Image.Image:
    desk.goto(address)
    return shoot(desk)
