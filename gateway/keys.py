"""Who calls: the hospital whose key signed, or in the sandbox, on the loopback, the one that the envelope names."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from accounts.models import Account, Role
from gateway.envelope import UNREADABLE, BadMessage
from regions.models import Institution

NOT_YOURS = "定点医药机构编号与登录账户不符"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_ORIGIN")


def caller(request: HttpRequest, body: bytes, fixmedins_code: str) -> Account:
    """The interface account of the hospital that calls, with its institution. Raises BadMessage."""
    if not _unsigned_is_allowed(request):
        raise BadMessage(UNREADABLE)
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


def interface_account(institution: Institution) -> Account:
    """The account as which a hospital's system acts; nobody can sign in to it."""
    account, _made = Account.objects.select_related("institution__area__parent").get_or_create(
        username=f"interface-{institution.code.lower()}",
        defaults={"role": Role.HOSPITAL, "institution": institution, "name": "医保接口", "password": "!"},
    )
    return account
