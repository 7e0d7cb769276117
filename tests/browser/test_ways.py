"""The whole way of a citizen, at two sizes and in three languages: what would be paid, a filing handed in, a bill claimed."""

from functools import partial

import pytest
from playwright.sync_api import expect

from claims.models import Claim
from filings.models import Filing
from reviews import materials
from reviews.models import Material
from tests.browser.acts import choose, hand_in, open_page, photo, pick_hospital, read_notice, said, say_contact, sign_in
from tests.factories import enrollment, institution, person

HOSPITAL = "北京示范医院"


@pytest.fixture(params=[(320, "zh-hans"), (1280, "en"), (375, "zh-hant")], ids=lambda way: f"{way[0]}-{way[1]}")
def reader(phone, request):
    """A phone, or a large screen, whose owner reads this language."""
    width, language = request.param
    phone.set_viewport_size({"width": width, "height": 740})
    phone.context.add_cookies([{"name": "yidi_language", "value": language, "url": phone.url}])
    phone.reload()
    return phone


def test_what_would_be_paid_is_filed_for_and_claimed(reader):
    """20 000 yuan: 880 first, then 95 % of a retired employee's stay in 重庆 (its file, CQ1): 18 164.00."""
    institution(name=HOSPITAL, outpatient=True)
    of = enrollment(person("王秀兰"), category="retired")
    sign_in(reader, "王秀兰", of.person)

    ask_what_is_paid(reader)
    file_on_a_promise(reader)
    claim(reader, of)

    filing, claimed = Filing.objects.get(), Claim.objects.get()
    assert (filing.status, filing.type, filing.destination_id) == ("submitted", "resident", "110000")
    assert (claimed.status, claimed.institution.name, claimed.materials.count()) == ("submitted", HOSPITAL, 3)


def ask_what_is_paid(reader):
    says = partial(said, reader)
    open_page(reader, "#/estimate")
    pick_hospital(reader, "北京市", HOSPITAL)
    reader.get_by_label(says("费用总额")).fill("20000")
    reader.get_by_role("button", name=says("算一算")).click()
    expect(reader.locator(".verdict-title")).to_contain_text("18,164.00")


def file_on_a_promise(reader):
    says = partial(said, reader)
    open_page(reader, "#/file")
    choose(reader, "北京市", "异地长期居住人员")
    read_notice(reader)
    say_contact(reader)
    reader.get_by_role("radio", name=says("个人承诺，稍后补交")).check(force=True)
    reader.get_by_label(says("承诺人签名")).fill("王秀兰")
    hand_in(reader)


def claim(reader, of):
    says = partial(said, reader)
    open_page(reader, f"#/claims/apply/{of.pk}")
    reader.get_by_role("button", name=says("医院")).click()
    reader.get_by_role("dialog").get_by_role("button", name=HOSPITAL).click()
    filled = {
        "入院（就诊）日期": "2026-10-12",
        "出院日期": "2026-10-20",
        "票据代码（20位号码的数电票没有代码）": "11060126",
        "票据号码": "0012345678",
        "费用总额": "20000",
        "银行账号": "6222 0202 0011 2233 446",
        "没有直接结算的原因": "住院前没有备案",
    }
    for label, value in filled.items():
        reader.get_by_label(says(label), exact=True).fill(value)
    for document in reader.locator(".document").all():
        document.locator("input").last.set_input_files(photo())
    expect(reader.get_by_text(says("正在处理…"))).to_have_count(3)
    for material in Material.objects.filter(status=Material.State.PROCESSING):
        materials.process(material.pk)
    expect(reader.get_by_text(says("已上传"))).to_have_count(3)
    reader.get_by_role("button", name=says("提交申请")).click()
    expect(reader.locator(".status-name")).to_have_text(says("初审中"))
