"""Papers in the reader's language: each PDF in three, the Chinese beside the English, names as they are written."""

import re

import pypdfium2
import pytest

from core import clock, printing
from core.languages import harvest
from core.printing import Joined, Kept, told
from tests import factories as make
from tests.chronic.applying import AWAY, HOSPITAL, TAIYUAN, applied
from tests.referrals.issuing import insured, issued
from tests.settlements.test_statement import BANDED
from tests.settlements.till import policies, till

TYPESET = [*harvest.files(harvest.PAPERS, "typ")]


def paper(account, path, language):
    answer = make.api(account).get(
        f"/api/v1/{path}", headers={"Accept": "application/pdf", **({"Accept-Language": language} if language else {})}
    )
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "Accept-Language" in answer["Vary"]
    return answer["Content-Language"], text_of(answer.content)


def text_of(pdf):
    """Without blanks: how far apart letters stand is no matter."""
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)))


def says(text, *sentences):
    return [sentence for sentence in sentences if re.sub(r"\s", "", sentence) not in text]


@pytest.mark.parametrize("path", TYPESET, ids=lambda path: path.name)
def test_every_chinese_text_of_a_paper_is_marked(path):
    assert harvest.unmarked_on_paper(path.read_text("utf-8")) == []


def test_all_papers_that_leave_for_citizens_are_looked_through():
    assert {path.name for path in TYPESET} == {"paper.typ", "certificate.typ", "statement.typ"}


def test_the_font_has_the_characters_of_every_language():
    families = set(printing._fonts().families())

    assert {"Noto Sans CJK SC", "Noto Sans CJK HK"} <= families


def test_a_name_stays_even_where_it_is_a_word():
    """Somebody may be called 高, a hospital 急诊."""
    assert told(Kept("急诊"), "en") == "急诊"
    assert told("急诊", "en") == "Emergency"
    assert told(Joined(Kept("急诊"), "（三级医院）"), "zh-hant") == "急诊（三級醫院）"
    assert told({"rows": [("险种", Kept("女")), ("姓名", "女")]}, "en") == {
        "rows": [["Insurance", "女"], ["Name", "Female"]]
    }


class TestReceipt:
    @pytest.fixture
    def receipt(self, monday):
        of = make.enrollment(make.person("王秀兰"))
        account = make.citizen(of.person)
        filing = make.submitted(of, account=account)
        return lambda language: (filing, *paper(account, f"filings/{filing.pk}/receipt.pdf", language))

    def test_without_a_language_it_is_chinese_alone(self, receipt):
        filing, language, text = receipt("")

        assert language == "zh-CN"
        assert says(text, "异地就医备案回执", "受理编号：" + filing.number, "办理状态审核中", "姓名王秀兰") == []
        assert "译文" not in text
        assert "Translation" not in text

    def test_in_english_the_chinese_stands_beside_it(self, receipt):
        filing, language, text = receipt("en")

        assert language == "en"
        assert (
            says(
                text,
                "Receipt of a filing for care away from home异地就医备案回执",
                "Case number:" + filing.number,
                "Status办理状态",
                "Under review审核中",
                "Name姓名王秀兰",
                "Insurance险种Employee basic medical insurance职工基本医疗保险",
                "Place of care就医地北京市",
                "Translation for reading only; the Chinese text counts.译文仅供阅读，以简体中文原文为准。",
            )
            == []
        )

    def test_in_traditional_chinese(self, receipt):
        _filing, language, text = receipt("zh-TW")

        assert language == "zh-Hant"
        assert (
            says(text, "異地就醫備案回執", "辦理狀態審核中", "姓名王秀兰", "險種職工基本醫療保險", "以簡體中文原文為準")
            == []
        )
        assert "异地就医备案回执" not in text


