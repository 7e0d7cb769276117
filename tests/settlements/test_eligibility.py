"""Will the card work? Each condition failing alone, several at once, and who may ask (API.md, RULES.md §5.2)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from filings import services
from filings.models import Filing
from policies.language.filing_rules import rules_for
from regions.models import Institution
from reviews import services as queue
from reviews.services import Actor
from tests import factories as make
from tests.insured import HOSPITAL
from tests.monday import at, sweep_until

CODES = ["enrollment", "filing", "destination", "filing_type", "institution", "covered", "certificate"]
NOT_KNOWN = "按“其他临时外出”、“异地转诊”备案的，没有查到怎样报销，请先询问重庆市医疗保障事务中心（023-00000000）。"
"""重庆's page names no reduction for temporary stays (its file)."""
CHRONIC = [*CODES[:5], "recognition", "disease_listed", "institution_disease", *CODES[5:]]


def ask(client, of, **query):
    wanted = {"enrollment": str(of.pk), "institution": HOSPITAL, "care": "inpatient", **query}
    answer = client.get("/api/v1/eligibility/", wanted)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def red(answer):
    return [condition["code"] for condition in answer["conditions"] if not condition["met"]]


def the(answer, code):
    return next(condition for condition in answer["conditions"] if condition["code"] == code)


def filed(of, account, to="110000", **fields):
    return make.approved(of, account, to=to, **fields)


def living(of, account, to="110000"):
    """Filed as living there, with proof: what it pays is known in every area."""
    return filed(of, account, to=to, filing_type="resident", materials=[make.material(account).pk])


def test_all_green(client, enrolled, account):
    filing = living(enrolled, account)

    answer = ask(client, enrolled)

    assert [condition["code"] for condition in answer["conditions"]] == CODES
    assert (answer["direct"], answer["travel"], answer["filing"]) == (True, "long_term", str(filing.pk))
    assert answer["summary"] == "可以直接结算，按“异地长期居住”享受待遇。"
    assert {condition["remedy"] for condition in answer["conditions"]} == {""}
    assert {condition["action"] for condition in answer["conditions"]} == {None}
    assert all(condition["source"]["title"] and condition["source"]["publisher"] for condition in answer["conditions"])
    assert the(answer, "filing")["message"] == f"到北京市的备案（受理编号{filing.number}）在2026年3月2日有效。"
    assert the(answer, "certificate")["message"] == "就医时请出示医保码或社会保障卡。"


def test_what_a_page_shows_beside_the_list(client, enrolled, account):
    filed(enrolled, account)

    answer = ask(client, enrolled)

    assert (answer["area_name"], answer["institution_name"]) == ("重庆市", "示范医院")
    assert (answer["institution_area_name"], answer["care_label"], answer["on"]) == ("北京市", "住院", "2026-03-02")
    assert answer["agency"] == {"name": "重庆市医疗保障事务中心", "phone": "023-00000000"}


def test_an_enrolment_that_has_ended_takes_the_certificate_with_it(client, enrolled, account):
    living(enrolled, account)
    enrolled.valid_until = date(2026, 3, 31)
    enrolled.save()

    answer = ask(client, enrolled, on="2026-04-01")

    assert red(answer) == ["enrollment", "certificate"]
    assert answer["travel"] == "unfiled"
    assert the(answer, "enrollment")["message"] == "重庆市的职工基本医疗保险只到2026年3月31日。"
    assert the(answer, "enrollment")["action"] == {
        "kind": "call",
        "label": "致电重庆市医疗保障事务中心",
        "phone": "023-00000000",
    }
    assert ask(client, enrolled, on="2026-03-31")["direct"] is True


def test_an_enrolment_that_has_not_begun(client, enrolled, account):
    filed(enrolled, account)
    enrolled.valid_from = date(2026, 3, 15)

    enrolled.save()

    assert the(ask(client, enrolled), "enrollment")["remedy"] == "请在2026年3月15日或之后就医。"


