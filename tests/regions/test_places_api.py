"""`areas/`, `institutions/`, `diseases/`, `agencies/`."""

from datetime import datetime

import pytest
from django.db import connection

from core.clock import SHANGHAI, standing_at
from core.text import spell
from regions.models import Agency, Area, County, Disease, Institution
from tests.roles import as_owner

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


def codes(response):
    assert response.status_code == 200, response.content
    return [row["code"] for row in response.json()["results"]]


def test_an_area(api, areas):
    answer = api.get("/api/v1/areas/?q=广安").json()

    assert answer == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "code": "511600",
                "name": "广安市",
                "level": "city",
                "parent": "510000",
                "pools_at": "city",
                "local_to": ["500000"],
                "within": ["四川省"],
                "pooling_area": "511600",
                "pooling_area_name": "广安市",
            }
        ],
    }
    assert api.get("/api/v1/areas/511600/").json() == answer["results"][0]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["500000", "510000", "510100", "511600", "519900"]),
        ("level=province", ["500000", "510000"]),
        ("level=city", ["510100", "511600"]),
        ("parent=510000", ["510100", "511600", "519900"]),
        ("pooling=true", ["500000", "510100", "511600", "519900"]),
        ("pooling=false", ["510000"]),
        ("level=&parent=&q=", ["500000", "510000", "510100", "511600", "519900"]),
        ("q=成都", ["510100"]),
        ("q=chengdu", ["510100"]),
        ("q=CHENG DU", ["510100"]),
        ("q=cds", ["510100"]),
        ("q=c", ["500000", "510100"]),
        ("q=%25", []),
        ("level=city&q=gas", ["511600"]),
    ],
)
def test_finding_areas(api, areas, asked, found):
    assert codes(api.get(f"/api/v1/areas/?{asked}")) == found


@pytest.fixture
def counties(areas):
    for code, name, parent in (
        ("500157", "两江新区", "500000"),
        ("500113", "巴南区", "500000"),
        ("510113", "青白江区", "510100"),
        ("511602", "广安区", "511600"),
    ):
        County.objects.create(code=code, name=name, parent_id=parent, pool_id=parent, **spell(name)._asdict())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=广安", ["511600", "511602"]),  # the city first
        ("q=liangjiang", ["500157"]),
        ("q=新区", ["500157"]),
        ("q=江", ["500157", "510113"]),
        ("level=county", ["500113", "500157", "510113", "511602"]),
        ("level=county&q=两江", ["500157"]),
        ("level=city&q=广安", ["511600"]),
        ("parent=500000", ["500113", "500157"]),
        ("parent=510000", ["510100", "511600", "519900"]),
        ("pooling=true&q=广安", ["511600"]),
        ("", ["500000", "510000", "510100", "511600", "519900"]),
    ],
)
def test_finding_counties(api, counties, asked, found):
    assert codes(api.get(f"/api/v1/areas/?{asked}")) == found


def test_a_county_says_where_it_lies_and_which_pool_it_belongs_to(api, counties):
    found = api.get("/api/v1/areas/?q=青白江").json()["results"]

    assert found == [api.get("/api/v1/areas/510113/").json()]
    assert found == [
        {
            "code": "510113",
            "name": "青白江区",
            "level": "county",
            "parent": "510100",
            "pools_at": "city",
            "local_to": [],
            "within": ["四川省", "成都市"],
            "pooling_area": "510100",
            "pooling_area_name": "成都市",
        }
    ]


@pytest.mark.parametrize(("code", "pool"), [("500000", "500000"), ("510000", None), ("519900", "519900")])
def test_an_area_names_its_pool_where_there_is_one(api, areas, code, pool):
    assert api.get(f"/api/v1/areas/{code}/").json()["pooling_area"] == pool


