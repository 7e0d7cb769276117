"""The HTTP side of bills: before the visit, will the card work? At the till: quote, settle, reverse. Patients and reviewers read."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.http import Endpoint, address_of, answered
from accounts.models import Account, Role
from accounts.services import vouchers
from core import clock
from core.errors import Forbidden
from core.http.schema import operation
from core.languages import reader
from core.printing import pdf_answer
from reviews.visible import Visible
from settlements import presenting, services, statement, till_bodies
from settlements.bills import BillRequest, QuoteInput, SettleInput
from settlements.bodies import ELIGIBILITY, EligibilityAnswer, EligibilityQuery
from settlements.eligibility.conditions import answer
from settlements.eligibility.visit import plan
from settlements.facts import facts_stated
from settlements.models import Settlement, SettlementQuerySet
from settlements.till import identify
from settlements.till_bodies import QuoteAnswer, ReverseInput, SettlementDetail, SettlementQuery, SettlementRow

INVALID = {
    "required": "请填写此项。",
    "unknown_field": "没有这个字段，请核对字段名。",
    "text_invalid": "应为不超过规定长度的文字。",
    "choice_invalid": "不在可选的范围内，请核对。",
    "code_invalid": "请填写有效的编码。",
    "date_invalid": "请填写2000年至2100年之间的日期，如 2026-11-21。",
    "money_invalid": "请填写不小于0、不到一百亿元的金额，最多两位小数，如 15260.80。",
    "total_zero": "费用总额应大于0，请核对。",
    "total_too_large": "费用总额应不到一亿元，请核对。",
    "items_too_many": "明细最多5000条，请合并后再试。",
    "item_not_known": "目录中还没有X…的先自付比例，不能按编码结算，请联系医保经办机构补全目录。",
    "catalogue_mismatch": "目录中X…为乙类，与填写的不一致，请改正或不填此项。",
    "items_total": "明细合计 119.00 与填写的 120.00 不一致，请核对。",
    "scope_negative": "全自费、超限价与先行自付之和超过费用总额，请核对。",
    "admitted_in_future": "入院或就诊日期不能晚于今天，请核对。",
    "discharged_in_future": "出院日期不能晚于今天，请核对。",
    "discharge_before_admission": "出院日期早于入院日期，请核对。",
    "not_chronic": "普通门诊不填病种；按门诊慢特病结算请选择 care=chronic。",
    "maternity_inpatient": "生育住院请选择住院（care=inpatient）。",
    "not_a_stay": "门诊没有出院日期；住院请选择 care=inpatient。",
}
KEY = {"idempotency_key_required": "此操作须带 Idempotency-Key 请求头。"}
UNKNOWN = {
    "voucher_unknown": "没有查到这个医保码，请确认扫的是医保码，请患者刷新后重新出示，或改用姓名和身份证号码办理。",
    "not_registered": "没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。",
    "not_insured": "没有查到患者在该地的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。",
    "continues_unknown": "没有找到该患者这一编号的有效住院结算，请核对接续的结算编号。",
    "policy_unknown": "没有查到该参保地在这一天的待遇政策。请核对参保地和日期；如无误，请致电参保地经办机构或12393询问。",
}
WHOSE = {
    "enrollment_ambiguous": "患者有多个参保关系，请选择：重庆市 职工基本医疗保险（insured_area=500000，insurance=employee）。",
    "voucher_expired": "医保码已过期，请患者刷新后重新扫描。",
    "voucher_used": "医保码已使用，请患者刷新后重新扫描。",
    "voucher_elsewhere": "医保码已由其他医院读取，请患者刷新后重新扫描。",
}
CONDITIONS = {
    "enrollment": "重庆市的职工基本医疗保险只到2026年3月31日。请续保或补缴，或改用现在的参保关系。",
    "filing": "没有到北京市的备案。请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。",
    "destination": "备案的就医地是天津市，不是北京市。请变更备案，或另行备案到北京市。",
    "filing_type": "备案类型不包括门诊慢特病。请办理异地长期居住备案。",
    "institution": "北京示范医院尚未开通门诊慢特病异地直接结算。请改选已开通的医院。",
    "recognition": "没有查到参保地对“高血压”的门诊慢特病认定。请先向参保地申请认定。",
    "disease_listed": "病种M99900不在跨省直接结算的门诊慢特病范围内。请先自费就医，再回参保地申请手工报销。",
    "institution_disease": "北京示范医院没有开通“高血压”异地直接结算。请改选已开通的医院。",
    "injury": "示范市的外伤不跨省直接结算。请先自费就医，再持票据回参保地申请手工报销。",
    "injury_statement": "外伤就医还没有承诺无第三方责任。没有第三方责任的，请在医院签署外伤无第三方责任承诺书，或随备案上传。",
    "newborn": "没有查到重庆市对随母亲就医的新生儿跨省直接结算的规定。请先自费就医，再持票据回参保地申请手工报销。",
    "maternity": "没有查到重庆市对生育住院跨省直接结算的规定。请先自费就医，再持票据回参保地申请手工报销。",
    "covered": "没有找到重庆市职工医保普通门诊的待遇。请就医前询问重庆市医疗保障事务中心。",
    "certificate": "参保关系不在有效期内，医保码和社会保障卡不能用于结算。参保恢复后自动恢复使用。",
}
ONCE = {
    "bill_settled": "账单已经结算（结算编号J20261120-00000087-5）。如需更正，请先冲正该结算，再重新结算。",
    "invoice_paid": "该发票已经结算或报销，不能重复支付。",
    "invoice_claimed": "该发票正在申请手工报销，请患者先撤回报销申请。",
    "stay_overlaps": "住院时间与北京示范医院的住院（2026-11-10至2026-11-20，结算编号J20261120-00000087-5）重叠，请核对入出院日期。",
    "continues_taken": "该次住院已由结算J20261120-00000087-5接续，请填写最后一次住院的结算编号。",
    "continues_later": "接续的住院应在此次入院之前结束，请核对日期。",
    "in_progress": "相同的请求正在处理，请稍后用同一个 Idempotency-Key 重发。",
}
NOT_NOW = {
    "already_reversed": "该结算已经冲正，请勿重复操作。",
    "later_settlement_exists": "该参保人在此之后还有结算（J20261120-00000087-5，北京示范医院）。请先冲正后面的结算，或联系参保地经办机构更正。",
    "in_progress": ONCE["in_progress"],
}
OFTEN = {"throttled": "操作过于频繁，请稍后再试。"}
NOT_YOURS = {"not_yours": "只有办理该结算的医疗机构可以冲正；如需更正，请联系参保地经办机构。"}
NO_SETTLEMENT = {"not_found": "没有找到该结算，请核对结算编号。"}


class SettlementViewSet(Endpoint, GenericViewSet[Any]):
    """Settlements. Settling and reversing need an Idempotency-Key: the same call again gives the same answer."""

    lookup_value_converter = "uuid"
    clerk: Account
    bill: BillRequest
    person: uuid.UUID | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What the till was shown is read first, outside the keyed transaction: it stays on record whatever follows."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and self.action in ("create", "quote"):
            self.clerk = account = self.account
            if account.role != Role.HOSPITAL:
                raise Forbidden(_("只有医疗机构的经办账户可以结算。"))
            self.bill = bill = (QuoteInput if self.action == "quote" else SettleInput).read(request)
            if bill.identity is None:
                vouchers.bind(bill.voucher, str(account.institution_id))
            elif not answered(request, account):
                self.person = identify(account, bill.identity, address_of(request))

    @property
    def idempotency_required(self) -> bool:  # type: ignore[override]
        return self.action in ("create", "reverse")

    def get_queryset(self) -> SettlementQuerySet:
        """For the API's description; what is read stands in `reviews.visible` and `Settlement.objects.one`."""
        return Settlement.objects.none()

    def get_object(self) -> Settlement:
        try:
            settlement = Settlement.objects.one(self.account, uuid.UUID(str(self.kwargs["pk"])))
        except ValueError as error:
            raise Http404 from error
        if settlement is None:
            raise Http404
        return settlement

    @operation("结算记录", parameters=[SettlementQuery], answer=list[SettlementRow], example=till_bodies.ROW)
    def list(self, request: Request) -> Response:
        wanted = SettlementQuery.read(request)
        seen = Visible(self.account, Settlement, presenting.JOINS, wanted.filters(), wanted.order())
        return self.get_paginated_response(presenting.rows(self.paginate_queryset(seen) or [], self.account))

    @operation("结算详情", answer=SettlementDetail, example=till_bodies.SETTLED, refusals={404: NO_SETTLEMENT})
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(presenting.detail(self.get_object(), self.account))

    @operation(
        "预结算：算出各项金额，不作记录（医疗机构）",
        request=QuoteInput,
        sent=till_bodies.BY_IDENTITY,
        answer=QuoteAnswer,
        example=till_bodies.QUOTE,
        refusals={400: INVALID, 404: UNKNOWN, 409: WHOSE | CONDITIONS | ONCE, 429: OFTEN},
    )
    @action(detail=False, methods=["post"])
    def quote(self, request: Request) -> Response:
        entry = services.quote(self.clerk, self.bill, person=self._who(request))
        return Response(presenting.quoted(entry))

    def _who(self, request: Request) -> uuid.UUID | None:
        """Who was identified; looked up now where a known key was purged between two moments."""
        if self.bill.identity and self.person is None:
            self.person = identify(self.clerk, self.bill.identity, address_of(request))
        return self.person

    @operation(
        "结算（医疗机构）",
        request=SettleInput,
        sent=till_bodies.SETTLE,
        answer=SettlementDetail,
        example=till_bodies.SETTLED,
        status=201,
        refusals={400: KEY | INVALID, 404: UNKNOWN, 409: WHOSE | CONDITIONS | ONCE, 429: OFTEN},
    )
    def create(self, request: Request) -> Response:
        entry = services.settle(self.clerk, self.bill, person=self._who(request))
        return Response(presenting.detail(entry, self.clerk), status=201)

    @operation(
        "冲正，须说明原因（结算的医疗机构，或参保地经办机构的审核主管）",
        request=ReverseInput,
        sent={"reason": "漏录一笔材料费"},
        answer=SettlementDetail,
        example=till_bodies.REVERSED,
        refusals={400: KEY | {"required": "请填写冲正原因。"}, 403: NOT_YOURS, 404: NO_SETTLEMENT, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        settlement, body = self.get_object(), ReverseInput.read(request)
        done = services.reverse(self.account, settlement, reason=body.reason)
        return Response(presenting.detail(done, self.account))

    @extend_schema(
        summary="医疗费用结算单（PDF）",
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="OK")},
    )
    def statement(self, request: Request, pk: str) -> HttpResponse:
        """The statement (医疗费用结算单) as a PDF."""
        settlement, language = self.get_object(), reader(request)
        return pdf_answer(statement.pdf(settlement, language), f"settlement-{settlement.number}", language)


NO_ENROLLMENT = {"not_found": "没有找到该参保关系，请先绑定参保人。"}


class Eligibility(Endpoint):
    """Every condition of direct settlement, green or red, with what to do about it."""

    roles = frozenset({Role.CITIZEN})

    @operation(
        "就医前：能不能直接结算",
        parameters=[EligibilityQuery],
        answer=EligibilityAnswer,
        example=ELIGIBILITY,
        refusals={
            400: {
                "required": "请选择医疗机构。",
                "does_not_exist": "没有找到这家医疗机构，它可能尚未联网。请核对编码，或自费就医后回参保地申请手工报销。",
            },
            404: NO_ENROLLMENT,
        },
    )
    def get(self, request: Request) -> Response:
        wanted = EligibilityQuery.read(request)
        visit = plan(
            self.account,
            enrollment=wanted.enrollment,
            institution=wanted.institution,
            care=wanted.care,
            disease=(wanted.disease or "") if wanted.care == "chronic" else "",
            on=wanted.on or clock.today(),
            stated=facts_stated(wanted),
        )
        return Response(answer(visit))
