"""The lines of fees (费用明细): parted by the catalogue of the place of care on the day of the charge, given back, undone.

A line that is sent again unchanged gets the same answer; what a settlement has taken stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from core import bulk
from core.clock import SHANGHAI
from gateway.call import Call, Refused
from gateway.models import FeeLine, Visit
from gateway.visits import SETTLED, plain, standing_bills
from policies.catalogue.items import UNLISTED, CatalogueItem, LineParts, find_charges, split_line
from policies.language.examples import Item

ALL = "0000"
NO_LIMIT = Decimal(999999)
LEVELS = {"A": "01", "B": "02", "C": "03"}
NOT_APPROVED, REMARK = "2", "医院审批不通过，按全自费"
PARTS = ("excluded", "over_limit", "first_copay", "scope")
MOST_NAMED = 3


@dataclass(frozen=True)
class Charged:
    """What is known of the lines of a visit before some are added."""

    by_sequence: Mapping[str, FeeLine]
    refunds: Mapping[str, Sequence[FeeLine]]
    count: int


# Adding


def add_lines(call: Call, visit: Visit, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add the lines that are new and answer each, in the order sent, as the platform does. Raises Refused, and then none is added."""
    wanted = _distinct(rows)
    charged = _charged(visit, wanted)
    new = {name: row for name, row in wanted.items() if not _known(name, row, charged)}
    if new:
        _refuse_settled(visit, {row.get("chrg_bchno", "") for row in new.values()})
    items = _items(call, new.values())
    made: dict[str, FeeLine] = {}
    for name, row in new.items():
        made[name] = _made(visit, row, items.get(name), charged, made, ordinal=charged.count + len(made))
    if made:
        bulk.insert([*made.values()])
        Visit.objects.filter(pk=visit.pk).update(changed_at=call.now)
    return [answer(made.get(row["feedetl_sn"]) or charged.by_sequence[row["feedetl_sn"]]) for row in rows]


