"""The ledger: bills settled at the till, what the year has come to, accounts with hospitals and areas."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettlementsConfig(AppConfig):
    name = "settlements"
    verbose_name = _("结算")

    def ready(self) -> None:
        """Have the audit read who was looked up."""
        from reviews.audit import register
        from settlements.audit import LOOKUPS

        register(LOOKUPS)
