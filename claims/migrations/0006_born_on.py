"""A claim says when a newborn was born: the term of its area's rule counts from there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0005_audit")]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="born_on",
            field=models.DateField(null=True, verbose_name="新生儿出生日期"),
        ),
    ]
