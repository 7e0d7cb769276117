"""The shapes of accounts, persons, mandates and messages in the HTTP contract; answers are built by `accounts.presenting`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Category, EnrollmentStatus, Insurance, MandateStatus, Proof, Relation, Role

# What is sent


class WeChatInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=128, help_text="wx.login 得到的 code；沙箱模式下为 sandbox:NAME")


class PasswordInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=60)
    password = serializers.CharField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class BindInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    id_number = serializers.CharField(max_length=40)
    relation = serializers.ChoiceField(choices=Relation.choices)
    consent = serializers.BooleanField(help_text="已阅读并同意授权说明")


class CodeInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=12)


# What is answered


class SignedInAccount(serializers.Serializer[Any]):
    id = serializers.CharField()
    nickname = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class SignedIn(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    account = SignedInAccount()


class AccountShape(SignedInAccount):
    area = serializers.CharField(allow_null=True, help_text="审核人员所在统筹区")
    area_name = serializers.CharField(allow_null=True)
    institution = serializers.CharField(allow_null=True, help_text="医院经办所在机构")
    institution_name = serializers.CharField(allow_null=True)
    person = serializers.CharField(allow_null=True, help_text="本人绑定的参保人")
    unread = serializers.IntegerField(help_text="未读消息数")


class EnrollmentShape(serializers.Serializer[Any]):
    id = serializers.CharField()
    area = serializers.CharField()
    area_name = serializers.CharField()
    insurance = serializers.ChoiceField(choices=Insurance.choices)
    category = serializers.ChoiceField(choices=Category.choices)
    tier = serializers.IntegerField()
    status = serializers.ChoiceField(choices=EnrollmentStatus.choices)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)


class PersonMandate(serializers.Serializer[Any]):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=MandateStatus.choices)
    proof = serializers.ChoiceField(choices=Proof.choices)
    until = serializers.DateField(allow_null=True)


class PersonShape(serializers.Serializer[Any]):
    """A person I act for, or asked to. Before the mandate is active nothing of the person is shown (null)."""

    id = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="脱敏姓名")
    id_number = serializers.CharField(allow_null=True, help_text="脱敏证件号码")
    relation = serializers.ChoiceField(choices=Relation.choices)
    birth_date = serializers.DateField(allow_null=True)
    mandate = PersonMandate()
    enrollments = EnrollmentShape(many=True)


class VoucherShape(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="医保码的内容：M 加 26 位数字和大写字母，只在这里出现一次")
    expires_at = serializers.DateTimeField(help_text="在此之前由医院读取")
    expires_in = serializers.IntegerField(help_text="剩余秒数，不受手机时间影响")
    qr_svg = serializers.CharField(help_text="二维码（SVG）")


class MandatePerson(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField(allow_null=True, help_text="脱敏姓名；生效前为空")


class MandateShape(serializers.Serializer[Any]):
    """A mandate of mine (`mine`), or one that another account holds or asks for over me."""

    id = serializers.CharField()
    mine = serializers.BooleanField()
    holder = serializers.CharField(help_text="代办人的脱敏姓名或昵称")
    person = MandatePerson()
    relation = serializers.ChoiceField(choices=Relation.choices)
    proof = serializers.ChoiceField(choices=Proof.choices)
    status = serializers.ChoiceField(choices=MandateStatus.choices)
    asked_at = serializers.DateTimeField()
    active_from = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    actions = serializers.ListField(child=serializers.ChoiceField(choices=["approve", "revoke"]))


class MessageShape(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    submission = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
