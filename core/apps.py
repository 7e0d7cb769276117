"""No domain: errors, HTTP, the clock, prepared queries, bulk writes, sealing, texts, printing."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("基础")
