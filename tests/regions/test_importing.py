"""Master data by file: out and in again changes nothing; shown before it is saved; nothing at all while one line is wrong."""

import csv
import io
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from regions import importing
from regions.models import Area, Disease, Institution, MasterImport
from tests import factories as make
from tests.rivals import split, together

pytestmark = pytest.mark.django_db

TABLES = ["regions_area", "regions_institution", "regions_disease"]


@pytest.fixture
def admin(db):
    return make.staff(Role.ADMIN)


@pytest.fixture
def office(admin):
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def places(db):
    make.diseases()
    make.institution("H11010100001", name="=示范医院", chronic=["M03900", "M01600"])
    make.institution("H11010100002", name="北京第二医院", level=2, grade="二级甲等")


def address(table="regions_institution"):
    return reverse(f"admin:{table}_import_file")


def taken(client, table="regions_institution", form="csv"):
    answer = client.post(address(table), {"take": form})
    return b"".join(answer.streaming_content)


def sent(client, content, table="regions_institution", name="a.csv"):
    return client.post(address(table), {"file": SimpleUploadedFile(name, content)}).content.decode()


def changed(content, **cells):
    """The exported file with cells of its second line written over, columns by name."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for column, value in cells.items():
        rows[1][rows[0].index(column)] = value
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Area, Institution, Disease)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", TABLES)
def test_a_file_that_was_taken_away_changes_nothing_when_it_comes_back(office, places, table, form):
    before = everything()

    shown = sent(office, taken(office, table, form), table, f"a.{form}")

    assert "文件与现有数据相同" in shown
    office.post(address(table), {"confirm": MasterImport.objects.get().pk})
    record = MasterImport.objects.get()
    assert (record.state, record.added, record.changed, bytes(record.content)) == ("done", 0, 0, b"")
    assert record.unchanged > 0
    assert everything() == before


def test_no_cell_is_run_as_a_formula(office, places):
    assert "'=示范医院" in taken(office).decode()


def test_a_change_is_shown_and_saved_once_it_is_confirmed(office, admin, places):
    content = changed(taken(office), name="示范医院新院区", chronic="M03900", outpatient="1")

    shown = sent(office, content)

    assert "新增 0 行，变更 1 行" in shown
    assert "<ins>示范医院新院区</ins>" in shown
    assert Institution.objects.get(pk="H11010100001").name == "=示范医院"

    key = MasterImport.objects.get().pk
    for _twice in range(2):
        assert office.post(address(), {"confirm": key}).status_code == 302

    row = Institution.objects.get(pk="H11010100001")
    assert (row.name, row.chronic, row.outpatient, row.initials) == ("示范医院新院区", ["M03900"], True, "sfyyxyq")
    record = MasterImport.objects.get()
    assert (record.account, record.digest, record.changed, record.unchanged) == (
        admin,
        sha256(content).hexdigest(),
        1,
        1,
    )
    assert row.events.order_by("-pgh_id").first().pgh_context.metadata["user"] == str(admin.pk)


def test_a_new_row_and_what_a_file_leaves_out_stays(office, places):
    head, first, _second = taken(office).decode("utf-8-sig").splitlines()

    sent(office, f"{head}\r\n{first.replace('H11010100001', 'H11010100003')}\r\n".encode())
    office.post(address(), {"confirm": MasterImport.objects.get().pk})

    assert MasterImport.objects.get().added == 1
    assert Institution.objects.count() == 3


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"area": "999999"}, "第 2 行：area：没有代码为 999999 的地区。"),
        ({"chronic": "M03900、M99999"}, "没有编码为 M99999 的病种。"),
        ({"level": "9"}, "第 2 行：level"),
        ({"name": ""}, "第 2 行：name"),
        ({"kind": "pharmacy", "inpatient": "1"}, "定点药店没有住院"),
        ({"code": "H11010100002"}, "写了不止一次：H11010100002"),
    ],
)
def test_one_wrong_line_and_nothing_is_saved(office, places, cells, said):
    before = everything()

    shown = sent(office, changed(taken(office), **cells))

    assert said in shown
    assert "确认导入" not in shown
    record = MasterImport.objects.get()
    assert (record.state, bytes(record.content)) == ("refused", b"")
    assert office.post(address(), {"confirm": record.pk}, follow=True).status_code == 200
    assert everything() == before


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("content", [b"\x00\xff\xfe", b"code,name\r\n1,2\r\n", b"", b"x" * 100])
def test_a_file_of_another_shape_is_refused(office, places, name, content):
    before = everything()

    shown = sent(office, content, name=name)

    assert "确认导入" not in shown
    assert everything() == before


def test_an_unknown_column_is_refused(office, places):
    content = taken(office).decode("utf-8-sig").replace("code,", "code,更多,", 1).encode()

    assert "表头应为：code、name" in sent(office, content)


def test_too_large(office, places, monkeypatch):
    monkeypatch.setattr(importing, "LARGEST", 10)

    assert "文件太大" in sent(office, taken(office))
    assert MasterImport.objects.count() == 0


def test_too_many_rows(office, places, monkeypatch):
    monkeypatch.setattr(importing.InstitutionResource, "most_rows", 1)

    assert "文件超过 1 行" in sent(office, taken(office))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE])
def test_only_administrators(places, table, role):
    client = Client()
    client.force_login(make.staff(role), backend="django.contrib.auth.backends.ModelBackend")

    for answer in (client.get(address(table)), client.post(address(table), {"take": "csv"})):
        assert answer.status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_import_once(office, admin, places):
    sent(office, changed(taken(office), name="新名"))
    key = MasterImport.objects.get().pk
    act = lambda: importing.confirm("regions.institution", key, admin)  # noqa: E731

    winners, refused = split(together(act, act))

    assert (len(winners), refused) == (2, [])
    assert Institution.objects.get(pk="H11010100001").events.filter(pgh_label="update").count() == 1
