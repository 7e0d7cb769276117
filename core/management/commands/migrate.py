"""Django's `migrate`, as the owner of the tables; what the other roles may do is given afresh afterwards (`core.grants`)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from core import grants


class Command(migrate.Command):
    """A part of the migrations, or a plan of them, gives nothing."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; CommandError where a role that the environment names is missing."""
        application, purge = grants.application(), grants.purge()
        with grants.owner():
            super().handle(*args, **options)
            whole = not (options["app_label"] or options["plan"] or options["check_unapplied"])
            if application and whole:
                try:
                    grants.give(application, purge)
                except grants.NoSuchRole as problem:
                    raise CommandError(str(problem)) from problem