@pytest.fixture
def hospitals(areas, make_institution):
    make_institution(
        "H1", "四川大学华西医院", "510100", outpatient=True, chronic=["M03900", "M01600"], issues_referrals=True,
        address="成都市国学巷", phone="028-00000000", invented_contact=True,
    )  # fmt: skip
    make_institution("H2", "广安市人民医院", "511600", level=2, chronic=["M03900"], inpatient=False)
    make_institution("H3", "重庆医科大学附属第一医院", "500000", outpatient=True)
    make_institution("H4", "重庆市中医院", "500000", specialty="tcm", sub_class="special")
    make_institution("H5", "重庆华西社区卫生服务站", "500000", level=0)
    make_institution("P1", "广安大药房", "511600", level=0, kind="pharmacy", inpatient=False, chronic=["M07801"])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["H1", "H2", "H3", "H4", "H5", "P1"]),
        ("kind=pharmacy", ["P1"]),
        ("area=500000", ["H3", "H4", "H5"]),
        ("area=510100", ["H1"]),
        ("area=510000", ["H1", "H2", "P1"]),
        ("area=999999", []),
        ("care=inpatient", ["H1", "H3", "H4", "H5"]),
        ("care=outpatient", ["H1", "H3"]),
        ("care=chronic", ["H1", "H2", "P1"]),
        ("care=chronic&disease=M01600", ["H1"]),
        ("disease=M03900", ["H1", "H2"]),
        ("care=outpatient&disease=M03900", ["H1"]),
        ("level=2", ["H2"]),
        ("level=0", ["H5", "P1"]),
        ("specialty=tcm", ["H4"]),
        ("issues_referrals=true", ["H1"]),
        ("q=华西", ["H1", "H5"]),
        ("q=huaxi", ["H1", "H5"]),
        ("q=chongqing", ["H3", "H4", "H5"]),
        ("q=cqszyy", ["H4"]),
        ("q=hx", []),
        ("q=hxyy", ["H1"]),
        ("area=510000&care=chronic&level=3&q=sichuan", ["H1"]),
    ],
)
def test_finding_institutions(api, hospitals, asked, found):
    assert codes(api.get(f"/api/v1/institutions/?{asked}")) == found


def test_what_begins_with_the_word_comes_first(api, areas, make_institution):
    make_institution("H1", "四川大学华西医院", "510100")

    make_institution("H2", "华西口腔医院", "510100")

    assert codes(api.get("/api/v1/institutions/?q=huaxi")) == ["H2", "H1"]


def test_an_institution(api, hospitals):
    assert api.get("/api/v1/institutions/H1/").json() == {
        "code": "H1",
        "name": "四川大学华西医院",
        "kind": "hospital",
        "area": "510100",
        "area_name": "成都市",
        "grade": "",
        "level": 3,
        "class": "",
        "specialty": "general",
        "issues_referrals": True,
        "open": {"inpatient": True, "outpatient": True, "chronic": ["M03900", "M01600"]},
        "address": "成都市国学巷",
        "phone": "028-00000000",
        "demo": True,
    }


@pytest.mark.parametrize(
    ("asked", "attr", "code"),
    [
        ("areas/?level=village", "level", "invalid_choice"),
        ("areas/?parent=5100000", "parent", "max_length"),
        ("areas/?q=%00", "q", "null_characters_not_allowed"),
        ("areas/?pooling=maybe", "pooling", "invalid"),
        ("areas/?page=0", "page", "invalid_page"),
        ("areas/?page=two", "page", "invalid_page"),
        ("areas/?page=²", "page", "invalid_page"),
        ("areas/?page_size=-1", "page_size", "invalid_page"),
        ("institutions/?care=dental", "care", "invalid_choice"),
        ("institutions/?level=4", "level", "max_value"),
        ("institutions/?level=three", "level", "invalid"),
        ("institutions/?specialty=magic", "specialty", "invalid_choice"),
    ],
)
def test_what_cannot_be_asked(api, db, asked, attr, code):
    response = api.get(f"/api/v1/{asked}")

    assert response.status_code == 400
    assert [(e["attr"], e["code"]) for e in response.json()["errors"]] == [(attr, code)]


