"""What may be submitted, and how it stands."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    FILING = "filing", _("异地就医备案")
    REFERRAL = "referral", _("转诊")
    RECOGNITION = "recognition", _("门诊慢特病认定")
    PROOF = "proof", _("承诺补充材料")
    CLAIM = "claim", _("手工报销")


class Status(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("审核中")
    RETURNED = "returned", _("待补正")
    APPROVED = "approved", _("已通过")
    REJECTED = "rejected", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")
    CANCELLED = "cancelled", _("已取消")
    EXPIRED = "expired", _("已到期")
    SUPERSEDED = "superseded", _("已被替代")
    REVOKED = "revoked", _("已撤销")


LIVE = [Status.SUBMITTED, Status.RETURNED, Status.APPROVED]
