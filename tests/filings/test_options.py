"""What can be filed for a place, explained: what is open and why not, how, with what, for how long, settled as what."""

from datetime import date

import pytest

from filings.options import options
from tests import factories as make
from tests.factories import current_notice

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, SUZHOU, SHENYANG, TIANJIN, BEIJING, XUZHOU, HANGZHOU, SHANGHAI = (
    "520100", "320500", "210100", "120000", "110000", "320300", "330100", "310000",
)  # fmt: skip


def insured(code=GUIYANG, **fields):
    return make.enrollment(make.person("王秀兰"), code=code, **fields)


def shown(enrolled, to="510100"):
    return options(enrolled, make.area(to))


def by_type(answer):
    return {option["type"]: option for option in answer["options"]}


def closed(answer):
    return {option["type"]: option["code"] for option in answer["options"] if not option["open"]}


def test_an_active_employee_may_file_four_types_and_learns_why_not_the_others():
    answer = shown(insured())

    assert (answer["needed"], answer["reason"], answer["destination_rule"]) == (True, "", "city")
    assert [option["type"] for option in answer["options"]] == [
        "resident", "worker", "referral", "other", "retiree", "emergency",
    ]  # fmt: skip
    assert closed(answer) == {"retiree": "not_retired", "emergency": "no_filing_needed"}
    assert "请改选“异地长期居住”" in by_type(answer)["retiree"]["reason"]


def test_the_retired_may_settle():
    assert "retiree" not in closed(shown(insured(category="retired")))


def test_children_of_hangzhou_learn_why_not():
    person = make.person("王小明", born=date(2017, 5, 1))

    enrolled = make.enrollment(person, code=HANGZHOU, insurance="resident", category="minor")

    assert closed(shown(enrolled)) == {
        "retiree": "person_excluded", "resident": "person_excluded", "worker": "person_excluded",
        "emergency": "no_filing_needed",
    }  # fmt: skip


def test_an_option_explains_itself():
    option = by_type(shown(insured()))["resident"]

    assert option["lane"] == "review"
    assert [(paper["kind"], paper["required"]) for paper in option["documents"]] == [
        ("certificate", False), ("residence_permit", True),
    ]  # fmt: skip
    assert option["documents"][1]["alternatives"][-1] == "commitment"
    assert option["validity"] == {"text": "长期有效", "until": None}
    assert option["lock"] == {
        "text": "6个月内不得变更或者取消", "change_until": date(2026, 9, 1), "cancel_until": date(2026, 9, 1),
    }  # fmt: skip
    assert option["starts"] == {"earliest": date(2026, 2, 25), "latest": date(2026, 9, 2)}
    assert option["benefit"]["travel"] == "long_term"
    assert "原则上与在参保地就医相同" in option["benefit"]["summary"]
    assert option["benefit"]["citations"][0]["grade"] == "A"


def test_the_areas_own_rules_show():
    """苏州: care on one's own at once and for a year; long-term locked for 60 days."""
    answer = by_type(shown(insured(SUZHOU)))

    assert (answer["other"]["lane"], answer["other"]["validity"]["until"]) == ("instant", date(2027, 3, 1))
    assert answer["resident"]["lock"]["cancel_until"] == date(2026, 4, 30)
    assert answer["other"]["lock"]["text"] == "可以随时变更或者取消"


def test_the_notice_in_force_is_shown_with_its_version():
    enrolled = insured()
    notice = current_notice(GUIYANG, "other")

    answer = by_type(shown(enrolled))

    assert answer["other"]["notice"] == {
        "id": str(notice.pk), "version": 1, "title": notice.title, "text": notice.text,
        "translation": None,
    }  # fmt: skip
    assert answer["retiree"]["notice"] is None


def test_emergencies_are_deemed_filed():
    answer = shown(insured())

    assert [(row["type"], row["travel"]) for row in answer["deemed"]] == [("emergency", "emergency")]
    assert answer["deemed"][0]["text"].startswith("急诊抢救视同已备案")


def test_where_emergencies_are_to_be_reported_one_files_them():
    answer = shown(insured(XUZHOU))

    assert (answer["deemed"], by_type(answer)["emergency"]["open"]) == ([], True)


def test_chongqing_says_which_emergencies_it_wants_to_hear_of():
    assert shown(insured("500000"), BEIJING)["deemed"][0]["text"].endswith(
        "在未联网医院就医的，请在入院后5个工作日内向参保地报告。"
    )


