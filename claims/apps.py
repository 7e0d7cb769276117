"""Manual reimbursement (手工报销) of bills that patients paid themselves."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsConfig(AppConfig):
    name = "claims"
    verbose_name = _("手工报销")

    def ready(self) -> None:
        """Register what claims are to the queue, and have the audit read who fetched payment files."""
        from claims.audit import DOWNLOADS
        from claims.lifecycle import ClaimLifecycle
        from reviews import audit
        from reviews.lifecycle import register

        register(ClaimLifecycle())
        audit.register(DOWNLOADS)
