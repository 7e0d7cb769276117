from django.db import migrations

# (kind, outcome, code, text, fields): each says what the citizen can do next. Supervisors keep them in the admin.
TEMPLATES = [
    ("filing", "returned", "material_unreadable", "上传的材料模糊或不完整，请在光线充足处重新拍摄，确保四角和文字清晰可见。", ["materials"]),
    ("filing", "returned", "material_missing", "缺少所选备案类型需要的证明材料，请按材料清单补充上传；暂时无法提供的，可改为个人承诺。", ["materials"]),
    ("filing", "returned", "identity_mismatch", "材料上的姓名或证件号码与参保人不一致，请核对后上传参保人本人的材料。", ["materials"]),
    ("filing", "returned", "contact_unreachable", "联系电话无法接通，请填写能够联系到您的手机号码。", ["contact_phone"]),
    ("filing", "returned", "dates_unclear", "起止日期与材料不符，请按实际居住或就医时间重新填写。", ["starts_on", "ends_on"]),
    ("filing", "rejected", "wrong_type", "您的情况不符合所选备案类型。短期外出就医请选择“其他临时外出就医人员”重新备案。", []),
    ("filing", "rejected", "wrong_destination", "就医地选择有误，请按实际就医的省份或城市重新备案。", []),
    ("filing", "rejected", "not_insured", "未查询到您在本统筹区的有效参保信息，请先到参保地经办机构核实参保状态。", []),
    ("filing", "approved", "confirmed", "已核对，符合规定。", []),
    ("proof", "returned", "material_unreadable", "补充的材料模糊或不完整，请重新拍摄后上传。", ["materials"]),
    ("proof", "rejected", "proof_insufficient", "补充的材料不能证明承诺的事项，请在承诺期限内提交符合要求的材料。", []),
    ("proof", "approved", "confirmed", "材料已核对，承诺已履行。", []),
]  # fmt: skip


def add(apps, schema_editor):
    template = apps.get_model("reviews", "ReasonTemplate")
    template.objects.bulk_create(
        [template(kind=k, outcome=o, code=c, text=t, fields=f) for k, o, c, t, f in TEMPLATES], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    """The reasons reviewers need most, ready to choose."""

    dependencies = [("reviews", "0002_submission_number")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
