"""The certificates by which the register knows a person: the citizen's ID number, and what others have instead.

What each kind looks like, which part of it can be checked, and what it says of its holder. Sources: GB 11643 and its use on
residence permits and on the foreigners' cards of 2023; ICAO 9303 (the check digit of older foreigners' cards); 出入境证件身份认证
(permits and passports); 出生医学证明 (a letter and nine digits).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.id_number import read_id_number
from core import clock
from core.errors import Invalid
from core.text import identity, plain


class CertificateKind(models.TextChoices):
    ID_CARD = "id_card", _("居民身份证")
    RESIDENCE_PERMIT = "residence_permit", _("港澳台居民居住证")
    FOREIGNER = "foreigner", _("外国人永久居留身份证")
    PASSPORT = "passport", _("护照")
    TRAVEL_PERMIT = "travel_permit", _("港澳台居民来往内地（大陆）通行证")
    BIRTH = "birth", _("出生医学证明")


Kind = CertificateKind
NOT_OF_PASSPORTS = ("HK", "MO", "TW")
"""Their people have permits of their own, which name no country."""
SEPARATOR = ":"


class InvalidCertificate(Invalid):
    """400: not a valid certificate; the sentence says which part to look at."""

    code = "certificate_invalid"


@dataclass(frozen=True)
class Certificate:
    """A valid certificate. `country`: three letters, of passports alone."""

    kind: str
    number: str
    country: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other: an 18-digit number stands for itself, as its first digits say whose it is."""
        return self.number if self.eighteen else SEPARATOR.join((self.kind, self.country, self.number))

    @property
    def eighteen(self) -> bool:
        """Whether the number is made like a citizen's, with birth date and sex in it."""
        return len(self.number) == 18

    @property
    def birth_date(self) -> date | None:
        """What the number itself says; None: it does not, the register must."""
        return date.fromisoformat(self.number[6:14]) if self.eighteen else None

    @property
    def sex(self) -> str:
        """`male`, `female`; empty: the number does not say."""
        return ("female", "male")[int(self.number[16]) % 2] if self.eighteen else ""


def from_key(key: str) -> Certificate:
    """The certificate of a key, which was read before."""
    if SEPARATOR not in key:
        return Certificate(kind_of(key), key)
    kind, country, number = key.split(SEPARATOR)
    return Certificate(kind, number, country)


def kind_of(number: str) -> str:
    """Whose an 18-digit number is: 81, 82 and 83 are permits of 港澳台 residents, 9 a foreigner's card."""
    if number[:2] in ("81", "82", "83"):
        return Kind.RESIDENCE_PERMIT
    return Kind.FOREIGNER if number.startswith("9") else Kind.ID_CARD


def read_number(text: str, *, attr: str = "id_number", today: date | None = None) -> Certificate:
    """The certificate with this 18-digit number, whosesoever it is. Raises InvalidIdNumber."""
    number = read_id_number(text, today=today or clock.today(), attr=attr).number
    return Certificate(kind_of(number), number)


def read_certificate(
    kind: str, number: str, country: str = "", *, attr: str = "certificate", today: date | None = None
) -> Certificate:
    """A certificate as it was typed, in its normal form.

    Raises InvalidIdNumber (a wrong number of 18 digits), InvalidCertificate `certificate_invalid`, `country_required`,
    `country_unknown`, `country_needless`.
    """
    where = f"{attr}.number"
    if kind != Kind.PASSPORT and plain(country):
        raise InvalidCertificate(_("只有护照需要填写国家。"), code="country_needless", attr=f"{attr}.country")
    read = READERS[Kind(kind)]
    nation = _country(country, f"{attr}.country") if kind == Kind.PASSPORT else ""
    typed = plain(number).upper() if kind == Kind.PASSPORT else re.sub("[()]", "", identity(number))
    return Certificate(kind, read(typed, where, today), nation)


def _country(text: str, attr: str) -> str:
    """Three letters of a country, whose two or three letters are typed."""
    typed = plain(text).upper()
    if not typed:
        raise InvalidCertificate(_("请选择签发护照的国家。"), code="country_required", attr=attr)
    two = countries.alpha2(typed)
    if not two or two in NOT_OF_PASSPORTS:
        sentence = _("没有这个国家的代码，请从列表中选择；港澳台居民请用居住证或通行证。")
        raise InvalidCertificate(sentence, code="country_unknown", attr=attr)
    return countries.alpha3(two)


def country_choices() -> list[tuple[str, str]]:
    """The countries of passports with their names, in the reader's language and order; China first."""
    rows = [(countries.alpha3(code), str(name)) for code, name in countries if code not in NOT_OF_PASSPORTS]
    return sorted(rows, key=lambda row: row[0] != "CHN")


def country_name(code: str) -> str:
    """The name of a country by its three letters."""
    return str(countries.name(countries.alpha2(code)) or code)


