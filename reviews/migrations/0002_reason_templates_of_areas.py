import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


def keep_the_names(apps, schema_editor):
    """What was typed as JSON becomes a list of names; whatever else stood there marked nothing and broke the case page."""
    template = apps.get_model("reviews", "ReasonTemplate")
    for row in template.objects.all():
        given = row.fields if isinstance(row.fields, list) else []
        row.marked = [name for name in given if isinstance(name, str) and len(name) <= 40]
        row.save(update_fields=["marked"])


def back_to_json(apps, schema_editor):
    template = apps.get_model("reviews", "ReasonTemplate")
    for row in template.objects.all():
        row.fields = row.marked
        row.save(update_fields=["fields"])


class Migration(migrations.Migration):

    dependencies = [
        ('regions', '0004_closed_days_stay'),
        ('reviews', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='reasontemplate',
            name='area',
            field=models.ForeignKey(blank=True, help_text='不填写：全国通用。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.area', verbose_name='统筹区'),
        ),
        migrations.RemoveConstraint(
            model_name='reasontemplate',
            name='reason_template_once',
        ),
        migrations.AddConstraint(
            model_name='reasontemplate',
            constraint=models.UniqueConstraint(fields=('area', 'kind', 'outcome', 'code'), name='reason_template_once_an_area', nulls_distinct=False, violation_error_message='该统筹区的这一事项和结论已有相同代码的理由模板。'),
        ),
        migrations.AddField(
            model_name='reasontemplate',
            name='marked',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='需补正的项目'),
        ),
        migrations.RunPython(keep_the_names, back_to_json),
        migrations.RemoveField(model_name='reasontemplate', name='fields'),
        migrations.RenameField(model_name='reasontemplate', old_name='marked', new_name='fields'),
    ]
