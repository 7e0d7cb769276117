"""3201 and 3202: a hospital's accounts beside ours, by sums and bill by bill (对总账、对明细账).

What counts is the day of the settlement; a reversal counts on its own day, below zero. The list of 3202 is a ZIP of one text,
its columns parted by tabs, without a heading: setl_id, mdtrt_id and psn_no in either order, medfee_sumamt, fund_pay_sumamt,
acct_pay, refd_setl_flag. It is compared day by day as the API compares it (`settlements.reconciliation`), so that the agency
sees it too. What came of it lies as a file of the same kind for 9102.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from core import clock
from gateway import files
from gateway.amounts import number_of, setl_id_of
from gateway.call import Call, Output, Refused, Transaction
from gateway.care import insurance_of
from gateway.codes import CLR_TYPE, FLAG, INSUTYPE
from gateway.fields import day, node, number, text
from gateway.models import VisitBill
from settlements.models import Channel, Settlement, SettlementQuerySet, Status
from settlements.reconciliation import daily
from settlements.reconciliation.comparing import CODES, There, compare
from settlements.reconciliation.reading import MOST_BYTES, MOST_ROWS, Sheet

MOST_DAYS = 31
EQUAL, ONLY_HERE, ONLY_THERE, DIFFERS = "000000", "000101", "000102", "000103"
MONEY = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,6})?")
PARTS = ("11", "21", "41")
"""Kinds of clearing whose list is part of a day's: it is compared, but not kept as the day's list."""
OUTPATIENT = ("outpatient", "chronic")
SUMS = ("total", "fund", "account")
PERIOD = (
    text("setl_optins*", "结算经办机构", 6),
    day("stmt_begndate*", "对账开始日期"),
    day("stmt_enddate*", "对账结束日期"),
    number("medfee_sumamt*", "医疗费总额", signed=True),
    number("fund_pay_sumamt*", "基金支付总额", signed=True),
    number("fixmedins_setl_cnt*", "定点医药机构结算笔数", 10, 0),
)
TOTALS = (
    node(
        "data*",
        text("insutype*", "险种类型", 6, INSUTYPE),
        text("clr_type*", "清算类别", 6, CLR_TYPE),
        *PERIOD,
        number("acct_pay*", "个人账户支付金额", signed=True),
        text("refd_setl_flag", "退费结算标志", 3, FLAG),
    ),
)
DETAILS = (
    node(
        "data*",
        *PERIOD,
        text("clr_type", "清算类别", 6, CLR_TYPE),
        text("file_qury_no*", "文件查询号", 30),
        number("cash_payamt*", "现金支付金额", signed=True),
        text("refd_setl_flag", "退费结算标志", 3, FLAG),
    ),
)


def _days(said: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day. Raises Refused."""
    first, last = said["stmt_begndate"], said["stmt_enddate"]
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise Refused(f"对账结束日期不能早于开始日期，且一次最多对{MOST_DAYS}天", code="period_invalid")
    if first > clock.today():
        raise Refused("对账开始日期还没有到，请核对", code="period_ahead")
    return first, last


def _entries(call: Call, first: date, last: date, clr_type: str) -> SettlementQuerySet:
    """What was settled and reversed at this hospital in these days."""
    rows = Settlement.objects.filter(
        institution=call.institution, channel=Channel.DIRECT, settled_on__gte=first, settled_on__lte=last
    )
    if clr_type in ("11", "41"):
        return rows.filter(care__in=OUTPATIENT)
    return rows.filter(care="inpatient") if clr_type == "21" else rows


# 3201


def totals(call: Call) -> Output:
    """Our sums beside the hospital's. Without refunds (`refd_setl_flag` 0): only what stands."""
    said = call.given["data"]
    rows = _entries(call, *_days(said), said["clr_type"]).filter(insurance=insurance_of(said["insutype"]))
    if said["refd_setl_flag"] == "0":
        rows = rows.filter(status=Status.SETTLED)
    ours = _summed(rows)
    theirs = (said["fixmedins_setl_cnt"], said["medfee_sumamt"], said["fund_pay_sumamt"], said["acct_pay"])
    equal = ours == theirs
    told = "一致" if equal else f"不一致。本系统：{_told(ours)}；上送：{_told(theirs)}"
    return {
        "stmtinfo": {"setl_optins": said["setl_optins"], "stmt_rslt": "0" if equal else "1", "stmt_rslt_dscr": told}
    }


