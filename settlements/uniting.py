"""The ledger of a newborn goes over to the person it is, when both are united (`accounts.services.uniting`).

Of an entry only whose it is changes, and in which year it stands: every amount stays, and what it was computed from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.services.uniting import Union
from core.errors import WrongState
from settlements.accumulators import OF_YEAR
from settlements.models import COUNTED, InsuranceYear, Settlement, YearCounter


def hand_over(union: Union) -> None:
    """Every insurance year with its entries and counters; of a year that both have, the sums are added up.

    Raises WrongState `merger_doubles` where bills of both stand in one year: each was split as if the other were not there.
    """
    rows = InsuranceYear.objects.filter(person__in=[union.newborn, union.person]).order_by("pk")
    years = list(rows.select_for_update(nowait=True))
    own = {_key(year): year for year in years if year.person_id == union.person.pk}
    with _entries_change_hands():
        for year in years:
            if year.person_id == union.newborn.pk:
                _join(year, own.get(_key(year)), union)
        for before, now in union.enrollments.items():
            Settlement.objects.filter(enrollment=before).update(enrollment=now)


@contextmanager
def _entries_change_hands() -> Iterator[None]:
    """Until the block ends, in this transaction alone, the trigger that keeps entries as they are lets them be changed.

    It is said once; `pgtrigger.ignore` would say it anew before every statement, of which none could then be kept (`core.postgresql`).
    """
    ((model, trigger),) = pgtrigger.registered("settlements.Settlement:entries_stay")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{trigger.get_pgid(model)}}}"])
        yield
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")


def _key(year: InsuranceYear) -> tuple[object, ...]:
    return year.area_id, year.insurance, year.starts_on


def _join(year: InsuranceYear, other: InsuranceYear | None, union: Union) -> None:
    entries = Settlement.objects.filter(year=year)
    if other is None:
        year.person = union.person
        year.save()
        entries.update(person=union.person)
        return
    _refuse_doubles(year, other)
    entries.update(person=union.person, year=other, ordinal=F("ordinal") + other.entries)
    _add_counters(year, other)
    for name in ("entries", *OF_YEAR):
        setattr(other, name, getattr(other, name) + getattr(year, name))
    other.save()
    year.delete()


def _refuse_doubles(year: InsuranceYear, other: InsuranceYear) -> None:
    standing = [
        Settlement.objects.standing().filter(year=each).order_by("ordinal").values_list("number", flat=True).first()
        for each in (year, other)
    ]
    if all(standing):
        message = _(
            "两边在同一医保年度都有结算（%(one)s、%(other)s），起付线和封顶线会各算一次。"
            "请先冲正其中一边的结算，合并后用身份证号码重新结算。"
        )
        raise WrongState(message % {"one": standing[0], "other": standing[1]}, code="merger_doubles")


def _add_counters(year: InsuranceYear, other: InsuranceYear) -> None:
    known = {_place(row): row for row in YearCounter.objects.filter(year=other)}
    for row in YearCounter.objects.filter(year=year):
        same = known.get(_place(row))
        if same is None:
            row.year = other
            row.save()
            continue
        for name in COUNTED:
            setattr(same, name, getattr(same, name) + getattr(row, name))
        same.save()
        row.delete()


def _place(row: YearCounter) -> tuple[str, str, int]:
    return row.counter, row.disease, row.month
