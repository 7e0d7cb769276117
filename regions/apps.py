"""Where and when: areas, agencies, institutions, policy files, the clock, working days and deadlines."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    name = "regions"
    verbose_name = _("地区与时间")

    def ready(self) -> None:
        from regions import published
        from regions.policy import filing_rules

        filing_rules.read_from(published.rules)