def test_without_a_filing_one_thing_is_red_and_says_what_to_file(client, enrolled):
    answer = ask(client, enrolled)

    assert red(answer) == ["filing"]
    assert (answer["direct"], answer["travel"]) == (False, "unfiled")
    assert answer["summary"] == "还不能直接结算，有1项需要处理。"

    filing = the(answer, "filing")
    assert filing["message"] == "没有到北京市的备案。"
    assert filing["remedy"] == ("请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。" + NOT_KNOWN)
    assert filing["action"] == {"kind": "file", "label": "去备案", "destination": "110000"}
    assert the(answer, "filing_type")["message"] == (
        "可以直接结算住院的备案类型：“异地长期居住人员”、“常驻异地工作人员”，请按实际情况选择。"
    )


def test_what_the_policy_settles_is_filed_with_one_tap(client, enrolled):
    """贵阳 says what residents are paid under temporary filings (its file), so the easiest type is chosen for them."""
    of = make.enrollment(enrolled.person, code="520100", insurance="resident", category="adult")

    filing = the(ask(client, of), "filing")

    assert filing["remedy"] == "请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。"
    assert filing["action"] == {"kind": "file", "label": "去备案", "destination": "110000", "type": "other"}


def test_what_the_policy_bars_is_said_before_it_is_filed(client, enrolled):
    """天津 pays nothing at hospitals below level 2 for whoever goes elsewhere by themselves (TJ3)."""
    of = make.enrollment(enrolled.person, code="120000")
    hospital = make.institution("H31010100003", place="310000", level=1)

    filing = the(ask(client, of, institution=hospital.code), "filing")

    said = "按“其他临时外出”备案的，不予报销：自行到外地就医的，只支付二级、三级医院的费用。"

    assert said in filing["remedy"]
    assert "type" not in filing["action"]


def test_the_wrong_city(client, enrolled, account):
    filed(enrolled, account, to="120000")

    answer = ask(client, enrolled)

    assert red(answer) == ["destination"]
    assert the(answer, "destination")["message"] == "备案的就医地是天津市，医院在北京市。"
    assert the(answer, "destination")["remedy"] == f"请另行备案到北京市。{NOT_KNOWN}"
    assert the(answer, "destination")["action"]["destination"] == "110000"


def test_who_moved_is_told_to_change_the_filing(client, enrolled, account):
    proof = [make.material(account).pk]
    filed(enrolled, account, to="120000", filing_type="resident", materials=proof)

    remedy = the(ask(client, enrolled), "destination")["remedy"]

    assert remedy == f"长期搬到北京市的，请变更备案；短期就医的，请另行备案到北京市。{NOT_KNOWN}"


def test_a_type_that_does_not_open_this_care(client, account, enrolled, recognised):
    """甘肃 settles no chronic care under a temporary filing (its file)."""
    of = make.enrollment(enrolled.person, code="620100")

    assert "chronic" not in rules_for("620100", date(2026, 3, 2)).types["other"].covers

    filed(of, account)
    recognised()

    answer = ask(client, of, care="chronic", disease="M03900")

    assert "filing_type" in red(answer)
    assert not {"filing", "destination"} & set(red(answer))
    assert the(answer, "filing_type")["message"] == "“其他跨省临时外出就医人员”备案不含门诊慢特病的直接结算。"
    assert the(answer, "filing_type")["action"] == {"kind": "file", "label": "去备案", "destination": "110000"}


def test_an_expired_filing(client, enrolled, account):
    filing = filed(enrolled, account)
    sweep_until("2026-09-03 12:00")

    with at("2026-09-03 12:00"):
        answer = ask(client, enrolled)

    assert red(answer) == ["filing"]
    assert the(answer, "filing")["message"] == (
        f"到北京市的备案（受理编号{filing.number}）已到期，有效期至2026年9月1日。"
    )
    assert the(answer, "filing")["action"] == {"kind": "file", "label": "去备案", "destination": "110000"}
    assert "filing" not in red(ask(client, enrolled, on="2026-09-01"))


def test_a_cancelled_filing(client, enrolled, account):
    filing = filed(enrolled, account)
    services.cancel(filing, actor=Actor.of(account, enrolled.person))

    message = the(ask(client, enrolled, on="2026-03-03"), "filing")["message"]

    assert message.startswith(f"到北京市的备案（受理编号{filing.number}）已取消")


UNDER_WAY = {
    "submitted": (
        lambda filing: None,
        "正在审核，最迟2026年3月4日办结。",
        "请等待审核结果，通过后即可直接结算。",
    ),
    "returned": (
        lambda filing: queue.return_for_correction(filing, reviewer=make.reviewer(), reason="请补充"),
        "被退回补正。",
        "请按退回意见补正后重新提交。",
    ),
}


