"""审计: who saw or did what of whom, in Chinese, for supervisors of the area and administrators; nobody changes it."""

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, StaffChange
from claims.models import PaymentBatch, PaymentDownload
from core import clock
from gateway.keys import end_key, make_key
from policies.catalogue import publishing as catalogue
from reviews import audit, services
from reviews.audit.sources import ACTS
from reviews.lifecycle import LIFECYCLES
from reviews.models import AuditLook, Event, Export, PersonLookup
from reviews.presenting import VERBS
from reviews.workflow import Action
from settlements.models import IdentityLookup
from tests import factories as make
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
AREA = "520100"
PAGE = "admin:audit"


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def filing(code=AREA):
    return make.submitted(make.enrollment(code=code))


def asked(client, **given):
    return client.post(reverse(PAGE), given, follow=True)


def said(client, **given):
    return [(line.actor, line.sentence) for line in asked(client, **given).context_data["lines"]]


def cases(answer):
    return {line.submission.pk for line in answer.context_data["lines"] if line.submission}


def looked_up(person, account):
    return IdentityLookup.objects.create(
        person=person, institution=account.institution, account=account, reason="患者昏迷"
    )


@pytest.fixture
def supervisor():
    return make.supervisor(AREA, name="李主管")


@pytest.fixture
def colleague():
    return make.reviewer(AREA, name="张敏")


