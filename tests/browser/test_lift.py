"""A locked filing is cancelled early by documents where the area lets them; its receipt is kept as a PDF."""

from datetime import date

from playwright.sync_api import expect

from filings.models import Filing
from reviews import services
from reviews.models import Material
from tests import factories as make
from tests.browser.acts import open_page, sign_in, upload
from tests.factories import enrollment, person

ZHENGZHOU = "410100"
"""Its long-term filings are locked, unless documents lift that (policies/data/410100-zhengzhou-2024.yaml)."""


def test_documents_lift_the_lock_of_a_filing(phone, watch, monday):
    watch.refusals = {404}  # the paper of the filing has no picture
    of = enrollment(person("王秀兰"), code=ZHENGZHOU)
    account = sign_in(phone, "王秀兰", of.person)
    filing = make.draft(of, account=account, type="resident")
    make.material(account, submission=filing)
    services.submit(filing, actor=services.Actor.of(account, of.person))
    services.approve(filing, reviewer=make.reviewer(ZHENGZHOU))
    until = date(2027, 5, 20)
    Filing.objects.filter(pk=filing.pk).update(change_locked_until=until, cancel_locked_until=until)
    open_page(phone, f"#/records/{filing.pk}")
    expect(phone.get_by_text("参保地允许提交证明材料后提前办理。")).to_be_visible()
    with phone.expect_download() as download:
        phone.get_by_role("button", name="下载备案回执").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")

    phone.get_by_role("button", name="取消备案").click()
    expect(phone.get_by_text("提交证明材料的，可以提前取消。")).to_be_visible()
    upload(phone)
    phone.get_by_role("button", name="提交材料，取消备案").click()
    phone.get_by_role("dialog").get_by_role("button", name="取消备案").click()

    expect(phone.locator(".status-name")).to_have_text("已取消")
    filing.refresh_from_db()
    assert filing.status == "cancelled"
    assert Material.objects.filter(submission=filing, kind="other").exists()
