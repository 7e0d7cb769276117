"""How an account wants to be reached outside the inbox: by WeChat, by text message, and which subscribe messages it agreed to.

WeChat's one-time subscription (一次性订阅) lets us send one message for each time somebody accepts it in
`wx.requestSubscribeMessage`; the client tells us what was answered, and WeChat has the last word (43101).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import wechat
from accounts.models import Account, Consent
from accounts.services.mandates import identity_of
from core.errors import Invalid

ACCEPTED, BANNED = "accept", "ban"
MOST_LEFT = 99


@dataclass(frozen=True)
class Template:
    """A subscribe message that can be agreed to: its id at WeChat, the kinds of messages it is for, how many may still be sent."""

    template: str
    kinds: list[str]
    left: int


def choose_channels(account: Account, **by: bool | None) -> None:
    """Switch `by_wechat` or `by_sms` on or off; None leaves it as it is. The inbox has every message all the same."""
    changed = {name: value for name, value in by.items() if value is not None}
    if changed:
        Account.objects.filter(pk=account.pk).update(**changed)
        for name, value in changed.items():
            setattr(account, name, value)


def templates_of(account: Account) -> list[Template]:
    """The subscribe messages of this deployment, in the order of its settings."""
    left = dict(Consent.objects.filter(account=account).values_list("template", "left"))
    return [Template(template, kinds, left.get(template, 0)) for template, kinds in wechat.subscriptions().items()]


def telephone_of(account: Account) -> str:
    """Where a text message to an account goes: the telephone in the register of the person it is; empty: nowhere."""
    person = identity_of(account)
    return str(person.phone) if person else ""


def record_consents(account: Account, answers: Iterable[tuple[str, str]]) -> None:
    """Note what somebody answered in WeChat's dialog: each acceptance is one more message; a ban ends what was left.

    Raises Invalid `template_unknown`.
    """
    answers = list(answers)
    if not {template for template, _answer in answers} <= set(wechat.subscriptions()):
        raise Invalid(_("没有这个订阅消息模板，请刷新后再试。"), code="template_unknown", attr="results")
    for template, answer in answers:
        Consent.objects.get_or_create(account=account, template=template)
        row = Consent.objects.filter(account=account, template=template)
        row.update(asked_at=timezone.now())
        if answer == ACCEPTED:
            row.filter(left__lt=MOST_LEFT).update(left=F("left") + 1)
        elif answer == BANNED:
            row.update(left=0)


def use_consent(account: Account, template: str) -> bool:
    """Take one message off what the account agreed to; False: nothing is left. A long-term subscription lasts."""
    agreed = Consent.objects.filter(account=account, template=template, left__gt=0)
    if wechat.is_long_term(template):
        return agreed.exists()
    return bool(agreed.update(left=F("left") - 1))


def return_consent(account: Account, template: str) -> None:
    """Nothing was sent after all: the message may still be."""
    if not wechat.is_long_term(template):
        Consent.objects.filter(account=account, template=template).update(left=F("left") + 1)


def end_consent(account: Account, template: str) -> None:
    """WeChat says that nothing is left, whatever was told us."""
    Consent.objects.filter(account=account, template=template).update(left=0)
