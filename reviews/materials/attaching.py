"""Attaching uploads to a submission, in the transaction that submits or amends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account
from core.errors import Invalid, Problem, WrongState
from reviews.materials.processing import sentence_of
from reviews.models import Material, Status

if TYPE_CHECKING:
    from reviews.case import Case

MOST = 40


def attach(case: Case, ids: Iterable[Any], account: Account) -> list[Material]:
    """Attach the named uploads of `account` to the locked submission; return them in the order named.

    What is attached already may be named again by anyone who may act for the submission. A draft keeps exactly what is
    named; later nothing is let go, for a reviewer may have relied on it. It never waits: a client that gets 409
    `material_processing` asks again when `GET materials/ID/` says ready.
    Raises Invalid (`material_unknown`, `material_refused`, `too_many_materials`), WrongState `material_processing`.
    """
    wanted = list(dict.fromkeys(str(material_id) for material_id in ids))
    submission = case.submission
    if len(wanted) > MOST:
        raise Invalid(_("一次申请最多 40 份材料，请合并后重试。"), code="too_many_materials", attr="materials")
    uploads = _locked(wanted, Q(submission=submission.pk) | Q(submission__isnull=True, account=account))
    _check(wanted, uploads)
    rows = [uploads[name] for name in wanted]
    if case.new:
        case.materials = rows  # attached when it is written
        return rows
    Material.objects.filter(id__in=wanted).update(submission=submission)
    if submission.status == Status.DRAFT:
        submission.materials.exclude(id__in=wanted).update(submission=None)
    return rows


def _locked(wanted: list[str], usable: Q) -> dict[str, Material]:
    rows = Material.objects.select_for_update().filter(usable, id__in=filter(_is_id, wanted)).order_by("id")
    return {str(row.id): row for row in rows}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _check(wanted: list[str], uploads: dict[str, Material]) -> None:
    problems = list(_unusable(wanted, uploads))
    if problems:
        raise Invalid(problems=problems)
    if any(row.status == Material.State.PROCESSING for row in uploads.values()):
        raise WrongState(_("材料还在处理中，请稍等几秒后再提交。"), code="material_processing", attr="materials")


def _unusable(wanted: list[str], uploads: dict[str, Material]) -> Iterator[Problem]:
    if len(uploads) < len(wanted):
        yield Problem("material_unknown", _("有材料不存在或已用于其他申请，请重新上传。"), "materials")
    for row in uploads.values():
        if row.status == Material.State.REFUSED:
            sentence = _("材料“{name}”不能使用：{why}").format(name=row.filename, why=sentence_of(row))
            yield Problem("material_refused", sentence, "materials")
