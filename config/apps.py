"""Django's entry to `config`: web processes publish tasks through the same Celery app the worker runs."""

from importlib import import_module

from django.apps import AppConfig


class Config(AppConfig):
    """The project's own app: its commands, its Celery app."""

    name = "config"

    def ready(self) -> None:
        import_module("config.celery")
