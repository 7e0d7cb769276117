"""The HTTP side of claims: input in, one domain call, the submission out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, enrollment_of
from accounts.models import Role
from claims import bodies, presenting, services
from claims.bodies import (
    AccountInput,
    ClaimDetail,
    ClaimFields,
    ClaimInput,
    ClaimQuery,
    ClaimRow,
    CorrectInput,
)
from claims.models import Claim
from claims.options import OPTIONS, ClaimOptions, ClaimOptionsQuery, options
from core.errors import Forbidden
from core.http.schema import operation
from reviews.presenting import Whole, present
from reviews.views import DECIDED, DRAFTS, STATE, SubmissionViewSet, documented, if_match

TWICE = {
    "invoice_claimed": "该票据已有报销申请（受理编号20261121-000123-4），请在“手工报销”中查看。",
    "invoice_paid": "该票据已经结算或报销，不能再次报销，请核对票据号码。",
    "settled_already": "这次就医已在医院直接结算（结算编号J20261121-00000087-3），不能再申请报销，请在结算记录中查看。",
}
INVALID = {
    "documents_missing": "还缺少：费用清单。请上传后再提交。",
    "claim_late": "应在2025年11月20日前申请，现已超过期限；有特殊原因的，请携带材料到重庆市经办机构窗口咨询。",
    "disease_not_recognised": "2024年11月10日没有“高血压”的有效认定，不能报销，也不能按普通门诊报销；请先申请认定，认定生效后的费用可以报销。",
    "scope_negative": "全自费、超限价与先行自付之和超过费用总额，请核对。",
    "item_not_known": "目录中还没有X…的先自付比例，不能按编码结算，请联系医保经办机构补全目录。",
    "catalogue_mismatch": "目录中X…为乙类，与填写的不一致，请改正或不填此项。",
    "items_total": "明细合计 119.00 与填写的 120.00 不一致，请核对。",
}
NOBODY = {"not_found": "没有找到该参保关系，请先绑定参保人。"}
ACCOUNT = {
    "bank_account_unchanged": "与银行退回的账户相同，请填写另一个账户，或核对账号和开户名。",
    "bank_account_doubtful": "银行卡号校验不符，请对照银行卡核对收款账号；确认无误的，请再次提交。",
    "bank_holder_differs": "开户名与参保人姓名不一致，请改用参保人本人的账户。",
}
UNPAID = {
    **DECIDED,
    "not_covered": "按参保地政策不能支付，请以此理由作出不予通过的决定：三级医院普通门诊不予支付。",
    "level_missing": "医疗机构不在名录中，请先核定其结算等级。",
}


@documented(
    "手工报销记录",
    row=ClaimRow,
    listed=bodies.ROW,
    detail=ClaimDetail,
    shown=bodies.DETAIL,
    overlaps=TWICE,
    retrieved=bodies.APPROVED,
)
class ClaimViewSet(SubmissionViewSet):
    """Manual reimbursement of self-paid bills (手工报销)."""

    model = Claim
    joins = ("enrollment", "disease", "place", "settlement")
    query = ClaimQuery
    versioned = True

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        return {**present(row, self.account, whole), **presenting.detail(row, self.account)}

    @operation(
        "申请手工报销，或存为草稿",
        request=ClaimInput,
        sent=bodies.CLAIM,
        answer=ClaimDetail,
        example=bodies.DETAIL,
        status=201,
        refusals={400: INVALID, 404: NOBODY, 409: {**TWICE, **DRAFTS}},
    )
    def create(self, request: Request) -> Response:
        if self.account.role != Role.CITIZEN:
            raise Forbidden(_("工作人员账户不能申请手工报销，请由参保人或代办人办理。"))
        body = ClaimInput.read(request)
        enrollment = enrollment_of(self.account, body.enrollment)
        return self.made(services.apply(self.account, enrollment, body, draft=body.draft))

    @operation(
        "修改草稿或待补正的报销申请",
        request=ClaimFields,
        sent={"invoice_number": "0012345679"},
        answer=ClaimDetail,
        example=bodies.DETAIL,
        refusals={409: STATE},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.act(request, services.amend, content=ClaimFields.read(request))

    @operation(
        "核定费用（审核员）；复审时核定的，重新从初审开始",
        request=CorrectInput,
        sent=bodies.CORRECT,
        answer=ClaimDetail,
        example=bodies.DETAIL,
        refusals={400: {"scope_negative": INVALID["scope_negative"]}, 409: UNPAID},
    )
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        body, row = CorrectInput.read(request), self.get_object()
        return self.shown(
            services.correct(
                row,
                reviewer=self.account,
                cost=body.cost,
                level=body.level,
                place=body.place,
                version=if_match(request),
            )
        )

    @operation(
        "更正收款账户（银行退回支付之后）",
        request=AccountInput,
        sent={"bank_account": "6222020200112233446"},
        answer=ClaimDetail,
        example=bodies.APPROVED,
        refusals={
            400: ACCOUNT,
            409: {"not_refused": "只有银行退回的报销可以更正收款账户；审核中的请联系参保地经办机构。"},
        },
    )
    @action(detail=True, methods=["post"], url_path="account")
    def mend_account(self, request: Request, pk: str) -> Response:
        body = AccountInput.read(request)
        return self.act(
            request,
            services.mend_account,
            bank_account=body.bank_account,
            bank_holder=body.bank_holder,
            confirmed=body.confirmed,
        )


class ClaimOptionsView(Endpoint):
    """What a claim takes: papers, time, reviews."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    @operation(
        "手工报销需要什么、何时以前申请",
        parameters=[ClaimOptionsQuery],
        answer=ClaimOptions,
        example=OPTIONS,
        refusals={400: {"required": "请选择参保关系。"}, 404: NOBODY},
    )
    def get(self, request: Request) -> Response:
        wanted = ClaimOptionsQuery.read(request)
        return Response(options(enrollment_of(self.account, wanted.enrollment), wanted.discharged_on))
