"""How the OpenAPI document describes what all kinds of submissions share: the filters of a list, and the common actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core.http.schema import operation, query
from reviews.serializers import DecideInput, NoInput

STATE = {"wrong_state": "当前状态为“已取消”，不能进行此操作，请刷新后重试。"}
DECIDED = {"already_decided": "该申请已由他人作出决定，请刷新后查看。"}


def of_submissions(*orders: str) -> list[Any]:
    """The filters of every list of submissions; `orders`: what it can be ordered by beside the common moments."""
    more = "".join(f", `{order}`" for order in orders)
    return [
        query("status", "One or more, separated by commas"),
        query("person", "Person id"),
        query("enrollment", "Enrolment id"),
        query("q", "Number, or how it begins"),
        query("ordering", f"`-created_at` (default), `due_at`, `submitted_at`{more}"),
    ]


def common(answer: type[serializers.Serializer[Any]], shown: Any, *, overlaps: Mapping[str, str]) -> dict[str, Any]:
    """The operations every kind has, with this kind's answer; `overlaps`: what a live rival is refused with."""

    def described(summary: str, request: Any, sent: Any = None, **refused: Mapping[str, str]) -> Any:
        refusals = {int(status.removeprefix("on")): reasons for status, reasons in refused.items()}
        return operation(summary, request=request, sent=sent, answer=answer, example=shown, refusals=refusals)

    reason = {
        "reason": "居住证照片不清，请重新拍摄后上传。",
        "code": "material_unclear",
        "fields": ["residence_permit"],
    }
    return {
        "retrieve": operation("详情", answer=answer, example=shown),
        "submit": described("提交草稿", NoInput, on409=overlaps),
        "resubmit": described("补正后重新提交", NoInput, on409=STATE),
        "withdraw": described("撤回（作出决定之前）", NoInput, on409=STATE),
        "approve": described("通过（审核员）", DecideInput, {"reason": "材料齐全。"}, on409=DECIDED),
        "reject": described("不予通过，须说明理由（审核员）", DecideInput, reason, on409=DECIDED),
        "return_for_correction": described("退回补正，须说明理由（审核员）", DecideInput, reason, on409=DECIDED),
        "claim": described("领取待办（审核员）", NoInput, on409=STATE),
        "assign": described("领取待办（审核员）", NoInput, on409=STATE),
        "release": described("退回待办（审核员）", NoInput, on409=STATE),
        "take_over": described("接手他人的待办（审核员）", NoInput, on409=STATE),
    }
