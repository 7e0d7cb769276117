"""The visits of a newborn go over to the person it is, when both are united (`accounts.services.uniting`)."""

from __future__ import annotations

from accounts.services.uniting import Union
from core.errors import WrongState
from gateway.models import KnownPerson, Visit
from gateway.models.visits import stays_of


def hand_over(union: Union) -> None:
    """Each hospital's number of the newborn leads to the person; where it has one of the person's too, visits go over to that.

    The newborn's own stays as a second name: hospitals go on sending it (`known_person`, `visit_for`).

    Raises WrongState `merger_doubles` where both lie in hospital.
    """
    if all(stays_of(person=each.pk) for each in (union.newborn, union.person)):
        raise WrongState("两边都有住院登记，请先由医院撤销其中一个，再合并。", code="merger_doubles")
    rows = KnownPerson.objects.filter(person__in=[union.newborn, union.person]).order_by("pk")
    cards = list(rows.select_for_update(nowait=True))
    own = {card.institution_id: card for card in cards if card.person_id == union.person.pk}
    list(Visit.objects.filter(person=union.newborn).order_by("pk").select_for_update(nowait=True))
    for card in cards:
        if card.person_id == union.newborn.pk:
            _hand_over(card, own.get(card.institution_id), union)
    Visit.objects.filter(person=union.newborn).update(person=union.person)


def _hand_over(card: KnownPerson, other: KnownPerson | None, union: Union) -> None:
    if other is None:
        card.person = union.person
        card.save(update_fields=["person"])
        return
    Visit.objects.filter(known=card).update(known=other)
