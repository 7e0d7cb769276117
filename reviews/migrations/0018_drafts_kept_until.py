"""The end of a draft stands in a column of its own, so that the sweep may look at it before, to tell whose it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0017_decisions_undone")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="kept_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="草稿保留到"),
        ),
        migrations.RunSQL(
            "UPDATE reviews_submission SET kept_until = wake_at,"
            " wake_at = greatest(wake_at - interval '7 days', now()) WHERE status = 'draft'",
            migrations.RunSQL.noop,
        ),
    ]
