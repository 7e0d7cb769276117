"""Manual reimbursement on the phone: claimed line by line, returned and mended, approved by two, paid."""

from datetime import date

import pytest
from playwright.sync_api import expect

from claims import payments, refusals
from claims.models import Claim
from core import clock
from reviews import materials, services
from reviews.models import Material
from tests.browser.acts import open_page, photo, sealed, sign_in
from tests.factories import BEIJING, claim_draft, diseases, enrollment, finance, institution, person, reviewer


@pytest.fixture
def enrolled(monday):
    diseases()
    institution("H11010100001", place=BEIJING, name="北京示范医院")
    return enrollment(person("王秀兰"))


def upload_all(phone, count=3):
    """A photo for every document, made safe by the worker."""
    adders = phone.locator(".adder", has_text="相册或文件")
    expect(adders).to_have_count(count)
    for index in range(adders.count()):
        adders.nth(index).locator("input").set_input_files(photo())
        expect(phone.get_by_text("正在处理…")).to_be_visible()
        for material in Material.objects.filter(status=Material.State.PROCESSING):
            materials.process(material.pk)
        expect(phone.get_by_text("已上传")).to_have_count(index + 1)


def test_a_bill_is_claimed_approved_and_paid(phone, enrolled, watch):
    """18 000 of A, 1 000 of C, 1 000 of B at 10 %: scope 18 900; (18 900 − 924) × 80 % = 14 380.80; the rest of 20 000 is one's own."""
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/records")
    phone.get_by_role("link", name="手工报销").click()
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()
    phone.get_by_label("入院（就诊）日期").fill("2026-10-12")
    phone.get_by_label("出院日期").fill("2026-10-20")
    phone.get_by_label("票据代码").fill("11060126")
    phone.get_by_label("票据号码").fill("0012345678")
    phone.get_by_text("按清单逐项填").click()
    for index, (amount, kind) in enumerate([("18000", "甲类"), ("1000", "自费"), ("1000", "乙类")]):
        if index:
            phone.get_by_role("button", name="添加一项").click()
        item = phone.locator(".item").nth(index)
        item.get_by_text(kind, exact=True).click()
        item.get_by_label("金额（元）").fill(amount)

    phone.locator(".item").nth(2).get_by_label("先行自付（%）").fill("10")

    expect(phone.locator(".sum")).to_have_text("合计 20,000.00 元")

    phone.get_by_label("银行账号").fill("6222 0202 0011 2233 446")
    phone.get_by_label("没有直接结算的原因").fill("住院前没有备案")
    upload_all(phone)
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator(".status-name")).to_have_text("初审中")
    expect(phone.locator("#page")).to_contain_text("****3446")

    claim = Claim.objects.get()
    for _stage in range(2):
        services.approve(claim, reviewer=reviewer())
    phone.reload()

    expect(phone.locator(".status-name")).to_have_text("已通过，待支付")
    expect(phone.locator(".status-text")).to_have_text("医保付 14,380.80 元，自己付 5,619.20 元")

    account = finance()
    batch = payments.mark_paid(payments.export(account), account, paid_on=clock.today())
    phone.reload()

    expect(phone.locator(".status-name")).to_have_text("已支付")

    refusals.refuse(batch, account, line=batch.lines.get().pk, code="account_closed", on=clock.today())
    phone.reload()

    expect(phone.locator(".status-name")).to_have_text("银行退回，请更正账户")

    watch.refusals = {400}
    phone.get_by_label("银行账号").fill("6222 0202 0011 2233 454")
    phone.get_by_role("button", name="提交更正，重新支付").click()

    expect(phone.locator("#form-bank_account-error")).to_contain_text("银行卡号校验不符")

    phone.get_by_label("银行账号").fill("6222 0202 0011 2233 453")
    phone.get_by_role("button", name="提交更正，重新支付").click()

    expect(phone.locator(".status-name")).to_have_text("已通过，待支付")
    expect(phone.locator("#page")).to_contain_text("****3453")

    payments.mark_paid(payments.export(account), account, paid_on=clock.today())
    phone.reload()

    expect(phone.locator(".status-name")).to_have_text("已支付")

    phone.get_by_role("link", name="查看怎样算出来的").click()

    expect(phone.locator(".fact", has_text="票据号码")).to_contain_text("0012345678")
    expect(phone.get_by_text("对结算有疑问，请联系参保地经办机构，或拨打 12393")).to_be_visible()

    open_page(phone, "#/messages")
    phone.get_by_role("link", name="手工报销已支付").first.click()

    expect(phone.locator(".status-name")).to_have_text("已支付")

    open_page(phone, "#/claims")

    expect(phone.locator(".card")).to_contain_text("北京示范医院")
    expect(phone.locator("#page .choice")).to_be_visible()  # the last of what this page asks for has come


