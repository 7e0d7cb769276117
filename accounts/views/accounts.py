"""Signing in and out, one's own account, and its inbox."""

from __future__ import annotations

import uuid

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from knox.models import AuthToken
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import bodies, leaving, limits, presenting, services
from accounts.bodies import (
    AccountInput,
    AccountShape,
    MessageQuery,
    MessageShape,
    PasswordInput,
    SignedIn,
    WeChatInput,
)
from accounts.http import Endpoint, address_of
from accounts.models import Role
from accounts.security.attempts import remember_device
from core.http.json import WhateverIsAccepted
from core.http.schema import operation, refusal_response

TOO_OFTEN = {"throttled": "操作过于频繁，请稍后再试。"}


class SignIn(APIView):
    """An endpoint for those who have no token yet; a dead one in the request does not matter."""

    authentication_classes = ()
    permission_classes = [AllowAny]


class WeChatSignIn(SignIn):
    @operation(
        "用微信登录",
        request=WeChatInput,
        sent={"code": "sandbox:wang"},
        answer=SignedIn,
        example=bodies.TOKEN,
        refusals={
            400: {"code_invalid": "登录凭证无效或已过期，请重新进入小程序后再试。"},
            403: {
                "account_disabled": "该账户已停用，请联系经办机构。",
                "account_blocked": "微信已限制此账号登录小程序，请联系微信客服。",
            },
            429: TOO_OFTEN,
            502: {"wechat_unavailable": "微信服务暂时不可用，请稍后再试。"},
            503: {"wechat_unavailable": "微信服务暂时不可用，请稍后再试。"},
        },
    )
    def post(self, request: Request) -> Response:
        """Sign in a citizen. In sandbox mode any code `sandbox:NAME` signs in the stable test account NAME."""
        limits.SIGNING_IN.spend(address_of(request))
        body = WeChatInput.read(request)
        return Response(presenting.signed_in(*services.sign_in_wechat(body.code)))


class PasswordSignIn(SignIn):
    @operation(
        "工作人员登录",
        request=PasswordInput,
        sent={"username": "cq-reviewer", "password": "••••••••"},
        answer=SignedIn,
        example=bodies.STAFF_TOKEN,
        refusals={
            401: {
                "credentials_wrong": "用户名或密码不正确，请核对后重新登录。",
                "second_factor_required": "请同时填写验证器应用中的6位动态验证码，或一个恢复码。",
                "second_factor_wrong": "动态验证码不正确或已使用过，请等验证器应用显示下一个后重新填写。",
            },
            403: {
                "locked_out": "连续多次登录失败，请稍候再试；急需登录请联系审核主管或系统管理员。",
                "second_factor_missing": "尚未绑定动态验证码。请向审核主管或系统管理员领取绑定码，在审核后台登录并完成绑定。",
            },
            429: TOO_OFTEN,
        },
    )
    def post(self, request: Request) -> Response:
        """Sign in staff; `code` is the second factor of whoever enrolled one. After repeated failures a client waits (`Retry-After`)."""
        limits.SIGNING_IN.spend(address_of(request))
        body = PasswordInput.read(request)
        token, row = services.sign_in_staff(
            request._request, username=body.username, password=body.password, code=body.code
        )
        answer = Response(presenting.signed_in(token, row))
        remember_device(request._request, answer, row.user)
        return answer


class SignOut(Endpoint):
    @operation("退出登录", request=None, answer=None, status=204)
    def post(self, request: Request) -> Response:
        """Sign out on this device: the token is dead at once."""
        if isinstance(request.auth, AuthToken):
            services.sign_out(request.auth)
        return Response(status=204)


class OwnAccount(Endpoint):
    @operation("我的账户", answer=AccountShape, example=bodies.ACCOUNT)
    def get(self, request: Request) -> Response:
        """Who I am: role, area or institution, the person I am bound to, unread messages."""
        return Response(presenting.account_row(self.account))

    @operation("修改账户", request=AccountInput, sent={"language": "en"}, answer=AccountShape, example=bodies.ACCOUNT)
    def patch(self, request: Request) -> Response:
        """Choose the language of the phone's pages and of the messages that are sent, and whether the pages are those for old people."""
        body = AccountInput.read(request)
        services.choose_reading(self.account, language=body.language, elder_mode=body.elder_mode)
        return Response(presenting.account_row(self.account))

    @operation(
        "注销账户",
        request=None,
        answer=None,
        status=204,
        refusals={403: {"staff_account": "工作人员账户不能自行注销，请联系系统管理员。"}},
    )
    def delete(self, request: Request) -> Response:
        """Close the account: mandates end, tokens die; what the law keeps is kept, the rest erased."""
        services.close_account(self.account)
        return Response(status=204)


class ExportAccount(Endpoint):
    """All that is held of the account, for it alone: nobody on the way keeps it."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        summary="我的全部数据（ZIP）",
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="OK"),
            429: refusal_response(429, TOO_OFTEN),
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """JSON files by subject, and the photos and PDFs that were handed in. Told in the inbox."""
        answer = StreamingHttpResponse(leaving.export(self.account), content_type="application/zip")
        answer["Content-Disposition"] = 'attachment; filename="mydata.zip"'
        answer["Cache-Control"] = "private, no-store"
        return answer


class ClosingAccount(Endpoint):
    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    @operation("注销前：还有什么没有办完", answer=leaving.ClosingShape, example=bodies.CLOSING)
    def get(self, request: Request) -> Response:
        """Filings in force, running cases, promised documents, money on its way. None of it keeps anyone from closing."""
        answer: leaving.ClosingShape = {"matters": [_matter(each) for each in leaving.open_matters(self.account)]}
        return Response(answer)


def _matter(matter: leaving.Matter) -> leaving.MatterShape:
    return {
        "kind": matter.kind,
        "label": matter.label,
        "id": str(matter.id),
        "number": matter.number,
        "person_name": matter.person_name,
        "about": matter.about,
        "open": matter.open,
    }


class Messages(Endpoint):
    @operation("我的消息", parameters=[MessageQuery], answer=list[MessageShape], example=bodies.MESSAGE)
    def get(self, request: Request) -> Response:
        """The inbox, the newest first. `?unread=true` with `page_size=1` counts what is unread."""
        rows = services.Inbox(self.account, bool(MessageQuery.read(request).unread))
        return self.listed(rows, presenting.message_rows)


class ReadMessage(Endpoint):
    @operation("标记消息已读", request=None, answer=MessageShape, example=bodies.READ)
    def post(self, request: Request, message_id: uuid.UUID) -> Response:
        """Note that the message was read; the first time stays."""
        return Response(presenting.message_row(services.mark_read(self.account, message_id)))