def _summed(rows: SettlementQuerySet) -> tuple[Decimal, ...]:
    zero = Decimal("0.00")
    sums = rows.order_by().aggregate(count=Count("pk"), **{name: Sum(name, default=zero) for name in SUMS})
    return Decimal(sums["count"]), *(sums[name] for name in SUMS)


def _told(figures: Iterable[Decimal]) -> str:
    count, total, fund, account = figures
    return f"{count:.0f}笔，总额{total:.2f}，基金{fund:.2f}，个人账户{account:.2f}"


# 3202


def details(call: Call) -> Output:
    """Compare the list bill by bill; the answer names the file that says what came of it."""
    said = call.given["data"]
    first, last = _days(said)
    uploaded, data = files.fetch(call.institution, said["file_qury_no"])
    lines, rows = read_list(data), _entries(call, first, last, said["clr_type"])
    _require_sums(said, lines)
    entries = list(rows.select_related("reverses"))
    reversals = {entry.reverses.number: entry for entry in entries if entry.reverses is not None}
    known = {entry.number: entry for entry in entries}
    theirs = [_there(at, line, known, reversals) for at, line in enumerate(lines, 1)]
    if said["clr_type"] in PARTS:
        differences = [each.as_json() for each in compare(daily.read(rows.order_by("settled_at", "id")), theirs)]
    else:
        sheet = Sheet(tuple(theirs), hashlib.sha256(data).hexdigest(), uploaded.filename)
        differences = _kept(call, sheet, known, first, min(last, clock.today()))
    results = _results(theirs, lines, differences, known)
    name = f"{call.institution.code}_{first:%Y%m%d}_{last:%Y%m%d}.zip"
    made = files.store(call.institution, name, _zipped(name.replace(".zip", ".txt"), results))
    return {"fileinfo": {"file_qury_no": made.number, "filename": name, "dld_endtime": files.ends_at(made)}}


def _require_sums(said: Mapping[str, Any], lines: list[list[str]]) -> None:
    """The list is the one that the call means. Raises Refused where its lines do not come to the sums sent."""
    total, fund, account = (sum((_figure(line[at]) for line in lines), Decimal("0.00")) for at in (3, 4, 5))
    theirs = Decimal(len(lines)), total, fund, total - fund - account
    sent = (said["fixmedins_setl_cnt"], said["medfee_sumamt"], said["fund_pay_sumamt"], said["cash_payamt"])
    if theirs != sent:
        message = f"对账文件与上送合计不符。文件：{_cash_told(theirs)}；上送：{_cash_told(sent)}"
        raise Refused(message, code="sums_differ")


def _cash_told(figures: Iterable[Decimal]) -> str:
    count, total, fund, cash = figures
    return f"{count:.0f}笔，总额{total:.2f}，基金{fund:.2f}，现金{cash:.2f}"


def _figure(text_: str) -> Decimal:
    return Decimal(text_.strip()).quantize(Decimal("0.01"))


def read_list(data: bytes) -> list[list[str]]:
    """The lines of an uploaded list by their columns. Raises Refused."""
    lines = [line.split("\t") for line in _unzipped(data).splitlines() if line.strip()]
    if len(lines) > MOST_ROWS:
        raise Refused(f"对账明细最多{MOST_ROWS}行，请按天分开", code="too_many_rows")
    wrong = [at for at, line in enumerate(lines, 1) if not _is_line(line)]
    if wrong:
        shown = "、".join(map(str, wrong[:10]))
        raise Refused(
            f"对账文件第{shown}行无法识别：应为以制表符分隔的结算编号、就诊编号、人员编号、总额、基金、账户、退费标志"
        )
    return lines


def _is_line(line: list[str]) -> bool:
    return len(line) >= 6 and all(MONEY.fullmatch(part.strip()) for part in line[3:6]) and len(line[0]) <= 40


def _unzipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (member,) = archive.infolist()
            with archive.open(member) as file:
                text_ = file.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, EOFError, OSError):
        raise Refused("对账文件应为只含一个文本文件的ZIP", code="not_a_zip") from None
    except Exception as error:  # what a damaged stream of zlib, bz2 or lzma raises is of no common kind
        raise Refused("对账文件已损坏，请重新上传", code="not_a_zip") from error
    if len(text_) > MOST_BYTES:
        raise Refused("对账文件过大，请按天分开", code="file_too_large")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return text_.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("对账文件应为UTF-8编码", code="encoding")


