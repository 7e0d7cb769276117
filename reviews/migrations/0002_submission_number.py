from django.db import migrations


class Migration(migrations.Migration):
    """The running number inside a submission's number."""

    dependencies = [("reviews", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE submission_number CYCLE MAXVALUE 999999", "DROP SEQUENCE submission_number")
    ]
