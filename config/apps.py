"""Django's entry to `config`: web processes publish tasks through the same Celery app the worker runs."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin import sites
from django.utils.module_loading import autodiscover_modules

from gateway.apps import answered

NOT_IN_THE_SITE = ("knox.AuthToken", "auth.Group", "otp_totp.TOTPDevice", "otp_static.StaticDevice")
"""Whoever could edit a token or a second factor would be anyone; what may be done follows from the role alone."""


class Theme(AppConfig):
    """Unfold, with our own site in the place of its."""

    name = "unfold"

    def ready(self) -> None:
        admin.site = sites.site = import_module("config.staff_site").StaffSite()


class Config(AppConfig):
    """The project's own app: its commands, its Celery app, and what the staff's site has no page for."""

    name = "config"
    default = True

    def ready(self) -> None:
        import_module("config.celery")
        autodiscover_modules("tasks")  # what is purged is known to `migrate` too (core.grants)
        answered.follow(import_module("config.metrics").count_gateway_call)
        for model in NOT_IN_THE_SITE:
            admin.site.unregister(apps.get_model(model))
