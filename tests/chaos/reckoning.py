"""Afterwards: is every acknowledged write there exactly once? Read from the database in SQL of its own, beside the product's commands.

`lost`: acknowledged, and not there, or not as it was answered. `doubled`: there more than once, or acknowledged under two keys.
`contradicted`: refused though it is there, or answered otherwise when the same call was sent again. `late`: decided after its
deadline by the product's own clock, or overdue and not decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.chaos.calling import Deed

FILED = (
    "SELECT s.id::text, s.enrollment_id || ' ' || f.destination_id AS subject, s.number"
    " FROM filings_filing f JOIN reviews_submission s ON s.id = f.submission_ptr_id WHERE f.type = 'other'"
)
AMOUNTS = ("total", "fund", "own", "account", "cash")
FOUND = {
    "filings": FILED,
    "drafts": FILED,
    "decisions": "SELECT submission_id::text AS id, submission_id::text AS subject, verb FROM reviews_event WHERE verb IN ('approve', 'reject', 'withdraw')",
    "settlements": f"SELECT id::text, bill_number AS subject, number, {', '.join(f'{name}::text' for name in AMOUNTS)} FROM settlements_settlement WHERE reverses_id IS NULL AND channel = 'direct'",
    "reversals": "SELECT reverses_id::text AS id, reverses_id::text AS subject FROM settlements_settlement WHERE reverses_id IS NOT NULL",
    "claims": "SELECT s.id::text, c.invoice_number AS subject, s.number FROM claims_claim c JOIN reviews_submission s ON s.id = c.submission_ptr_id",
    "uploads": "SELECT id::text, filename AS subject, kind FROM reviews_material",
}
SWEPT = {"decisions"}
"""What the sweep may do by itself: who is refused here was only slower."""
PASSING = {"reversals": {"later_settlement_exists"}}
"""What may be so for one call and over for the next under the same key: a later bill of that person, itself reversed meanwhile."""
LATE = """
SELECT count(*) AS n FROM reviews_decision WHERE decided_at > due_at
UNION ALL SELECT count(*) FROM reviews_submission WHERE status = 'submitted' AND due_at < %s"""


@dataclass
class Line:
    """One kind's line of the table."""

    kind: str
    asked: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    lost: int = 0
    doubled: int = 0
    contradicted: int = 0
    wrong: list[str] = field(default_factory=list)
    """Each thing that does not hold, with what every call for it was told."""

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.contradicted)


def lines(database: str, deeds: Sequence[Deed]) -> list[Line]:
    """A line for each kind."""
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return [
            _line(kind, [deed for deed in deeds if deed.kind == kind], connection.execute(query).fetchall())
            for kind, query in FOUND.items()
        ]


def _line(kind: str, deeds: Iterable[Deed], rows: Iterable[Mapping[str, Any]]) -> Line:
    line, there, wanted = Line(kind), defaultdict(list), defaultdict(list)
    for row in rows:
        there[row["subject"]].append(row)
    for deed in deeds:
        wanted[deed.subject].append(deed)
    for subject, rivals in wanted.items():
        _add(line, rivals, there[subject])
    return line


def _add(line: Line, rivals: Sequence[Deed], rows: Sequence[Mapping[str, Any]]) -> None:
    """One thing that was asked for, by whoever; what is there of it."""
    done, before = [deed for deed in rivals if deed.acknowledged], (line.lost, line.doubled, line.contradicted)
    line.asked += 1
    line.acknowledged += bool(done)
    line.refused += not done and all(deed.refused for deed in rivals)
    line.unknown += not done and not all(deed.refused for deed in rivals)
    line.lost += any(not any(_same(deed, row) for row in rows) for deed in done)
    line.doubled += len(rows) > 1 or len({deed.key for deed in done}) > 1
    line.contradicted += _contradicted(line.kind, rivals, done, rows)
    if (line.lost, line.doubled, line.contradicted) != before:
        told = [f"{deed.key} {deed.calls} calls {deed.status} {deed.code} {deed.otherwise or ''}" for deed in rivals]
        line.wrong.append(f"{rivals[0].subject}, {len(rows)} there: {'; '.join(told)}")


def _same(deed: Deed, row: Mapping[str, Any]) -> bool:
    """Whether a row is what was answered, in every column that is compared."""
    if deed.kind == "decisions":
        return bool(deed.path.rstrip("/").endswith(row["verb"]))
    return all(deed.answer[name] == value for name, value in row.items() if name != "subject")


