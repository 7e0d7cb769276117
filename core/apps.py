"""No domain: errors, HTTP, the clock, prepared queries, bulk writes, sealing, texts, printing."""

import threading
from typing import Any

from django.apps import AppConfig
from django.core.cache import caches
from django.core.checks import Tags, register
from django.db import connections
from django.urls import base as addresses
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import trans_real
from django.utils.translation.trans_real import TranslationCatalog


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("基础")

    def ready(self) -> None:
        """What `check --deploy` asks about the database's roles."""
        from core.grants import roles_are_apart

        register(roles_are_apart, Tags.security, deploy=True)


def _update(self: Any, trans: Any) -> None:
    """Take over an app's texts: into the same dictionary where they count alike, as Django means to.

    Django 5.2 compares a function with another's code, so each app's texts stay apart, and every word of a page, which in the
    language of the sources is in none of them, is looked up in ten dictionaries.
    """
    if trans.plural.__code__ == self._plurals[0].__code__:
        self._catalogs[0].update(trans._catalog)
    else:
        self._catalogs.insert(0, trans._catalog.copy())
        self._plurals.insert(0, trans.plural)


TranslationCatalog.update = _update  # type: ignore[method-assign]  # before anything is put into words

# Django keeps a thread's language, zone, addresses and connections so that they would follow coroutines too, behind a lock that all
# threads share. Whatever asks for them here runs in a thread of its own (`config.asgi`); a word is looked up in a quarter of the time.
for _keeper, _name in (
    (trans_real, "_active"),
    (timezone, "_active"),
    (addresses, "_prefixes"),
    (addresses, "_urlconfs"),
    (connections, "_connections"),
    (caches, "_connections"),
):
    setattr(_keeper, _name, threading.local())
