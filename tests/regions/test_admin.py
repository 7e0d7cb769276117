"""Master data in the staff's site: who may see and keep what, and what follows from a change."""

from datetime import date, datetime

import pgtrigger
import pytest
from django.urls import reverse

from accounts.models import Account
from core.clock import SHANGHAI, standing_at
from policies.models import Notice
from regions import calendar
from regions.models import Agency, Area, CalendarDay, CalendarYear, ClosedDay, Disease, Institution

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
PAGES = ["area", "agency", "institution", "disease", "calendaryear", "calendarday", "closedday", "notice"]
KEPT = ["agency", "closedday"]


def page(model, what="changelist", *args):
    app = "policies" if model == "notice" else "regions"
    return reverse(f"admin:{app}_{model}_{what}", args=args)


@pytest.fixture
def staff(areas, make_institution):
    make_institution("H1", "四川大学华西医院", "510100")

    def make(role, area=None, **more):
        return Account.objects.create(role=role, username=f"{role}-{area}", area_id=area, **more)

    return make


@pytest.fixture
def sign_in(client):
    def enter(account):
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def admin(sign_in, staff):
    return sign_in(staff("admin"))


@pytest.fixture
def supervisor(sign_in, staff):
    return sign_in(staff("supervisor", "500000"))


@pytest.fixture
def agencies(areas):
    mine = Agency.objects.create(area_id="500000", name="重庆市医疗保障事务中心")
    theirs = Agency.objects.create(area_id="510100", name="成都市医疗保障事务中心")
    return mine, theirs


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.parametrize(
    ("role", "sees"),
    [("admin", PAGES), ("supervisor", KEPT), ("reviewer", []), ("hospital", []), ("citizen", None)],
)
def test_who_sees_which_page(sign_in, staff, model, role, sees):
    area = "500000" if role in ("supervisor", "reviewer") else None
    client = sign_in(staff(role, area, institution_id="H1" if role == "hospital" else None))

    status = client.get(page(model)).status_code

    assert status == (302 if sees is None else 200 if model in sees else 403)

    add = client.get(page(model, "add")).status_code

    assert add == (302 if sees is None else 200 if model in sees and model != "notice" else 403)


def test_a_supervisor_keeps_the_agency_of_their_own_area(supervisor, agencies):
    mine, theirs = agencies

    listed = supervisor.get(page("agency")).content.decode()

    assert mine.name in listed
    assert theirs.name not in listed

    form = {"area": "500000", "name": mine.name, "phone": "023-12345678", "address": ""}

    assert supervisor.post(page("agency", "change", mine.pk), form).status_code == 302

    mine.refresh_from_db()

    assert mine.phone == "023-12345678"


@pytest.mark.parametrize("what", ["change", "delete", "history"])
def test_another_areas_agency_does_not_exist_for_them(supervisor, agencies, what):
    _, theirs = agencies

    response = supervisor.post(page("agency", what, theirs.pk), {"post": "yes", "area": "510100", "name": "x"})

    assert response.status_code in (302, 403)

    theirs.refresh_from_db()

    assert theirs.name == "成都市医疗保障事务中心"


def test_a_supervisor_closes_their_own_area_only(supervisor, areas):
    form = {"date": "2026-11-23", "reason": "系统升级"}

    assert supervisor.post(page("closedday", "add"), {**form, "area": "510100"}).status_code == 200
    assert ClosedDay.objects.count() == 0
    assert supervisor.post(page("closedday", "add"), {**form, "area": "500000"}).status_code == 302
    assert list(ClosedDay.objects.values_list("area_id", "date")) == [("500000", date(2026, 11, 23))]


def test_the_same_closed_day_twice_is_explained(supervisor, areas):
    ClosedDay.objects.create(area_id="500000", date=date(2026, 11, 23), reason="系统升级")

    again = supervisor.post(page("closedday", "add"), {"area": "500000", "date": "2026-11-23", "reason": "停电"})

    assert "该地区这一天已登记为休息日。" in again.content.decode()


