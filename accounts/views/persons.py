"""The persons I act for, and the mandates that concern me."""

from __future__ import annotations

import uuid
from functools import partial

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import bodies, presenting, services
from accounts.bodies import BindInput, CodeInput, MandateShape, PersonShape, VoucherShape
from accounts.http import Endpoint, address_of
from accounts.models import Mandate, Role
from core.http.schema import operation

CITIZENS = frozenset({Role.CITIZEN})
TOO_OFTEN = {"throttled": "操作过于频繁，请稍后再试。"}
NO_SMS = {"sms_unavailable": "验证码暂时发送不出去，请稍后再试。"}


class PersonsEndpoint(Endpoint):
    """Binding is proved step by step and counts its failures, so a keyed replay would be wrong here (API.md); vouchers must be fresh."""

    roles = CITIZENS
    idempotent = False

    def bound(self) -> QuerySet[Mandate]:
        """The caller's live mandates with all that is shown of them."""
        rows = Mandate.objects.live().filter(account=self.account)
        return rows.select_related("person").prefetch_related("person__enrollments__area__agencies")

    def shown(self, mandate: Mandate, status: int = 200) -> Response:
        return Response(presenting.person_row(self.bound().get(pk=mandate.pk)), status=status)


class Persons(PersonsEndpoint):
    @operation("我可代办的参保人", answer=list[PersonShape], example=bodies.ACTIVE)
    def get(self, request: Request) -> Response:
        """The insured persons I act for, or have asked to."""
        return self.listed(self.bound(), presenting.person_rows)

    @operation(
        "绑定参保人",
        request=BindInput,
        sent=bodies.BIND,
        answer=PersonShape,
        example=bodies.PENDING,
        status=201,
        refusals={
            400: {
                "id_number_invalid": "身份证号码的校验位不正确，可能有数字填错，请逐位核对后重新填写。",
                "certificate_invalid": "通行证号码应为H或M加8位数字（港澳），或8位数字（台湾），请核对后重新填写。",
                "country_required": "请选择签发护照的国家。",
                "consent_required": "请先阅读并同意授权说明。",
            },
            404: {"not_registered": "没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。"},
            409: {
                "already_bound": "已绑定该参保人，无需重复绑定。",
                "self_bound": "本账户已绑定本人，请先解除后再绑定。",
                "too_many_persons": "一个账户最多绑定6人，请先解除不再需要的绑定。",
                "mother_not_bound": "请先在本账户绑定新生儿的母亲（以参保登记为准），再绑定新生儿；登记有误的，请联系参保地经办机构。",
                "merge_pending": "该儿童已用出生医学证明办理过业务。合并到身份证号码之前，请继续使用出生医学证明；请联系参保地经办机构办理合并。",
            },
            429: TOO_OFTEN,
            503: NO_SMS,
        },
    )
    def post(self, request: Request) -> Response:
        """Ask to act for oneself or family; `mandate.proof` says what proves it."""
        sent = BindInput.read(request)
        asked = sent.given("name", "relation", "consent")
        mandate = services.bind_person(self.account, **asked, id_number=sent.identity, address=address_of(request))
        return self.shown(mandate, status=201)


class OnePerson(PersonsEndpoint):
    @operation("解除绑定", request=None, answer=None, status=204)
    def delete(self, request: Request, person_id: uuid.UUID) -> Response:
        """End my mandate over a person, or withdraw my request; the past stays on record."""
        services.unbind(self.account, person_id)
        return Response(status=204)


class VerifyPerson(PersonsEndpoint):
    @operation(
        "填写验证码",
        request=CodeInput,
        sent={"code": "000000"},
        answer=PersonShape,
        example=bodies.ACTIVE,
        refusals={
            400: {"code_wrong": "验证码不正确，请核对后重新填写。"},
            409: {
                "wrong_state": "该参保人已绑定成功，无需再次验证。",
                "not_by_code": "该绑定不通过验证码办理，请等待本人同意或到经办机构窗口办理。",
                "code_expired": "验证码已过期，请重新获取验证码。",
                "code_exhausted": "验证码错误次数过多，请重新获取验证码。",
            },
            429: TOO_OFTEN,
        },
    )
    def post(self, request: Request, person_id: uuid.UUID) -> Response:
        """Prove with the code sent to the telephone in the register that this is me."""
        return self.shown(services.verify(self.account, person_id, CodeInput.read(request).code))


class ResendCode(PersonsEndpoint):
    @operation(
        "重新获取验证码",
        request=None,
        answer=PersonShape,
        example=bodies.PENDING,
        refusals={429: TOO_OFTEN, 503: NO_SMS},
    )
    def post(self, request: Request, person_id: uuid.UUID) -> Response:
        """Send a new code; the one before is void."""
        return self.shown(services.resend_code(self.account, person_id))


class Vouchers(PersonsEndpoint):
    @operation(
        "出示医保码",
        request=None,
        answer=VoucherShape,
        example=bodies.VOUCHER,
        status=201,
        refusals={404: {"not_found": "没有找到该参保人，请先绑定并完成验证。"}, 429: TOO_OFTEN},
    )
    def post(self, request: Request, person_id: uuid.UUID) -> Response:
        """A fresh insurance code for the hospital to scan: short-lived, bound to the first that reads it, used up by settling."""
        issued = services.vouchers.issue(self.account, person_id)
        return Response(presenting.voucher(issued), status=201)


class MandatesEndpoint(Endpoint):
    roles = CITIZENS

    def concerning(self) -> QuerySet[Mandate]:
        return Mandate.objects.concerning(self.account).select_related("person", "account")

    def shown(self, mandate: Mandate) -> Response:
        return Response(presenting.mandate_rows([mandate], self.account)[0])


class Mandates(MandatesEndpoint):
    @operation("与我有关的授权", answer=list[MandateShape], example=bodies.MANDATE)
    def get(self, request: Request) -> Response:
        """Mandates others hold or ask for over me, and mine over others; the newest first, ended ones included."""
        return self.listed(self.concerning(), partial(presenting.mandate_rows, account=self.account))


class ApproveMandate(MandatesEndpoint):
    @operation(
        "同意授权申请",
        request=None,
        answer=MandateShape,
        example=bodies.AGREED,
        refusals={409: {"wrong_state": "这项授权申请已处理，请刷新后查看。"}},
    )
    def post(self, request: Request, mandate_id: uuid.UUID) -> Response:
        """Agree that another account acts for me."""
        return self.shown(services.approve_mandate(self.account, mandate_id))


class RevokeMandate(MandatesEndpoint):
    @operation(
        "解除授权",
        request=None,
        answer=MandateShape,
        example=bodies.REVOKED,
        refusals={409: {"wrong_state": "这项授权已结束，无需再次解除。"}},
    )
    def post(self, request: Request, mandate_id: uuid.UUID) -> Response:
        """End a mandate of mine or over me, or decline a request."""
        return self.shown(services.revoke_mandate(self.account, mandate_id))
