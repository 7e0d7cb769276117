"""The pages of reconciliation and clearing in the staff's site: who sees what, filters, exports, importing, closing a month."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import clock
from regions.models import Area
from settlements.models import Clearing, Reconciliation
from tests import factories as make
from tests.factories import BEIJING, CHENGDU, CHONGQING, moment
from tests.settlements.ledger import ALIKE, CHONGQING_HOSPITAL, HERE, clerk, hospital, row, settled, text, undo
from tests.settlements.till import HOSPITAL, policies

pytestmark = pytest.mark.django_db
DAYS = reverse("admin:settlements_reconciliation_changelist")
IMPORT = reverse("admin:settlements_reconciliation_import")
EXPORT = reverse("admin:settlements_reconciliation_export")
MONTH = reverse("admin:settlements_clearing_changelist")
NETS = reverse("admin:settlements_clearing_export")
ENTRIES = reverse("admin:settlements_clearing_entries")
ENTRIES_EXPORT = reverse("admin:settlements_clearing_entries_export")
FREEZE = reverse("admin:settlements_clearing_freeze")


@pytest.fixture(autouse=True)
def _monday():
    with policies(HERE, *ALIKE), clock.standing_at(moment("2026-03-02 10:00")):
        yield


def enter(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def as_(role, **fields):
    return enter(make.staff(role, **fields))


def day(code=HOSPITAL, on="2026-03-02", what="day"):
    return reverse(f"admin:settlements_reconciliation_{what}", args=[code, on])


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer


def said(answer):
    return answer.content.decode()


def table(answer):
    """The rows of a CSV answer."""
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def listed(rows, by=None):
    """A list imported by the hospital, by the page."""
    file = SimpleUploadedFile("三月二日.csv", text(rows).encode(), "text/csv")
    answer = enter(by or clerk()).post(IMPORT, {"on": "2026-03-02", "file": file})
    assert answer.status_code == 302, said(answer)
    return Reconciliation.objects.latest("imported_at", "id")


@pytest.fixture
def both():
    """北京's hospital settles for 重庆 (7 200 of the fund) and 成都 (4 000); 重庆's for 北京 (4 000)."""
    return (
        settled(CHONGQING),
        settled(CHENGDU, total="6000.00"),
        settled(BEIJING, institution=CHONGQING_HOSPITAL, total="6000.00"),
    )


@pytest.mark.parametrize(
    ("role", "fields", "statuses"),
    [
        ("admin", {}, [200, 200, 200, 200, 200, 200, 200]),
        ("supervisor", {}, [200, 200, 200, 403, 200, 200, 200]),
        ("reviewer", {}, [200, 200, 200, 403, 200, 200, 200]),
        ("reviewer", {"code": "120000"}, [200, 404, 404, 403, 200, 200, 404]),
        ("hospital", {}, [200, 200, 200, 200, 404, 404, 200]),
        ("hospital", {"institution": CHONGQING_HOSPITAL}, [200, 404, 404, 200, 404, 404, 404]),
        ("citizen", {}, [302] * 7),
    ],
)
def test_who_opens_what(both, role, fields, statuses):
    found = listed([row(both[0])])
    if role == "hospital":
        fields = {"institution": hospital(fields.get("institution", HOSPITAL))}
    client = as_(role, **fields)
    compared = reverse("admin:settlements_reconciliation_change", args=[found.pk])

    pages = [DAYS, day(), day(what="day_export"), IMPORT, MONTH, ENTRIES, compared]

    assert [client.get(address).status_code for address in pages] == statuses


def test_a_reviewer_sees_what_their_own_area_paid_and_nothing_else(both):
    answer = page(as_("reviewer"), DAYS)

    assert [(one.institution.pk, str(one.sums["fund"])) for one in answer.context["days"]] == [(HOSPITAL, "7200.00")]
    assert str(answer.context["sums"]["fund"]) == "7200.00"

    asked = page(as_("reviewer"), f"{DAYS}?area={CHENGDU}")  # what they ask does not widen it
    assert str(asked.context["sums"]["fund"]) == "7200.00"

    shown = said(page(as_("reviewer"), day()))
    assert both[0].number in shown
    assert both[1].number not in shown
    assert [line[1] for line in table(as_("reviewer").get(day(what="day_export")))[1:]] == [both[0].number]
    assert [line[1:4] for line in table(as_("reviewer").get(EXPORT))[1:]] == [[HOSPITAL, "110000示范医院", "1"]]


def test_an_administrator_filters_by_day_hospital_and_area(both):
    client = as_("admin")
    Area.objects.update(pinyin="")

    def found(asked):
        return [one.institution.pk for one in page(client, f"{DAYS}?{asked}").context["days"]]

    assert found("") == found("on=2026-03-02") == [HOSPITAL, CHONGQING_HOSPITAL]
    assert found("on=2026-03-01") == []
    assert found("q=500000示范") == found("q=h5001") == [CHONGQING_HOSPITAL]
    assert found("q=无此医院") == []
    assert found(f"area={CHENGDU}") == [HOSPITAL]
    assert str(page(client, f"{DAYS}?area={CHENGDU}").context["sums"]["fund"]) == "4000.00"
    assert client.get(f"{DAYS}?on=2026-13-01").status_code == 404


def test_an_empty_page_says_why(both):
    client = as_("admin")

    assert "这一天没有直接结算，也没有导入对账单" in said(page(client, f"{DAYS}?on=2026-03-01"))
    assert "这一天没有符合条件的直接结算" in said(page(client, f"{DAYS}?q=无此医院"))
    assert "这个月没有跨统筹区的直接结算" in said(page(client, f"{MONTH}?month=2026-02"))
    assert "这一天在本院没有直接结算" in said(page(client, day(on="2026-03-01")))


def outcomes(client):
    return {one.institution.pk: (one.outcome, one.differing) for one in page(client, DAYS).context["days"]}


def test_a_day_is_red_green_or_grey(both):
    """重庆's stay is dearer in the hospital's list: red for 重庆, green for 成都; not imported: grey."""
    rows = [row(both[0], fund="7000.00", cash="3000.00"), row(both[1])]

    listed(rows)

    assert outcomes(as_("admin")) == {HOSPITAL: ("differs", 1), CHONGQING_HOSPITAL: ("never", 0)}
    assert outcomes(as_("reviewer")) == {HOSPITAL: ("differs", 1)}
    assert outcomes(as_("reviewer", code=CHENGDU)) == {HOSPITAL: ("agrees", 0)}

    with clock.standing_at(moment("2026-03-02 11:00")):
        listed([row(both[0]), row(both[1])])

    assert outcomes(as_("admin"))[HOSPITAL] == ("agrees", 0)

    settled()

    assert outcomes(as_("admin"))[HOSPITAL] == ("outdated", 0)


def test_a_hospital_that_only_sent_a_list_stands_in_the_day_too():
    rows = [{"bill_number": "GONE", "number": "", "total": "1.00", "fund": "0.00", "cash": "1.00", "status": "settled"}]

    listed(rows)

    assert outcomes(as_("admin")) == {HOSPITAL: ("differs", 1)}
    assert outcomes(as_("reviewer")) == {}


def test_the_differences_of_a_list_are_shown_with_both_figures_and_to_a_reviewer_only_their_own(both):
    missing = {
        "bill_number": "GONE",
        "number": "",
        "total": "1.00",
        "fund": "0.00",
        "cash": "1.00",
        "status": "settled",
    }
    found = listed([row(both[0], cash="2799.00"), row(both[1], fund="4001.00"), missing])
    address = reverse("admin:settlements_reconciliation_change", args=[found.pk])

    shown = said(page(as_("admin"), address))

    assert all(text in shown for text in ("有 3 处差异", "2,799.00", "4,001.00", "GONE", "本系统没有", "三月二日.csv"))

    theirs = said(page(as_("reviewer"), address))
    assert "2,799.00" in theirs
    assert "有 1 处差异" in theirs
    assert not any(text in theirs for text in ("4,001.00", "GONE", both[1].number))


def test_an_administrator_imports_on_behalf_of_a_hospital_and_what_is_wrong_is_said_by_line(both):
    client = as_("admin")

    def post(data, **given):
        file = SimpleUploadedFile("a.csv", data.encode(), "text/csv")
        return client.post(IMPORT, {"on": "2026-03-02", "institution": HOSPITAL, "file": file, **given})

    wrong = text([row(both[0], total="x"), row(both[1], status="paid")])

    answer = post(wrong)

    assert answer.status_code == 400
    assert "第 2 行：费用总额应为金额" in said(answer)
    assert "第 3 行：状态应为" in said(answer)
    assert "没有找到这家医疗机构" in said(post(wrong, institution="H0"))
    assert "请填写2000年至2100年之间的日期" in said(post(wrong, on="x"))
    assert "请填写2000年至2100年之间的日期" in said(post(wrong, on="1026-03-02"))
    assert "请选择要上传的 CSV 文件" in said(client.post(IMPORT, {"on": "2026-03-02", "institution": HOSPITAL}))
    assert not Reconciliation.objects.exists()
    assert post(text([row(both[0]), row(both[1])])).status_code == 302
    assert Reconciliation.objects.get().differing == 0


def test_a_hospital_cannot_import_for_another(both):
    file = SimpleUploadedFile("a.csv", text([row(both[2])]).encode(), "text/csv")

    enter(clerk()).post(IMPORT, {"on": "2026-03-02", "institution": CHONGQING_HOSPITAL, "file": file})

    assert Reconciliation.objects.get().institution_id == HOSPITAL


def test_the_same_file_again_says_so(both):
    first = listed([row(both[0])])

    assert listed([row(both[0])]) == first


NASTY = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "'x", 'a"b,c', "-12.5"]


def test_our_export_imported_again_has_no_differences_whatever_bills_are_called(both):
    for number in NASTY:
        settled(total="6000.00", bill_number=number)
    undo(settled(bill_number="=2"))
    answer = enter(clerk()).get(day(what="day_export"))
    data = b"".join(answer.streaming_content)

    cells = [line[0] for line in csv.reader(io.StringIO(data.decode("utf-8-sig")))]

    assert not [cell for cell in cells if cell.startswith(tuple("=+-@＝"))]

    file = SimpleUploadedFile("again.csv", data, "text/csv")
    enter(clerk()).post(IMPORT, {"on": "2026-03-02", "file": file})
    found = Reconciliation.objects.get()

    assert (found.differences, found.rows, found.entries) == ([], 13, 13)


def test_the_list_costs_the_same_for_two_hospitals_and_for_twenty(both, django_assert_max_num_queries):
    client = as_("admin")
    for start in (1, 20):
        for number in range(start, 2 * start):
            code = f"H510100001{number:02d}"
            make.institution(code, place=CHENGDU)
            settled(institution=code)
        with django_assert_max_num_queries(12):
            client.get(DAYS)


def test_a_month_says_who_pays_whom_and_sums_to_zero(both):
    """重庆 owes 北京 7 200, 北京 owes 重庆 4 000: 重庆 pays 3 200. 成都 owes 北京 4 000."""
    answer = page(as_("admin"), MONTH)

    nets = [(one["net"].payer, one["net"].payee, str(one["net"].amount)) for one in answer.context["nets"]]

    assert nets == [(CHENGDU, BEIJING, "4000.00"), (CHONGQING, BEIJING, "3200.00")]
    assert (str(answer.context["owes"]), str(answer.context["owed"]), answer.context["zero"]) == ("15200.00", "15200.00", 0)  # fmt: skip

    exported = table(as_("admin").get(f"{NETS}?month=2026-03"))
    assert exported[1:] == [
        ["2026-03", CHENGDU, "成都市", BEIJING, "北京市", "4000.00", "4000.00", "0.00", "1"],
        ["2026-03", CHONGQING, "重庆市", BEIJING, "北京市", "3200.00", "7200.00", "4000.00", "2"],
    ]


def test_a_reviewers_month_has_their_area_only_and_entries_of_their_own_insured(both):
    client = as_("reviewer")

    assert [one["net"].payer for one in page(client, MONTH).context["nets"]] == [CHONGQING]
    assert str(page(client, MONTH).context["zero"]) == "0.00"

    own = page(client, f"{ENTRIES}?month=2026-03&area={CHONGQING}&care_area={BEIJING}")
    assert [entry.number for entry in own.context["page"].object_list] == [both[0].number]

    others = page(client, f"{ENTRIES}?month=2026-03&area={BEIJING}&care_area={CHONGQING}")
    assert "由其参保地经办机构查看" in said(others)
    assert [line[0] for line in table(client.get(f"{ENTRIES_EXPORT}?month=2026-03"))[1:]] == [both[0].number]


def test_a_sum_opens_its_entries(both):
    answer = page(as_("admin"), f"{ENTRIES}?month=2026-03&area={BEIJING}&care_area={CHONGQING}")

    assert [entry.number for entry in answer.context["page"].object_list] == [both[2].number]
    assert str(answer.context["sums"]["fund"]) == "4000.00"

    exported = table(as_("admin").get(f"{ENTRIES_EXPORT}?month=2026-03&area={BEIJING}"))
    assert [[line[0], line[2], line[9]] for line in exported[1:]] == [[both[2].number, "已结算", "4000.00"]]


def test_closing_a_month_on_its_page(both):
    client = as_("admin")

    assert "关账后该月" not in said(page(client, MONTH))

    client.post(FREEZE, {"month": "2026-03"})

    assert not Clearing.objects.exists()

    with clock.standing_at(moment("2026-04-01 08:00")):
        assert "关账后该月" in said(page(client, f"{MONTH}?month=2026-03"))
        as_("supervisor").post(FREEZE, {"month": "2026-03"})
        assert not Clearing.objects.exists()
        client.get(f"{FREEZE}?month=2026-03")  # only a POST closes
        assert not Clearing.objects.exists()
        for _ in range(2):
            client.post(FREEZE, {"month": "2026-03"})
        frozen = Clearing.objects.get()
        assert (frozen.entries, str(frozen.fund)) == (3, "15200.00")
        shown = said(page(client, f"{MONTH}?month=2026-03"))
        assert "已与结算明细核对，关账结果没有变化" in shown
        assert "关账后该月" not in shown
        assert client.get(reverse("admin:settlements_clearing_change", args=[frozen.pk])).status_code == 302


def test_a_closed_month_that_no_longer_agrees_is_said_aloud(both):
    client = as_("admin")
    with clock.standing_at(moment("2026-04-01 08:00")):
        client.post(FREEZE, {"month": "2026-03"})
    settled(CHONGQING, total="6000.00")  # by a clock that went back

    shown = said(page(client, f"{MONTH}?month=2026-03"))

    assert "关账结果与现在的结算不一致" in shown
    assert "关账时 1 笔 7,200.00 元" in shown
    assert "现在 2 笔 11,200.00 元" in shown
    assert [str(one["net"].owes) for one in page(client, f"{MONTH}?month=2026-03").context["nets"]] == ["4000.00", "7200.00"]  # fmt: skip


@pytest.mark.parametrize("month", ["2026", "2026-13", "x", "0001-01", "9999-12"])
def test_a_month_that_is_none_is_not_found(month):
    assert as_("admin").get(f"{MONTH}?month={month}").status_code == 404


def test_a_reversing_entry_leads_to_the_bill_it_reverses():
    bill = settled()
    opposite = undo(bill)
    client = as_("admin")
    for address in (day(), f"{ENTRIES}?month=2026-03"):
        text = said(page(client, address))
        assert reverse("admin:settlements_settlement_change", args=[bill.pk]) in text
        assert reverse("admin:settlements_settlement_change", args=[opposite.pk]) not in text


def test_sums_that_differ_without_a_difference_are_explained():
    """The hospital lists what it reversed on the same day once: 10 000 on its side, nothing on ours."""
    bill = settled()
    undo(bill)
    file = SimpleUploadedFile("once.csv", text([row(bill, status="reversed")]).encode(), "text/csv")

    answer = enter(clerk()).post(IMPORT, {"on": "2026-03-02", "file": file}, follow=True)

    assert "双方一致" in said(answer)
    assert "不算差异" in said(answer)
