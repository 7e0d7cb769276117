"""Cross-area filing (异地就医备案)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "filings"
    verbose_name = _("异地就医备案")

    def ready(self) -> None:
        """Follow the register: filings end with their enrolment."""
        from accounts.registry import on_enrollment_change
        from filings.enrollments import enrollment_changed

        on_enrollment_change.append(enrollment_changed)
