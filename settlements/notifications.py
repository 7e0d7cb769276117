"""What the patient and those who act for them are told of a bill: at once, in their inbox."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Mandate, Message
from core import bulk, clock
from policies.language.terms import CARE_LABELS
from settlements.models import Settlement


def tell_settled(entry: Settlement, followers: Iterable[Any]) -> None:
    """The bill was split: who paid what. `followers`: the keys of the accounts that act for the person."""
    text = _("%(name)s在%(hospital)s的%(care)s费用%(total)s元已结算：医保基金支付%(fund)s元，个人负担%(own)s元。")
    words = {
        "name": entry.person.masked_name,
        "hospital": entry.institution_name,
        "care": CARE_LABELS[entry.care],  # type: ignore[index]
        "total": entry.total,
        "fund": entry.fund,
        "own": entry.own,
    }
    _tell(followers, entry, entry, "settled", _("医疗费用已结算"), text % words)


def tell_reversed(settlement: Settlement, opposite: Settlement) -> None:
    """It was undone: what that means for the patient."""
    text = _(
        "%(hospital)s的结算%(number)s已冲正，年度累计已恢复。如医院重新结算，会再次通知您；退款请向医院收费处询问。"
    )
    words = {"hospital": settlement.institution_name, "number": settlement.number}
    followers = Mandate.objects.followers_of(settlement.person_id, clock.today())
    _tell(followers, settlement, opposite, "reversed", _("结算已冲正"), text % words)


def _tell(followers: Iterable[Any], about: Settlement, because: Settlement, kind: str, title: str, text: str) -> None:
    key, at = f"{kind}:{because.pk.hex}", because.settled_at
    messages = [
        Message(account_id=account, key=key, kind=kind, title=title, text=text, submission=about.pk, created_at=at)
        for account in followers
    ]
    if messages:
        bulk.insert(messages, ignore_conflicts=True)
