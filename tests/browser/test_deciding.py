"""Deciding a case in the staff's site: what is written goes with its outcome, and nothing written is ever lost."""

import pytest
from playwright.sync_api import expect

from reviews import services
from reviews.models import ReasonTemplate
from tests import factories as make
from tests.browser.acts import press

DATES = "起止日期与材料不符，请按实际居住或就医时间重新填写。"
BLURRED = "上传的材料模糊。"


@pytest.fixture
def case(monday):
    """A filing that waits, and two prepared reasons to return it."""
    prepared = {"text": DATES, "fields": ["starts_on", "ends_on"]}
    ReasonTemplate.objects.update_or_create(prepared, kind="filing", outcome="returned", code="dates_unclear")
    ReasonTemplate.objects.create(kind="filing", outcome="returned", code="blurred", text=BLURRED, fields=["materials"])
    return make.submitted()


@pytest.fixture
def page(desk, case):
    return desk(make.reviewer(), f"reviews/submission/{case.pk}/change/")


def test_a_template_of_one_outcome_never_goes_out_with_another(page, case):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由模板").select_option(label=DATES)
    page.get_by_label("通过", exact=True).check()

    expect(page.get_by_label("理由（申请人可见）")).to_have_value("")

    page.get_by_role("button", name="提交决定", exact=True).click()

    expect(page.get_by_text("已审核通过")).to_be_visible()
    decision = case.decisions.get()
    assert (decision.outcome, decision.code, decision.fields, decision.reason) == ("approved", "", [], None)


def test_what_was_written_for_an_outcome_comes_back_with_it(page):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由模板").select_option(label=DATES)
    page.get_by_label("通过", exact=True).check()
    page.get_by_label("退回补正").check()

    expect(page.get_by_label("理由（申请人可见）")).to_have_value(DATES)
    expect(page.get_by_label("开始日期")).to_be_checked()


def test_words_of_ones_own_stay_when_the_outcome_changes(page):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由（申请人可见）").fill("居住证已过期")
    page.get_by_label("不予通过").check()

    expect(page.get_by_label("理由（申请人可见）")).to_have_value("居住证已过期")


def test_opening_the_persons_data_loses_nothing(page, case):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由模板").select_option(label=DATES)
    page.get_by_label("理由（申请人可见）").fill(f"{DATES}谢谢。")
    page.get_by_role("button", name="查看完整信息").click()

    expect(page.get_by_text(case.person.id_number)).to_be_visible()
    expect(page.get_by_label("退回补正")).to_be_checked()
    expect(page.get_by_label("理由（申请人可见）")).to_have_value(f"{DATES}谢谢。")
    expect(page.get_by_label("开始日期")).to_be_checked()

    page.get_by_role("button", name="提交决定", exact=True).click()

    expect(page.get_by_text("已退回补正")).to_be_visible()
    assert case.decisions.get().code == "dates_unclear"


def test_a_reload_loses_nothing(page):
    page.get_by_label("不予通过").check()
    page.get_by_label("理由（申请人可见）").fill("未查到参保")
    page.reload()

    expect(page.get_by_label("不予通过")).to_be_checked()
    expect(page.get_by_label("理由（申请人可见）")).to_have_value("未查到参保")


def test_who_loses_a_race_sees_who_decided_and_keeps_the_words(page, case):
    quicker = make.reviewer(name="张敏")
    page.get_by_label("退回补正").check()
    page.get_by_label("理由（申请人可见）").fill("居住证已过期")
    services.approve(case, reviewer=quicker)
    page.get_by_role("button", name="提交决定", exact=True).click()

    expect(page.get_by_role("textbox", name="您填写的理由（没有提交）")).to_have_value("居住证已过期")
    expect(page.locator(".yd-case").get_by_text("张敏").first).to_be_visible()


def test_a_change_meanwhile_is_said_and_the_decision_can_still_be_sent(page, case):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由（申请人可见）").fill("居住证已过期")
    page.get_by_label("开始日期").check()
    colleague = make.reviewer()
    services.assign(case, reviewer=colleague)
    services.release(case, reviewer=colleague)
    page.get_by_role("button", name="提交决定", exact=True).click()

    expect(page.get_by_text("已有新的变化").first).to_be_visible()

    page.get_by_role("button", name="提交决定", exact=True).click()

    expect(page.get_by_text("已退回补正")).to_be_visible()


def test_a_template_that_marks_the_materials_ticks_them(page):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由模板").select_option(label=BLURRED)

    expect(page.get_by_label("材料", exact=True)).to_be_checked()


def test_a_templates_form_shows_the_boxes_of_its_kind(desk, monday):
    form = desk(make.supervisor(), "reviews/reasontemplate/add/")
    form.get_by_label("事项").select_option(label="异地就医备案")

    expect(form.get_by_label("开始日期")).to_be_visible()
    expect(form.get_by_label("银行账号")).to_be_hidden()

    form.get_by_label("事项").select_option(label="手工报销")

    expect(form.get_by_label("开始日期")).to_be_hidden()
    expect(form.get_by_label("银行账号")).to_be_visible()


def test_a_clean_case_takes_two_keys_and_leads_to_the_next(desk, case):
    second, third = make.submitted(), make.submitted()
    colleague = make.reviewer()
    page = desk(colleague, "reviews/submission/?queue=open")
    page.get_by_role("button", name="处理下一件").click()

    expect(page.locator(".yd-place")).to_contain_text("1 / 3")

    press(page, "a", "Control+Enter")

    expect(page.get_by_text(f"{case.number} 已审核通过")).to_be_visible()
    expect(page.locator(".yd-number")).to_have_text(second.number)
    expect(page.locator(".yd-place")).to_contain_text("1 / 2")
    second.refresh_from_db()
    assert second.assignee == colleague

    press(page, "j")

    expect(page.locator(".yd-number")).to_have_text(third.number)

    press(page, "k")

    expect(page.locator(".yd-number")).to_have_text(second.number)


def test_a_return_by_keyboard_takes_a_template_and_its_marks(page, case):
    press(page, "r")
    options = page.locator("#template option").all_inner_texts()
    press(page, str(options.index(DATES)), "Control+Enter")

    expect(page.get_by_text("已退回补正")).to_be_visible()
    assert case.decisions.get().fields == ["starts_on", "ends_on"]


def test_a_return_without_a_mark_is_refused_and_loses_nothing(page, case):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由（申请人可见）").fill("居住证已过期")
    page.get_by_role("button", name="提交决定", exact=True).click()

    expect(page.get_by_text("请勾选需要补正的项目").first).to_be_visible()
    expect(page.get_by_label("理由（申请人可见）")).to_have_value("居住证已过期")
    assert not case.decisions.exists()


def test_letters_typed_into_the_reason_are_letters(page):
    page.get_by_label("退回补正").check()
    page.get_by_label("理由（申请人可见）").press_sequentially("at")

    expect(page.get_by_label("退回补正")).to_be_checked()
    expect(page.get_by_label("理由（申请人可见）")).to_have_value("at")
