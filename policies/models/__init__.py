"""What is paid, what people are told of it, and by which catalogue items count: nothing of it changes once it is published."""

from policies.models.catalogue import CatalogueEntry, CatalogueVersion, entries_of
from policies.models.versions import Notice, PolicyBook, PolicyVersion, newest_notices, notice_named

__all__ = [
    "CatalogueEntry",
    "CatalogueVersion",
    "Notice",
    "PolicyBook",
    "PolicyVersion",
    "entries_of",
    "newest_notices",
    "notice_named",
]
