"""Monthly clearing (月度清算) between insured areas and care areas, from the direct entries of the month across areas.

The insured area's fund owes the care area what was paid there in its name: the sum of `fund`, reversals taken off. Two areas
that owe each other are netted. An entry belongs to the month in which it was made (`settled_on`), so a month that is over
cannot change. Claims (paid by the insured area itself) and care in the insured area's own pool are no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from accounts.models import Account, Role
from core import clock
from core.errors import Forbidden, WrongState
from settlements.models import Channel, Clearing, ClearingLine, Settlement, SettlementQuerySet

NOTHING = Decimal("0.00")
PATIENCE = "5s"  # whoever settles waits behind us meanwhile
LAST_WRITES = timedelta(minutes=10)
"""What is written takes its day a moment before it takes its lock: so long after midnight nobody writes the last day any more."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What the insured area `area` owes for care in `care_area`, in yuan, over so many entries."""

    area: str
    care_area: str
    entries: int
    fund: Decimal


@dataclass(frozen=True, slots=True)
class Net:
    """Two areas: `payer` pays `payee` the `amount` (0: they are quits), `owes` less `owed_back`."""

    payer: str
    payee: str
    amount: Decimal
    owes: Decimal
    owed_back: Decimal
    entries: int


@dataclass(frozen=True, slots=True)
class Balance:
    """An area: what it owes as insured area, what it is owed as care area, and the difference. All balances sum to zero."""

    area: str
    owes: Decimal
    owed: Decimal

    @property
    def amount(self) -> Decimal:
        return self.owed - self.owes


def following(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def across(month: date) -> SettlementQuerySet:
    """The direct entries between two areas that were made in the month."""
    rows = Settlement.objects.filter(channel=Channel.DIRECT, settled_on__gte=month, settled_on__lt=following(month))
    return rows.filter(care_area__isnull=False).exclude(care_area=F("area"))


def owed(account: Account, month: date) -> list[Owed]:
    """What each area owes each other: all to administrators, to reviewers what their own area owes or is owed."""
    rows = across(month).order_by().values_list("area", "care_area")
    return _lines(_theirs(account, rows.annotate(Count("pk"), Sum("fund"))))


def stored(account: Account, clearing: Clearing) -> list[Owed]:
    """The same, as it was frozen."""
    lines = _theirs(account, ClearingLine.objects.filter(clearing=clearing))
    return _lines(lines.values_list("area", "care_area", "entries", "fund"))


def _theirs(account: Account, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    if account.role == Role.ADMIN:
        return rows
    if account.role in (Role.REVIEWER, Role.SUPERVISOR):
        return rows.filter(Q(area=account.area_id) | Q(care_area=account.area_id))
    return rows.none()


def _lines(rows: Iterable[tuple[str, str, int, Decimal]]) -> list[Owed]:
    return sorted((Owed(*row) for row in rows), key=lambda one: (one.area, one.care_area))


def netted(lines: Iterable[Owed]) -> list[Net]:
    """One row for every two areas, the largest first."""
    between: dict[tuple[str, str], list[Owed]] = defaultdict(list)
    for one in lines:
        between[min(one.area, one.care_area), max(one.area, one.care_area)].append(one)
    return sorted((_net(*pair, both) for pair, both in between.items()), key=lambda net: (-net.amount, net.payer))


def _net(first: str, second: str, lines: list[Owed]) -> Net:
    forth = sum((one.fund for one in lines if one.area == first), NOTHING)
    back = sum((one.fund for one in lines if one.area == second), NOTHING)
    count = sum(one.entries for one in lines)
    if back > forth:
        return Net(second, first, back - forth, back, forth, count)
    return Net(first, second, forth - back, forth, back, count)


def balances(lines: Iterable[Owed]) -> list[Balance]:
    """Every area's position."""
    owes: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    due: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for one in lines:
        owes[one.area] += one.fund
        due[one.care_area] += one.fund
    return [Balance(area, owes[area], due[area]) for area in sorted({*owes, *due})]


def over(month: date) -> bool:
    """Whether the month is over by business time."""
    return clock.today() >= following(month)


def closable(month: date) -> bool:
    """Whether the month is over, and so is all that was begun on its last day."""
    midnight = datetime.combine(following(month), time(), clock.SHANGHAI)
    return clock.now() >= midnight + LAST_WRITES


def freeze(account: Account, month: date) -> Clearing:
    """Close a month for ever: its lines are kept as they are.

    Raises Forbidden (no administrator), WrongState `month_not_over`, `already_frozen` (also if a rival was quicker), `busy`.
    """
    if account.role != Role.ADMIN:
        raise Forbidden(_("只有系统管理员可以关账。"))
    if not closable(month):
        raise WrongState(_("该月份还没有结束，请在次月1日0时10分以后关账。"), code="month_not_over")
    try:
        _wait_for_writers()
        with transaction.atomic():
            return _frozen(account, month)
    except IntegrityError as error:
        raise WrongState(_("该月份已经关账，不能再次关账。"), code="already_frozen") from error
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise WrongState(_("结算正忙，没有关账，请稍后再试。"), code="busy") from error
        raise


def _wait_for_writers() -> None:
    """Let all who are writing entries now come to their end; whoever begins afterwards writes a later month's, so nobody is held up longer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        cursor.execute("SELECT hold_entries()")


def _frozen(account: Account, month: date) -> Clearing:
    lines = owed(account, month)
    clearing = Clearing.objects.create(
        month=month,
        entries=sum(one.entries for one in lines),
        fund=sum((one.fund for one in lines), NOTHING),
        frozen_by=account,
        frozen_at=clock.now(),
    )
    ClearingLine.objects.bulk_create(
        ClearingLine(
            clearing=clearing, area_id=one.area, care_area_id=one.care_area, entries=one.entries, fund=one.fund
        )
        for one in lines
    )
    return clearing


def changed(frozen: Iterable[Owed], now: Iterable[Owed]) -> list[tuple[Owed, Owed]]:
    """Where the entries no longer give what was frozen: (frozen, now) for every such pair of areas. There should be none."""
    before = {(one.area, one.care_area): one for one in frozen}
    after = {(one.area, one.care_area): one for one in now}
    pairs = sorted({*before, *after})
    both = [(before.get(pair, Owed(*pair, 0, NOTHING)), after.get(pair, Owed(*pair, 0, NOTHING))) for pair in pairs]
    return [(old, new) for old, new in both if old != new]
