"""How a material is shown: with short-lived signed links to what is stored, for `<img src>` and downloads, which carry no token.

A link is bound to one material, one purpose, one account and the token it was made under: it ends after ten minutes of machine
time, and at once when the account signs out there. It opens nothing by itself: whoever follows it must still be allowed to see the case (`reviews.materials.api`).
"""

from __future__ import annotations

import hashlib
import time
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.models import AuthToken

from accounts.models import Account
from core.errors import Forbidden
from reviews.materials import bodies
from reviews.models import Material

LIFETIME = 600
STEP = 300
ROUTES = {"file": "material-file", "thumbnail": "material-thumbnail"}


def present(material: Material, account: Account) -> bodies.Material:
    """Return API.md's shape of a material, its links made for `account`. Asks the database nothing."""
    return {
        "id": str(material.id),
        "kind": material.kind,
        "status": material.status,
        "filename": material.filename,
        "size": material.size,
        "content_type": material.content_type,
        "pages": material.pages,
        "thumbnail": signed_url(material, account, thumbnail=True),
        "url": signed_url(material, account),
        "problem": material.problem,
        "detail": str(bodies.SENTENCES.get(material.problem, "")),
        "created_at": material.created_at,
    }


def signed_url(material: Material, account: Account, *, thumbnail: bool = False) -> str | None:
    """Return the path of a link that works for `account` for five to ten minutes; None while there is nothing to show.

    The end is rounded, so that a page asking again shows the picture it has.
    """
    purpose = "thumbnail" if thumbnail else "file"
    if material.status != Material.State.READY:
        return None
    ends = (int(time.time()) // STEP) * STEP + LIFETIME
    under = [_mark(account.signed_in_with)] if account.signed_in_with else []
    signature = _signer(material.id, purpose).sign(".".join([account.pk.hex, str(ends), *under]))
    return f"{reverse(ROUTES[purpose], args=[material.id])}?sig={signature}"


def account_of(signature: str, *, material_id: UUID, purpose: str) -> UUID:
    """Return the account a link was made for.

    Raises Forbidden `link_expired`: tampered, for something else, too old, or made under a token that is dead.
    """
    try:
        account, ends, *token = _signer(material_id, purpose).unsign(signature).split(".")
    except (BadSignature, ValueError):
        raise _expired() from None
    owner = UUID(account)
    if int(ends) <= time.time() or (token and not _is_alive(owner, token[0])):
        raise _expired()
    return owner


def _mark(digest: str) -> str:
    """What names a token in a link without giving it away."""
    return hashlib.sha256(digest.encode()).hexdigest()[:16]


def _is_alive(account: UUID, mark: str) -> bool:
    """Whether the token with this mark still signs the account in."""
    digests = AuthToken.objects.filter(user=account, expiry__gt=timezone.now()).values_list("digest", flat=True)
    return any(_mark(digest) == mark for digest in digests)


def _signer(material_id: UUID, purpose: str) -> Signer:
    return Signer(salt=f"reviews.materials.{purpose}.{material_id}")


def _expired() -> Forbidden:
    return Forbidden(_("链接已失效，请刷新页面后重试。"), code="link_expired")
