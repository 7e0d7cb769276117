"""A supervisor looks who did what in a case: few clicks, nothing to type but its number."""

from playwright.sync_api import expect

from reviews import services
from reviews.models import AuditLook
from tests import factories as make


def test_who_did_what_in_a_case(desk, monday):
    row, colleague = make.submitted(), make.reviewer(name="张敏")
    services.unmask(row, reviewer=colleague)
    services.reject(row, reviewer=colleague, reason="未查到参保")
    page = desk(make.supervisor(), "")

    page.get_by_role("link", name="审计").click()
    page.get_by_label("受理编号").fill(row.number)
    page.get_by_role("button", name="查询").click()

    expect(page.get_by_role("row").filter(has_text="审核未通过")).to_contain_text("未查到参保")
    expect(page.get_by_role("row").filter(has_text="查看完整个人信息")).to_contain_text("张敏")
    assert AuditLook.objects.get().submission.number == row.number
