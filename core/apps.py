"""No domain: errors, HTTP, the clock, prepared queries, bulk writes, sealing, texts, printing."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("基础")

    def ready(self) -> None:
        """What `check --deploy` asks about the database's roles."""
        from core.grants import roles_are_apart

        register(roles_are_apart, Tags.security, deploy=True)
