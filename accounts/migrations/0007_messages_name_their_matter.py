"""A message says what kind of matter it is about, and where its reason stands; bills that were told of are known by the message's kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_deliveries")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="note",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="submission_kind",
            field=models.CharField(blank=True, max_length=12, verbose_name="事项类别"),
        ),
        migrations.RunSQL(
            "UPDATE accounts_message SET submission_kind = 'settlement' WHERE kind IN ('settled', 'reversed')",
            migrations.RunSQL.noop,
        ),
    ]
