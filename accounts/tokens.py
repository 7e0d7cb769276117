"""The bearer token: opaque, stored hashed (knox), expiring, dead at once when revoked."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import Account
from core.prepared import Param, PreparedQuery

LIVE = Q(expiry__isnull=True) | Q(expiry__gt=Param("now"))
TOKEN = PreparedQuery[AuthToken](lambda: AuthToken.objects.select_related("user").filter(LIVE, digest=Param("digest")))


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer TOKEN`, stored hashed (knox); a malformed token is a wrong one.

    One query by the hash, whatever else the account is signed in with; expired tokens are purged by the beat.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Account, AuthToken]:
        try:
            digest = hash_token(token.decode())
        except ValueError as error:
            raise AuthenticationFailed from error
        for token in TOKEN(digest=digest, now=timezone.now()):
            valid: tuple[Account, AuthToken] = self.validate_user(token)
            return valid
        raise AuthenticationFailed


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names the token."""

    target_class = "accounts.tokens.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class EndsTokens:
    """One of Django's password validators, for what it does after a change: the tokens of the old password are dead."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """Any password is fine here; the other validators judge it."""

    def password_changed(self, password: str, user: Account) -> None:
        AuthToken.objects.filter(user=user).delete()

    def get_help_text(self) -> str:
        return _("修改后，其他设备上的登录随即失效。")


def purge_tokens() -> int:
    """Delete the tokens that have expired; return how many."""
    deleted: int = AuthToken.objects.filter(expiry__lt=timezone.now()).delete()[0]
    return deleted
