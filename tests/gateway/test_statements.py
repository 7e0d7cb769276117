"""Accounts between a hospital and us: by sums (3201) and bill by bill (3202)."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.core.cache import cache

from settlements.models import Reconciliation
from tests.gateway.desk import HOSPITAL


@pytest.fixture
def bills(desk):
    """A visit of 1 200.00 that was settled (fund 350.00), and another of the same that was settled and reversed."""
    visit = desk.outpatient()
    settled = desk.output("2207", desk.bill(visit, "1200.00"))
    other = desk.outpatient()
    undone = desk.output("2207", desk.bill(other, "1200.00"))
    reversal = desk.output("2208", desk.undoing(other, undone))
    return visit, settled["setlinfo"], undone["setlinfo"], reversal["setlinfo"]


def totals(count, total, fund, **otherwise):
    return {
        "data": {
            "insutype": "310", "clr_type": "11", "setl_optins": "110000", "stmt_begndate": "2026-03-01 00:00:00",
            "stmt_enddate": "2026-03-02 23:59:59", "medfee_sumamt": total, "fund_pay_sumamt": fund, "acct_pay": "0",
            "fixmedins_setl_cnt": count, **otherwise,
        }
    }  # fmt: skip


def zipped(*lines):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("list.txt", "\n".join("\t".join(line) for line in lines))
    return list(made.getvalue())


def asking(desk, data, count, total, fund, cash, **otherwise):
    """3202 of an uploaded list and its sums."""
    upload = {"fsUploadIn": {"in": data, "filename": "list.zip", "fixmedins_code": HOSPITAL}}
    number = desk.output("9101", upload)["file_qury_no"]
    said = {**totals(count, str(total), str(fund))["data"], "file_qury_no": number, "cash_payamt": str(cash)}
    return {"data": {**said, "clr_type": "", **otherwise}}


def compared(desk, lines, **otherwise):
    """The lines of the result of 3202, its sums those of the list."""
    total, fund, account = (sum(Decimal(row[at]) for row in lines) for at in (3, 4, 5))
    asked = asking(desk, zipped(*lines), len(lines), total, fund, total - fund - account, **otherwise)
    made = desk.output("3202", asked)["fileinfo"]
    answer = desk.post(
        desk.message(
            "9102",
            {"fsDownloadIn": {"file_qury_no": made["file_qury_no"], "filename": "x", "fixmedins_code": HOSPITAL}},
        )
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return [line.split("\t") for line in text.splitlines()]


def line(bill, total=None, flag="0"):
    return [
        bill["setl_id"], bill["mdtrt_id"], bill["psn_no"], str(total or bill["medfee_sumamt"]), str(bill["fund_pay_sumamt"]),
        str(bill["acct_pay"]), flag,
    ]  # fmt: skip


def test_sums_that_agree_and_sums_that_do_not(desk, bills):
    def told(*figures, **otherwise):
        return desk.output("3201", totals(*figures, **otherwise))["stmtinfo"]

    agrees = told(3, "1200.00", "350.00")
    without_refunds = told("1", 1200, 350, refd_setl_flag="0")
    differs = told(2, "1300.00", "350.00")
    inpatients = told(0, "0", "0", clr_type="21")
    cross_area = told(3, "1200.00", "350.00", clr_type="9903")

    assert agrees == {"setl_optins": "110000", "stmt_rslt": "0", "stmt_rslt_dscr": "一致"}
    assert [each["stmt_rslt"] for each in (without_refunds, inpatients, cross_area)] == ["0"] * 3
    assert differs["stmt_rslt"] == "1"
    assert differs["stmt_rslt_dscr"] == (
        "不一致。本系统：3笔，总额1200.00，基金350.00，个人账户0.00；上送：2笔，总额1300.00，基金350.00，个人账户0.00"
    )


def test_a_period_that_is_none_and_an_insurance_we_do_not_have_are_refused(desk, bills):
    turned = desk.refusal("3201", totals(0, "0", "0", stmt_begndate="2026-03-03"))
    long = desk.refusal("3201", totals(0, "0", "0", stmt_begndate="2026-01-01"))

    assert turned == long == "对账结束日期不能早于开始日期，且一次最多对31天"
    assert desk.refusal("3201", totals(0, "0", "0", insutype="340")) == "险种340不支持异地直接结算"


@pytest.mark.parametrize("clr_type", ["", "11"])
def test_a_list_that_agrees_is_told_so_line_by_line(desk, bills, clr_type):
    visit, settled, undone, reversal = bills

    told = compared(desk, [line(settled), line(undone), line(reversal, flag="1")], clr_type=clr_type)

    assert [row[4] for row in told] == ["000000"] * 3
    assert told[0] == [
        desk.psn_no, visit, settled["setl_id"], settled["medins_setl_id"], "000000", "0", "null", "1200.00", "350.00", "0.00",
    ]  # fmt: skip
    assert Reconciliation.objects.filter(differing=0).count() == (0 if clr_type else 2)


def test_a_refund_may_bear_the_number_of_what_it_refunds(desk, bills):
    _visit, settled, undone, reversal = bills
    refund = [undone["setl_id"], *line(reversal, flag="1")[1:]]

    told = compared(desk, [line(settled), line(undone, flag="1"), refund])

    assert [row[4] for row in told] == ["000000"] * 3


def test_what_differs_is_missing_or_unknown_is_named(desk, bills):
    _visit, settled, undone, _reversal = bills
    unknown = ["110000000000000000000000000815", "1", "2", "9.00", "0", "0", "0"]

    told = compared(desk, [line(settled, "1300.00"), unknown])

    assert [(row[4], row[2]) for row in told] == [
        ("000103", settled["setl_id"]),
        ("000102", unknown[0]),
        ("000101", undone["setl_id"]),
    ]
    assert [row[6] for row in told[:2]] == ["金额不一致", "本系统没有"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([1, 2, 3], "对账文件应为只含一个文本文件的ZIP"),
        (zipped(["a", "b"]), "对账文件第1行无法识别"),
        (zipped(["a", "b", "c", "x", "0", "0"]), "对账文件第1行无法识别"),
    ],
)
def test_what_is_no_list_is_refused(desk, data, sentence):
    assert desk.refusal("3202", asking(desk, data, 1, "0", "0", "0")).startswith(sentence)


@pytest.mark.parametrize(
    "sent", [("2", "1200.00", "350.00", "850.00"), ("1", "1200.00", "350.00", "850.01"), ("1", "1200", "350", "0")]
)
def test_a_list_that_does_not_come_to_the_sums_sent_is_refused(desk, sent):
    data = zipped(["110000000000000000000000000815", "1", "2", "1200.00", "350.00", "0.00", "0"])

    refused = desk.refusal("3202", asking(desk, data, *sent))

    assert refused.startswith("对账文件与上送合计不符。文件：1笔，总额1200.00，基金350.00，现金850.00；上送：")
    assert not Reconciliation.objects.exists()


def test_a_list_of_a_month_is_compared_once(desk, bills, settings):
    cache.clear()
    settings.LIMITS = {**settings.LIMITS, "reconcile": "1/hour"}
    month = {"stmt_begndate": "2026-02-01", "stmt_enddate": "2026-03-02", "clr_type": "9903"}

    compared(desk, [line(bills[1])], **month)

    assert Reconciliation.objects.count() == 30
    busy = desk.refusal("3202", asking(desk, zipped(line(bills[1])), 1, "1200", "350", "850", **month))
    assert busy == "操作过于频繁，请稍后再试。"


def test_a_period_that_has_not_begun_is_refused(desk):
    ahead = {"stmt_begndate": "2026-03-03", "stmt_enddate": "2026-03-04"}

    assert desk.refusal("3201", totals(0, "0", "0", **ahead)) == "对账开始日期还没有到，请核对"
