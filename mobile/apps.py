"""The phone pages: thin views and static files that call the REST API."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MobileConfig(AppConfig):
    name = "mobile"
    verbose_name = _("手机端")
