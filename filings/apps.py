"""Cross-area filing (异地就医备案)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "filings"
    verbose_name = _("异地就医备案")

    def ready(self) -> None:
        """Follow the register: filings end with their enrolment. The agents' hashes change with the key. Name the events."""
        from accounts.models import id_hash
        from accounts.registry import on_enrollment_change
        from accounts.rotation import HASHED, Hashed
        from filings.enrollments import enrollment_changed
        from filings.models import FilingAgent
        from filings.wording import EVENTS
        from reviews import presenting

        presenting.VERBS.update(EVENTS)
        on_enrollment_change.append(enrollment_changed)
        HASHED.append(Hashed(FilingAgent, "id_hash", lambda agent: id_hash(agent.id_number)))
