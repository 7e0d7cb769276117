"""Finance's day: what is due is exported, marked as paid, and one line that the bank refused is entered."""

import pytest
from playwright.sync_api import expect

from claims.models import Claim
from tests import factories as make
from tests.claims.claiming import approved, claimed, enrolled, human, monday  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("human")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_batch_with_one_refused_line(desk, enrolled, theme, tmp_path):  # noqa: F811
    account = make.citizen(enrolled.person)
    claim = approved(claimed(account, enrolled))
    page = desk(make.finance(name="罗丹"), "claims/paymentbatch/")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    page.reload()

    expect(page.get_by_text("待支付 1 笔，基金 15,260.80 元")).to_be_visible()
    page.get_by_role("button", name="生成支付文件").click()
    page.get_by_role("button", name="登记为已支付并通知申请人").click()
    expect(page.get_by_text("已登记支付，已通知申请人。")).to_be_visible()
    page.get_by_text("登记退回", exact=True).click()
    page.get_by_label("退回原因").select_option("account_closed")
    page.get_by_role("button", name="登记并通知申请人").click()

    expect(page.get_by_text("已登记退回 1 笔")).to_be_visible()
    expect(page.get_by_role("cell", name="退回：账户已销户")).to_be_visible()
    assert Claim.objects.get(pk=claim.pk).payment_status == "refused"