@pytest.mark.parametrize(("follow", "message", "remedy"), UNDER_WAY.values(), ids=UNDER_WAY.keys())
def test_a_filing_under_way(client, enrolled, account, follow, message, remedy):
    filing = make.filed(enrolled, account, to="110000")
    follow(filing)

    condition = the(ask(client, enrolled), "filing")

    assert condition["message"] == f"到北京市的备案（受理编号{filing.number}）{message}"
    assert condition["remedy"] == remedy
    assert condition["action"]["filing"] == str(filing.pk)


def test_a_draft_is_no_filing(client, enrolled, account):
    draft = make.filed(enrolled, account, keep=True, to="110000")

    condition = the(ask(client, enrolled), "filing")

    assert (condition["message"], condition["action"]["label"]) == ("备案还是草稿，没有提交。", "去提交")
    assert condition["action"]["filing"] == str(draft.pk)


def test_a_refused_filing_elsewhere_filed_is_the_wrong_city(client, enrolled, account):
    refused = make.filed(enrolled, account, to="110000")

    queue.reject(refused, reviewer=make.reviewer(), reason="材料不符")

    assert "未获通过" in the(ask(client, enrolled), "filing")["message"]

    filed(enrolled, account, to="120000")

    assert red(ask(client, enrolled)) == ["destination"]


def test_a_filing_that_begins_later(client, enrolled, account):
    filed(enrolled, account, starts_on=date(2026, 3, 20))

    answer = ask(client, enrolled, on="2026-03-19")

    assert red(answer) == ["filing"]
    assert the(answer, "filing")["remedy"] == "请在2026年3月20日或之后就医，或另行备案。"
    assert "filing" not in red(ask(client, enrolled, on="2026-03-20"))


def test_exempt_places_need_no_filing(client, enrolled):
    """重庆 to 四川 since August 2022 (its file, CQF3)."""
    make.institution("H51010100001", place="510100")

    answer = ask(client, enrolled, institution="H51010100001")

    assert (answer["direct"], answer["travel"]) == (True, "long_term")
    assert the(answer, "filing")["message"] == "到成都市就医免备案。"
    assert the(answer, "filing")["source"]["title"] == "重庆到四川自2022年8月起免备案"


def test_at_home_nothing_is_filed_and_no_opening_across_provinces_is_needed(client, enrolled):
    make.institution("H50000000001", place="500000", inpatient=False)

    answer = ask(client, enrolled, institution="H50000000001")

    assert (answer["direct"], answer["travel"]) == (True, "local")
    assert the(answer, "institution")["message"] == "示范医院在参保地，按当地定点管理结算。"


def test_a_promise_not_kept_yet_closes_care_at_home(client, account, enrolled):
    """双向享受待遇 only once the promised papers are in (RULES.md §2.3)."""
    promise = {"kind": "residence_permit", "signed_name": "王秀兰"}
    filing = filed(enrolled, account, filing_type="resident", commitment=promise)
    make.institution("H50000000001", place="500000")

    answer = ask(client, enrolled, institution="H50000000001")

    assert red(answer) == ["filing"]
    assert the(answer, "filing")["remedy"] == "请先补交承诺的材料，审核通过后即可在参保地直接结算。"
    assert the(answer, "filing")["action"] == {"kind": "filing", "label": "查看备案", "filing": str(filing.pk)}


def test_a_hospital_that_is_not_open_for_this_care(client, enrolled, account):
    of = make.enrollment(enrolled.person, insurance="resident", category="adult")
    living(of, account)
    hospital = make.institution("H11010100002", level=2)

    answer = ask(client, of, institution=hospital.code, care="outpatient")

    assert red(answer) == ["institution"]
    assert the(answer, "institution")["message"] == "示范医院尚未开通普通门诊异地直接结算。"
    assert the(answer, "institution")["action"] == {
        "kind": "institutions", "label": "查找已开通的医院", "area": "110000", "care": "outpatient",
    }  # fmt: skip


