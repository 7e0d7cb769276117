"""`manage.py load_reference`: the database says what the files say, and what an administrator added stays."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from pghistory.models import Events

from core import hooks
from regions import calendar, reference
from regions.loading import load_reference
from regions.models import Agency, Area, CalendarDay, CalendarYear, County, Disease, Institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> None:
    load_reference()


@pytest.mark.usefixtures("loaded")
def test_every_row_of_the_files_is_there():
    assert Area.objects.count() == 430
    assert County.objects.count() == len(reference.counties())
    assert Institution.objects.count() == len(reference.institutions())
    assert Disease.objects.count() == 10
    assert Agency.objects.filter(demo=True).count() == 32
    assert CalendarYear.objects.filter(announced=True).count() == 7
    assert CalendarDay.objects.count() == len(reference.calendar_days())


@pytest.mark.usefixtures("loaded")
def test_an_area_and_a_hospital_as_the_files_have_them():
    jining = Area.objects.get(code="419001")

    assert (jining.name, jining.parent_id, jining.pools_at, jining.local_to) == ("济源市", "410000", "city", [])

    pool = Area.objects.get(code="519900")
    assert (pool.level, pool.parent_id, pool.local_to) == ("pool", "510000", ["510100"])

    huaxi = Institution.objects.get(code="H51010000001")

    assert (huaxi.name, huaxi.area_id, huaxi.grade, huaxi.level) == ("四川大学华西医院", "510100", "三级甲等", 3)
    assert (huaxi.inpatient, huaxi.outpatient, len(huaxi.chronic), huaxi.invented_code) == (True, True, 10, True)


@pytest.mark.usefixtures("loaded")
def test_the_pooling_areas_are_whole_provinces_cities_of_the_others_and_pools_of_their_own():
    codes = set(Area.objects.pooling().values_list("code", flat=True))

    assert {"110000", "500000", "660000", "510100", "419001", "519900", "611100"} <= codes
    assert not {"510000", "460100", "659001", "710000", "810000", "820000"} & codes
    # 7 whole provinces (兵团 with them); 333 prefecture-level places without 海南's 4 and 西藏's 7; 济源 and 湖北's 4;
    # 5 special zones; 24 provincial pools
    assert len(codes) == 7 + (333 - 4 - 7) + 5 + 5 + 24


@pytest.mark.usefixtures("loaded")
def test_every_area_knows_the_pool_it_is_part_of():
    pools = {area.code: area.pool_code for area in Area.objects.all()}

    assert {code for code, pool in pools.items() if pool == code} == set(
        Area.objects.pooling().values_list("code", flat=True)
    )
    assert [pools[code] for code in ("460100", "659001", "510000", "510100", "710000")] == [
        "460000",
        "660000",
        "",
        "510100",
        "",
    ]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("重庆", "重庆市"),
        ("chongqing", "重庆市"),
        ("cqs", "重庆市"),
        ("Cheng Du", "成都市"),
        ("恩施", "恩施土家族苗族自治州"),
    ],
)
def test_areas_are_found_by_name_pinyin_and_initials(typed, found):
    assert found in Area.objects.search(typed).values_list("name", flat=True)


@pytest.mark.usefixtures("loaded")
def test_a_second_run_changes_nothing():
    before = Events.objects.count()
    out = StringIO()

    call_command("load_reference", stdout=out)

    assert (
        out.getvalue()
        == "基础数据已载入：地区更新 0 行，病种更新 0 行，医疗机构更新 0 行，经办机构更新 0 行，工作日历更新 0 行\n"
    )
    assert Events.objects.count() == before


@pytest.mark.usefixtures("loaded")
def test_a_changed_row_is_put_right_and_a_row_of_ones_own_stays():
    Area.objects.filter(code="510100").update(name="旧名")

    Institution.objects.create(code="H51010099999", name="自建医院", area_id="510100", level=2)

    assert load_reference() == {"areas": 1, "diseases": 0, "institutions": 0, "agencies": 0, "calendar": 0}
    assert Area.objects.get(code="510100").name == "成都市"
    assert Institution.objects.filter(code="H51010099999").exists()


@pytest.mark.usefixtures("loaded")
def test_a_year_completed_by_an_administrator_is_not_made_provisional_again():
    CalendarYear.objects.filter(year=2027).update(announced=True, source="国办发明电〔2026〕1号")
    CalendarDay.objects.filter(date=date(2027, 2, 5)).delete()

    CalendarDay.objects.create(date=date(2027, 2, 14), is_workday=True, name="春节调休上班")

    assert load_reference()["calendar"] == 0
    assert CalendarYear.objects.get(year=2027).announced
    assert CalendarDay.objects.filter(date=date(2027, 2, 14)).exists()
    assert not CalendarDay.objects.filter(date=date(2027, 2, 5)).exists()


def test_a_year_announced_by_the_files_loses_its_provisional_days():
    CalendarYear.objects.create(year=2026, announced=False)
    CalendarDay.objects.create(date=date(2026, 3, 2), is_workday=False, name="guess")

    load_reference()

    assert CalendarYear.objects.get(year=2026).announced
    assert not CalendarDay.objects.filter(date=date(2026, 3, 2)).exists()
    assert CalendarDay.objects.get(date=date(2026, 10, 10)).is_workday


def test_deadlines_follow_a_changed_calendar_and_only_that(monkeypatch, django_capture_on_commit_callbacks):
    told: list[str] = []
    monkeypatch.setitem(hooks.followers, calendar.calendar_changed.name, [lambda: told.append("changed")])

    with django_capture_on_commit_callbacks(execute=True):
        load_reference()

    assert told == ["changed"]
    assert calendar.is_workday(date(2026, 10, 10))
    assert not calendar.is_workday(date(2026, 10, 7))

    with django_capture_on_commit_callbacks(execute=True):
        load_reference()

    assert told == ["changed"]


def test_loading_quietly(capsys):
    call_command("load_reference", verbosity=0)

    assert capsys.readouterr().out == ""
