from django.db import migrations

# (outcome, code, text, fields): each says what the citizen can do next. Supervisors keep them in the admin.
TEMPLATES = [
    ("returned", "material_unreadable", "上传的票据或清单模糊、不完整，请在光线充足处重新拍摄，确保四角和文字清晰可见。", ["invoice", "cost_list"]),
    ("returned", "cost_mismatch", "填写的费用与票据、费用清单不一致，请按票据重新填写。", ["cost"]),
    ("returned", "account_mismatch", "银行账号与开户名不符，无法支付，请填写参保人本人的银行账户。", ["bank_account"]),
    ("rejected", "settled_already", "该次就医已在医院直接结算，不能再申请报销，请在结算记录中查看。", []),
    ("rejected", "not_covered", "按参保地政策，该次就医的费用不属于医保基金支付范围。", []),
    ("rejected", "invoice_doubtful", "票据未能通过查验，不能作为报销凭证；如有疑问请向开具票据的医院核实后重新申请。", []),
    ("approved", "confirmed", "票据、清单和病历已核对，符合规定。", []),
]  # fmt: skip


def add(apps, schema_editor):
    template = apps.get_model("reviews", "ReasonTemplate")
    template.objects.bulk_create(
        [template(kind="claim", outcome=o, code=c, text=t, fields=f) for o, c, t, f in TEMPLATES], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    """The reasons reviewers of claims need most, ready to choose."""

    dependencies = [("settlements", "0002_settlements"), ("reviews", "0003_reason_templates")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
