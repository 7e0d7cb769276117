"""`manage.py load_demo_bills`: a handful of settled bills, so that the demo's pages are not empty.

They stand in `data/demo_bills.yaml` and are settled by the services at moments that lie behind the clock; sandbox only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Account
from accounts.services import find_registered
from core import clock
from core.errors import Refusal
from settlements.bills import SettleInput
from settlements.models import Settlement
from settlements.services import reverse, settle

BILLS = Path(__file__).parents[2] / "data" / "demo_bills.yaml"
AT_THE_TILL, CORRECTED = time(10, 30), timedelta(hours=5)
log = logging.getLogger(__name__)
REASON = "演示：未带手机"


def load_bills() -> int:
    """Settle the bills that are not there yet, the earliest first; returns how many. What is refused is left out, and logged."""
    return sum(_try(entry, day) for entry, day in _in_order(clock.today()))


def _in_order(today: date) -> Iterator[tuple[dict[str, Any], date]]:
    entries = yaml.safe_load(BILLS.read_text("utf-8"))
    for entry in sorted(entries, key=lambda each: -each["days_ago"][-1]):
        yield entry, today - timedelta(days=entry["days_ago"][-1])


def _try(entry: dict[str, Any], day: date) -> bool:
    """Whether a bill was new, and settled: no demo is worth a start that fails."""
    number = entry["bill"]["bill_number"]
    till = Account.objects.filter(username=entry["till"]).first()
    if till is None or Settlement.objects.filter(institution=till.institution_id, bill_number=number).exists():
        return False
    try:
        _load(entry, till, day)
    except Refusal as refused:
        log.warning("demo_bill_refused", extra={"bill": number, "problem": refused.code})
        return False
    return True


@transaction.atomic
def _load(entry: dict[str, Any], till: Account, day: date) -> None:
    """Settle a bill on its day, and reverse and correct it where the entry says so."""
    moment = datetime.combine(day, AT_THE_TILL, clock.SHANGHAI)
    with clock.standing_at(moment):
        request = SettleInput.of(_sent(entry, day))
        person = find_registered(**entry["person"], account=till)
        settled = settle(till, request, person=person.pk)
    if "reversed" in entry:
        with clock.standing_at(moment + CORRECTED):
            reverse(till, settled, reason=entry["reversed"])
            again = SettleInput.of(_sent(entry, day) | {"cost": entry["corrected"]})
            settle(till, again, person=person.pk)


def _sent(entry: dict[str, Any], day: date) -> dict[str, Any]:
    """What the till sends: the bill with its days."""
    stays = {"discharged_on": day.isoformat()} if entry["bill"]["care"] == "inpatient" else {}
    first = day - timedelta(days=entry["days_ago"][0] - entry["days_ago"][-1])
    return {
        **entry["bill"],
        "identity": {**entry["person"], "reason": REASON},
        "admitted_on": first.isoformat(),
        **stays,
    }


class Command(BaseCommand):
    help = "结算演示账单（参保人和医院须已由 load_demo 载入）；可重复运行，已有的不动。"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("演示账单只能在沙箱中载入。")
        made = load_bills()
        if options["verbosity"]:
            self.stdout.write(f"演示账单：新结算 {made} 笔")
