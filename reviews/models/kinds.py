"""What may be submitted, how it stands, and which model implements a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from reviews.models.submission import Submission


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


@dataclass(frozen=True)
class Resting:
    """How a kind that rests on an enrolment says so: what ends with it, for what one would need it, what to do anew."""

    matter: StrOrPromise
    need: StrOrPromise
    anew: StrOrPromise


_models: dict[str, type[Submission]] = {}


def register_kind(kind: Kind) -> Callable[[type[Any]], type[Any]]:
    """Class decorator: the model that implements a kind of submission. `reviews` finds it here and imports none."""

    def remember(model: type[Any]) -> type[Any]:
        _models[kind] = model
        model.KIND = kind
        return model

    return remember


def model_of(kind: str) -> type[Submission]:
    """The registered model of a kind. KeyError: no installed app implements it."""
    return _models[kind]


def registered_kinds() -> list[str]:
    return list(_models)
