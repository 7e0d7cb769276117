"""The announced notices of 2024, 2025 and 2026 as they were published, against the calendar as shipped; and what is not understood."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from regions import calendar, reference
from regions.models import CalendarDay, CalendarYear
from regions.notice import read
from tests import factories as make

NOTICES = {
    2024: """国务院办公厅关于2024年部分节假日安排的通知
国办发明电〔2023〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2024年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
国务院办公厅
2023年10月25日
""",
    2025: """国务院办公厅关于2025年部分节假日安排的通知
国办发明电〔2024〕12号
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
""",
    2026: """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
""",
}


@pytest.mark.parametrize("year", NOTICES)
def test_a_real_notice_gives_the_calendar_as_shipped(year):
    notice = read(NOTICES[year], year)

    assert notice.problems == []

    shipped = [(row.date, row.is_workday) for row in reference.calendar_days() if row.date.year == year]
    assert [(day.date, day.is_workday) for day in notice.days] == shipped
    source = next(row.source for row in reference.calendar_years() if row.year == year)
    assert notice.source == source.split()[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("一、元旦：1月1日（周五）放假1天。", "是周四"),
        ("一、元旦：1月1日至3日放假，共4天。", "通知说共4天，日期算出来是3天"),
        ("一、元旦：1月1日放假。1月5日上班。", "本来就上班"),
        ("一、元旦：2月30日放假。", "没有这一天"),
        ("一、元旦：1日放假。", "没有写明月份"),
        ("一、元旦：1月3日至1日放假。", "起止日期不对"),
        ("一、元旦：1月1日放假。其余另行通知。", "不明白这一句：其余另行通知"),
        ("一、元旦：另行通知。", "没有读到放假的日期"),
        ("元旦1月1日放假。", "不明白这一行"),
        ("关于2027年部分节假日安排的通知", "这是2027年的通知"),
        ("一、元旦：1月1日放假。1月3日、1月3日上班。", "写了两次"),
        ("一、元旦：2025年12月31日至2026年1月1日放假，共2天。", "不在2026年"),
    ],
)
def test_what_is_not_understood_is_said(line, said):
    problems = read(f"\n{line}", 2026).problems

    assert any(said in sentence for _count, sentence in problems), problems
    assert problems[0][0] in (2, 0)


def test_what_is_only_advice_is_shown_and_not_kept():
    notice = read(NOTICES[2024], 2024)

    assert ["鼓励" in warning for warning in notice.warnings] == [True]


@pytest.fixture
def office(db):
    client = Client()
    client.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(year):
    return reverse("admin:regions_calendaryear_paste_notice", args=[year])


def test_it_is_shown_first_and_saved_when_confirmed(office):
    CalendarYear.objects.create(year=2026)
    CalendarDay.objects.create(date="2026-12-25", is_workday=False, name="误")

    shown = office.post(address(2026), {"text": NOTICES[2026]}).content.decode()

    assert "保存为该年日历" in shown
    assert CalendarDay.objects.count() == 1

    for _twice in range(2):
        assert office.post(address(2026), {"text": NOTICES[2026], "save": "1"}).status_code == 302

    shipped = {(row.date, row.is_workday) for row in reference.calendar_days() if row.date.year == 2026}
    assert set(CalendarDay.objects.values_list("date", "is_workday")) == shipped
    year = CalendarYear.objects.get()
    assert (year.announced, year.source) == (True, "国办发明电〔2025〕7号")


def test_a_second_time_changes_nothing(db):
    year = CalendarYear.objects.create(year=2025)

    assert calendar.announce(year, read(NOTICES[2025], 2025)) == 23
    assert calendar.announce(year, read(NOTICES[2025], 2025)) == 0


def test_what_is_not_understood_is_not_saved(office):
    CalendarYear.objects.create(year=2026)

    shown = office.post(address(2026), {"text": NOTICES[2026].replace("共9天", "共8天"), "save": "1"}).content.decode()

    assert "第 4 行：春节：通知说共8天，日期算出来是9天" in shown
    assert "保存为该年日历" not in shown
    assert CalendarDay.objects.count() == 0


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE, Role.HOSPITAL])
def test_only_administrators(db, role):
    CalendarYear.objects.create(year=2026)
    of = {"institution": make.institution()} if role == Role.HOSPITAL else {}
    client = Client()
    client.force_login(make.staff(role, **of), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(address(2026), {"text": NOTICES[2026], "save": "1"})

    assert answer.status_code == 403
    assert CalendarDay.objects.count() == 0
