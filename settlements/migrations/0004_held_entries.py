"""Waiting for everybody who writes entries asks for more than the application's role may: the owner's function does it."""

from django.db import migrations

HOLD = """
    CREATE FUNCTION hold_entries() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS
    $$ BEGIN LOCK TABLE public.settlements_settlement IN SHARE MODE; END $$
"""


class Migration(migrations.Migration):
    dependencies = [("settlements", "0003_person_stands")]

    operations = [migrations.RunSQL(HOLD, "DROP FUNCTION hold_entries()")]
