"""Messages: whose, where and why; each opens where one acts, without asking for what is not there. A case is followed live."""

import pytest
from playwright.sync_api import expect

from filings import proofs
from filings.models import Filing
from reviews import services
from reviews.services import Actor
from tests import factories as make
from tests.browser.acts import open_page, sign_in

PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture
def owner(monday):
    return make.enrollment(make.person("王秀兰"))


def refuse(submission, reason):
    services.reject(submission, reviewer=make.reviewer(submission.area_id), reason=reason)


def test_each_message_names_whom_where_and_why_and_opens_where_one_acts(phone, watch, owner):
    """The papers of these tests have no pictures; nothing else may be asked for in vain."""
    watch.refusals, missing = {404}, []
    phone.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
    account = sign_in(phone, "王秀兰", owner.person)
    returned = make.submitted(owner, account=account)
    services.return_for_correction(returned, reviewer=make.reviewer(), reason="居住证照片不清。")
    promised = make.approved(owner, account, to="310000", filing_type="resident", commitment=PROMISE)
    proof = proofs.prove(account, Filing.objects.get(pk=promised.pk), [make.material(account).pk]).submission
    refuse(proof, "不是本人的居住证。")
    disease = make.recognition_draft(owner, account=account)
    services.submit(disease, actor=Actor.of(account, owner.person))
    refuse(disease, "化验单过期。")
    claim = make.claim_draft(owner, account=account)
    services.submit(claim, actor=Actor.of(account, owner.person))
    refuse(claim, "发票重复。")
    opened = {
        "申请需要补正": ("王*兰到北京市的异地就医备案", "居住证照片不清。", "备案详情"),
        "补交的材料未通过": ("王*兰到上海市的备案补交的材料", "不是本人的居住证。", "备案详情"),
        "门诊慢特病认定未通过": ("王*兰的“糖尿病”门诊慢特病认定", "化验单过期。", "认定详情"),
        "手工报销未通过": ("王*兰在示范医院就医的手工报销", "发票重复。", "报销详情"),
    }

    for title, (about, reason, heading) in opened.items():
        open_page(phone, "#/messages")
        message = phone.locator("a.message", has_text=title)
        expect(message).to_contain_text(about)
        expect(message).to_contain_text(f"原因：{reason}")
        message.click()
        expect(phone.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(phone.locator("#page .status").first).to_be_visible()

    assert [url for url in missing if "/thumbnail/" not in url] == []


def test_an_open_case_follows_what_is_decided(phone, owner):
    account = sign_in(phone, "王秀兰", owner.person)
    filing = make.submitted(owner, account=account)
    with phone.expect_response(lambda answer: f"filings/{filing.pk}/" in answer.url):
        open_page(phone, f"#/records/{filing.pk}")

    expect(phone.locator(".status-name")).to_have_text("审核中")
    expect(phone.locator(".status-text")).to_contain_text("还有 2 个工作日")

    services.return_for_correction(filing, reviewer=make.reviewer(), reason="居住证照片不清。")
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(phone.locator(".status-name")).to_have_text("待补正")
    expect(phone.get_by_role("button", name="去补正")).to_be_visible()

    with phone.expect_response(lambda answer: f"filings/{filing.pk}/" in answer.url) as answer:
        phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert answer.value.status == 304
