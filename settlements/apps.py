"""The ledger: bills settled at the till, what the year has come to, accounts with hospitals and areas."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettlementsConfig(AppConfig):
    name = "settlements"
    verbose_name = _("结算")

    def ready(self) -> None:
        """Tell the queue what of the ledger rests on an approval, and the audit who was looked up."""
        from accounts.leaving import exporting
        from accounts.services.uniting import united
        from reviews.audit import register
        from reviews.services.undoing import rests
        from settlements import leaving, uniting
        from settlements.audit import LOOKUPS
        from settlements.services import settled_since

        exporting.follow(leaving.exported)
        united.follow(uniting.hand_over)
        rests.follow(settled_since)
        register(LOOKUPS)
