"""Django's `migrate`, as the owner of the tables; what the other roles may do is given afresh afterwards (`core.grants`).

A new database is made in a fifth of the time. Django renders each model, and whatever is related to it over any number of others,
anew whenever something is added to it, which for our migrations is 12,800 classes and nine tenths of what they cost.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from core import grants

Looks = tuple[dict[str, Any], dict[str, Any]]
BESIDE = {"indexes", "constraints", "triggers"}
"""Options of a model that are statements of their own in PostgreSQL, made of the operation and not of the model."""


class _State(ProjectState):
    """Renders a model anew only if its columns or its table changed; what is related to it, only if it did not just gain some.

    What refers to the model as it was knows the same table and the same key.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._rendered: dict[tuple[str, str], Looks] = {}

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        if "apps" not in self.__dict__:
            return
        key = app_label, model_name
        known, now = self._rendered.get(key), self._looks(key)
        if now is None:
            super().reload_model(app_label, model_name, delay=True)
        elif known is None or (known[0].items() < now[0].items() and known[1] == now[1]):
            self.is_delayed = True  # a migration of rows has everything rendered
            self._reload({key})  # type: ignore[attr-defined]
        elif known != now:
            super().reload_model(app_label, model_name, delay=True)
        if now is not None:
            self._rendered[key] = now

    def _looks(self, key: tuple[str, str]) -> Looks | None:
        """A model's columns, which are replaced whole, and its options; None: there is none."""
        if key not in self.models:
            return None
        model = self.models[key]
        options = {name: value for name, value in model.options.items() if name not in BESIDE}
        return dict(model.fields), options


class _Executor(MigrationExecutor):
    """Django's; a database in which nothing stands yet is migrated with the state above. tests/core/test_schema.py compares."""

    def migrate(self, targets: Any, plan: Any = None, state: Any = None, *args: Any, **named: Any) -> Any:
        if not self.loader.applied_migrations:
            state = _State(real_apps=self.loader.unmigrated_apps)
        return super().migrate(targets, plan, state, *args, **named)


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


migrate.MigrationExecutor = _Executor  # type: ignore[attr-defined]  # where the command looks for it: it cannot be given one
