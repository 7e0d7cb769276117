"""A decision taken back, and one looked at again, from the staff's site."""

import pytest
from playwright.sync_api import expect

from reviews import services
from reviews.models import SecondReview, SecondReviewRule
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")


def test_a_decision_is_taken_back_and_taken_anew(desk):
    filing, reviewer = make.submitted(), make.reviewer()
    services.approve(filing, reviewer=reviewer)
    page = desk(reviewer, f"reviews/submission/{filing.pk}/change/")

    page.get_by_role("button", name="撤回决定（还剩 10 分钟）").click()

    expect(page.get_by_text("已撤回决定，此件由您重新审核。")).to_be_visible()
    expect(page.get_by_role("button", name="提交决定", exact=True)).to_be_visible()
    filing.refresh_from_db()
    assert (filing.status, filing.round, filing.assignee) == ("submitted", 2, reviewer)


def test_a_colleague_looks_again_and_disagrees(desk):
    SecondReviewRule.objects.create(area=make.area(make.CHONGQING), share=100)
    filing = make.submitted()
    services.approve(filing, reviewer=make.reviewer())
    page = desk(make.reviewer(), "reviews/secondreview/")
    expect(page.get_by_role("link", name="有分歧")).to_be_visible()
    page.get_by_role("link", name=filing.number).click()
    page.wait_for_selector("#second")

    page.get_by_label("复核说明").fill("开始日期与材料不符")
    page.get_by_role("button", name="有分歧").click()

    expect(page.get_by_text("复核意见已记录。")).to_be_visible()
    expect(page.get_by_text("开始日期与材料不符").first).to_be_visible()
    assert SecondReview.objects.disputed().count() == 1
