"""The national platform's interface for designated institutions (定点医药机构接口)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.hooks import Hook

answered = Hook[[str, str, float]]("gateway call answered")
"""A call was answered: its transaction ("other": none of ours), the outcome (done, again, refused, failed), the seconds it took."""


class GatewayConfig(AppConfig):
    name = "gateway"
    verbose_name = _("国家平台接口")

    def ready(self) -> None:
        """What the gateway keeps of a newborn goes over to the person it is."""
        from accounts.services.uniting import united
        from gateway import uniting

        united.follow(uniting.hand_over)