def verbs_in_the_code():
    """The verbs that are written out where something is recorded."""
    for file in Path(settings.BASE_DIR).glob("*/**/*.py"):
        if file.relative_to(settings.BASE_DIR).parts[0] in ("tests", ".venv"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record"
            if named and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def test_every_verb_has_a_sentence():
    recorded = set(verbs_in_the_code()) | {str(action) for action in Action}

    said = set(VERBS).union(*(lifecycle.verbs for lifecycle in LIFECYCLES.values()))

    assert {"unmask", "open_material", "remind", "renewal_failed"} < recorded
    assert recorded - said == set()
    assert recorded - set(ACTS) == set()


def test_who_did_what_of_whom_and_why(supervisor, colleague):
    row = filing()
    services.assign(row, reviewer=colleague)
    services.unmask(row, reviewer=colleague)
    services.reject(row, reviewer=colleague, reason="未查到参保")

    lines = asked(site(supervisor), number=row.number).context_data["lines"]

    assert [(line.actor, line.sentence, line.why) for line in lines if line.actor == "张敏"] == [
        ("张敏", "审核未通过", "未查到参保"),
        ("张敏", "查看完整个人信息", "主动查看"),
        ("张敏", "开始审核", ""),
    ]
    assert {line.submission for line in lines} == {row.submission_ptr}
    assert {line.person for line in lines} == {row.person}


def test_a_case_handed_on_names_who_has_it_now(supervisor, colleague):
    row = filing()
    services.hand_on(row, by=supervisor, to=colleague)
    services.hand_on(row, by=supervisor, to=None)

    lines = said(site(supervisor), act="assignment")

    assert lines == [("李主管", "退回待分配"), ("李主管", "改由张敏承办")]


def test_look_ups_payment_files_and_exports_stand_in_it(supervisor, colleague):
    row = filing()
    hospital = make.institution()
    looked_up(row.person, make.staff(Role.HOSPITAL, institution=hospital, name="收费处"))
    batch = PaymentBatch.objects.create(
        number="ZF1", area_id=AREA, made_by=colleague, made_at=clock.now(), count=1, total=1
    )
    PaymentDownload.objects.create(batch=batch, account=colleague)
    Export.objects.keep(colleague, "reviews.submission", {}, 3, "csv")
    client = site(supervisor)

    assert said(client, act="lookup") == [("收费处", f"{hospital.name}用姓名和证件号码查询了参保人")]
    assert said(client, act="payment") == [("张敏", "下载了支付批次 ZF1 的支付文件")]
    assert said(client, act="export") == [("张敏", "导出了“申请”3 条（csv）")]
    assert said(client, act="lookup", id_number=filing().person.id_number) == []


def test_who_handed_in_and_who_published_a_catalogue_or_a_policy_stands_in_it(supervisor, colleague):
    make.area(AREA)
    other = make.supervisor(AREA, name="王主管")
    text = f"area,code,name,class,first_copay_ratio,price_limit,effective_from\n{AREA},X1,药,甲,,,2026-01-01\n"
    catalogue.publish(catalogue.upload(text, "贵阳.csv", by=supervisor), by=other)
    catalogue.load(text.replace("X1", "X2").replace(AREA, ""), "全国.csv")
    everywhere, elsewhere = make.staff(Role.ADMIN), make.supervisor("510100")

    told = said(site(other), act="publication")

    assert told == [("王主管", "发布了医保目录“贵阳.csv”（编号 1）"), ("李主管", "导入了医保目录“贵阳.csv”（1 行）")]
    assert said(site(everywhere), act="publication") == [("系统", "发布了医保目录“全国.csv”（编号 2）"), *told]
    assert said(site(everywhere), act="publication", actor=supervisor.username) == told[1:]
    assert said(site(elsewhere), act="publication") == []


def test_who_made_and_who_ended_a_key_of_the_interface_stands_in_it_for_administrators(supervisor):
    one, two = make.staff(Role.ADMIN, name="甲管理员"), make.staff(Role.ADMIN, name="乙管理员")
    key, _secret = make_key(one, make.institution().code, "ca")
    end_key(two, key)
    end_key(one, key)

    told = said(site(one), act="interface")

    name = key.institution.name
    assert told == [
        ("乙管理员", f"停用了{name}的接口密钥{key.name}"),
        ("甲管理员", f"为{name}建立了接口密钥{key.name}"),
    ]
    assert said(site(supervisor), act="interface") == []


def test_signing_in_stands_in_it(supervisor, colleague, client):
    colleague.set_password("a long password of hers")
    colleague.save()

    client.post(reverse("admin:login"), {"username": colleague.username, "password": "a long password of hers"})

    assert ("张敏", "登录了审核后台") in said(site(supervisor), act="sign_in", actor=colleague.username)


def test_a_person_is_asked_for_by_a_number_that_stands_in_no_address_and_the_look_is_on_record(supervisor):
    row, other = filing(), filing()
    client = site(supervisor)

    answer = asked(client, id_number=row.person.id_number)

    ((address, _status),) = answer.redirect_chain
    assert row.person.id_number not in address
    assert row.person.id_number not in answer.content.decode()
    assert {line.person for line in answer.context_data["lines"]} == {row.person}
    look = AuditLook.objects.get()
    assert (look.account, look.area_id, look.person) == (supervisor, AREA, row.person)
    assert said(client, act="audit") == [("李主管", "查看了审计记录")]
    assert other.number not in answer.content.decode()


def test_supervisors_see_their_area_and_administrators_all(supervisor):
    here, elsewhere = filing(), filing("510100")
    abroad = site(make.supervisor("510100"))

    assert cases(asked(site(supervisor))) == {here.pk}
    assert said(abroad, number=here.number) == []
    assert "没有查到" in asked(abroad, id_number=here.person.id_number).content.decode()
    assert abroad.get(reverse(PAGE), {"person": str(here.person_id)}).status_code == 404
    assert not AuditLook.objects.exists()
    assert cases(asked(site(make.staff(Role.ADMIN)))) == {here.pk, elsewhere.pk}


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.HOSPITAL])
def test_nobody_else_has_it(role):
    fields = {"institution": make.institution()} if role == Role.HOSPITAL else {}
    client = site(make.staff(role, **fields))

    assert client.get(reverse(PAGE)).status_code == 403
    assert client.post(reverse(PAGE), {"export": "csv"}).status_code == 403


