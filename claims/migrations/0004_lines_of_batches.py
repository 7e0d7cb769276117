"""The claims of payment files that left before lines were kept get theirs, from what the claims say."""

from itertools import groupby

from django.db import migrations


def fill(apps, schema_editor):
    Claim, Line = apps.get_model("claims", "Claim"), apps.get_model("claims", "PaymentLine")
    claims = Claim.objects.filter(batch__isnull=False).select_related("person", "settlement")
    for batch, rows in groupby(claims.order_by("batch_id", "decided_at", "pk").iterator(500), lambda row: row.batch_id):
        Line.objects.bulk_create(
            [
                Line(
                    batch_id=batch,
                    claim_id=claim.pk,
                    order=order,
                    amount=claim.settlement.fund,
                    bank_account=claim.bank_account,
                    bank_holder=claim.bank_holder or claim.person.name,
                )
                for order, claim in enumerate(rows, start=1)
            ],
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_payment_lines")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
