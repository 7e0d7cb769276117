"""The proof that the ledger is right: every entry computed again, and every sum the sum of its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import QuerySet

from policies.engine import Result
from settlements.adjudication import adjudicated_again, lines
from settlements.models import AMOUNTS, COUNTED, FUNDS, Settlement

# Sums, in SQL: every check names the rows that part from their entries (`verify_settlements`).
#
# Every statement answers (what, stored, by the entries) for each row that is wrong, and nothing while all is well.

NAMED = 20
"""How many wrong rows a check names; the others it counts."""
FIRST = f"SELECT w.*, count(*) OVER () FROM ({{wrong}}) w ORDER BY 1 LIMIT {NAMED}"


@dataclass(frozen=True, slots=True)
class Check:
    """`counted` says how many rows were looked at, `wrong` which of them are not as the entries say."""

    title: str
    counted: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: rows looked at, rows wrong, the first of them in words."""

    title: str
    checked: int
    wrong: int
    named: tuple[str, ...]


def _sums(names: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(f"coalesce(sum({prefix}{name}), 0) AS {name}" for name in names)


def _row(names: tuple[str, ...], of: str) -> str:
    """A row of coalesced figures, to be compared as a whole and shown as text."""
    return "ROW(" + ", ".join(f"coalesce({of}.{name}, 0)" for name in names) + ")"


def _beside(names: tuple[str, ...], stored: str, given: str) -> str:
    """Only the figures that differ, as {name: value}: columns `stored` and `by entries`."""

    def only(of: str) -> str:
        pairs = ", ".join(
            f"'{name}', CASE WHEN coalesce({stored}.{name}, 0) <> coalesce({given}.{name}, 0) THEN coalesce({of}.{name}, 0) END"
            for name in names
        )
        return f"json_strip_nulls(json_build_object({pairs}))::text"

    return f"{only(stored)}, {only(given)}"


OF_YEAR = ("entries", "burden", *FUNDS)
YEARS = f"""
SELECT 'year ' || y.id, {_beside(OF_YEAR, "y", "s")}
FROM settlements_insuranceyear y
LEFT JOIN (SELECT year_id, count(*) AS entries, {_sums(OF_YEAR[1:])} FROM settlements_settlement GROUP BY year_id) s ON s.year_id = y.id
WHERE {_row(OF_YEAR, "y")} <> {_row(OF_YEAR, "s")}"""

COUNTERS = f"""
WITH counted AS (
  SELECT year_id, counter, '' AS disease, stay_on, eligible AS scope, deductible, pooled, beyond
  FROM settlements_settlement WHERE counter > ''
  UNION ALL
  SELECT year_id, '', disease, stay_on, eligible, deductible, pooled, beyond
  FROM settlements_settlement WHERE care = 'chronic' AND disease > ''
), s AS (
  SELECT year_id, counter, disease, m.month, {_sums(COUNTED)}
  FROM counted CROSS JOIN LATERAL (VALUES (0), (extract(month FROM stay_on)::int)) AS m(month)
  GROUP BY year_id, counter, disease, m.month
)
SELECT 'counter ' || coalesce(y.counter, s.counter) || coalesce(y.disease, s.disease) || ' month '
  || coalesce(y.month, s.month) || ' of year ' || coalesce(y.year_id, s.year_id), {_beside(COUNTED, "y", "s")}
FROM settlements_yearcounter y
FULL JOIN s ON s.year_id = y.year_id AND s.counter = y.counter AND s.disease = y.disease AND s.month = y.month
WHERE {_row(COUNTED, "y")} <> {_row(COUNTED, "s")}"""

SAME = ("channel", "institution_id", "care_area_id", "bill_number", "invoice", "year_id", "person_id", "enrollment_id",
        "area_id", "care", "disease", "stay_on", "counter", "policy_sha256")  # fmt: skip
_OPPOSITE = " OR ".join(f"r.{name} <> -o.{name}" for name in AMOUNTS)
_OTHERWISE = " OR ".join(f"r.{name} IS DISTINCT FROM o.{name}" for name in SAME)
REVERSALS = f"""
SELECT 'reversal ' || r.number || ' of ' || o.number, r.status || ' ' || r.total || ' fund ' || r.fund, o.status || ' ' || o.total || ' fund ' || o.fund
FROM settlements_settlement r JOIN settlements_settlement o ON o.id = r.reverses_id
WHERE r.status <> 'reversal' OR o.status <> 'reversed' OR r.ordinal <= o.ordinal OR {_OPPOSITE} OR {_OTHERWISE}
UNION ALL
SELECT 'settlement ' || o.number, o.status, 'no reversal'
FROM settlements_settlement o LEFT JOIN settlements_settlement r ON r.reverses_id = o.id
WHERE o.status = 'reversed' AND r.id IS NULL
UNION ALL
SELECT 'reversal ' || number, status, 'reverses nothing' FROM settlements_settlement WHERE status = 'reversal' AND reverses_id IS NULL"""

_FUND = " + ".join(("pooled", *FUNDS))
TOTALS = f"""
SELECT 'settlement ' || number, 'total ' || total || ' own ' || own || ' fund ' || fund,
  'total ' || fund + account + cash || ' own ' || account + cash || ' fund ' || {_FUND}
FROM settlements_settlement
WHERE total <> fund + account + cash OR own <> account + cash OR fund <> {_FUND}"""

ACCOUNTS = """
SELECT 'enrolment ' || e.id, e.account_spent::text, coalesce(s.account, 0)::text
FROM accounts_enrollment e
LEFT JOIN (SELECT enrollment_id, sum(account) AS account FROM settlements_settlement GROUP BY enrollment_id) s ON s.enrollment_id = e.id
WHERE e.account_spent <> coalesce(s.account, 0)"""

ORDINALS = """
SELECT 'year ' || y.id, '1 to ' || y.entries, coalesce(min(s.ordinal) || ' to ' || max(s.ordinal) || ', ' || count(s.id), 'none')
FROM settlements_insuranceyear y LEFT JOIN settlements_settlement s ON s.year_id = y.id
GROUP BY y.id
HAVING count(s.id) <> y.entries
  OR (y.entries > 0 AND (min(s.ordinal) <> 1 OR max(s.ordinal) <> y.entries OR count(DISTINCT s.ordinal) <> y.entries))"""

CLEARINGS = """
WITH s AS (
  SELECT c.id AS clearing_id, e.area_id, e.care_area_id, count(*) AS entries, sum(e.fund) AS fund
  FROM settlements_clearing c JOIN settlements_settlement e
    ON e.settled_on >= c.month AND e.settled_on < (c.month + interval '1 month')::date
  WHERE e.channel = 'direct' AND e.care_area_id <> e.area_id
  GROUP BY c.id, e.area_id, e.care_area_id
), l AS (SELECT clearing_id, area_id, care_area_id, entries, fund FROM settlements_clearingline)
SELECT 'clearing ' || to_char(c.month, 'YYYY-MM') || ' ' || coalesce(l.area_id, s.area_id) || ' for ' || coalesce(l.care_area_id, s.care_area_id),
  coalesce(l.entries, 0) || ' entries ' || coalesce(l.fund, 0), coalesce(s.entries, 0) || ' entries ' || coalesce(s.fund, 0)
FROM l FULL JOIN s USING (clearing_id, area_id, care_area_id) JOIN settlements_clearing c ON c.id = coalesce(l.clearing_id, s.clearing_id)
WHERE (coalesce(l.entries, 0), coalesce(l.fund, 0)) <> (coalesce(s.entries, 0), coalesce(s.fund, 0))
UNION ALL
SELECT 'clearing ' || to_char(c.month, 'YYYY-MM'), c.entries || ' entries ' || c.fund,
  coalesce(sum(l.entries), 0) || ' entries ' || coalesce(sum(l.fund), 0)
FROM settlements_clearing c LEFT JOIN settlements_clearingline l ON l.clearing_id = c.id
GROUP BY c.id HAVING (c.entries, c.fund) <> (coalesce(sum(l.entries), 0), coalesce(sum(l.fund), 0))"""

# A list imported after its day was over was compared with all the day's entries, and they cannot have changed since. Only the
# last list counts: one taken in the first moments of the next day may have been too early for a bill of the last.
DAYS = """
SELECT 'day ' || r.on || ' of ' || r.institution_id,
  r.entries || ' entries ' || (r.sums->'here'->>'total') || ' fund ' || (r.sums->'here'->>'fund'),
  count(s.id) || ' entries ' || coalesce(sum(s.total), 0.00) || ' fund ' || coalesce(sum(s.fund), 0.00)
FROM (SELECT DISTINCT ON (institution_id, "on") * FROM settlements_reconciliation ORDER BY institution_id, "on", imported_at DESC, id DESC) r
LEFT JOIN settlements_settlement s
  ON s.institution_id = r.institution_id AND s.settled_on = r.on AND s.channel = 'direct'
WHERE (r.imported_at AT TIME ZONE 'Asia/Shanghai')::date > r.on
GROUP BY r.id, r.on, r.institution_id, r.entries, r.sums
HAVING (r.entries, (r.sums->'here'->>'total')::numeric, (r.sums->'here'->>'fund')::numeric, (r.sums->'here'->>'cash')::numeric)
  <> (count(s.id), coalesce(sum(s.total), 0), coalesce(sum(s.fund), 0), coalesce(sum(s.cash), 0))"""

# An entry that stands in no institution's day, or in another than it was made on, would be in no list or the wrong one.
PLACED = """
SELECT 'settlement ' || number, coalesce(institution_id, 'no institution') || ' ' || settled_on,
  'made on ' || (settled_at AT TIME ZONE 'Asia/Shanghai')::date
FROM settlements_settlement
WHERE channel = 'direct' AND (institution_id IS NULL OR settled_on <> (settled_at AT TIME ZONE 'Asia/Shanghai')::date)"""


def _count(table: str, where: str = "true") -> str:
    return f"SELECT count(*) FROM settlements_{table} WHERE {where}"


CHECKS = (
    Check("years are the sums of their entries", _count("insuranceyear"), YEARS),
    Check("counters are the sums of their entries", _count("yearcounter"), COUNTERS),
    Check("the entries of a year are numbered without a gap", _count("insuranceyear"), ORDINALS),
    Check("reversals are equal and opposite", _count("settlement", "reverses_id IS NOT NULL OR status <> 'settled'"), REVERSALS),
    Check("total = fund + account + cash", _count("settlement"), TOTALS),
    Check("personal accounts spent what the entries say", "SELECT count(*) FROM accounts_enrollment", ACCOUNTS),
    Check("frozen clearings are the sums of their entries", _count("clearing"), CLEARINGS),
    Check("every direct entry stands in an institution's day", _count("settlement", "channel = 'direct'"), PLACED),
    Check("days compared with hospitals are the sums of their entries", _count("reconciliation"), DAYS),
)  # fmt: skip


def prove() -> Iterator[Finding]:
    """Run every check, all of them on the same state of the database however much is settled meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        if len(connection.atomic_blocks) == 1:  # a test stands in a transaction of its own
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for check in CHECKS:
            cursor.execute(check.counted)
            checked = cursor.fetchone()[0]
            cursor.execute(FIRST.format(wrong=check.wrong))
            rows = cursor.fetchall()
            named = tuple(f"{what}: stored {stored}, by the entries {given}" for what, stored, given, _all in rows)
            yield Finding(check.title, checked, rows[0][3] if rows else 0, named)


# Entries: each again, from its stored input and by its stored policy, equal to the fen (`replay_settlements`)

CHUNK = 500


@dataclass
class Replay:
    """How many entries came out equal, and what is different about the others."""

    equal: int = 0
    different: list[str] = field(default_factory=list)


def replay(rows: QuerySet[Settlement] | None = None) -> Replay:
    """Compute every entry again. A reversal must be the equal and opposite of what it reverses."""
    outcome = Replay()
    entries = Settlement.objects.all() if rows is None else rows
    for entry in entries.select_related("reverses").order_by("settled_at", "pk").iterator(CHUNK):
        problems = [*(_reversal(entry) if entry.reverses else _settlement(entry))]
        outcome.equal += not problems
        outcome.different += [f"{entry.number}: {problem}" for problem in problems]
    return outcome


def _reversal(entry: Settlement) -> Iterator[str]:
    assert entry.reverses is not None
    for name in AMOUNTS:
        if getattr(entry, name) + getattr(entry.reverses, name):
            yield f"{name} is {getattr(entry, name)}, it reverses {getattr(entry.reverses, name)}"


def _settlement(entry: Settlement) -> Iterator[str]:
    result = adjudicated_again(entry)
    if result is None:
        yield f"policy {entry.policy} ({entry.policy_sha256[:12]}) is not stored any more"
        return
    if result.refused:
        yield f"is refused now ({result.refused}): {result.reason}"
        return
    yield from _differences(entry, result)


def _differences(entry: Settlement, result: Result) -> Iterator[str]:
    for name in AMOUNTS:
        if getattr(entry, name) != result.amounts[name]:
            yield f"{name} is {getattr(entry, name)}, computed again {result.amounts[name]}"
    if lines(result) != entry.lines:
        yield "the lines of the explanation differ"
