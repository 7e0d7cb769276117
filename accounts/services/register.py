"""Finding a person in the insured register, without helping those who guess."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from accounts import limits, registry
from accounts.id_number import read_id_number
from accounts.models import Account
from accounts.registry import RegisterRecord
from core import clock
from core.errors import NotFound, Refusal
from core.text import plain_name


def identify(name: str, id_number: str) -> RegisterRecord:
    """Return the register's record of the person with this name and number. Call it inside `guess`.

    Raises InvalidIdNumber, NotFound `not_registered`.
    """
    number = read_id_number(id_number, today=clock.today()).number
    record = registry.register().look_up(number)
    if record is None or plain_name(record.name) != plain_name(name):
        raise NotFound(_("没有查到参保信息，请核对姓名和身份证号码，或联系参保地经办机构。"), code="not_registered")
    return record


@contextmanager
def guess(account: Account, address: str) -> Iterator[None]:
    """Count a miss (NotFound) inside the block as a guess of the account and of its network address.

    Raises TooMany when there were too many, before anything is looked up.
    """
    spent = [(limits.GUESSING_ACCOUNT, str(account.pk)), (limits.GUESSING_ADDRESS, address or str(account.pk))]
    for limit, who in spent:
        limit.spend(who)
    try:
        yield
    except NotFound:
        raise
    except Refusal:
        _give_back(spent)
        raise
    else:
        _give_back(spent)


def _give_back(spent: list[tuple[limits.Limit, str]]) -> None:
    for limit, who in spent:
        limit.refund(who)