def test_care_that_the_policy_does_not_cover(client, enrolled, account):
    """重庆 pays residents nothing for outpatient care at level 3 (its file, CQ6)."""
    of = make.enrollment(enrolled.person, insurance="resident", category="adult")
    living(of, account)
    make.institution("H11010100002", outpatient=True)

    answer = ask(client, of, institution="H11010100002", care="outpatient")

    assert red(answer) == ["covered"]
    assert the(answer, "covered")["message"] == "重庆市城乡居民医保不支付三级医院的普通门诊费用。"
    assert the(answer, "covered")["remedy"] == (
        "费用须自付；如有疑问，请就医前询问重庆市医疗保障事务中心（023-00000000）。"
    )
    assert the(answer, "covered")["action"]["phone"] == "023-00000000"


def test_where_no_source_says_what_is_paid_the_agency_is_asked(client, enrolled, account):
    """重庆: no page says what temporary stays are paid (its file)."""
    filed(enrolled, account)

    answer = ask(client, enrolled)

    assert red(answer) == ["covered"]
    assert the(answer, "covered")["message"].startswith("没有找到重庆市对转诊和其他临时外出住院支付比例的规定")
    assert the(answer, "covered")["remedy"] == (
        "请就医前询问重庆市医疗保障事务中心（023-00000000）。也可先自费就医，再持票据回参保地申请手工报销。"
    )


def test_what_is_missing_is_asked_for(client):
    answer = client.get("/api/v1/eligibility/", {"enrollment": "x", "care": "dental"})

    assert answer.status_code == 400
    assert {error["attr"]: error["detail"] for error in answer.json()["errors"]} == {
        "enrollment": "请选择参保人的参保关系。",
        "institution": "请选择医疗机构。",
        "care": "请选择就医类别：inpatient、outpatient 或 chronic。",
    }


def test_an_area_without_a_policy(client, enrolled, account):
    of = make.enrollment(enrolled.person, code="520300")
    filed(of, account)

    answer = ask(client, of)

    assert red(answer) == ["covered"]
    assert the(answer, "covered")["message"] == "没有查到遵义市的待遇政策。"
    assert "12393" in the(answer, "covered")["remedy"]


@pytest.fixture
def chronic(enrolled, account):
    """Insured and filed where the policy pays for chronic care: 天津's employees."""
    of = make.enrollment(enrolled.person, code="120000")
    make.approved(of, account, to="310000")
    make.institution("H31010100001", place="310000", chronic=["M03900"])
    return of


def ask_chronic(client, of, disease="M03900"):
    return ask(client, of, institution="H31010100001", care="chronic", disease=disease)


def test_chronic_care_has_three_conditions_more(client, chronic, recognised):
    recognised()

    answer = ask_chronic(client, chronic)

    assert [condition["code"] for condition in answer["conditions"]] == CHRONIC
    assert not {"recognition", "disease_listed", "institution_disease", "institution"} & set(red(answer))
    assert the(answer, "disease_listed")["message"] == "“高血压”可以跨省直接结算。"


NOT_RECOGNISED = {
    "never asked for": (None, {}, "没有查到参保地对“高血压”的门诊慢特病认定。"),
    "under review": ("pending", {}, "“高血压”的认定正在审核。"),
    "from next month": ("future", {"valid_from": date(2026, 4, 1)}, "“高血压”的认定自2026年4月1日起享受待遇。"),
    "over": ("ended", {"valid_until": date(2026, 2, 28)}, "“高血压”的认定已于2026年2月28日到期。"),
    "elsewhere": (
        "recognised",
        {"institutions": ["H99"]},
        "“高血压”的认定选定了就医机构，示范医院不在其中。",
    ),
}


@pytest.mark.parametrize(("state", "fields", "message"), NOT_RECOGNISED.values(), ids=NOT_RECOGNISED.keys())
def test_a_disease_that_is_not_recognised(client, chronic, recognised, state, fields, message):
    if state:
        recognised(state, **fields)

    condition = the(ask_chronic(client, chronic), "recognition")

    assert (condition["met"], condition["message"]) == (False, message)
    assert condition["remedy"]


def test_a_disease_for_which_this_hospital_is_not_open(client, chronic, recognised):
    recognised()

    answer = ask_chronic(client, chronic, "M01600")

    assert {"institution", "disease_listed"} & set(red(answer)) == set()
    assert the(answer, "institution_disease")["message"] == "示范医院没有开通“糖尿病”异地直接结算。"
    assert the(answer, "institution_disease")["remedy"].endswith("不能按普通门诊结算。")
    assert the(answer, "institution_disease")["action"]["disease"] == "M01600"