class TestCertificate:
    @pytest.fixture
    def certificate(self, monday):
        patient = insured(make.CHONGQING, name="王秀兰")
        referral = issued(patient, receiving_institution=make.institution("H11010100001", name="北京急诊医院").code)
        account = make.citizen(patient)
        return lambda language: paper(account, f"referrals/{referral.pk}/certificate.pdf", language)

    def test_in_english_a_chinese_hospital_can_read_it_too(self, certificate):
        language, text = certificate("en-GB")

        assert language == "en"
        assert (
            says(
                text,
                "Referral certificate转诊转院证明",
                "Name姓名王秀兰",
                "Sex, age性别、年龄",
                "70 years",
                "重庆市 · Employee basic medical insurance重庆市 · 职工基本医疗保险",
                "支气管或肺恶性肿瘤（C34.9）",
                "北京急诊医院",
                "赵明 (Chief physician)赵明（主任医师）",
                "Validity有效期2 March 2026 to 1 June 2026",
                "Scan to check that this certificate is genuine and in force扫码验证本证明的真伪和效力",
                "转诊专用章",
                "Translation for reading only; the Chinese text counts.",
            )
            == []
        )

    def test_in_traditional_chinese(self, certificate):
        language, text = certificate("zh-HK")

        assert language == "zh-Hant"
        assert (
            says(text, "轉診轉院證明", "性別、年齡", "赵明（主任醫師）", "2026年3月2日至2026年6月1日", "北京急诊医院")
            == []
        )


class TestForm:
    @pytest.fixture
    def form(self, monday):
        make.diseases()
        for code, place in ((HOSPITAL, TAIYUAN), (AWAY, make.BEIJING)):
            make.institution(code, place=place)
        enrolled = make.enrollment(make.person("王秀兰"), code=TAIYUAN)
        account = make.citizen(enrolled.person)
        row = applied(account, enrolled)
        return lambda language: paper(account, f"recognitions/{row.pk}/form.pdf", language)

    def test_it_is_printed_in_english_beside_the_chinese_that_is_signed(self, form):
        language, text = form("en")

        assert language == "en"
        assert (
            says(
                text,
                "Application form for special outpatient diseases门诊特殊病种申请表",
                "Disease applied for申请病种糖尿病",
                "Signature of the insured person (agent)参保人（代办人）签名",
            )
            == []
        )

    def test_in_traditional_chinese(self, form):
        language, text = form("zh-Hant")

        assert language == "zh-Hant"
        assert says(text, "門診特殊病種申請表", "申請病種糖尿病", "經辦機構初審意見") == []


class TestStatement:
    @pytest.fixture
    def statement(self, db):
        with clock.standing_at(make.moment("2026-03-02 10:00")), policies(BANDED):
            cashier = till(make.enrollment(make.person("陈㐂𠮷"), category="retired", account_balance="1000.00"))
            bill = cashier.settle(cost={"total": "30000.00", "excluded": "1200.00", "first_copay": "800.00"})
            yield lambda language: paper(cashier.citizen, f"settlements/{bill.pk}/statement.pdf", language)

    def test_in_english(self, statement):
        """The figures are those of the Chinese one (tests/settlements/test_statement.py), worked by hand there."""
        language, text = statement("en")

        assert language == "en"
        assert (
            says(
                text,
                "Statement of medical costs医疗费用结算单",
                "Name陈㐂𠮷",
                "Medical institution示范医院 (Level 3 hospital)",
                "28000.00",
                "Who paid how much",
                "1000.00 to 5000.00",
                "Settled at2 March 2026 10:00",
                "Page 1 of 2",
                "t. p, 2025. Grade of source A (official source)",
                "Translation for reading only; the Chinese text counts.",
            )
            == []
        )

    def test_in_traditional_chinese(self, statement):
        language, text = statement("zh-Hant")

        assert language == "zh-Hant"
        assert says(text, "醫療費用結算單", "姓名陈㐂𠮷", "28000.00", "第1頁，共2頁", "示范医院（三級醫院）") == []


def test_what_staff_print_stays_chinese(client, monday):
    """Whatever their browser asks for: it goes into a file at the agency."""
    referral = issued(insured(make.CHONGQING))
    client.force_login(referral.applicant)

    answer = client.get(f"/admin/referrals/referral/{referral.pk}/certificate.pdf", headers={"Accept-Language": "en"})

    assert answer["Content-Language"] == "zh-CN"
    assert "转诊转院证明" in text_of(answer.content)
    assert "Referral" not in text_of(answer.content)
