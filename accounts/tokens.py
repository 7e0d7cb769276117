"""The bearer token: opaque, stored hashed (knox), expiring, dead at once when revoked."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import Account


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer TOKEN`, stored hashed (knox); a malformed token is a wrong one."""

    def authenticate_credentials(self, token: bytes) -> tuple[Account, AuthToken]:
        if not token.isalnum():
            raise AuthenticationFailed
        found: tuple[Account, AuthToken] = super().authenticate_credentials(token)
        return found


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names the token."""

    target_class = "accounts.tokens.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def purge_tokens() -> int:
    """Delete the tokens that have expired; return how many."""
    deleted: int = AuthToken.objects.filter(expiry__lt=timezone.now()).delete()[0]
    return deleted