_NUMBERS = re.compile(
    r"[HM]?[0-9]{8}([0-9]{2})?|[A-Z]{1,3}[0-9]{6,9}|[0-9]{9}|[A-Z]{3}[0-9]{12}|[A-Z]?[0-9][A-Z0-9]{7}"
)
_CASES = re.compile(r"J?(20[0-9]{6})")
"""How the numbers of submissions and of settlements begin: with a day."""


def _begins_with_a_day(number: str) -> bool:
    found = _CASES.match(number)
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:
        return False


def sought_number(term: str, *, known: Callable[[str], bool] = lambda number: False) -> str:
    """The certificate's number that a search means, in its normal form; empty: it looks like none, or like a case's.

    A permit's number may begin like a case's, with a day: it is one if somebody is `known` by it.
    """
    number = identity(term)
    if re.fullmatch("[0-9]{17}[0-9X]", number):
        return number
    if "-" in plain(term) or not _NUMBERS.fullmatch(number):
        return ""
    if _begins_with_a_day(number) and not known(number):
        return ""
    return number[:9] if re.fullmatch(r"[HM][0-9]{10}", number) else number


# The form of each kind

Reader = Callable[[str, str, date | None], str]


def _eighteen(kind: Kind, sentence: Promise) -> Reader:
    """A number made like a citizen's, of this kind's own first digits."""

    def read(number: str, attr: str, today: date | None) -> str:
        certificate = read_number(number, attr=attr, today=today)
        if certificate.kind != kind:
            raise InvalidCertificate(sentence, attr=attr)
        return certificate.number

    return read


def _matching(pattern: str, sentence: Promise, shown: Callable[[str], str] = str) -> Reader:
    compiled = re.compile(pattern)

    def read(number: str, attr: str, _today: date | None) -> str:
        if not compiled.fullmatch(number):
            raise InvalidCertificate(sentence, attr=attr)
        return shown(number)

    return read


def _foreigner(number: str, attr: str, today: date | None) -> str:
    """The card of 2023 (9 and 17 more, GB 11643) or an older one: country, place, birth date, and an ICAO check digit."""
    if number.startswith("9"):
        return _NEW_FOREIGNER(number, attr, today)
    read = _OLD_FOREIGNER(number, attr, today)
    if countries.alpha2(read[:3]) == "" or not _is_date(read[7:13]):
        raise InvalidCertificate(_("永久居留身份证号码中的国籍或出生日期不存在，请核对后重新填写。"), attr=attr)
    if icao_check_digit(read[:14]) != read[14]:
        raise InvalidCertificate(_("永久居留身份证号码的校验位不正确，可能有字符填错，请逐位核对。"), attr=attr)
    return read


def _is_date(text: str) -> bool:
    """Whether six digits are a day of some year."""
    try:
        date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return False
    return True


def icao_check_digit(text: str) -> str:
    """The check digit of machine-readable documents (ICAO 9303-3 §4.9): weights 7, 3, 1; letters count from A = 10."""
    return str(sum(int(sign, 36) * (7, 3, 1)[at % 3] for at, sign in enumerate(text)) % 10)


def _lasting(number: str) -> str:
    """The holder's own number: the two digits after it count how often the permit was issued anew."""
    return number[:9] if number[0] in "HM" else number


_NEW_FOREIGNER = _eighteen(Kind.FOREIGNER, _("外国人永久居留身份证号码以9开头，共18位，请核对后重新填写。"))
_OLD_FOREIGNER = _matching(
    r"[A-Z]{3}[0-9]{12}", _("外国人永久居留身份证号码应为9开头的18位，或旧版的3位字母加12位数字，请核对后重新填写。")
)
_PERMIT = _("通行证号码应为H或M加8位数字（港澳），或8位数字（台湾），请核对后重新填写。")

READERS: dict[Kind, Reader] = {
    Kind.ID_CARD: _eighteen(
        Kind.ID_CARD, _("这不是居民身份证的号码，请选择“港澳台居民居住证”或“外国人永久居留身份证”后再填写。")
    ),
    Kind.RESIDENCE_PERMIT: _eighteen(
        Kind.RESIDENCE_PERMIT, _("港澳台居民居住证号码以81、82或83开头，共18位，请核对后重新填写。")
    ),
    Kind.FOREIGNER: _foreigner,
    Kind.PASSPORT: _matching(
        r"(?=.*[0-9])[A-Z0-9][A-Z0-9-]{3,18}[A-Z0-9]", _("护照号码应为5至20位字母和数字，请核对后重新填写。")
    ),
    Kind.TRAVEL_PERMIT: _matching(r"[HM][0-9]{8}([0-9]{2})?|[0-9]{8}", _PERMIT, _lasting),
    Kind.BIRTH: _matching(
        r"[A-Z][0-9]{9}", _("出生医学证明编号应为1位字母加9位数字，印在证明的右上角，请核对后重新填写。")
    ),
}
