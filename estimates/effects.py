"""What the approval of a case changes for the patient, by a typical bill before and after it: shown to the reviewer.

A filing or a referral is measured by an ordinary stay at its destination, a recognition by a month of care for its disease.
The year so far is that of the bills settled here; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext as _

from accounts.models import Enrollment
from chronic.models import Recognition
from chronic.standing import standing
from core import clock
from estimates.estimating import Facts, ordinals, travelling, year_before
from filings.filing_case import Place
from filings.models import Filing
from filings.travel import is_home, travel_status
from policies.engine import Case, Compiled, Result, settle
from policies.language.examples import Cost
from policies.language.filing_rules import ORDER
from policies.language.filing_types import TypeRules
from policies.language.omissions import each_once, omissions_text
from policies.language.terms import TRAVEL_LABELS, Travel
from policies.published import compiled, policy_of
from referrals.models import Referral
from regions.models import Area
from reviews.effects import Effect, Side
from reviews.models import Kind, Status
from settlements import facts
from settlements.accumulators import ZERO, Recorded, starts_on

STAY, MONTH = Decimal(20000), Decimal(1000)
LEVEL = 3


@dataclass(frozen=True, slots=True)
class Bill:
    """A typical bill of somebody, under the policy of the day."""

    enrollment: Enrollment
    policy: Compiled
    recorded: Recorded
    known: Facts
    cost: Cost

    @classmethod
    def of(cls, enrollment: Enrollment, known: Facts, total: Decimal, on: date) -> Bill:
        """Raises NotFound `policy_unknown`."""
        published = policy_of(enrollment.area_id, on)
        recorded = Recorded.of(enrollment, starts_on(published.file.year_starts, on), on.month)
        every = {**facts.of_enrollment(enrollment, on), **known}
        return cls(enrollment, compiled(published), recorded, {**every, **ordinals(recorded, every)}, Cost(total=total))

    def settled(self, travel: str, **known: Any) -> Result:
        """The bill as it is settled under a travel status."""
        stated = travelling(travel, {**self.known, **known}, self.enrollment.area_id)
        year = year_before(self.policy, stated, self.recorded)
        return settle(self.policy, Case(facts=stated, cost=self.cost, year_to_date=year, account_balance=ZERO))

    def own(self, result: Result) -> Decimal | None:
        """What the patient pays: all of a bill that is not covered; None where no source says."""
        if result.refused is None:
            return result.amounts["own"]
        return None if result.refused == "not_known" else self.cost.total


def of_submission(row: Any) -> Effect | None:
    """While it waits for its decision: of a filing, a referral, a recognition."""
    effect = EFFECTS.get(row.kind)
    return effect(row) if effect and row.status == Status.SUBMITTED else None


def _of_filing(filing: Filing) -> Effect | None:
    kind = filing.rules.types[filing.type]  # type: ignore[index]
    return _of_stay(filing.enrollment, filing.destination, kind, {"filed_by": filing.filed_by}, filing.starts_on)


def _of_referral(referral: Referral) -> Effect | None:
    """It makes the filing it is good for."""
    kind = referral.rules.types["referral"]
    return _of_stay(referral.enrollment, referral.destination, kind, {"referred": True}, referral.issued_on)


def _of_stay(enrollment: Enrollment, there: Area, kind: TypeRules, by_it: Facts, begins: date) -> Effect | None:
    """A stay in a hospital of the highest level, on the first day that counts: as things stand, and with the filing."""
    place, on = Place.of(there), max(begins, clock.today())
    if is_home(enrollment.area, place) or "inpatient" not in kind.covers:
        return None
    known: Facts = {"care": "inpatient", "level": LEVEL, "destination": place.province or place.code}
    known["distance"] = facts.distance(enrollment.area_id, str(known["destination"]))
    bill = Bill.of(enrollment, known, STAY, on)
    now = travel_status(enrollment, there, on, "inpatient").code
    then = min(now, kind.travel, key=ORDER.index)
    return _effect(
        bill,
        _("到%(place)s三级医院住院一次，费用 %(total)s 元") % {"place": there.name, "total": f"{STAY:,}"},
        (_("不通过：%s") % TRAVEL_LABELS[cast(Travel, now)], bill.settled(now)),
        (_("通过后：%s") % TRAVEL_LABELS[cast(Travel, then)], bill.settled(then, **by_it)),
    )


def _of_recognition(recognition: Recognition) -> Effect | None:
    """A month of outpatient care at home: as an ordinary visit, and as the disease's."""
    enrollment, on = recognition.enrollment, clock.today()
    counted = standing(enrollment, recognition.disease_id, on).diseases
    diseases = max(1, counted + (recognition.predecessor_id is None))
    bill = Bill.of(enrollment, {"care": "outpatient", "level": LEVEL}, MONTH, on)
    chronic = {"care": "chronic", "disease": recognition.disease_id, "diseases_recognised": diseases}
    return _effect(
        bill,
        _("在参保地三级医院门诊治疗%(disease)s一个月，费用 %(total)s 元")
        % {"disease": recognition.disease.name, "total": f"{MONTH:,}"},
        (_("不通过：按普通门诊"), bill.settled("local")),
        (_("通过后：按门诊慢特病"), bill.settled("local", **chronic)),
    )


def _effect(bill: Bill, matter: str, before: tuple[str, Result], after: tuple[str, Result]) -> Effect:
    sides = [Side(label=label, own=bill.own(result)) for label, result in (before, after)]
    results = [before[1], after[1]]
    missing = omissions_text(each_once(result.not_included for result in results))
    notes = dict.fromkeys(text for text in (*(result.reason for result in results), missing) if text)
    return Effect(matter=matter, before=sides[0], after=sides[1], notes=tuple(notes))


EFFECTS: Mapping[str, Callable[[Any], Effect | None]] = {
    Kind.FILING: _of_filing,
    Kind.REFERRAL: _of_referral,
    Kind.RECOGNITION: _of_recognition,
}
