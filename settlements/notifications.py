"""What the patient and those who act for them are told of a bill: at once, in their inbox."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Mandate, Message
from core import bulk, clock
from core.prepared import Param, PreparedQuery
from policies.language.terms import CARE_LABELS
from settlements.models import Settlement

FOLLOWERS = PreparedQuery[Any](
    lambda: Mandate.objects.active_on(Param("day")).filter(person=Param("person")).values_list("account_id", flat=True)
)


def tell_settled(entry: Settlement, insured: Any) -> None:
    """The bill was split: who paid what."""
    text = _("%(name)s在%(hospital)s的%(care)s费用%(total)s元已结算：医保基金支付%(fund)s元，个人负担%(own)s元。")
    words = {
        "name": insured.person.masked_name,
        "hospital": entry.institution_name,
        "care": CARE_LABELS[entry.care],  # type: ignore[index]
        "total": entry.total,
        "fund": entry.fund,
        "own": entry.own,
    }
    _tell(entry, entry, "settled", _("医疗费用已结算"), text % words)


def tell_reversed(settlement: Settlement, opposite: Settlement) -> None:
    """It was undone: what that means for the patient."""
    text = _(
        "%(hospital)s的结算%(number)s已冲正，年度累计已恢复。如医院重新结算，会再次通知您；退款请向医院收费处询问。"
    )
    words = {"hospital": settlement.institution_name, "number": settlement.number}
    _tell(settlement, opposite, "reversed", _("结算已冲正"), text % words)


def _tell(about: Settlement, because: Settlement, kind: str, title: str, text: str) -> None:
    told = [
        Message(
            account_id=account,
            key=f"{kind}:{because.pk.hex}",
            kind=kind,
            title=title,
            text=text,
            submission=about.pk,
            created_at=clock.now(),
        )
        for account in FOLLOWERS(person=about.person_id, day=clock.today())
    ]
    if told:
        bulk.insert(told, ignore_conflicts=True)