def _distinct(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    wanted: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if wanted.setdefault(row["feedetl_sn"], row) != row:
            raise Refused(f"明细流水号{row['feedetl_sn']}在本次上传中重复而内容不同，请核对", code="line_twice")
    return wanted


def _charged(visit: Visit, wanted: Mapping[str, Mapping[str, Any]]) -> Charged:
    originals = [row["init_feedetl_sn"] for row in wanted.values() if row.get("init_feedetl_sn")]
    near = Q(sequence__any=[*wanted, *originals])
    if originals:
        near |= Q(refunds__any=originals)
    rows = list(FeeLine.objects.filter(near, visit=visit).order_by("ordinal"))
    refunds: dict[str, list[FeeLine]] = {}
    for row in rows:
        refunds.setdefault(row.refunds, []).append(row)
    count = FeeLine.objects.filter(visit=visit).aggregate(lines=Count("pk"))["lines"]
    return Charged({row.sequence: row for row in rows}, refunds, count)


def _known(name: str, row: Mapping[str, Any], charged: Charged) -> bool:
    """Whether a line stands there already, as it is sent. Raises Refused where it is another."""
    line = charged.by_sequence.get(name)
    if line is None:
        return False
    if record_of(line)["sent"] != plain(row):
        raise Refused(f"明细流水号{name}已上传而内容不同，请先撤销该明细，或换一个流水号", code="line_differs")
    return True


def _refuse_settled(visit: Visit, batches: set[str]) -> None:
    """A stay is settled as a whole, an outpatient's visit batch by batch."""
    settled = {bill.batch for bill in standing_bills(visit)}
    if settled and (visit.inpatient or settled & batches):
        raise Refused(SETTLED, code="visit_settled")


def _items(call: Call, rows: Iterable[Mapping[str, Any]]) -> dict[str, CatalogueItem]:
    """What counts for each line; a refund goes by the line that it gives back. Raises Refused `item_not_known` with the first codes that nobody can split by."""
    rows = [row for row in rows if not row.get("init_feedetl_sn")]
    found = find_charges(call.institution.area_id, ((row["med_list_codg"], charged_on(row)) for row in rows))
    items = {row["feedetl_sn"]: _as_approved(row, found[row["med_list_codg"], charged_on(row)]) for row in rows}
    problems = list(dict.fromkeys(item.problem for item in items.values() if not item.known))
    if problems:
        more = f"等{len(problems)}项" if len(problems) > MOST_NAMED else ""
        raise Refused("；".join(problems[:MOST_NAMED]) + more, code="item_not_known")
    return items


def _as_approved(row: Mapping[str, Any], item: CatalogueItem) -> CatalogueItem:
    """A restricted item that the hospital did not approve is the patient's own."""
    if row["hosp_appr_flag"] != NOT_APPROVED:
        return item
    return replace(item, item_class="C", first_copay_ratio=None, price_limit=None)


def charged_on(row: Mapping[str, Any]) -> date:
    day: date = row["fee_ocur_time"].astimezone(SHANGHAI).date()
    return day


def _made(
    visit: Visit,
    row: Mapping[str, Any],
    item: CatalogueItem | None,
    charged: Charged,
    made: Mapping[str, FeeLine],
    *,
    ordinal: int,
) -> FeeLine:
    amount, quantity = row["det_item_fee_sumamt"], row["cnt"]
    original = row.get("init_feedetl_sn", "")
    line = FeeLine(
        visit=visit,
        ordinal=ordinal,
        sequence=row["feedetl_sn"],
        batch=row.get("chrg_bchno", ""),
        refunds=original,
        charged_on=charged_on(row),
        quantity=quantity,
        amount=amount,
    )
    if original:
        first = made.get(original) or charged.by_sequence.get(original)
        _require_same_code(row, first)
        item = _refunded(line, first, [*charged.refunds.get(original, ()), *_also(made, original)])
        remark = ""
    else:
        if amount < 0 or quantity < 0:
            raise Refused(f"明细{line.sequence}为负数，退费请填写原费用流水号（init_feedetl_sn）", code="line_negative")
        assert item is not None
        _part(line, split_line(item, amount, quantity))
        remark = REMARK if row["hosp_appr_flag"] == NOT_APPROVED else item.remark
    line.item_class, line.first_copay_ratio, line.price_limit = (
        item.item_class or "C",
        item.first_copay_ratio,
        item.price_limit,
    )
    kept = {"sent": plain(row), "name": item.name, "memo": remark, "listed": item.listed}
    line.record = json.dumps(kept, ensure_ascii=False)
    return line


def _also(made: Mapping[str, FeeLine], original: str) -> list[FeeLine]:
    return [line for line in made.values() if line.refunds == original]


def _require_same_code(row: Mapping[str, Any], first: FeeLine | None) -> None:
    """Raises Refused where a refund names another item than the line that it gives back."""
    if first is not None and row["med_list_codg"].strip().upper() != catalogue_item(first).code:
        sequence, original = row["feedetl_sn"], first.sequence
        raise Refused(f"退费明细{sequence}的医疗目录编码与原明细{original}不同，请核对", code="refund_differs")


def _refunded(line: FeeLine, first: FeeLine | None, before: Sequence[FeeLine]) -> CatalogueItem:
    """Part a refund so that what is left of its line is parted as if no more had ever been charged. Raises Refused."""
    if first is None or first.refunds:
        raise Refused(f"没有查到明细{line.sequence}的原费用流水号{line.refunds}，请核对", code="refund_unknown")
    item, left, units = catalogue_item(first), first.amount, first.quantity
    if line.amount > 0 or line.quantity > 0:
        raise Refused(f"退费明细{line.sequence}的数量和金额应为负数", code="refund_positive")
    for other in before:
        left, units = left + other.amount, units + other.quantity
    if left + line.amount < 0 or units + line.quantity < 0:
        raise Refused(f"退费明细{line.sequence}超过原明细{line.refunds}未退的数量或金额", code="refund_too_large")
    now = split_line(item, left, units)
    then = split_line(item, left + line.amount, units + line.quantity)
    _part(line, LineParts(*(after - ago for after, ago in zip(then, now, strict=True))))
    return item


def _part(line: FeeLine, parts: LineParts) -> None:
    for name, part in zip(PARTS, parts, strict=True):
        setattr(line, name, part)


# What is kept of one, and answered


def record_of(line: FeeLine) -> dict[str, Any]:
    """What was sent of a line (`sent`), what it is called, and what has to be said of it."""
    kept: dict[str, Any] = json.loads(line.record)
    return kept


def catalogue_item(line: FeeLine) -> CatalogueItem:
    """What the catalogue said of a line when it came."""
    kept = record_of(line)
    return CatalogueItem(
        kept["sent"]["med_list_codg"].strip().upper(),
        kept["name"],
        line.item_class,  # type: ignore[arg-type]
        line.first_copay_ratio,
        line.price_limit,
        kept.get("listed", kept["memo"] != UNLISTED),
    )


def answer(line: FeeLine, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A line as 2204 and 2301 answer it; `kept`: its record, where that was read already."""
    kept = kept or record_of(line)
    share = {"A": Decimal(0), "C": Decimal(1)}.get(line.item_class, line.first_copay_ratio)
    return {
        "feedetl_sn": line.sequence,
        "det_item_fee_sumamt": line.amount,
        "cnt": line.quantity,
        "pric": Decimal(kept["sent"]["pric"]),
        "pric_uplmt_amt": NO_LIMIT if line.price_limit is None else line.price_limit,
        "selfpay_prop": share,
        "fulamt_ownpay_amt": line.excluded,
        "overlmt_amt": line.over_limit,
        "preselfpay_amt": line.first_copay,
        "inscp_scp_amt": line.scope,
        "chrgitm_lv": LEVELS[line.item_class],
        "med_chrgitm_type": charge_type(kept["sent"]["med_list_codg"]),
        **dict.fromkeys(FLAGS, "0"),
        "memo": kept["memo"] or None,
    }


FLAGS = (
    "bas_medn_flag", "hi_nego_drug_flag", "chld_medc_flag", "list_sp_item_flag", "lmt_used_flag", "drt_reim_flag",
)  # fmt: skip
GOODS = {"X": "09", "Z": "11", "T": "10", "C": "08"}
SERVICES = {
    "1101": "13", "1102": "02", "1109": "01", "11": "12", "12": "07", "21": "03", "22": "03", "23": "03", "24": "05",
    "25": "04", "26": "04", "27": "03", "31": "05", "33": "06", "34": "05", "4": "05",
}  # fmt: skip


def charge_type(code: str) -> str:
    """The kind of charge (med_chrgitm_type) by how a national code begins: western medicine 09, … ; 14 for all others."""
    goods = GOODS.get(code[:1].upper())
    service = code.removeprefix("00")
    return goods or next((SERVICES[service[:n]] for n in (4, 2, 1) if service[:n] in SERVICES), "14")


# Undoing


def undo_lines(call: Call, visit: Visit, lines: Sequence[FeeLine]) -> None:
    """Take lines away. Raises Refused: a settlement has one, or a refund that stays names one."""
    if any(line.is_settled for line in lines):
        raise Refused(SETTLED, code="visit_settled")
    gone = [line.pk for line in lines]
    names = [line.sequence for line in lines]
    left = FeeLine.objects.filter(visit=visit, refunds__any=names).exclude(pk__in=gone).first() if names else None
    if left is not None:
        raise Refused(f"明细{left.refunds}已有退费明细{left.sequence}，请先撤销退费明细", code="line_refunded")
    FeeLine.objects.filter(pk__in=gone).delete()
    Visit.objects.filter(pk=visit.pk).update(changed_at=call.now)


# The bill of some lines


def net_items(lines: Iterable[FeeLine]) -> list[Item]:
    """The lines as the engine takes them, each with what was given back of it taken off; none of what was given back whole."""
    net: dict[str, list[Any]] = {}
    for line in lines:
        first = net.setdefault(line.refunds or line.sequence, [None, Decimal(0), Decimal(0)])
        first[0] = first[0] if line.refunds else line
        first[1], first[2] = first[1] + line.amount, first[2] + line.quantity
    return [catalogue_item(line).as_line(amount, units) for line, amount, units in net.values() if amount]


def sums(lines: Iterable[FeeLine]) -> dict[str, Decimal]:
    """What lines come to: the amount and its four parts."""
    total = dict.fromkeys(("amount", *PARTS), Decimal("0.00"))
    for line in lines:
        for name in total:
            total[name] += getattr(line, name)
    return total
