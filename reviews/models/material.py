"""What was uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core import clock
from core.ids import new_id
from core.prepared import Param, PreparedQuery
from reviews.models.submission import Submission


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, account: Account) -> MaterialQuerySet:
        """One's own uploads until they are attached; from then on, whoever may see the submission."""
        own = Q(submission__isnull=True, account=account)
        case = Submission.objects.visible_to(account).filter(pk=models.OuterRef("submission_id"))
        return self.filter(own | models.Exists(case))

    def attached_to(self, submissions: Sequence[Any]) -> list[Material]:
        """What is attached to these submissions, in the order of their upload."""
        return _ATTACHED(submissions=[*submissions])

    def count_unattached(self, account: Account) -> int:
        """How many uploads of this account are used for nothing."""
        return _UNATTACHED.count(account=account.pk)

    def unattached(self) -> MaterialQuerySet:
        """Used for nothing: for no submission, and for no binding at the counter."""
        return self.filter(submission__isnull=True, applicant_at_counter__isnull=True, person_at_counter__isnull=True)


def private_storage() -> Storage:
    """The storage alias `materials`: sealed, and nothing of it is served except through signed links."""
    return storages["materials"]


class Material(models.Model):
    """An uploaded document: stored privately, made safe by the worker, attached to one submission when it is used."""

    class State(models.TextChoices):
        PROCESSING = "processing", _("处理中")
        READY = "ready", _("可用")
        REFUSED = "refused", _("不可用")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("上传账户"))
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="materials", verbose_name=_("申请")
    )
    kind = models.CharField(_("材料种类"), max_length=30)
    status = models.CharField(_("状态"), max_length=10, choices=State, default=State.PROCESSING)
    filename = models.CharField(_("文件名"), max_length=120)
    content_type = models.CharField(_("类型"), max_length=40)
    size = models.PositiveIntegerField(_("大小"))
    pages = models.PositiveSmallIntegerField(_("页数"), default=1)
    turns = models.JSONField(default=dict, editable=False)
    """How far staff turned a page to read it, by page ({"2": 90}): for all of them, and no change to the file."""
    file = models.FileField(storage=private_storage, max_length=200, blank=True)
    thumbnail = models.FileField(storage=private_storage, max_length=200, blank=True)
    problem = models.CharField(_("问题"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("上传时间"), default=clock.now)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, editable=False)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = _("材料")
        verbose_name_plural = _("材料")
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["uploaded_at"], condition=Q(status="processing"), name="materials_waiting")]

    def __str__(self) -> str:
        return self.filename


_ATTACHED = PreparedQuery[Material](
    lambda: Material.objects.filter(submission__any=Param("submissions")).order_by("created_at", "id")
)
_UNATTACHED = PreparedQuery[Material](lambda: Material.objects.unattached().filter(account=Param("account")))
