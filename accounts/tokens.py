"""The bearer token: opaque, stored hashed (knox), expiring, dead at once when revoked."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import Account
from core.prepared import Param, PreparedQuery
from core.retention import Retention

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
            valid[0].signed_in_with = valid[1].digest
            return valid
        raise AuthenticationFailed


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names the token."""

    target_class = "accounts.tokens.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def purge_tokens() -> int:
    """Delete the tokens that have expired; return how many."""
    return TOKENS.purge()


TOKENS = Retention(AuthToken, lambda now: Q(expiry__lt=now))
