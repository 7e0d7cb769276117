"""Help and privacy for everybody; who may act for me, all my data as one download, and closing the account."""

import zipfile

import pytest
from playwright.sync_api import expect

from accounts.models import Account, Mandate
from accounts.services.vouchers import KEPT_USED
from reviews.materials.storage import UNUSED
from tests import factories as make
from tests.browser.acts import open_page, sign_in
from tests.factories import enrollment, person, submitted


@pytest.fixture
def owner(monday):
    return enrollment(person("王秀兰"))


def test_a_question_is_answered_and_leads_to_its_page(phone, monday):
    open_page(phone, "#/signin")
    phone.get_by_role("link", name="不登录也能查").click()
    phone.get_by_role("link", name="常见问题").click()
    phone.get_by_label("搜索问题").fill("退回")

    phone.locator("summary", has_text="被退回了，怎么改？").click()

    expect(phone.get_by_role("link", name="备案记录")).to_have_attribute("href", "#/records")
    phone.get_by_label("搜索问题").fill("宇宙")
    expect(phone.get_by_text("没有找到和“宇宙”有关的问题。")).to_be_visible()


def test_what_is_held_is_told_as_the_code_holds_it(phone, monday):
    open_page(phone, "#/privacy")

    expect(phone.get_by_text(f"上传了没用到的材料：{UNUSED.days} 天后删除。")).to_be_visible()
    expect(phone.get_by_text(f"用过的 {KEPT_USED.days} 天后删除。")).to_be_visible()
    expect(phone.get_by_role("heading", name="谁能看到")).to_be_visible()


def test_who_may_act_for_me_is_seen_and_ended(phone, owner):
    account = sign_in(phone, "王秀兰", owner.person)
    child = person("李子涵")
    make.mandate(account, child, relation="child", proof="register")
    daughter = make.citizen(person("王晓梅"))
    make.mandate(daughter, owner.person, relation="parent", proof="approval", status="pending", active_from=None)
    open_page(phone, "#/me")
    phone.get_by_role("link", name="授权管理").click()
    expect(phone.get_by_text("监护：参保登记里您是监护人的孩子")).to_be_visible()

    phone.get_by_role("button", name="同意", exact=True).click()
    phone.get_by_role("dialog").get_by_role("button", name="同意").click()
    expect(phone.locator(".card", has_text="王*梅 替我办")).to_contain_text("经本人在自己账户里同意")
    phone.get_by_role("button", name="收回授权").click()
    phone.get_by_role("dialog").get_by_role("button", name="收回授权").click()

    expect(phone.get_by_text("没有人可以替您办理。")).to_be_visible()
    expect(phone.get_by_role("heading", name="以前的授权")).to_be_visible()
    assert Mandate.objects.get(account=daughter, person=owner.person).status == "ended"


def test_all_data_is_one_download_and_closing_says_what_is_open(phone, owner, tmp_path):
    account = sign_in(phone, "王秀兰", owner.person)
    filing = submitted(owner, account=account)
    open_page(phone, "#/me")
    phone.get_by_role("link", name="我的数据").click()

    with phone.expect_download() as download:
        phone.get_by_role("button", name="下载").click()

    download.value.save_as(tmp_path / "data.zip")
    assert f"submissions/{filing.number}.json" in zipfile.ZipFile(tmp_path / "data.zip").namelist()
    expect(phone.locator(".choice", has_text="异地就医备案")).to_contain_text("正在审核")
    closing = phone.get_by_role("button", name="注销账户")
    expect(closing).to_be_disabled()
    phone.get_by_label("我知道还有事项没有办完").check()
    closing.click()
    phone.get_by_role("dialog").get_by_role("button", name="注销").click()
    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
    assert not Account.objects.get(pk=account.pk).is_active
