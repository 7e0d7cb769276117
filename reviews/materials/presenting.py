"""A material as the API shows it; one function for uploads, submissions and the admin."""

from __future__ import annotations

from accounts.models import Account
from reviews.bodies import MaterialAnswer
from reviews.materials.links import signed_url
from reviews.materials.problems import sentence_of
from reviews.models import Material


def present(material: Material, account: Account) -> MaterialAnswer:
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
        "detail": sentence_of(material),
        "created_at": material.created_at,
    }
