"""Recognition of outpatient chronic and special diseases (门诊慢特病)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChronicConfig(AppConfig):
    name = "chronic"
    verbose_name = _("门诊慢特病")

    def ready(self) -> None:
        """Name the events only recognitions have."""
        from chronic import presenting
        from reviews.presenting import VERBS

        VERBS.update(presenting.VERBS)