def _kept(call: Call, sheet: Sheet, known: Mapping[str, Settlement], first: date, last: date) -> list[dict[str, Any]]:
    """The differences of a whole list, compared and kept day by day; what we do not know belongs to the last day."""
    days: dict[date, list[There]] = {first + timedelta(days=at): [] for at in range((last - first).days + 1)}
    for row in sheet.rows:
        entry = known.get(row.number)
        days.setdefault(entry.settled_on if entry else last, []).append(row)
    daily.spend(call.account)
    differences: list[dict[str, Any]] = []
    for on, rows in days.items():
        of_day = Sheet(tuple(rows), hashlib.sha256(f"{sheet.sha256}:{on}".encode()).hexdigest(), sheet.file_name)
        compared, _new = daily.take_day(call.account, call.institution, on, of_day)
        differences += compared.differences
    return differences


def _there(at: int, line: list[str], known: Mapping[str, Settlement], reversals: Mapping[str, Settlement]) -> There:
    """A line as it is compared; a refund may bear the setl_id of what it refunds, or its own."""
    total, fund, account = map(_figure, line[3:6])
    number_ = number_of(line[0].strip())
    entry = reversals.get(number_) if total < 0 else None
    entry = entry or known.get(number_)
    status = Status.REVERSAL if total < 0 or (entry and entry.reverses_id) else Status.SETTLED
    if status == Status.SETTLED and len(line) > 6 and line[6].strip() == "1":
        status = Status.REVERSED
    found = entry.number if entry else number_ or line[0].strip()[:24]
    return There(at, "", found, status, total, fund, total - fund - account)


def _results(
    theirs: list[There], lines: list[list[str]], differences: list[dict[str, Any]], known: Mapping[str, Settlement]
) -> list[list[str]]:
    """The lines of the result: the hospital's in their order, then what it does not have."""
    said: defaultdict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for difference in differences:
        said[difference["line"]].append(difference)
    bills = _bills(known.values())
    told = [_line_of(row, line, said[row.line], known, bills) for row, line in zip(theirs, lines, strict=True)]
    return [*told, *(_left(known[each["number"]], each, bills) for each in said[None] if each["number"] in known)]


def _bills(entries: Iterable[Settlement]) -> dict[Any, tuple[str, str, str]]:
    """Of each settlement: psn_no, mdtrt_id and msgid, where it was made through the interface."""
    keys = {entry.reverses_id or entry.pk for entry in entries}
    rows = VisitBill.objects.filter(settlement__in=keys).select_related("visit__known")
    return {row.settlement_id: (row.visit.known.psn_no, row.visit.number, row.msgid) for row in rows}


def _line_of(
    row: There, line: list[str], said: list[dict[str, Any]], known: Mapping[str, Settlement], bills: Mapping[Any, Any]
) -> list[str]:
    entry = known.get(row.number)
    code = EQUAL if not said else DIFFERS if entry else ONLY_THERE
    psn_no, mdtrt_id, msgid = _names(entry, bills)
    memo = "；".join(str(CODES[each["code"]]) for each in said)
    flag = "0" if row.status == Status.SETTLED else "1"
    return [psn_no, mdtrt_id, line[0].strip(), msgid, code, flag, memo, *(part.strip() for part in line[3:6])]


def _left(entry: Settlement, said: dict[str, Any], bills: Mapping[Any, Any]) -> list[str]:
    psn_no, mdtrt_id, msgid = _names(entry, bills)
    flag = "0" if entry.status == Status.SETTLED else "1"
    figures = [f"{getattr(entry, name):.2f}" for name in SUMS]
    return [psn_no, mdtrt_id, setl_id_of(entry), msgid, ONLY_HERE, flag, str(CODES[said["code"]]), *figures]


def _names(entry: Settlement | None, bills: Mapping[Any, tuple[str, str, str]]) -> tuple[str, str, str]:
    return bills.get(entry.reverses_id or entry.pk, ("", "", "")) if entry else ("", "", "")


def _zipped(name: str, lines: Iterable[list[str]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "".join(_written(lines)))
    return made.getvalue()


def _written(lines: Iterable[list[str]]) -> Iterator[str]:
    for line in lines:
        yield "\t".join(re.sub(r"[\t\r\n]", " ", part) or "null" for part in line) + "\n"


TRANSACTIONS = (
    Transaction("3201", "医药机构费用结算对总账", TOTALS, totals),
    Transaction("3202", "医药机构费用结算对明细账", DETAILS, details),
)
