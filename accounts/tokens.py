"""The bearer token: opaque, stored hashed (knox), expiring, dead at once when revoked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import Account
from core import clock
from core.models import ClockState
from core.prepared import Param, PreparedQuery
from core.retention import Retention

LIVE = Q(expiry__isnull=True) | Q(expiry__gt=Param("now"))


def _by_digest() -> QuerySet[AuthToken]:
    tokens: QuerySet[AuthToken] = AuthToken.objects.select_related("user").filter(LIVE, digest=Param("digest"))
    return tokens


TOKEN = PreparedQuery(_by_digest)
TOKEN_AND_CLOCK = PreparedQuery(lambda: ClockState.objects.along(_by_digest()))
"""Where time is simulated, a request reads the clock's state beside its token, not by a statement of its own."""


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer TOKEN`, stored hashed (knox); a malformed token is a wrong one.

    One query by the hash, whatever else the account is signed in with; expired tokens are purged by the beat.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Account, AuthToken]:
        try:
            digest = hash_token(token.decode())
        except ValueError as error:
            raise AuthenticationFailed from error
        row = _live_token(digest)
        if row is None:
            raise AuthenticationFailed
        valid: tuple[Account, AuthToken] = self.validate_user(row)
        valid[0].signed_in_with = valid[1].digest
        return valid


def _live_token(digest: str) -> AuthToken | None:
    if not settings.SIMULATION:
        return TOKEN.first(digest=digest, now=timezone.now())
    token = TOKEN_AND_CLOCK.first(digest=digest, now=timezone.now())
    if token is not None:
        clock.told_by(token)
    return token


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
