"""Before a visit and over the year: what would be paid, what remains."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EstimatesConfig(AppConfig):
    name = "estimates"
    verbose_name = _("费用测算")

    def ready(self) -> None:
        """Tell the queue below what an approval changes in money."""
        from estimates import effects
        from reviews.effects import approval

        approval.follow(effects.of_submission)
