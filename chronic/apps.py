"""Recognition of outpatient chronic and special diseases (门诊慢特病)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChronicConfig(AppConfig):
    name = "chronic"
    verbose_name = _("门诊慢特病")

    def ready(self) -> None:
        """Register what recognitions are to the queue."""
        from chronic.lifecycle import RecognitionLifecycle
        from reviews.lifecycle import register

        register(RecognitionLifecycle())