def test_days_colleagues_and_kinds_narrow_it(supervisor, colleague):
    row = filing()
    services.assign(row, reviewer=colleague)
    client, today = site(supervisor), clock.today()
    yesterday = (today - timedelta(days=1)).isoformat()

    assert said(client, actor=colleague.username, first_day=today.isoformat()) == [("张敏", "开始审核")]
    assert said(client, last_day=yesterday) == []
    assert said(client, act="decision") == []
    assert "没有这个用户名" in asked(client, actor="nobody").content.decode()
    assert "请填写2000年至2100年" in asked(client, first_day="x").content.decode()


def test_pages_follow_each_other_without_a_gap_or_a_line_twice(supervisor, colleague, monday):
    rows = [filing() for _ in range(3)]
    for row in rows:
        services.unmask(row, reviewer=colleague)
        AuditLook.objects.create(account=supervisor, area_id=AREA, submission=row, person=row.person)
    question = audit.Question(supervisor)
    whole, _none = audit.page(question, size=100)

    pieces, cursor = audit.page(question, size=1)
    while cursor:
        lines, cursor = audit.page(question, audit.Cursor.of(str(cursor)), size=1)
        pieces += lines

    assert len(whole) == Event.objects.count() + 3
    assert pieces == whole


@pytest.mark.parametrize(
    "cursor", ["x", "2026-01-01|0|1", "2026-01-01T00:00:00+08:00|99|1", "2026-01-01T00:00:00+08:00|0|x"]
)
def test_a_cursor_that_means_nothing_begins_at_the_beginning(supervisor, cursor):
    filing()

    assert site(supervisor).get(reverse(PAGE), {"after": cursor}).context_data["lines"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_leaves_as_a_file_on_record(supervisor, colleague, form):
    row = filing()
    services.reject(row, reviewer=colleague, reason="=1+1")
    address = f"{reverse(PAGE)}?number={row.number}"

    answer = site(supervisor).post(address, {"export": form})

    content = b"".join(answer.streaming_content)
    kept = Export.objects.get()
    assert (kept.page, kept.filters, kept.rows) == ("reviews.auditlook", {"number": [row.number]}, row.events.count())
    if form == "csv":
        header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        assert header[0] == "时间"
        assert lines[1][1:4] == ["张敏", "审核决定", "审核未通过"]
        assert lines[1][6] == "'=1+1"
        assert row.person.id_number not in content.decode()


TABLES = {
    "reviews_auditlook": "at", "settlements_identitylookup": "at", "claims_paymentdownload": "at",
    "accounts_staffchange": "at", "reviews_personlookup": "at", "reviews_decision": "decided_at",
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = now() + interval '1 day'", "DELETE FROM {0}"])
def test_nobody_changes_what_it_reads(supervisor, colleague, table, change):
    row = filing()
    looked_up(row.person, make.staff(Role.HOSPITAL, institution=make.institution()))
    batch = PaymentBatch.objects.create(
        number="ZF1", area_id=AREA, made_by=colleague, made_at=clock.now(), count=1, total=1
    )
    PaymentDownload.objects.create(batch=batch, account=colleague)
    AuditLook.objects.create(account=supervisor, person=row.person)
    StaffChange.objects.keep(colleague, "off", by=supervisor)
    PersonLookup.objects.create(account=colleague, area_id=AREA, person=row.person, at=clock.now())
    services.reject(filing(), reviewer=colleague, code="x", reason="材料不符")

    refused = pytest.raises(DatabaseError, match="pgtrigger")
    with as_owner(), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table, TABLES[table]))


def test_it_asks_the_same_number_of_questions_at_ten_lines_and_at_a_thousand(supervisor, colleague):
    row = filing()
    client = site(supervisor)
    client.get(reverse(PAGE))

    def written(count):
        Event.objects.bulk_create(
            Event(submission_id=row.pk, at=clock.now(), actor=colleague, verb="unmask", to_status="submitted")
            for _ in range(count)
        )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(PAGE)).status_code == 200
        return len(queries)

    few, many = written(10), written(1000)

    assert many <= few <= 15 + 4  # one of each record that a supervisor reads, and the page itself
