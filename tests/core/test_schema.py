"""The database that migrations make is the one that the models describe: tables made of the models alone are looked for in it.

`migrate` makes a new database by a way of its own (core/management/commands/migrate.py); this is what it is held to.
"""

from collections import defaultdict

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from tests.roles import as_owner

pytestmark = pytest.mark.django_db

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
    SELECT c.relname, pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
    WHERE c.relnamespace = to_regnamespace(%s)
"""
INDEXES = """
    SELECT c.relname, i.indisunique, regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE .* USING', '')
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = to_regnamespace(%s)
"""
MODELS = [
    model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy
]


OURS = {model._meta.db_table for model in MODELS if (settings.BASE_DIR / model.__module__.partition(".")[0]).is_dir()}
"""Libraries follow their own models less closely (integer keys that became larger)."""


QUERIES = {"columns": COLUMNS, "constraints": CONSTRAINTS, "indexes": INDEXES}


@pytest.fixture
def of_models():
    """Columns, constraints and indexes of tables made of the models, and of those of the database, by table; nothing stays."""
    with as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA said")
            cursor.execute("SET LOCAL search_path TO said, public")
        with connection.schema_editor(atomic=False) as editor:
            for model in MODELS:
                if not model._meta.auto_created:  # those come with the model that has them
                    editor.create_model(model)
        yield [{kind: _read(sql, schema) for kind, sql in QUERIES.items()} for schema in ("said", "public")]
        transaction.set_rollback(True)


def _read(sql, schema):
    rows = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(sql, [schema])
        for table, *said in cursor.fetchall():
            rows[table].add(tuple(str(each).replace("public.", "").replace("said.", "") for each in said))
    return rows


def test_migrations_make_what_the_models_say(of_models):
    """Beyond it the database has what only migrations say (conditions and indexes in SQL); of columns it has just these."""
    said, there = of_models

    assert len(OURS) > 80
    for table in OURS:
        assert said["columns"][table] == there["columns"][table] != set(), table
        assert said["constraints"][table] - there["constraints"][table] == set(), table
        assert said["indexes"][table] - there["indexes"][table] == set(), table


def test_every_trigger_of_a_model_is_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid")
        there = set(cursor.fetchall())
    said = {
        (model._meta.db_table, trigger.get_pgid(model))
        for model in MODELS
        for trigger in getattr(model._meta, "triggers", ())
    }

    assert len(said) > 20
    assert said <= there
