"""What is paid and how one files: the policy language, the engine, published versions, notices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    name = "policies"
    verbose_name = _("政策")

    def ready(self) -> None:
        from policies import published
        from policies.language import filing_rules

        filing_rules.read_from(published.rules)
