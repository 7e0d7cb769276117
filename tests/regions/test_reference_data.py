"""The reference data files: what they count, that they fit together, and that they agree with their sources."""

import re
from collections import Counter
from importlib import resources

import pytest

from regions import reference

AREAS = {row.code: row for row in reference.areas()}
INSTITUTIONS = reference.institutions()
# STACK.md §6: stale entries of the list, and what exists only as a heading in it.
STALE = {"422900", "429001"}
HEADINGS = {"市辖区", "县", "市"}
NOT_MAINLAND = {"710000", "810000", "820000"}
WHOLE = {"110000", "120000", "310000", "460000", "500000", "540000"}  # 京津沪渝琼藏 (S-12, X5)


def current_name(names: str) -> str | None:
    """The name in force of an entry such as `[-1980]旅大市,[1981-]大连市`, or None if it ended."""
    last = re.split(r",(?=\[)", names)[-1]
    dated = re.fullmatch(r"\[(\d*)-(\d*)\](.*)", last)
    if dated is None:
        return last
    return None if dated[2] else dated[3]


@pytest.fixture(scope="module")
def standard() -> dict[str, str]:
    """GB/T 2260 by python-stdnum: provinces, prefecture level and directly administered counties in force."""
    found, province = {}, ""
    for line in resources.files("stdnum").joinpath("cn/loc.dat").read_text(encoding="utf-8").splitlines():
        if top := re.fullmatch(r'(\d\d) province="(.*)"', line):
            province = top[1]
            found[province + "0000"] = top[2]
        elif entry := re.fullmatch(r'  (\d{4}) county="(.*)"', line):
            name, code = current_name(entry[2]), province + entry[1]
            county = entry[1].startswith("90") and entry[1] != "9000"
            city = entry[1].endswith("00") and not entry[1].startswith("90") and entry[1] != "0000"
            if name and (city or county) and name not in HEADINGS and code not in STALE:
                found[code] = name
    return found


def test_every_area_of_the_standard_is_there_under_its_name(standard):
    ours = {code: row.name for code, row in AREAS.items() if "GB" in row.source}

    assert ours == standard | {"810000": "香港特别行政区", "820000": "澳门特别行政区"}


def test_counts():
    gb = [row for row in AREAS.values() if "GB" in row.source]

    assert sum(row.level == "province" for row in gb) == 34
    assert sum(row.level == "city" and row.code.endswith("00") for row in gb) == 333
    assert sum(row.level == "city" and not row.code.endswith("00") for row in gb) == 32
    assert sum(row.level == "pool" for row in AREAS.values()) == 24
    assert len(AREAS) == 34 + 333 + 32 + 24 + 5 + 2  # five special zones with a pool, 兵团, and its newest city 草湖市


@pytest.mark.parametrize(
    ("code", "name", "level", "parent", "pools_at"),
    [
        ("110000", "北京市", "province", "", "province"),
        ("510000", "四川省", "province", "", "city"),
        ("510100", "成都市", "city", "510000", "city"),
        ("422800", "恩施土家族苗族自治州", "city", "420000", "city"),
        ("421300", "随州市", "city", "420000", "city"),
        ("429004", "仙桃市", "city", "420000", "city"),
        ("419001", "济源市", "city", "410000", "city"),
        ("460400", "儋州市", "city", "460000", "province"),
        ("469002", "琼海市", "city", "460000", "province"),
        ("540600", "那曲市", "city", "540000", "province"),
        ("441900", "东莞市", "city", "440000", "city"),
        ("659001", "石河子市", "city", "660000", "province"),
        ("660000", "新疆生产建设兵团", "province", "", "province"),
        ("519900", "四川省省本级", "pool", "510000", "city"),
        ("810000", "香港特别行政区", "province", "", "none"),
    ],
)
def test_known_areas(code, name, level, parent, pools_at):
    row = AREAS[code]

    assert (row.name, row.level, row.parent, row.pools_at) == (name, level, parent, pools_at)


def test_only_the_provinces_with_a_source_pool_as_a_whole():
    whole = {code for code, row in AREAS.items() if row.level == "province" and row.pools_at == "province"}

    assert whole == WHOLE | {"660000"}
    assert {code for code, row in AREAS.items() if row.pools_at == "none"} == NOT_MAINLAND

    for row in AREAS.values():
        if row.pools_at == "province":
            assert {"S-12", "X5"} & set(row.source.split()), row