def test_a_suspended_supervisor_keeps_nothing(sign_in, staff, agencies):
    account = staff("supervisor", "500000")
    client = sign_in(account)

    Account.objects.filter(pk=account.pk).update(is_active=False)

    assert client.get(page("agency")).status_code == 302


def test_what_follows_a_change_of_the_calendar_is_left_to_the_sweep(
    admin, areas, follow, django_capture_on_commit_callbacks
):
    CalendarYear.objects.create(year=2026, announced=True)
    calendar.recompute_deadlines()
    follow.clear()

    monday = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)

    assert calendar.due(monday, 2).at.day == 18

    steps = [
        (page("calendarday", "add"), {"date": "2026-11-17", "name": "调休", "source": "通知"}),
        (page("calendarday", "change", "2026-11-17"), {"is_workday": "on", "name": "上班"}),
        (page("calendarday", "delete", "2026-11-17"), {"post": "yes"}),
        (page("calendaryear", "change", 2026), {"source": "更正"}),
        (page("closedday", "add"), {"area": "500000", "date": "2026-11-17", "reason": "系统升级"}),
    ]
    dues = []

    for url, form in steps:
        with django_capture_on_commit_callbacks(execute=True):
            assert admin.post(url, form).status_code == 302
        assert len(follow) == len(dues)  # not while the page is waited for
        calendar.recompute_deadlines()
        due = calendar.due(monday, 2, "500000")
        dues.append((due.at.day, due.provisional))

    assert dues == [(19, False), (18, False), (18, False), (18, True), (19, True)]
    assert follow == ["recomputed"] * 5


def test_deleting_a_selection_counts_too(admin, areas, follow):
    CalendarDay.objects.create(date=date(2026, 11, 17), is_workday=False, name="x")
    calendar.recompute_deadlines()
    follow.clear()
    form = {"action": "delete_selected", "_selected_action": ["2026-11-17"], "post": "yes"}

    admin.post(page("calendarday"), form)

    assert CalendarDay.objects.count() == 0
    assert (calendar.recompute_deadlines(), follow) == (True, ["recomputed"])


def test_pinyin_follows_the_name(admin, areas):
    form = {
        "name": "天府市",
        "level": "city",
        "parent": "510000",
        "pools_at": "city",
        "local_to": "510000",
        "source": "",
    }

    assert admin.post(page("area", "change", "510100"), form).status_code == 302

    area = Area.objects.get(code="510100")

    assert (area.pinyin, area.initials, area.local_to) == ("tianfushi", "tfs", ["510000"])


def test_codes_that_are_none_are_refused(admin, areas, staff):
    Disease.objects.create(code="M03900", name="高血压", since=2021)

    form = {"name": "天府市", "level": "city", "parent": "510000", "pools_at": "city", "local_to": "510000,999999"}

    assert "没有代码为 999999 的地区。" in admin.post(page("area", "change", "510100"), form).content.decode()

    form = {
        "name": "华西医院",
        "kind": "hospital",
        "area": "510100",
        "level": "3",
        "specialty": "general",
        "chronic": "M03900,M99999",
    }
    assert "没有编码为 M99999 的病种。" in admin.post(page("institution", "change", "H1"), form).content.decode()

    form["chronic"] = "M03900,M03900"
    assert admin.post(page("institution", "change", "H1"), form).status_code == 302

    hospital = Institution.objects.get(code="H1")

    assert (hospital.name, hospital.pinyin, hospital.chronic) == ("华西医院", "huaxiyiyuan", ["M03900"])


def test_a_pharmacy_has_no_beds(admin, areas, staff):
    form = {"name": "大药房", "kind": "pharmacy", "area": "510100", "level": "0", "specialty": "general", "chronic": ""}

    refused = admin.post(page("institution", "change", "H1"), {**form, "inpatient": "on"}).content.decode()

    assert "定点药店没有住院，请不要开通住院。" in refused
    assert admin.post(page("institution", "change", "H1"), form).status_code == 302
    assert Institution.objects.get(code="H1").kind == "pharmacy"


