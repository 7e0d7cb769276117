"""Readers' languages: what is marked, how the API and the pages choose, what is told in which words."""

import json
import re

import polib
import pytest
from django.http import JsonResponse
from django.utils.translation import trans_real

from accounts.models import Account
from core.languages import SOURCE, accepted, harvest
from core.languages.answers import in_language
from core.languages.sentences import gaps, translated
from tests import factories
from tests.core import catalogues


@pytest.fixture
def api_of(db):
    account = factories.citizen()
    return account, factories.api(account)


@pytest.mark.parametrize(
    "path", [*harvest.files(harvest.TEMPLATES, "html")], ids=lambda path: path.relative_to(harvest.ROOT).as_posix()
)
def test_every_chinese_text_of_a_template_is_marked(path):
    assert harvest.unmarked_in_template(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "path", [*harvest.files(harvest.SCRIPTS, "js")], ids=lambda path: path.relative_to(harvest.ROOT).as_posix()
)
def test_every_chinese_text_of_a_script_is_marked(path):
    assert harvest.unmarked_in_script(path.read_text("utf-8")) == []


def test_source_language_is_looked_up_in_one_catalogue():
    words = trans_real.translation(SOURCE)

    assert len(words._catalog._catalogs) == 1
    assert [words.gettext(text) for text in ("Filters", "Today", "办理记录")] == ["过滤器", "今天", "办理记录"]
    assert words.ngettext("%(counter)s result", "%(counter)s results", 2) == "%(counter)s条"


@pytest.fixture(scope="module")
def texts():
    return catalogues.msgids()


@pytest.fixture(scope="module", params=["en", "zh_Hant"])
def locale(request):
    return request.param


def entries(locale):
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogues.path_of(locale)))}


def test_every_text_that_leaves_is_translated(texts, locale):
    translated_to = entries(locale)

    assert sorted(text for text in texts if not translated_to.get(text)) == []
    assert translated_to.keys() - texts == set(), "make messages"


def test_the_compiled_catalogue_is_the_written_one(locale):
    compiled = {entry.msgid: entry.msgstr for entry in polib.mofile(str(catalogues.path_of(locale, "mo")))}

    assert compiled == {text: told for text, told in entries(locale).items() if told}


def test_a_translation_keeps_the_gaps_and_breaks_no_page(locale):
    for text, told in entries(locale).items():
        assert {name for _, name in gaps(told)} == {name for _, name in gaps(text)}, text
        assert set("\"'<>") & set(told) <= set(text), "a straight quote or a bracket would end an attribute or a string"


def test_terms_of_the_field_are_the_glossarys():
    wrong = [
        (term.simplified, text, told)
        for text, told in entries("en").items()
        for term in catalogues.terms_in(text)
        if term.english and not any(word in told.lower() for word in term.english)
    ]

    assert wrong == []
    assert catalogues.traditional("账户启用后，统筹基金支付") == "賬戶啟用後，統籌基金支付"


def test_traditional_chinese_is_what_the_command_makes(texts):
    assert entries("zh_Hant") == {text: catalogues.traditional(text) for text in texts}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-hans"),
        ("*", "zh-hans"),
        ("fr", "zh-hans"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, zh-TW;q=0.5", "zh-hant"),
        ("zh-HK", "zh-hant"),
        ("zh-Hant", "zh-hant"),
        ("zh-CN", "zh-hans"),
        ("en;q=0.3, zh;q=0.8", "zh-hans"),
    ],
)
def test_the_first_language_we_have_is_taken(header, language):
    assert accepted(header) == language


def test_a_composed_sentence_is_read_back():
    """What was written for the staff long ago is told in the reader's words, names staying as they are."""
    stored = "请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。"

    assert translated("起付线 1200.00 − 已用 300.00 = 900.00", "en") == "Deductible 1200.00 − used 300.00 = 900.00"
    assert translated(stored, "en").startswith("Make a filing for care in 北京市 first. Filed late")
    assert translated(stored, "zh-hant") == "請先辦理到北京市的異地就醫備案。出院結算前補辦也可直接結算。"
    assert translated(stored, "zh-hans") == stored


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("一级医院或二级医院", "Level 1 hospital or Level 2 hospital"),
        ("支气管或肺恶性肿瘤", "支气管或肺恶性肿瘤"),  # a name that has 或 in it
        ("792.00（三级医院，年度内第2次住院）", "792.00 (Level 3 hospital, stay no. 2 in the year)"),
        ("70% − 5个百分点（未备案）", "70% − 5 percentage points (Not filed)"),
        ("请确保这个字段不能超过 20 个字符。", "Ensure this field has no more than 20 characters."),
    ],
)
def test_what_is_put_together_is_read_piece_by_piece(text, told):
    assert translated(text, "en") == told


