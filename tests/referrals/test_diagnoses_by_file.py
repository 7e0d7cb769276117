"""The list of diagnoses by file: what a file changes is found at once, and the whole list comes out as it stands."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core.errors import Invalid
from referrals import diagnoses
from referrals.models import ListedDiagnosis
from regions.models import MasterImport
from tests import factories as make

pytestmark = pytest.mark.django_db

PAGE = "admin:referrals_listeddiagnosis_import_file"
HEAD = "code,name,also,in_force"
NEW, WITHDRAWN = "U99.9,示范新发病,SFX病,1", "K37,阑尾炎,,0"


@pytest.fixture
def office(db):
    client = Client()
    client.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    return client


def imported(office, *lines):
    body = io.StringIO()
    csv.writer(body).writerows(
        [HEAD.split(","), *(line.split(",") if isinstance(line, str) else line for line in lines)]
    )
    upload = SimpleUploadedFile("a.csv", body.getvalue().encode())
    shown = office.post(reverse(PAGE), {"file": upload}).content.decode()
    record = MasterImport.objects.filter(state="waiting").first()
    if record:
        office.post(reverse(PAGE), {"confirm": record.pk})
    return shown


def found(text):
    return [row.code for row in diagnoses.search(text)]


def taken(office):
    answer = office.post(reverse(PAGE), {"take": "csv"})
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_new_renamed_and_withdrawn_diagnoses_count_from_the_confirmation_on(office):
    assert found("K37")[0] == "K37"
    assert found("示范新发病") == []

    shown = imported(office, NEW, WITHDRAWN)

    assert "新增 1 行，变更 1 行" in shown
    assert (found("示范新发病"), found("sfxfb"), found("sfx病")) == (["U99.9"], ["U99.9"], ["U99.9"])
    assert "K37" not in found("K37")
    assert "K37" not in found("阑尾炎")
    assert diagnoses.complete(name="示范新发病") == ("U99.9", "示范新发病")
    with pytest.raises(Invalid) as refused:
        diagnoses.complete(code="K37")
    assert refused.value.code == "diagnosis_unknown"


def test_a_changed_diagnosis_is_changed_again_and_back(office):
    imported(office, "K37,阑尾发炎,,1")
    renamed = diagnoses.complete(code="K37")

    shown = imported(office, "K37,阑尾炎,,1")

    assert renamed.name == "阑尾发炎"
    assert "变更 1 行" in shown
    assert diagnoses.complete(code="K37").name == "阑尾炎"


def test_what_is_as_it_was_shipped_is_not_kept(office):
    shipped = next(row for row in diagnoses.shipped() if row.code == "K37")

    shown = imported(office, f"K37,{shipped.name},{shipped.also},1")

    assert "文件与现有数据相同" in shown
    assert not ListedDiagnosis.objects.exists()


def test_the_whole_list_comes_out_as_it_stands(office):
    imported(office, NEW, WITHDRAWN)

    head, *rows = taken(office)

    assert ",".join(head) == HEAD
    assert len(rows) == 44_543 + 1
    assert [row for row in rows if row[0] in ("U99.9", "K37")] == [
        ["K37", "阑尾炎", "", "0"], ["U99.9", "示范新发病", "SFX病", "1"],
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["99", "K3", "K37.12345", "阑尾"])
def test_a_code_of_another_form_is_refused_with_its_line(office, code):
    shown = imported(office, f"{code},甲,,1")

    assert "第 2 行" in shown
    assert "诊断编码不符合ICD-10格式" in shown
    assert not ListedDiagnosis.objects.exists()


def test_the_whole_list_goes_out_and_comes_in(office):
    rows = taken(office)
    rows[1][1] = "痔疮"

    shown = imported(office, *rows[1:])

    assert "新增 0 行，变更 1 行" in shown
    assert [row.name for row in ListedDiagnosis.objects.all()] == ["痔疮"]
