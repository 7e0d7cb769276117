"""What a password of the staff may be, and what follows when it changes. Django's validators judge length and common ones."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.security.sessions import end_places
from core.text import spell
from regions.models import Agency

HOUSE = ("yidi", "异地")
SHORTEST = 3
"""A name of two letters is in many a good password."""


class OwnWords:
    """Refuses a password with a word that whoever knows the person would try: name, account, place of work, this house."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Raise ValidationError `password_own_words`."""
        typed = "".join(password.casefold().split())
        if any(word in typed for word in _words(user)):
            raise ValidationError(
                _("密码不能包含姓名、用户名、单位或系统的名称（包括拼音），请换一个。"), code="password_own_words"
            )

    def get_help_text(self) -> str:
        return _("不能包含姓名、用户名、单位或系统的名称（包括拼音）。")


def _words(user: Account | None) -> Iterator[str]:
    """What is refused, in small letters, Chinese also by its sound."""
    for name in (*HOUSE, *(_names(user) if user else ())):
        written = "".join(name.casefold().split())
        if len(written) >= SHORTEST or not written.isascii():
            yield written
        if not written.isascii() and len(sound := spell(name).pinyin) >= SHORTEST:
            yield sound


def _names(user: Account) -> Iterator[str]:
    yield from filter(None, (user.username, user.name, user.nickname))
    if user.area_id is not None and user.area is not None:
        yield from (user.area.name, user.area.name.rstrip("省市区"))
        yield from Agency.objects.filter(area=user.area_id).values_list("name", flat=True)
    if user.institution_id is not None and user.institution is not None:
        yield user.institution.name


class EndsSignIns:
    """One of Django's password validators, for what it does after a change: what the old password opened is over."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Any password is fine here; the other validators judge it."""

    def password_changed(self, password: str, user: Account) -> None:
        end_places(user)

    def get_help_text(self) -> str:
        return _("修改后，其他设备上的登录随即失效。")
