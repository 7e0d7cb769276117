"""The national platform's interface for designated institutions (定点医药机构接口)."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.hooks import Hook

answered = Hook[[str, str, float]]("gateway call answered")
"""A call was answered: its transaction ("other": none of ours), the outcome (done, again, refused, failed), the seconds it took."""


class GatewayConfig(AppConfig):
    name = "gateway"
    verbose_name = _("国家平台接口")

    def ready(self) -> None:
        """What the gateway keeps of a newborn goes over to the person it is; hospitals' own numbers are hashed by the key.

        What a call's input hashes to (`GatewayCall.digest`) stays: a message repeated across a change of the key is not known
        again, as if its msgid were shared with another; the locks of a visit and of its bills still let nothing be done twice.
        """
        from accounts.rotation import Hashed, hash_key_changed, rehash_column
        from accounts.services.uniting import united
        from gateway import audit, uniting
        from gateway.models import Visit
        from gateway.visits import own_hash, own_number
        from reviews.audit import register

        united.follow(uniting.hand_over)
        for source in audit.SOURCES:
            register(source)
        numbers = Hashed(Visit, "own_number_hash", lambda visit: own_hash(own_number(visit)))
        hash_key_changed.follow(partial(rehash_column, numbers))