def test_an_injury_is_claimed_with_its_statement(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, f"#/claims/apply/{enrolled.pk}")
    phone.get_by_role("button", name="医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()

    statement = phone.locator(".document", has_text="外伤无第三方责任承诺书")
    expect(statement).to_have_count(0)

    phone.locator("label.chip", has_text="外伤").click()

    expect(statement).to_be_visible()

    phone.get_by_label("入院（就诊）日期").fill("2026-10-12")
    phone.get_by_label("出院日期").fill("2026-10-20")
    phone.get_by_label("票据代码").fill("11060126")
    phone.get_by_label("票据号码").fill("0012345678")
    phone.get_by_label("费用总额").fill("20000")
    phone.get_by_label("银行账号").fill("6222 0202 0011 2233 446")
    phone.get_by_label("没有直接结算的原因").fill("医院要求自费")
    upload_all(phone, 4)
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator(".status-name")).to_have_text("初审中")
    expect(phone.locator("#page")).to_contain_text("住院 · 外伤")
    assert Claim.objects.get().injury


def test_one_that_was_returned_is_mended(phone, enrolled, watch):
    watch.refusals = {404, 400}  # documents that tests make have no thumbnails
    account = sign_in(phone, "王秀兰", enrolled.person)
    claim = services.submit(claim_draft(enrolled, account=account), actor=services.Actor.of(account, enrolled.person))
    services.return_for_correction(claim, reviewer=reviewer(), reason="金额与票据不符。", fields=["cost"])

    open_page(phone, f"#/claims/{claim.pk}")

    expect(phone.locator(".marks")).to_have_text("费用")

    phone.get_by_role("button", name="去补正").click()

    expect(phone.get_by_label("费用总额")).to_have_value("20000")

    phone.get_by_label("费用总额").fill("")
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator('[data-error="cost.total"]')).to_have_text("请填写费用总额，或逐项填写明细。")

    phone.get_by_label("费用总额").fill("19000")
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator(".status-name")).to_have_text("初审中")

    claim = Claim.objects.get()
    assert (claim.round, claim.total, claim.admitted_on < date(2026, 12, 31)) == (2, 19000, True)


def test_what_was_written_survives_a_reload_and_can_be_handed_in_later(phone, enrolled, watch):
    watch.refusals = {400, 404}  # documents that tests make have no thumbnails
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, f"#/claims/apply/{enrolled.pk}")

    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator('[data-error="cost"]')).to_have_text("请按票据和费用清单填写费用。")
    expect(phone.locator('[data-error="admitted_on"]')).to_have_text("请填写入院（就诊）日期。")

    phone.get_by_label("费用总额").fill("20000")
    phone.get_by_label("银行账号").fill("6222020200112233446")
    phone.get_by_role("button", name="医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()
    with sealed(phone):
        upload_all(phone)
    phone.reload()

    expect(phone.get_by_label("费用总额")).to_have_value("20000")
    expect(phone.get_by_role("button", name="医院")).to_contain_text("北京示范医院")
    expect(phone.locator(".file")).to_have_count(3)
    expect(phone.get_by_label("银行账号")).to_have_value("")  # never written down on the phone

    phone.get_by_role("button", name="先保存，以后再交").dblclick()

    expect(phone.locator(".status-text")).to_have_text("还没有提交")

    claim = Claim.objects.get()
    assert (claim.status, claim.total, claim.materials.count()) == ("draft", 20000, 3)

    open_page(phone, f"#/claims/apply/{enrolled.pk}")

    expect(phone.get_by_label("费用总额")).to_have_value("")

    open_page(phone, f"#/claims/{claim.pk}")
    phone.get_by_role("button", name="继续填写").click()

    expect(phone.get_by_label("费用总额")).to_have_value("20000")

    phone.go_back()
    phone.get_by_role("button", name="放弃草稿").click()
    phone.get_by_role("dialog").get_by_role("button", name="放弃草稿").click()

    expect(phone.get_by_text("已放弃")).to_be_visible()


def test_what_is_handed_in_while_its_first_save_is_under_way_is_one_claim(phone, enrolled, watch):
    watch.refusals = {503}
    refused, waiting = True, []
    sign_in(phone, "王秀兰", enrolled.person)

    def door(route):
        if route.request.method != "POST":
            route.continue_()
        elif not refused:
            waiting.append(route)
        else:
            route.fulfill(status=503, body="<html>")

    phone.route("**/api/v1/claims/", door)
    open_page(phone, f"#/claims/apply/{enrolled.pk}")
    phone.get_by_role("button", name="医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()
    phone.get_by_label("入院（就诊）日期").fill("2026-10-12")
    phone.get_by_label("出院日期").fill("2026-10-20")
    phone.get_by_label("票据代码").fill("11060126")
    phone.get_by_label("票据号码").fill("0012345678")
    phone.get_by_label("费用总额").fill("20000")
    phone.get_by_label("银行账号").fill("6222020200112233446")
    upload_all(phone)
    refused = False
    phone.get_by_label("没有直接结算的原因").fill("住院前没有备案")
    for _each in range(100):
        phone.wait_for_timeout(50)
        if waiting:
            break
    phone.get_by_role("button", name="提交申请").click()
    assert len(waiting) == 1
    waiting[0].continue_()
    phone.unroute("**/api/v1/claims/")

    expect(phone.locator(".status-name")).to_have_text("初审中")

    assert [claim.status for claim in Claim.objects.all()] == ["submitted"]
