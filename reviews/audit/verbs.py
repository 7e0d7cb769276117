"""What each verb of the event log is in Chinese, and which kind of act it is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from reviews.audit.reading import Act
from reviews.workflow import Action

VERBS: dict[str, tuple[Act, Any]] = {
    "unmask": (Act.UNMASK, _("查看了参保人的完整姓名、证件号码和电话")),
    "open_material": (Act.OPEN, _("打开了一份材料")),
    Action.APPROVE: (Act.DECISION, _("审核通过")),
    Action.REJECT: (Act.DECISION, _("审核不予通过")),
    Action.RETURN: (Act.DECISION, _("退回补正")),
    Action.CORRECT: (Act.DECISION, _("核定了费用")),
    "undo": (Act.DECISION, _("撤回了刚作出的决定")),
    Action.REVOKE: (Act.DECISION, _("撤销")),
    Action.ASSIGN: (Act.ASSIGNMENT, _("领取办理")),
    Action.RELEASE: (Act.ASSIGNMENT, _("退回待分配")),
    Action.TAKE_OVER: (Act.ASSIGNMENT, _("接手办理")),
    Action.HAND_ON: (Act.ASSIGNMENT, _("改由他人承办")),
    "create": (Act.APPLYING, _("新建了申请")),
    Action.AMEND: (Act.APPLYING, _("修改了申请")),
    Action.SUBMIT: (Act.APPLYING, _("提交了申请")),
    Action.WITHDRAW: (Act.APPLYING, _("撤回了申请")),
    Action.RESUBMIT: (Act.APPLYING, _("补正后重新提交")),
    Action.CHANGE: (Act.APPLYING, _("申请变更")),
    Action.CANCEL: (Act.APPLYING, _("取消了备案")),
    Action.RENEW: (Act.APPLYING, _("申请续期")),
    Action.CHOOSE: (Act.APPLYING, _("更改了定点医疗机构")),
    Action.EXPORT: (Act.PAYMENT, _("列入了支付批次")),
    Action.PAY: (Act.PAYMENT, _("登记了支付")),
    Action.ESCALATE: (Act.SYSTEM, _("到期未办，转报主管")),
    Action.LAPSE: (Act.SYSTEM, _("逾期未补正，视为撤回")),
    Action.EXPIRE: (Act.SYSTEM, _("到期失效")),
    Action.SUPERSEDE: (Act.SYSTEM, _("由新的申请取代")),
    Action.END: (Act.SYSTEM, _("随参保关系或账户终止")),
    "enrollment_changed": (Act.SYSTEM, _("参保关系变更，随之调整")),
    "reschedule": (Act.SYSTEM, _("重新计算了办理时限")),
    "remind": (Act.SYSTEM, _("发送了提醒")),
    "commitment_met": (Act.SYSTEM, _("承诺已履行")),
    "commitment_broken": (Act.SYSTEM, _("承诺逾期未履行")),
    "proof_failed": (Act.SYSTEM, _("补充材料未获通过")),
    "renewal_failed": (Act.SYSTEM, _("续期未获通过")),
}
WHY = {"asked": _("主动查看"), "in_hand": _("本人承办")}


def of_act(act: str) -> list[str]:
    """The verbs of a kind of act."""
    return [str(verb) for verb, (kind, _sentence) in VERBS.items() if kind == act]
