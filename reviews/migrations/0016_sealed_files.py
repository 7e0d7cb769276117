"""What was uploaded before files were sealed lies open: it is sealed where it lies. A file that is gone already is no error."""

from contextlib import suppress

from django.core.files.storage import storages
from django.db import migrations


def seal_what_lies_open(apps, schema_editor):
    files = storages["materials"]
    for folder in ("", "quarantine/"):
        with suppress(FileNotFoundError):
            for name in files.listdir(folder)[1]:
                with suppress(FileNotFoundError):
                    files.seal_open_file(f"{folder}{name}")


class Migration(migrations.Migration):
    dependencies = [("reviews", "0015_decisions_stay")]

    operations = [migrations.RunPython(seal_what_lies_open, migrations.RunPython.noop)]