def test_a_disease_off_the_list_is_never_ordinary_outpatient_care(client, chronic, recognised):
    recognised()

    condition = the(ask_chronic(client, chronic, "M99900"), "disease_listed")

    assert condition["message"] == "病种M99900不在跨省直接结算的门诊慢特病范围内。"
    assert condition["remedy"] == "请先自费就医，再持票据回参保地申请手工报销；不能按普通门诊结算。"


def test_several_at_once_in_their_order(client, enrolled):
    make.institution("H11010100003", inpatient=False)
    enrolled.valid_until = date(2026, 3, 1)

    enrolled.save()

    assert red(ask(client, enrolled, institution="H11010100003")) == [
        "enrollment", "filing", "institution", "certificate",
    ]  # fmt: skip


def test_someone_insured_in_two_areas_is_warned(client, enrolled, account):
    make.enrollment(enrolled.person, code="510100")
    living(enrolled, account)

    answer = ask(client, enrolled)

    assert answer["direct"] is True
    assert the(answer, "certificate")["message"].endswith("您同时在成都市参保，请告知医院按重庆市结算。")


WRONG = {
    "no enrolment": ({"enrollment": ""}, "enrollment", "required"),
    "an enrolment that is no id": ({"enrollment": "7"}, "enrollment", "invalid"),
    "no institution": ({"institution": ""}, "institution", "required"),
    "an unknown institution": ({"institution": "H99999999999"}, "institution", "does_not_exist"),
    "no care": ({"care": ""}, "care", "required"),
    "a care there is not": ({"care": "dental"}, "care", "invalid_choice"),
    "chronic care without a disease": ({"care": "chronic"}, "disease", "required"),
    "a disease that is no code": ({"care": "chronic", "disease": "高血压"}, "disease", "invalid"),
    "a day that is none": ({"on": "2026-02-30"}, "on", "invalid"),
    "a day out of all calendars": ({"on": "1999-12-31"}, "on", "out_of_range"),
}


@pytest.mark.parametrize(("query", "attr", "code"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_question(client, enrolled, query, attr, code):
    wanted = {"enrollment": str(enrolled.pk), "institution": HOSPITAL, "care": "inpatient", **query}

    answer = client.get("/api/v1/eligibility/", wanted)

    assert answer.status_code == 400
    assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [(attr, code)]


def test_others_do_not_exist(enrolled):
    query = {"enrollment": str(enrolled.pk), "institution": HOSPITAL, "care": "inpatient"}

    stranger = make.api(make.citizen(make.person())).get("/api/v1/eligibility/", query)

    hospital = make.api(make.staff(Role.ADMIN)).get("/api/v1/eligibility/", query)

    assert (stranger.status_code, stranger.json()["errors"][0]["code"]) == (404, "not_found")
    assert hospital.status_code == 403


def test_a_mandate_that_has_run_out_reaches_nobody(enrolled):
    account = make.citizen()
    make.mandate(account, enrolled.person, valid_until=date(2026, 3, 2))

    query = {"enrollment": str(enrolled.pk), "institution": HOSPITAL, "care": "inpatient"}

    assert make.api(account).get("/api/v1/eligibility/", query).status_code == 200
    with at("2026-03-03 09:00"):
        assert make.api(account).get("/api/v1/eligibility/", query).status_code == 404


def test_a_hospital_that_opens_or_closes_is_seen_at_once(client, enrolled, account):
    living(enrolled, account)

    assert ask(client, enrolled)["direct"] is True

    Institution.objects.filter(code=HOSPITAL).update(inpatient=False)

    assert red(ask(client, enrolled)) == ["institution"]


def test_five_queries_whatever_was_filed_before(client, enrolled, account):
    """The token with its account; the mandates; the enrolment with agency and area; the institution; the filings."""
    filed(enrolled, account)
    filed(enrolled, account, to="120000")
    make.filed(enrolled, account, to="310000")

    with CaptureQueriesContext(connection) as captured:
        ask(client, enrolled)

    assert len(captured) == 5
    assert Filing.objects.count() == 3


def test_seven_queries_for_chronic_care(client, chronic):
    with CaptureQueriesContext(connection) as captured:
        ask_chronic(client, chronic)

    assert len(captured) == 7
