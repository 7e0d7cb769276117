"""`manage.py load_demo`: all or nothing, twice without a change, and a moved enrolment reaches whoever follows it."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts import registry
from accounts.models import Account, Enrollment, RegisterEntry
from accounts.registry import mirror, register
from core import hooks
from regions.loading import load_reference
from regions.models import Agency, Area, Disease, Institution
from tests.roles import as_owner

WANG = "110101195503070028"
PERSON = """
persons:
  - {{name: 王秀兰, id_number: "110101195503070028", phone: "13900000001",
     enrollments: [{{area: "500000", insurance: employee, category: retired, from: 2015-01-01, until: {until}}}{more}]}}
"""
STAFF = """
staff:
  - {username: one, password: first-secret, role: reviewer, area: "500000", name: 陈静, id_number: "500000198503120026"}
  - {username: two, password: first-secret, role: supervisor, area: "500000"}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_hashes(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _places() -> None:
    Area.objects.create(code="500000", name="重庆市", level="province", pools_at="province")
    sichuan = Area.objects.create(code="510000", name="四川省", level="province", pools_at="city")
    Area.objects.create(code="510100", name="成都市", level="city", parent=sichuan, pools_at="city")
    Disease.objects.create(code="M03900", name="高血压", since=2021)


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str) -> str:
        file = tmp_path / "file.yaml"
        file.write_text(text, "utf-8")
        out = StringIO()
        call_command("load_demo", file, stdout=out)
        return out.getvalue()

    return load


def test_the_projects_own_demo_loads_in_one_line_and_twice_without_a_change():
    load_reference()
    out = StringIO()

    call_command("load_demo", stdout=out)

    assert out.getvalue() == "演示数据 demo.yaml：参保人 44，医疗机构 2，经办机构 6，工作人员 27；新增或更新 79 项\n"

    before = list(Account.objects.order_by("username").values_list("username", "password", "identity_hash"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        out = StringIO()
        call_command("load_demo", stdout=out)

    assert out.getvalue().endswith("新增或更新 0 项\n")
    assert list(Account.objects.order_by("username").values_list("username", "password", "identity_hash")) == before
    assert not [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_person_stands_in_the_register_as_the_file_says(load):
    load(PERSON.format(until="null", more=""))

    record = register().look_up(WANG)

    assert record is not None
    assert (record.name, record.phone, record.identity) == ("王秀兰", "13900000001", "none")

    (enrollment,) = record.enrollments

    assert (enrollment.area, enrollment.valid_from, enrollment.valid_until) == ("500000", date(2015, 1, 1), None)
    assert enrollment.account_balance == Decimal(0)


def test_an_id_number_is_kept_as_it_is_written_on_the_card(load):
    load('persons: [{name: 甲, id_number: "11010519491231002x"}]')

    assert register().look_up("11010519491231002X")


def test_a_moved_enrolment_reaches_the_mirrored_rows_and_who_follows_them(load, monkeypatch):
    # given a person who is mirrored, because somebody has acted for them
    load(PERSON.format(until="null", more=""))
    mirror(register().look_up(WANG))
    heard: list[tuple[str, date | None]] = []
    monkeypatch.setitem(
        hooks.followers,
        registry.enrollment_changed.name,
        [lambda row, before: heard.append((row.area_id, row.valid_until))],
    )
    # when the file says that she moved to 成都
    moved = ', {area: "510100", insurance: employee, category: retired, from: 2026-07-01}'

    load(PERSON.format(until="2026-06-30", more=moved))

    # then the old enrolment has ended, the new one is there, and those who follow the old one were told once
    assert heard == [("500000", date(2026, 6, 30))]
    assert list(Enrollment.objects.order_by("valid_from").values_list("area_id", "valid_until")) == [
        ("500000", date(2026, 6, 30)),
        ("510100", None),
    ]


def test_one_wrong_entry_and_nothing_is_loaded(load):
    text = PERSON.format(until="null", more="") + STAFF + 'agencies: [{area: "510000", name: 甲}]\n'

    with pytest.raises(CommandError, match=r"file\.yaml:9: agencies\[0\]\.area: .*\n共 1 处错误，没有载入任何内容。"):
        load(text)

    assert not RegisterEntry.objects.exists()
    assert not Account.objects.filter(username="one").exists()


def test_a_failure_in_the_middle_leaves_nothing_behind(load):
    # given a database that refuses the last entry
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_account ADD CONSTRAINT no_two CHECK (username <> 'two')")

    # when a file with it is loaded
    with pytest.raises(IntegrityError, match="no_two"):
        load(PERSON.format(until="null", more="") + STAFF)

    # then nothing of the file is there
    assert not RegisterEntry.objects.exists()
    assert not Account.objects.filter(username="one").exists()


def test_staff_sign_in_with_the_passwords_of_the_file(load):
    load(STAFF)

    one, two = Account.objects.filter(username__in=["one", "two"]).order_by("username")

    assert (one.role, one.area_id, one.name, two.role) == ("reviewer", "500000", "陈静", "supervisor")
    assert one.check_password("first-secret")
    assert two.check_password("first-secret")
    assert one.identity_hash != ""
    assert two.identity_hash == ""


def test_a_changed_password_is_set_and_the_others_stay(load):
    load(STAFF)
    two_before = Account.objects.get(username="two").password

    load(STAFF.replace("first-secret", "second-secret", 1))

    assert Account.objects.get(username="one").check_password("second-secret")
    assert Account.objects.get(username="two").password == two_before


def test_a_person_and_their_staff_account_share_the_identity(load):
    load('persons: [{name: 陈静, id_number: "500000198503120026"}]\n' + STAFF)

    assert RegisterEntry.objects.get().id_hash == Account.objects.get(username="one").identity_hash


def test_an_institution_can_be_found_and_followed_by_its_staff(load):
    load(
        'institutions: [{code: H50000099999, name: 长寿康宁医院, area: "500000", level: 2, open: {inpatient: false, chronic: [M03900]}}]\n'
        "staff: [{username: desk, password: x, role: hospital, institution: H50000099999}]\n"
    )

    hospital = Institution.objects.get(code="H50000099999")

    assert (hospital.inpatient, hospital.outpatient, hospital.chronic) == (False, False, ["M03900"])
    assert (hospital.pinyin, hospital.initials) == ("changshoukangningyiyuan", "csknyy")
    assert Account.objects.get(username="desk").institution == hospital


def test_an_agency_is_marked_as_demo_and_put_right_by_name(load):
    load('agencies: [{area: "500000", name: 重庆市医疗保障事务中心, phone: "023-00000001", address: 新址}]')

    (agency,) = Agency.objects.filter(area="500000")

    assert (agency.phone, agency.address, agency.demo) == ("023-00000001", "新址", True)


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe", "UTF-8"), (b"persons: [", "YAML")])
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, content, said):
    file = tmp_path / "file.yaml"

    file.write_bytes(content)

    with pytest.raises(CommandError, match=said):
        call_command("load_demo", file)


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="读不到文件"):
        call_command("load_demo", tmp_path / "none.yaml")


def test_the_projects_demo_stays_out_of_production(settings):
    settings.SANDBOX = False

    with pytest.raises(CommandError, match="公开的密码"):
        call_command("load_demo")


def test_the_help_shows_the_layout(capsys):
    with pytest.raises(SystemExit):
        call_command("load_demo", "--help")

    assert '\n      - area: "500000"                     # the code of a pooling area\n' in capsys.readouterr().out


def test_loading_quietly(capsys):
    load_reference()

    call_command("load_demo", verbosity=0)

    assert capsys.readouterr().out == ""