def test_cities_pool_where_their_province_says():
    for row in AREAS.values():
        assert row.source
        assert (row.parent == "") == (row.level == "province")
        if row.parent:
            assert row.pools_at == AREAS[row.parent].pools_at


def test_parents_come_before_their_children():
    seen = set()
    for row in reference.areas():
        assert not row.parent or row.parent in seen
        seen.add(row.code)


def test_what_is_local_to_a_pool_lies_in_its_own_province():
    for row in AREAS.values():
        for code in row.local_to:
            assert AREAS[code].parent == (row.parent or row.code)
    assert AREAS["519900"].local_to == ["510100"]
    assert len(AREAS["660000"].local_to) == 13


def test_hospitals_of_every_mainland_province():
    provinces = Counter(AREAS[row.area].parent or row.area for row in INSTITUTIONS)

    mainland = {code for code, row in AREAS.items() if row.level == "province" and row.pools_at != "none"}

    assert set(provinces) == mainland
    assert min(count for code, count in provinces.items() if code != "660000") >= 5
    assert len(INSTITUTIONS) >= 200


def test_hospitals_are_named_once_and_their_codes_say_where_they_stand():
    assert len({row.code for row in INSTITUTIONS}) == len({row.name for row in INSTITUTIONS}) == len(INSTITUTIONS)
    for row in INSTITUTIONS:
        assert re.fullmatch(rf"H{row.area}[0-9]{{5}}", row.code)
        assert row.invented
        assert AREAS[row.area].level == "city" or AREAS[row.area].pools_at == "province"


def test_hospitals_differ_in_level_specialty_and_openness():
    assert {row.level for row in INSTITUTIONS} == {0, 1, 2, 3}
    assert {row.specialty for row in INSTITUTIONS} == {"general", "tcm", "ethnic", "mental", "infectious"}

    openness = {(row.inpatient, row.outpatient, bool(row.chronic)) for row in INSTITUTIONS}

    assert {
        (True, True, True),
        (True, True, False),
        (True, False, False),
        (False, True, True),
        (False, False, False),
    } <= openness


def test_grade_and_settlement_level_agree():
    levels = {"三级甲等": 3, "三级乙等": 3, "二级甲等": 2, "二级乙等": 2, "一级": 1, "未定级": 0}

    assert all(levels[row.grade] == row.level for row in INSTITUTIONS)
    assert all(row.level == 3 for row in INSTITUTIONS if row.issues_referrals)


def test_the_ten_chronic_diseases():
    since = {row.code: row.since for row in reference.diseases()}

    assert {code for code, year in since.items() if year == 2021} == {"M03900", "M01600", "M00500", "M07801", "M08300"}
    assert len(since) == 10
    assert set(since.values()) == {2021, 2024}
    assert {code for row in INSTITUTIONS for code in row.chronic} == set(since)


def test_every_pooling_province_and_capital_has_an_agency_marked_as_demo():
    agencies = {row.area: row for row in reference.agencies()}

    capitals = {row.local_to[0] for row in AREAS.values() if row.level == "pool"} | {"320100"}

    assert set(agencies) == WHOLE | {"660000"} | capitals
    assert agencies["500000"].name == "重庆市医疗保障事务中心"
    for row in agencies.values():
        assert row.demo
        assert re.fullmatch(r"0\d{2,3}-00000000", row.phone)
        assert row.address


def test_every_county_lies_in_an_area_and_belongs_to_its_pool():
    """City or directly administered counties of provinces that pool by city, the province of all others; three have a pool of their own."""
    own = {"150781": "153000", "152501": "153100", "610403": "611100"}  # 满洲里, 二连浩特, 杨陵

    def pool(county):
        parent = AREAS[county.parent]
        return (parent.parent or parent.code) if parent.pools_at == "province" else parent.code

    counties = reference.counties()

    assert len(counties) + 33 == 2_847  # 33 stand among the areas: those no city stands above
    assert [row for row in counties if row.pool != own.get(row.code, pool(row))] == []
    assert {row.code for row in counties} & AREAS.keys() == set()
    assert {row.code: row.pool for row in counties}.items() >= {
        "110105": "110000", "310115": "310000", "220104": "220100", "460105": "460000", "653132": "653100",
    }.items()  # fmt: skip
