"""What people take along and leave behind: all their data as one download, and what is still open."""

import io
import json
import zipfile

import pytest

from accounts.models import Message
from claims.models import Claim, Payment
from core import clock
from filings.models import Commitment
from reviews import materials, services
from tests import factories as make
from tests.factories import api, citizen, enrollment, person
from tests.settlements.till import till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

EXPORT, CLOSING = "/api/v1/account/export/", "/api/v1/account/closing/"


def downloaded(account):
    answer = api(account).get(EXPORT)
    assert answer.status_code == 200
    return answer, zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def content(archive, name):
    return json.loads(archive.read(name))


def test_all_of_it_is_one_download(noon):
    of = enrollment(person("王秀兰"))
    account = citizen(of.person)
    filing = make.submitted(of, account=account, contact_phone="13900000001")
    bill = till(of).settle()

    answer, archive = downloaded(account)

    assert archive.testzip() is None
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/zip", "private, no-store")
    assert "说明.txt" in archive.namelist()
    me = content(archive, "persons.json")[0]
    assert (me["name"], me["id_number"]) == ("王秀兰", of.person.id_number)
    submission = content(archive, f"submissions/{filing.number}.json")
    assert submission["status"] == "submitted"
    assert any("13900000001" in each["text"] for each in submission["content"])
    assert content(archive, f"bills/{bill.number}.json")["amounts"]["total"] == str(bill.total)


def test_the_files_come_along(noon):
    of = enrollment(person("王秀兰"))
    account = citizen(of.person)
    filing = make.draft(of, account=account)
    photo = make.material(account, submission=filing)
    materials.storage.put(materials.storage.name_of(photo), b"a picture")

    _answer, archive = downloaded(account)

    assert archive.read(f"files/{filing.number}/1-{photo.kind}.jpg") == b"a picture"


def test_a_file_that_is_gone_keeps_nothing_else_back(noon):
    of = enrollment(person("王秀兰"))
    account = citizen(of.person)
    make.material(account, submission=make.draft(of, account=account))

    _answer, archive = downloaded(account)

    assert [name for name in archive.namelist() if name.startswith("files/")] == []
    assert archive.testzip() is None


def test_family_is_masked_and_strangers_are_not_there(noon):
    child, stranger = enrollment(person("李子涵")), enrollment(person("陌生人"))
    account = citizen(person("王秀兰"))
    make.mandate(account, child.person, relation="child")
    filing = make.submitted(child, account=account)
    other = make.submitted(stranger, account=citizen(stranger.person))

    _answer, archive = downloaded(account)

    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert f"submissions/{filing.number}.json" in archive.namelist()
    assert "李*涵" in whole
    for hidden in ("李子涵", child.person.id_number, other.number, "陌生人"):
        assert hidden not in whole


def test_a_download_is_told_and_counted(noon, settings):
    settings.LIMITS = {**settings.LIMITS, "export": "1/day"}
    account = citizen(person("王秀兰"))
    downloaded(account)

    again = api(account).get(EXPORT)

    assert (again.status_code, again.json()["errors"][0]["code"]) == (429, "throttled")
    assert Message.objects.get(account=account).title == "您下载了全部数据"


def test_what_is_open_is_said_before_an_account_closes(noon):
    of = enrollment(person("王秀兰"))
    account = citizen(of.person)
    waiting = make.submitted(of, account=account)
    draft = make.draft(of, account=account, to="310000")

    matters = api(account).get(CLOSING).json()["matters"]

    assert [(each["number"], each["open"]) for each in matters] == [
        (waiting.number, ["正在审核"]),
        (draft.number, ["草稿，注销时终止"]),
    ]
    assert matters[0]["about"].startswith("北京市")
    assert api(account).delete("/api/v1/account/").status_code == 204


def test_promised_documents_and_money_on_its_way_are_named(noon):
    of = enrollment(person("王秀兰"))
    account = citizen(of.person)
    filing = make.submitted(of, account=account)
    services.approve(filing, reviewer=make.reviewer())
    Commitment.objects.create(
        filing=filing, kind="residence_permit", signed_name="王秀兰", signed_at=clock.now(), due_on=clock.today()
    )
    make.claim_draft(of, account=account)

    open_ = {each["kind"]: each["open"] for each in api(account).get(CLOSING).json()["matters"]}
    money = [Claim(payment_status=state, status="approved").left_open() for state in Payment.values]

    assert open_["filing"][-1] == "承诺的材料还没有补交，请在2026-11-20前补交"
    assert open_["claim"] == ["草稿，注销时终止"]
    assert money == [[], ["报销款等待支付"], ["报销款正在支付"], [], ["银行退回了报销款，等您更正账户"]]


def test_nothing_open_is_nothing(noon):
    assert api(citizen(person())).get(CLOSING).json() == {"matters": []}
