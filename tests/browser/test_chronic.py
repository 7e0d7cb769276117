"""Chronic diseases on the phone: applied for, reviewed twice in the admin, in force from next month, renewed, printed."""

from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from chronic.models import Recognition
from reviews import materials, services
from reviews.models import Material
from reviews.services import Actor
from tests.browser.acts import open_page, photo, sign_in
from tests.factories import BEIJING, CHONGQING, diseases, enrollment, institution, person, recognition_draft, reviewer


@pytest.fixture
def enrolled(monday):
    diseases()
    institution("H50010000001", place=CHONGQING, name="重庆示范医院")
    institution("H11010100001", place=BEIJING, name="北京示范医院", chronic=["M01600"])
    institution("H11010100002", place=BEIJING, name="北京未开通医院")
    return enrollment(person("王秀兰"), category="retired")


def upload_all(phone):
    """A photo for every document, made safe by the worker."""
    adders = phone.locator(".adder", has_text="相册或文件")
    expect(adders).to_have_count(2)
    for index in range(adders.count()):
        adders.nth(index).locator("input").set_input_files(photo())
        expect(phone.get_by_text("正在处理…")).to_be_visible()
        for material in Material.objects.filter(status=Material.State.PROCESSING):
            materials.process(material.pk)
        expect(phone.get_by_text("已上传")).to_have_count(index + 1)


def decide(context, origin, recognition, account):
    """Open the case in the admin, signed in as this reviewer, and press 通过."""
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}])
    page = context.new_page()
    page.goto(origin + reverse("admin:reviews_submission_change", args=[recognition.pk]))
    expect(page.get_by_text("糖尿病（M01600）").first).to_be_visible()
    page.get_by_role("radio", name="通过", exact=True).check()
    page.get_by_role("button", name="提交决定").click()
    page.wait_for_url("**/admin/reviews/submission/")
    page.close()


def test_a_patient_applies_and_two_reviewers_decide(phone, enrolled, chromium, live_server):
    sign_in(phone, "王秀兰", enrolled.person)
    phone.get_by_role("link", name="门诊慢特病").click()
    phone.locator("#page .choice").first.click()
    phone.get_by_label("病种").select_option("M01600")
    phone.get_by_label("确诊日期").fill("2026-10-12")
    phone.get_by_role("button", name="确诊医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="重庆示范医院").click()

    phone.get_by_role("button", name="添加医院").click()

    expect(phone.get_by_role("dialog").get_by_role("button", name="北京未开通医院")).to_have_count(0)

    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()
    upload_all(phone)
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator(".status-name")).to_have_text("初审中")

    recognition = Recognition.objects.get()
    staff = chromium.new_context(locale="zh-CN")
    decide(staff, live_server.url, recognition, reviewer())
    phone.reload()

    expect(phone.locator(".status-name")).to_have_text("专家复审中")

    decide(staff, live_server.url, recognition, reviewer())
    staff.close()

    phone.reload()

    expect(phone.locator(".status-name")).to_have_text("待生效")
    expect(phone.locator(".status-text")).to_have_text("2026年12月1日 起，长期有效")

    phone.get_by_role("button", name="选择就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()

    expect(phone.locator(".file-name", has_text="北京示范医院")).to_be_visible()
    expect(phone.locator(".file-name", has_text="北京未开通医院")).to_have_count(0)

    open_page(phone, "#/chronic")

    expect(phone.locator(".card")).to_contain_text("糖尿病")


def test_the_form_is_filled_in_and_printable(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    draft = recognition_draft(enrolled, account=account)

    open_page(phone, f"#/chronic/{draft.pk}/form")

    expect(phone.get_by_role("heading", name="门诊特殊病种申请表")).to_be_visible()
    expect(phone.get_by_role("row", name="证件号码")).to_contain_text(enrolled.person.id_number)

    phone.emulate_media(media="print")

    expect(phone.locator(".bar")).to_be_hidden()
    expect(phone.get_by_role("button", name="打印")).to_be_hidden()


def test_one_returned_is_mended_and_one_that_ends_is_renewed(phone, enrolled, watch):
    watch.refusals = {404}  # documents that tests make have no thumbnails
    account = sign_in(phone, "王秀兰", enrolled.person)
    actor = Actor.of(account, enrolled.person)
    recognition = services.submit(recognition_draft(enrolled, account=account), actor=actor)
    services.return_for_correction(
        recognition, reviewer=reviewer(), reason="确诊日期与病历不符。", fields=["diagnosed_on"]
    )

    open_page(phone, f"#/chronic/{recognition.pk}")

    expect(phone.locator(".marks")).to_have_text("确诊日期")

    phone.get_by_role("button", name="去补正").click()

    expect(phone.locator(".field-marked")).to_have_count(1)

    phone.get_by_label("确诊日期").fill("2025-11-30")
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator(".status-name")).to_have_text("初审中")

    recognition.refresh_from_db()

    assert (recognition.round, recognition.diagnosed_on) == (2, date(2025, 11, 30))

    services.approve(recognition, reviewer=reviewer())
    services.approve(recognition, reviewer=reviewer())
    Recognition.objects.filter(pk=recognition.pk).update(valid_from=date(2026, 9, 1), renew_by=date(2026, 11, 30))
    phone.reload()
    phone.get_by_role("button", name="办理续期").click()
    upload_all(phone)
    phone.get_by_role("button", name="提交申请").click()

    expect(phone.locator(".status-name")).to_have_text("初审中")
    assert Recognition.objects.get(predecessor=recognition.pk).status == "submitted"

    open_page(phone, f"#/chronic/{recognition.pk}")

    expect(phone.locator(".status-text")).to_contain_text("续期审核中")
