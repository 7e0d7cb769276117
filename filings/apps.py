"""Cross-area filing (异地就医备案)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "filings"
    verbose_name = _("异地就医备案")

    def ready(self) -> None:
        """Name the events only filings have; agents' hashes change with the key."""
        from accounts.models import id_hash
        from accounts.rotation import HASHED, Hashed
        from filings import presenting
        from filings.models import FilingAgent
        from reviews.presenting import VERBS

        VERBS.update(presenting.VERBS)
        HASHED.append(Hashed(FilingAgent, "id_hash", lambda agent: id_hash(agent.id_number)))
