"""Notices and policies in other languages: whole sentences, for reading only; what is stored and acknowledged is the Chinese."""

import hashlib
import re
from datetime import date

import pytest

from core.languages.whole import Reading
from policies.language.filing_rules import shipped
from policies.language.terms import FILING_TYPES
from policies.models import Notice
from policies.readable.notice import build_notice
from policies.translations import notice_in
from tests import factories as make

HAN = re.compile(r"[\u3400-\u9fff]")
TODAY = date(2026, 11, 29)
PLACE = "某地"
REMARKS = {
    "en": "Translation for reading only; the Chinese text counts.",
    "zh-hant": "譯文僅供閲讀，以簡體中文原文為準。",
}


def notices_of(area, on):
    rules = shipped().rules_for(area, on)
    return [build_notice(PLACE, kind, rules, lambda code: PLACE, on=on) for kind in FILING_TYPES]


def quoted(area, on):
    """Titles and publishers of sources stay as they are, and the names of places."""
    sources = shipped().rules_for(area, on).sources.values()
    return {PLACE, *(source.title for source in sources), *(source.publisher for source in sources)}


AREAS = sorted(shipped().timelines)


@pytest.mark.parametrize("language", ["en", "zh-hant"])
@pytest.mark.parametrize("area", AREAS)
def test_every_shipped_notice_is_translated_whole(area, language):
    """Who adds a note to a policy file runs `make messages` and writes its English (CONTRIBUTING.md)."""
    days = {TODAY, *(period.start for period in shipped().timelines[area].periods)}

    left = {
        original
        for on in days
        for notice in notices_of(area, on)
        for original in notice_in(notice.title, notice.text, language, frozenset({PLACE}))["originals"]
        if original not in quoted(area, on)
    }

    assert left == set()


def test_a_translation_says_what_the_chinese_says():
    text = "\n".join(
        [
            "三、备案有效期",
            "自备案开始日起6个月内有效，有效期内可以多次就医。",
            "1. 到上海市：住院、普通门诊自2023年04月01日起不需要备案，按“异地长期居住”结算（不降低支付比例）。",
            "国家医保局解读：长期备案长期有效（中国新闻网 2022-07-26，2022年）。",
        ]
    )

    told = notice_in(
        "重庆市异地就医备案告知书（其他跨省临时外出就医人员）", text, "en", frozenset({"重庆市", "上海市"})
    )

    assert (
        told["title"] == "Notice on filing for care away from home, 重庆市 (Other temporary stays in another province)"
    )
    assert told["text"].split("\n") == [
        "3. How long the filing is valid",
        "Valid for 6 months from the day the filing begins, for any number of visits.",
        "1. To 上海市: Inpatient, Ordinary outpatient care from 1 April 2023 without filing, settled as "
        "“Long-term residence elsewhere” (the share paid is not lowered).",
        "国家医保局解读：长期备案长期有效 (中国新闻网 2022-07-26, 2022).",
    ]
    assert set(told["originals"]) == {"重庆市", "上海市", "国家医保局解读：长期备案长期有效", "中国新闻网 2022-07-26"}


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_a_changed_sentence_never_shows_an_old_translation(language):
    known, changed = "参保地不接受以个人承诺代替材料。", "参保地只接受以个人承诺代替户口簿。"

    told = notice_in("告知", f"{known}\n{changed}", language, frozenset())

    first, second = told["text"].split("\n")
    assert first in {
        "The insured area accepts no personal commitment in place of documents.",
        "參保地不接受以個人承諾代替材料。",
    }
    assert second == changed
    assert changed in told["originals"]


def test_a_sentence_is_never_half_translated():
    reading = Reading("en")

    assert reading.read("住院，某些情形另行规定。") == "住院，某些情形另行规定。"
    assert reading.read("即时办结。住院，某些情形另行规定。") == "decided at once. 住院，某些情形另行规定。"
    assert reading.originals == {"住院，某些情形另行规定。"}


def test_chinese_needs_none():
    assert notice_in("标题", "正文", "zh-hans", frozenset()) is None


class TestOverHttp:
    @pytest.fixture
    def areas(self, db):
        for code in (make.CHONGQING, make.BEIJING):
            make.area(code)

    @pytest.mark.parametrize(("header", "language"), [("en", "en"), ("zh-TW", "zh-hant")])
    def test_the_chinese_stands_beside_it_and_is_what_is_stored(self, api, areas, header, language):
        chinese = api.get("/api/v1/notices/?area=500000&type=other").json()["results"][0]

        notice = api.get("/api/v1/notices/?area=500000&type=other", headers={"Accept-Language": header}).json()[
            "results"
        ][0]

        stored = Notice.objects.get(pk=notice["id"])
        assert (notice["title"], notice["text"]) == (chinese["title"], chinese["text"]) == (stored.title, stored.text)
        assert stored.sha256 == hashlib.sha256(f"{notice['title']}\n{notice['text']}".encode()).hexdigest()
        assert Notice.objects.filter(area_id="500000", type="other").count() == 1
        assert notice["translation"]["remark"] == REMARKS[language]
        assert chinese["translation"] is None

    def test_where_one_files_it_is_there_too_and_the_chinese_is_acknowledged(self, monday):
        make.area(make.BEIJING)
        of = make.enrollment(make.person("王秀兰"))
        account = make.citizen(of.person)
        client = make.api(account)

        shown = client.get(
            "/api/v1/filing-options/",
            {"enrollment": str(of.pk), "destination": make.BEIJING},
            headers={"Accept-Language": "en"},
        ).json()

        notice = next(option["notice"] for option in shown["options"] if option["type"] == "other")
        assert notice["text"] == Notice.objects.get(pk=notice["id"]).text
        assert notice["text"].startswith("一、适用人群\n")
        assert notice["translation"]["text"].startswith("1. Who it is for\n")

    def test_a_policy_is_told_by_its_sentences_and_the_areas_own_words_stay(self, api, areas):
        english = api.get("/api/v1/policies/500000-chongqing-2025/", headers={"Accept-Language": "en"}).json()

        readable = english["readable"]
        titles = [section["title"] for section in readable["sections"]]
        assert titles[:2] == ["General", "Employee insurance · Inpatient"]
        assert titles[-1] == "Questions and answers"

        general = {block["text"] for block in readable["sections"][0]["blocks"]}
        assert "For those insured in 重庆市." in general
        assert "The insurance year begins on day 1 of month 1." in general

        texts = [
            cell
            for section in readable["sections"]
            for block in section["blocks"]
            for row in block.get("rows", [])
            for cell in row["cells"]
        ]
        unmarked = [text for text in texts if HAN.search(_without(text, readable["originals"]))]
        assert unmarked == []
        assert "text" in english
        assert "适用" not in str(readable["sections"][0]["title"])

    def test_in_chinese_nothing_is_marked(self, api, areas):
        readable = api.get("/api/v1/policies/500000-chongqing-2025/").json()["readable"]

        assert readable["originals"] == []
        assert readable["sections"][0]["title"] == "总则"

    def test_the_file_and_its_sources_stay_as_they_are(self, api, areas):
        chinese = api.get("/api/v1/policies/500000-chongqing-2025/").json()

        english = api.get("/api/v1/policies/500000-chongqing-2025/", headers={"Accept-Language": "en"}).json()

        assert [english[name] for name in ("text", "content", "sources")] == [
            chinese[name] for name in ("text", "content", "sources")
        ]


def _without(text, originals):
    for original in originals:
        text = text.replace(original, "")
    return text
