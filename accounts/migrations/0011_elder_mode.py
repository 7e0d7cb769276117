from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_mergers'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='elder_mode',
            field=models.BooleanField(null=True, verbose_name='长辈版'),
        ),
    ]
