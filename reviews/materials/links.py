"""Short-lived signed links to what is stored: for `<img src>` and downloads, which carry no token.

A link is bound to one material, one purpose and one account, and ends after ten minutes of machine time. It opens nothing by
itself: whoever follows it must still be allowed to see the case (`reviews.material_views`).
"""

from __future__ import annotations

import time
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from core.errors import Forbidden
from reviews.models import Material

LIFETIME = 600
STEP = 300
ROUTES = {"file": "material-file", "thumbnail": "material-thumbnail"}


def signed_url(material: Material, account: Account, *, thumbnail: bool = False) -> str | None:
    """Return the path of a link that works for `account` for five to ten minutes; None while there is nothing to show.

    The end is rounded, so that a page asking again shows the picture it has.
    """
    purpose = "thumbnail" if thumbnail else "file"
    if material.status != Material.State.READY:
        return None
    ends = (int(time.time()) // STEP) * STEP + LIFETIME
    signature = _signer(material.id, purpose).sign(f"{account.pk.hex}.{ends}")
    return f"{reverse(ROUTES[purpose], args=[material.id])}?sig={signature}"


def account_of(signature: str, *, material_id: UUID, purpose: str) -> UUID:
    """Return the account a link was made for. Raises Forbidden `link_expired`: tampered, for something else, or too old."""
    try:
        account, ends = _signer(material_id, purpose).unsign(signature).split(".")
    except (BadSignature, ValueError):
        raise _expired() from None
    if int(ends) <= time.time():
        raise _expired()
    return UUID(account)


def _signer(material_id: UUID, purpose: str) -> Signer:
    return Signer(salt=f"reviews.materials.{purpose}.{material_id}")


def _expired() -> Forbidden:
    return Forbidden(_("链接已失效，请刷新页面后重试。"), code="link_expired")