def _contradicted(kind: str, rivals: Sequence[Deed], done: Sequence[Deed], rows: Sequence[Any]) -> bool:
    answers = defaultdict(list)
    for deed in done:
        answers[deed.key] += [deed.answer, *deed.otherwise]
    keys = {deed.key for deed in done}
    nobody = not keys and all(deed.refused for deed in rivals)
    passes = PASSING.get(kind, set()) if keys else set()
    told_no = [deed for deed in rivals if deed.refused and deed.code not in passes and (deed.key in keys or nobody)]
    differ = any(answer != said[0] for said in answers.values() for answer in said)
    return differ or bool(rows and told_no and kind not in SWEPT)


def late(database: str, now: str) -> int:
    """How many decisions came after their deadline, or are overdue."""
    with psycopg.connect(database) as connection:
        return sum(count for (count,) in connection.execute(LATE, [now]).fetchall())


# The books

OF_YEAR = ("burden", "large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")
_YEAR = ", ".join(f"coalesce(sum(s.{name}), 0)" for name in OF_YEAR)
SUMS = {
    "years are the sums of their entries": f"""
        SELECT count(*) FROM settlements_insuranceyear y WHERE ROW(y.entries, {", ".join(f"y.{name}" for name in OF_YEAR)}) <>
        (SELECT count(*)::int, {_YEAR} FROM settlements_settlement s WHERE s.year_id = y.id)""",
    "counters are the sums of their entries": """
        SELECT count(*) FROM settlements_yearcounter c WHERE c.month = 0 AND c.counter > '' AND ROW(c.scope, c.deductible, c.pooled, c.beyond) <>
        (SELECT coalesce(sum(s.eligible), 0), coalesce(sum(s.deductible), 0), coalesce(sum(s.pooled), 0), coalesce(sum(s.beyond), 0)
         FROM settlements_settlement s WHERE s.year_id = c.year_id AND s.counter = c.counter)""",
    "personal accounts are what was spent, and never overdrawn": """
        SELECT count(*) FROM accounts_enrollment e WHERE e.account_spent > e.account_balance OR e.account_spent <>
        (SELECT coalesce(sum(s.account), 0) FROM settlements_settlement s WHERE s.enrollment_id = e.id)""",
    "every bill that was reversed has one opposite": """
        SELECT count(*) FROM settlements_settlement o WHERE (o.status = 'reversed') <>
        ((SELECT count(*) FROM settlements_settlement r WHERE r.reverses_id = o.id AND r.fund = -o.fund AND r.own = -o.own) = 1)
        AND o.reverses_id IS NULL""",
    "every code was used for one bill": """
        SELECT count(*) FROM (SELECT voucher FROM settlements_settlement WHERE voucher IS NOT NULL AND reverses_id IS NULL
        GROUP BY voucher HAVING count(*) > 1) twice""",
    "whoever was decided has one decision": """
        SELECT count(*) FROM (SELECT submission_id FROM reviews_decision GROUP BY submission_id, round, stage HAVING count(*) > 1) twice""",
}  # fmt: skip


FUNDS = "funds paid are the sum of the answers"


def books(database: str, deeds: Sequence[Deed]) -> dict[str, str]:
    """What is wrong with the sums, by name; "" where all is well."""
    answers = _funds(deeds)
    paid = "SELECT coalesce(sum(fund), 0) FROM settlements_settlement WHERE coalesce(reverses_id, id) = ANY(%s::uuid[])"
    with psycopg.connect(database) as connection:
        wrong = {name: _number(connection, query) for name, query in SUMS.items()}
        standing = _number(connection, paid, [list(answers)])
    said = {name: f"{count} wrong" if count else "" for name, count in wrong.items()}
    answered = sum(answers.values(), Decimal(0))
    return {**said, FUNDS: "" if standing == answered else f"{standing}, not {answered}"}


def _funds(deeds: Sequence[Deed]) -> dict[str, Decimal]:
    """By bill what the answers say that the funds pay in the end: nothing where it was reversed; without those of which that is not known."""
    undone = [deed for deed in deeds if deed.kind == "reversals"]
    reversed_ = {deed.subject for deed in undone if deed.acknowledged}
    open_ = {deed.subject for deed in undone if not deed.acknowledged and not deed.refused} - reversed_
    bills = [deed.answer for deed in deeds if deed.kind == "settlements" and deed.acknowledged]
    return {
        bill["id"]: Decimal(0) if bill["id"] in reversed_ else Decimal(bill["fund"])
        for bill in bills
        if bill["id"] not in open_
    }


def _number(connection: psycopg.Connection[Any], query: str, given: Sequence[Any] | None = None) -> Any:
    row = connection.execute(query, given).fetchone()
    return row[0] if row else 0
