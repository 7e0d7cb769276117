"""Cross-area filing (异地就医备案)."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilingsConfig(AppConfig):
    name = "filings"
    verbose_name = _("异地就医备案")

    def ready(self) -> None:
        """Register what filings and proofs are to the queue; agents' hashes change with the key."""
        from accounts.models import id_hash
        from accounts.rotation import Hashed, hash_key_changed, rehash_column
        from filings.lifecycle import FilingLifecycle
        from filings.models import FilingAgent
        from filings.proofs import ProofLifecycle
        from reviews.lifecycle import register

        register(FilingLifecycle())
        register(ProofLifecycle())
        agents = Hashed(FilingAgent, "id_hash", lambda agent: id_hash(agent.certificate.key))
        hash_key_changed.follow(partial(rehash_column, agents))