@pytest.mark.parametrize("path", ["areas/999999/", "institutions/H999/", "nothing/"])
def test_what_is_not_there(api, db, path):
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 404
    assert response.json()["type"] == "client_error"
    assert response.json()["errors"][0]["code"] == "not_found"


def test_diseases_in_the_order_of_their_opening(api, db):
    Disease.objects.create(code="M00900", name="新增病种", since=2024)

    Disease.objects.create(code="M03900", name="高血压", since=2021)

    assert api.get("/api/v1/diseases/").json()["results"] == [
        {"code": "M03900", "name": "高血压", "since": 2021},
        {"code": "M00900", "name": "新增病种", "since": 2024},
    ]


def test_agencies_of_an_area(api, areas):
    Agency.objects.create(area_id="500000", name="重庆市医疗保障事务中心", phone="023-00000000", demo=True)

    Agency.objects.create(area_id="510100", name="成都市医疗保障事务中心")

    assert api.get("/api/v1/agencies/?area=500000").json()["results"] == [
        {
            "area": "500000",
            "area_name": "重庆市",
            "name": "重庆市医疗保障事务中心",
            "address": "",
            "phone": "023-00000000",
            "demo": True,
        }
    ]
    assert api.get("/api/v1/agencies/").json()["count"] == 2


@pytest.mark.parametrize("asked", ["成都", "chengdu", "cd", "四川", "保障事务"])
def test_agencies_are_found_by_name_and_by_where_they_are(api, areas, asked):
    Agency.objects.create(area_id="500000", name="重庆市医保局")
    Agency.objects.create(area_id="510100", name="市医疗保障事务中心")

    answer = api.get(f"/api/v1/agencies/?q={asked}").json()

    assert [row["area"] for row in answer["results"]] == ["510100"]


def test_an_expired_token_does_not_lock_anyone_out_of_public_lists(api, areas):
    assert api.get("/api/v1/areas/", headers={"Authorization": "Bearer 0123456789abcdef"}).status_code == 200


def test_writing_is_not_supported(api, db):
    response = api.post("/api/v1/areas/", {})

    assert (response.status_code, response.json()["errors"][0]["code"]) == (405, "method_not_allowed")


@pytest.fixture
def many(areas, make_area, make_institution):
    def make(number):
        places = [Area(code=f"{600000 + i}", name=f"第{i}区", pinyin="qu", level="city") for i in range(number)]
        Area.objects.bulk_create(places)
        Institution.objects.bulk_create(
            Institution(
                code=f"H{i:04}", name=f"第{i}医院", area_id="510100", level=3, pinyin="yiyuan", chronic=["M03900"]
            )
            for i in range(number)
        )
        Agency.objects.bulk_create(Agency(area=place, name="中心") for place in places)
        with (
            as_owner(),
            connection.cursor() as cursor,
        ):  # else what the tests before left behind may be the planner's guess: minutes
            cursor.execute("ANALYZE regions_area, regions_county, regions_institution, regions_agency")

    return make


@pytest.mark.parametrize("number", [10, 1000])
@pytest.mark.parametrize(
    ("path", "ten", "thousand"),
    [
        ("areas/?page_size=100", 1, 2),
        ("areas/?q=qu", 1, 2),
        ("areas/?pooling=true", 1, 1),
        ("institutions/?page_size=100", 1, 2),
        ("institutions/?area=510000&care=chronic&q=yiyuan", 1, 2),
        ("institutions/H0001/", 1, 1),
        ("areas/510000/", 1, 1),
        ("agencies/?page_size=100", 1, 2),
        ("diseases/", 1, 1),
    ],
)
def test_queries_do_not_grow(api, many, django_assert_num_queries, number, path, ten, thousand):
    """A list that fits on its page need not be counted; a longer one is, once."""
    many(number)

    with standing_at(NOON), django_assert_num_queries(ten if number == 10 else thousand):
        assert api.get(f"/api/v1/{path}").status_code == 200
