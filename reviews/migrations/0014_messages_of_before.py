"""Messages of before learn the kind of the submission they are about."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reviews", "0013_drafts_end"), ("accounts", "0007_messages_name_their_matter")]

    operations = [
        migrations.RunSQL(
            "UPDATE accounts_message SET submission_kind = row.kind FROM reviews_submission AS row"
            " WHERE row.id = accounts_message.submission AND submission_kind = ''",
            migrations.RunSQL.noop,
        )
    ]
