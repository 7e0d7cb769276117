"""Who calls: the hospital whose key signed, or in the sandbox, on the loopback, the one that the envelope names.

A key is made by an administrator, its secret shown once. To roll over, a second one is made, both are valid, and the first is
ended when the hospital signs with the new one.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from ipaddress import ip_address

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.limits import serves
from accounts.models import Account, Role
from core.errors import Forbidden, Invalid, NotFound, WrongState
from gateway import signatures
from gateway.envelope import UNREADABLE, BadMessage
from gateway.models import GatewayKey
from gateway.models.calls import Style, named_account, named_key
from regions.models import Institution

NOT_YOURS = "定点医药机构编号与登录账户不符"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_ORIGIN")
SKEW = timedelta(minutes=15)
MOST_VALID = 2


# Calls


def caller(request: HttpRequest, body: bytes, fixmedins_code: str) -> Account:
    """The interface account of the hospital that calls, with its institution. Raises BadMessage."""
    signed = signatures.read(request.META)
    if signed is None:
        return _unsigned(request, fixmedins_code)
    key = _key(signed.key)
    if key is None or key.style != signed.style or not signatures.holds(signed, request.META, body, key.secret):
        raise BadMessage(UNREADABLE)
    if signed.at is None or abs(timezone.now() - signed.at) > SKEW:
        raise BadMessage(f"{UNREADABLE}：签名时间与本系统相差超过15分钟，请校准时钟")
    _require_unused(signed, body)
    if key.institution_id != fixmedins_code:
        raise BadMessage(NOT_YOURS)
    account = key.account
    account.institution = key.institution
    return account


def _key(name: str) -> GatewayKey | None:
    return named_key.first(name=name, now=timezone.now())


def _require_unused(signed: signatures.Signed, body: bytes) -> None:
    """A signature that was used serves only the same body: whoever caught it cannot have another one done by it.

    One of style ca is over the body itself.
    """
    if signed.style == Style.CA:
        return
    name = _digest("\0".join((signed.style, signed.key, signed.signature.lower())).encode())
    if not serves(name, _digest(body), int(2 * SKEW.total_seconds()) + 60):
        raise BadMessage(f"{UNREADABLE}：签名已用于另一报文")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _unsigned(request: HttpRequest, fixmedins_code: str) -> Account:
    if not _unsigned_is_allowed(request):
        raise BadMessage(UNREADABLE)
    account = named_account.first(username=account_name(fixmedins_code))
    if account is not None and account.institution_id == fixmedins_code:
        return account
    institution = Institution.objects.select_related("area__parent").filter(code=fixmedins_code).first()
    if institution is None:
        raise BadMessage(NOT_YOURS)
    return interface_account(institution)


def _unsigned_is_allowed(request: HttpRequest) -> bool:
    """Outside production, in the sandbox, from this very machine: no proxy, no page of a browser."""
    if not settings.GATEWAY_UNSIGNED or any(header in request.META for header in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def account_name(code: str) -> str:
    return f"interface-{code.lower()}"


def interface_account(institution: Institution) -> Account:
    """The account as which a hospital's system acts; nobody can sign in to it."""
    account, _made = Account.objects.select_related("institution__area__parent").get_or_create(
        username=account_name(institution.code),
        defaults={"role": Role.HOSPITAL, "institution": institution, "name": "医保接口", "password": "!"},
    )
    return account


# Keys


def make_key(administrator: Account, institution_code: str, style: str) -> tuple[GatewayKey, str]:
    """A new key of an institution, and its secret, which nobody is shown again.

    Raises Forbidden; Invalid; NotFound; WrongState `two_keys` (of each institution two are valid at once).
    """
    _require_administrator(administrator)
    if style not in Style.values:
        raise Invalid("请选择签名方式。", code="style_unknown", attr="style")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        rows = Institution.objects.select_for_update(no_key=True).filter(code=institution_code.strip().upper())
        institution = rows.first()
        if institution is None:
            raise NotFound("没有这家医疗机构，请核对编码。", code="institution_unknown", attr="institution")
        if GatewayKey.objects.valid(timezone.now()).filter(institution=institution).count() >= MOST_VALID:
            raise WrongState("该机构已有两个有效的密钥，请先停用其中一个。", code="two_keys")
        key = GatewayKey.objects.create(
            name=f"{institution.code}-{secrets.token_hex(4)}",
            institution=institution,
            account=interface_account(institution),
            style=style,
            secret=secret,
            created_by=administrator,
        )
    return key, secret


def end_key(administrator: Account, key: GatewayKey) -> None:
    """From now on nothing signed by it is taken; who ended it first is on record. Raises Forbidden."""
    _require_administrator(administrator)
    now = timezone.now()
    GatewayKey.objects.valid(now).filter(pk=key.pk).update(ends_at=now, ended_by=administrator)


def _require_administrator(account: Account) -> None:
    if account.role != Role.ADMIN:
        raise Forbidden("只有系统管理员可以管理接口密钥。")
