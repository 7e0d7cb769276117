"""A day at the desk: twenty cases by keyboard alone, some together with a rival at work, twenty handed on in a few clicks."""

from playwright.sync_api import expect

from reviews import services
from reviews.models import Submission
from tests import factories as make
from tests.browser.acts import press


def waiting(count):
    return [make.submitted() for _ in range(count)]


def test_twenty_cases_by_keyboard_and_nothing_else(desk, monday):
    cases, reviewer = waiting(20), make.reviewer()
    page = desk(reviewer, "reviews/submission/")
    page.get_by_role("button", name="处理下一件").press("Enter")
    for _case in cases[:-1]:
        number = page.locator(".yd-number").inner_text()
        press(page, "a", "Control+Enter")
        expect(page.locator(".yd-number")).not_to_have_text(number)
    press(page, "a", "Control+Enter")

    expect(page.get_by_text("这里没有可以办理的申请了")).to_be_visible()
    assert set(Submission.objects.filter(pk__in=[case.pk for case in cases]).values_list("status", flat=True)) == {
        "approved"
    }
    assert all(case.decisions.get().reviewer == reviewer for case in cases)


def test_what_is_all_green_is_approved_together_while_a_rival_decides(desk, monday):
    cases = waiting(4)
    page = desk(make.reviewer(), "reviews/submission/")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(label="批量通过（自动核查无问题的）")
    page.get_by_role("button", name="执行").click()

    expect(page.get_by_text("可以通过")).to_have_count(4)
    services.reject(cases[0], reviewer=make.reviewer(name="张敏"), reason="未参保")
    page.get_by_role("button", name="确认（4 件）").click()

    expect(page.get_by_text("共 4 件，3 件已办理")).to_be_visible()
    expect(page.get_by_text("已通过")).to_have_count(3)


def test_twenty_cases_are_handed_to_a_colleague_in_five_clicks(desk, monday):
    cases, colleague = waiting(20), make.reviewer(name="张敏")
    page = desk(make.supervisor(), "reviews/submission/")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(label="分配承办人")
    page.get_by_role("button", name="执行").click()
    page.get_by_label("张敏 在办 0 件").check()
    page.get_by_role("button", name="确认（20 件）").click()

    expect(page.get_by_text("共 20 件，20 件已办理")).to_be_visible()
    assert Submission.objects.filter(assignee=colleague).count() == len(cases)


def test_a_view_is_saved_and_opened_again(desk, monday):
    waiting(1)
    page = desk(make.reviewer(), "reviews/submission/?finding=clean")
    page.get_by_label("常用视图名称").fill("全部无问题")
    page.get_by_role("button", name="保存为常用视图").click()
    page.goto(page.url.split("?")[0])
    page.get_by_role("link", name="全部无问题").click()

    expect(page.locator(".yd-view [aria-current]")).to_have_text("全部无问题")


def test_a_supervisor_enters_an_absence_and_the_cases_come_back(desk, monday):
    colleague, case = make.reviewer(name="张敏"), make.submitted()
    services.assign(case, reviewer=colleague)
    page = desk(make.supervisor(), "reviews/submission/staff/")
    row = page.get_by_role("row").filter(has_text="张敏")
    row.locator("summary").click()
    row.get_by_label("原因").select_option("illness")
    row.get_by_role("button", name="登记缺勤").click()

    expect(page.get_by_text("1 件已退回待分配")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="张敏")).to_contain_text("缺勤 11-23 至 11-23（病假）")


def test_a_person_is_found_by_number_and_the_address_does_not_hold_it(desk, monday):
    case = make.submitted()
    make.submitted()
    page = desk(make.reviewer(), "reviews/submission/")
    page.get_by_role("searchbox").fill(case.person.id_number)
    page.get_by_role("button", name="搜索").click()

    expect(page.get_by_text("按证件号码查找")).to_be_visible()
    expect(page.get_by_role("link", name=case.number)).to_be_visible()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    assert case.person.id_number not in page.url
