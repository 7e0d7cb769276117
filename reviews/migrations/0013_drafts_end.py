"""Drafts of before are kept as long as those that are saved from now on."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reviews", "0012_counter")]

    operations = [
        migrations.RunSQL(
            "UPDATE reviews_submission SET wake_at = now() + interval '90 days' WHERE status = 'draft'",
            migrations.RunSQL.noop,
        )
    ]