def test_exempt_places_need_nothing_and_say_so():
    answer = shown(insured(TIANJIN), BEIJING)

    assert (answer["needed"], answer["options"]) == (False, [])
    assert answer["reason"] == "天津市参保人到北京市就医免备案，按“异地长期居住”直接结算。"
    assert [(row["care"], row["travel"], row["since"]) for row in answer["exempt"]] == [
        ("inpatient", "long_term", date(2023, 4, 1)),
        ("outpatient", "long_term", date(2023, 4, 1)),
        ("chronic", "long_term", date(2023, 4, 1)),
    ]


def test_where_only_chronic_care_is_not_exempt_filing_is_possible_but_not_needed():
    answer = shown(insured(BEIJING), TIANJIN)

    assert answer["needed"] is False
    assert answer["reason"] == "到天津市的住院、普通门诊免备案；门诊慢特病需要直接结算的，可以办理备案。"
    assert by_type(answer)["resident"]["open"]


def test_a_type_that_needs_no_filing_is_deemed():
    """沈阳: temporary care is 免申即享."""
    answer = shown(insured(SHENYANG))

    assert [row["type"] for row in answer["deemed"]] == ["emergency", "other"]
    assert (answer["needed"], closed(answer)["other"]) == (True, "no_filing_needed")


PLACES = {
    "a city-pooled province": (GUIYANG, "510000", "city", "四川省请选择到具体城市，备案到全省不能直接结算。"),
    "a city of a whole province": (
        GUIYANG, "460100", "province", "海口市所在的海南省全域统一备案，请选择海南省。",
    ),
    "at home": (GUIYANG, GUIYANG, "city", "贵阳市属于您的参保地（贵阳市）范围，在当地就医无需备案，可直接结算。"),
}  # fmt: skip


@pytest.mark.parametrize(("home", "to", "rule", "reason"), PLACES.values(), ids=PLACES.keys())
def test_a_place_that_cannot_be_filed_to_says_what_to_choose(home, to, rule, reason):
    answer = shown(insured(home), to)

    assert (answer["needed"], answer["destination_rule"], answer["reason"]) == (False, rule, reason)
    assert answer["options"] == []


def test_an_enrolment_that_ended_opens_nothing():
    answer = shown(insured(valid_until=date(2026, 2, 28)))

    assert (answer["needed"], answer["options"]) == (False, [])
    assert "2026年2月28日结束" in answer["reason"]


def test_what_is_filed_already_is_closed_by_its_number():
    enrolled = insured()
    promise = {"kind": "residence_permit", "signed_name": "王秀兰"}
    filing = make.filed(enrolled, filing_type="resident", commitment=promise, to=BEIJING)
    make.filed(enrolled, to=BEIJING)

    there, elsewhere = shown(enrolled, BEIJING), shown(enrolled)

    assert closed(there) == {
        "retiree": "not_retired", "resident": "filing_overlaps", "worker": "filing_overlaps",
        "emergency": "no_filing_needed", "other": "filing_overlaps",
    }  # fmt: skip
    assert filing.number in by_type(there)["worker"]["reason"]
    assert closed(elsewhere) == {
        "retiree": "not_retired", "resident": "filing_overlaps", "worker": "filing_overlaps",
        "emergency": "no_filing_needed",
    }  # fmt: skip


HOME = {
    "national": (GUIYANG, "长期备案期间回参保地就医，按“本地就医”结算，不需要取消备案（须补齐承诺的材料）。"),
    "广州": ("440100", "长期备案期间回参保地就医，按“本地就医”结算，不需要取消备案。"),
}


@pytest.mark.parametrize(("home", "said"), HOME.values(), ids=HOME.keys())
def test_care_at_home_is_explained(home, said):
    assert shown(insured(home))["dual_benefit"] == said


def test_the_options_cost_the_same_whatever_is_filed(django_assert_num_queries):
    """Live filings, the notices and the names in them."""
    enrolled = insured()
    bare, place = 3, make.area("510100")
    options(enrolled, place)  # publishes the notices

    with django_assert_num_queries(bare):
        options(enrolled, place)
    for to in (BEIJING, SHANGHAI, "460000", "500000"):
        make.filed(enrolled, to=to)

    with django_assert_num_queries(bare):
        options(enrolled, place)