@pytest.mark.parametrize(
    ("model", "text", "found"),
    [
        ("institution", "华西", True),
        ("institution", "huaxi", True),
        ("institution", "scdx", True),
        ("institution", "H1", True),
        ("institution", "成都", True),
        ("institution", "beijing", False),
        ("area", "gas", True),
        ("area", "5116", True),
        ("area", "xyz", False),
    ],
)
def test_search(admin, model, text, found):
    name = {"institution": "四川大学华西医院", "area": "广安市"}[model]

    assert (name in admin.get(page(model), {"q": text}).content.decode()) is found


def test_the_history_names_what_and_who(admin, agencies):
    mine, _ = agencies
    form = {"area": "500000", "name": mine.name, "phone": "023-12345678", "address": ""}
    admin.post(page("agency", "change", mine.pk), form)

    history = admin.get(page("agency", "history", mine.pk)).context["changes"]

    assert [(change.kind, change.by) for change in history] == [("update", "admin-None"), ("insert", "")]
    assert history[0].fields == [("电话", "", "023-12345678")]
    assert "023-12345678" in admin.get(page("agency", "history", mine.pk)).content.decode()


def test_the_history_is_written_for_people(admin, areas):
    form = {"name": "成都市", "level": "pool", "parent": "510000", "pools_at": "province", "local_to": "510000,500000"}
    admin.post(page("area", "change", "510100"), form)

    change = admin.get(page("area", "history", "510100")).context["changes"][0]

    assert change.fields == [
        ("级别", "地市级", "独立统筹区"),
        ("统筹层次", "地市级统筹", "省级统筹"),
        ("视同本地的地区", "", "510000、500000"),
    ]

    CalendarDay.objects.create(date=date(2026, 11, 17), is_workday=False, name="x")
    admin.post(page("calendarday", "change", "2026-11-17"), {"is_workday": "on", "name": "x"})

    change = admin.get(page("calendarday", "history", "2026-11-17")).context["changes"][0]

    assert change.fields == [("工作日", "否", "是")]


def test_a_row_that_was_there_before_any_history_says_that_it_has_none(admin, areas):
    with pgtrigger.ignore("regions.CalendarDay:insert_insert"):
        CalendarDay.objects.create(date=date(2026, 11, 17), is_workday=False, name="x")

    assert "没有变更记录。" in admin.get(page("calendarday", "history", "2026-11-17")).content.decode()


def test_a_notice_can_only_be_read(admin, areas):
    notice = Notice.objects.create(
        area_id="500000",
        type="other",
        version=1,
        title="告知书",
        text="正文",
        sha256="0",
        published_at=datetime.now(SHANGHAI),
    )

    assert "正文" in admin.get(page("notice", "change", notice.pk)).content.decode()
    assert admin.post(page("notice", "change", notice.pk), {"text": "别的"}).status_code == 403
    assert admin.post(page("notice", "delete", notice.pk), {"post": "yes"}).status_code == 403


# The session is one of them.
@pytest.mark.parametrize(("model", "queries"), [("area", 5), ("institution", 5), ("agency", 5), ("closedday", 7)])
def test_lists_cost_the_same_for_ten_rows_and_a_thousand(admin, areas, django_assert_num_queries, model, queries):
    for number in (10, 1000):
        more = [Area(code=f"{600000 + number + i}", name="区", level="city") for i in range(number)]
        Area.objects.bulk_create(more)
        Institution.objects.bulk_create(Institution(code=f"H{a.code}", name="院", area=a, level=1) for a in more)
        Agency.objects.bulk_create(Agency(area=a, name="中心") for a in more)
        ClosedDay.objects.bulk_create(ClosedDay(area=a, date=date(2026, 11, 23), reason="x") for a in more)
        with standing_at(NOON), django_assert_num_queries(queries):
            assert admin.get(page(model)).status_code == 200