def test_the_api_answers_in_the_language_it_is_asked_in(api, db):
    first, english, hant = (
        api.get("/api/v1/persons/", headers=headers)
        for headers in ({}, {"Accept-Language": "en"}, {"Accept-Language": "zh-TW"})
    )

    details = [answer.json()["errors"][0]["detail"] for answer in (first, english, hant)]

    assert details == ["请先登录后再操作。", "Please sign in first.", "請先登錄後再操作。"]
    assert [answer["Content-Language"] for answer in (first, english, hant)] == ["zh-CN", "en", "zh-Hant"]
    assert "Accept-Language" in first["Vary"]
    assert len({answer.json()["errors"][0]["code"] for answer in (first, english, hant)}) == 1


def test_each_language_has_a_tag_of_its_own(api, db):
    chinese = api.get("/api/v1/areas/")

    english = api.get("/api/v1/areas/", headers={"Accept-Language": "en", "If-None-Match": chinese["ETag"]})

    assert english.status_code == 200
    assert english["ETag"] != chinese["ETag"]


def test_pages_are_in_the_language_that_was_chosen(client, db):
    english = client.get("/", headers={"Cookie": "yidi_language=en"})

    assert '<html lang="en">' in english.content.decode()
    assert "Sign in with WeChat" in english.content.decode()
    assert '<html lang="zh-CN">' in client.get("/").content.decode()
    assert "Documents" in client.get("/pages/en/filings/").content.decode()
    assert client.get("/pages/fr/filings/").status_code == 404

    scripts = re.search(r'<script defer src="([^"]+)"', english.content.decode())[1]

    assert "immutable" in client.get(scripts)["Cache-Control"]
    assert "Decided within 2 working days" in client.get(scripts).content.decode()


def test_the_account_keeps_the_language(api_of, db):
    """Another phone of the same account begins in it."""
    account, client = api_of

    answer = client.patch("/api/v1/account/", {"language": "en"})

    assert (answer.status_code, answer.json()["language"]) == (200, "en")
    assert Account.objects.get(pk=account.pk).language == "en"
    assert client.patch("/api/v1/account/", {"language": "fr"}).status_code == 400


TYPED = [
    ({"outcome": "returned", "code": "", "reason": "住院，请补正"}, "reason"),
    ({"invoice_number": "0012345678", "reason": "医院没有联网，先自费。"}, "reason"),
    ({"submission_kind": "filing", "reason": "住院"}, "reason"),
    ({"verification_code": "AB", "summary": "住院，需要手术。"}, "summary"),
]
NOTE = "电话打不通，请核对；请写明返回日期。"


@pytest.mark.parametrize(("shape", "field"), TYPED)
def test_what_people_typed_comes_back_as_it_was_typed(shape, field):
    answer = JsonResponse({"results": [shape], "reason": "请先登录后再操作。"})

    in_language(answer, "en")

    told = json.loads(answer.content)
    assert told["results"][0][field] == shape[field]
    assert told["reason"] == "Please sign in first."


def test_what_somebody_wrote_to_a_step_stays_and_what_happened_is_told():
    """A reviewer's note was taken for a sentence of ours that ends in 核对, and lost a word."""
    ours = "电话登记时未能提交材料，请补交：居住证。可以在手机上传，或携带原件到参保地经办窗口提交。"
    steps = [{"verb": "return", "detail": f"退回补正：{note}"} for note in (NOTE, ours)]
    answer = JsonResponse({"events": steps, "text": f"请在2026年12月23日前补正。{NOTE}"})

    in_language(answer, "en")

    told = json.loads(answer.content)
    assert told["events"][0]["detail"] == f"Return for correction: {NOTE}"
    assert told["events"][1]["detail"].startswith(
        "Return for correction: No documents could be handed in by telephone."
    )
    assert told["text"] == f"Correct it by 23 December 2026. {NOTE}"


def test_a_sentence_of_which_nothing_is_known_keeps_its_stops():
    assert translated("某某人说了某某话，又说某某话。", "en") == "某某人说了某某话，又说某某话。"


@pytest.mark.parametrize(
    "typed", ["年" * 500, "年月日" * 600, "年" * 150 + "月" * 150, "，".join("住院" for _ in range(200))]
)
def test_no_text_takes_the_reading_down(typed):
    assert translated(typed, "en")
