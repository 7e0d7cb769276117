"""Materials over HTTP: upload, poll, delete, and the signed links behind every picture (API.md, `POST materials/`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.http import FileResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import Endpoint
from accounts.models import Account
from core.errors import NotFound
from core.http.json import WhateverIsAccepted
from core.http.schema import operation, query, refusal_response
from reviews import materials
from reviews.materials import bodies, intake
from reviews.materials.bodies import EXAMPLE, SENTENCES, UploadInput
from reviews.materials.intake import UPLOADING
from reviews.models import Material

FORM_AROUND_THE_FILE = 64 * 1024
Handler = TypeVar("Handler", bound=Callable[..., HttpResponseBase])

LINK_EXPIRED = {"link_expired": "链接已失效，请刷新页面后重试。"}


class MaterialsView(Endpoint):
    """JPEG, PNG, WebP, HEIC or PDF, at most 10 MB; JPEG and HEIC of 120 million pixels, PNG and WebP of 60, PDF of 20 pages. A worker makes it safe: `status` tells."""

    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse the one too many, and what says itself that it is too long, before reading it."""
        super().initial(request, *args, **kwargs)
        UPLOADING.spend(self.account.pk)
        stated = int(request.META.get("CONTENT_LENGTH") or 0)
        if stated > intake.LARGEST + FORM_AROUND_THE_FILE:
            intake.check_size(stated)

    @operation(
        "上传材料",
        request=UploadInput,
        answer=bodies.Material,
        example={**EXAMPLE, "status": "processing", "thumbnail": None, "url": None},
        status=201,
        refusals={
            400: {"file_empty": "文件是空的，请重新选择后上传。", "file_damaged": str(SENTENCES["file_damaged"])},
            413: {
                "file_too_large": "文件有 16.0 MB，超过上限 10 MB，请压缩或重新拍摄后再上传。",
                "image_too_large": "图片有 20000 × 20000（4 亿像素），这种格式的上限是 6000 万像素。请降低分辨率，或另存为较小的 JPEG 后重新上传。",
            },
            415: {"file_type_unsupported": "只能上传 JPEG、PNG、WebP、HEIC 图片或 PDF 文件，请转换格式后重新上传。"},
            429: {
                "throttled": "操作过于频繁，请稍后再试。",
                "too_many_materials": "未使用的材料过多，请先提交申请或删除不用的材料（7 天未使用会自动清除）。",
            },
        },
    )
    def post(self, request: Request) -> Response:
        form = UploadInput.read(request)
        material = materials.receive(self.account, form.file, form.kind)
        return Response(materials.present(material, self.account), status=201)


class MaterialView(Endpoint):
    """One's own upload, or a document of a case one may see."""

    @operation("一份材料：处理完成前可再次查询", answer=bodies.Material, example=EXAMPLE)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(materials.present(_visible(id, self.account), self.account))

    @operation(
        "删除未使用的材料",
        status=204,
        refusals={409: {"material_attached": "材料已用于申请，不能删除。"}},
    )
    def delete(self, request: Request, id: UUID) -> Response:
        materials.discard(self.account, _visible(id, self.account))
        return Response(status=204)


def _visible(material_id: UUID, account: Account) -> Material:
    material = Material.objects.visible_to(account).filter(id=material_id).first()
    if material is None:
        raise NotFound(_("没有找到该材料，请重新上传。"))
    return material


def _described(summary: str) -> Callable[[Handler], Handler]:
    stored = OpenApiResponse(OpenApiTypes.BINARY, description="OK")
    return extend_schema(
        summary=summary,
        parameters=[query("sig", "The signature of the link", required=True)],
        responses={
            (200, "image/jpeg"): stored,
            (200, "application/pdf"): stored,
            403: refusal_response(403, LINK_EXPIRED),
        },
    )


def hand_out(material: Material, purpose: str) -> FileResponse:
    """What is stored of it: the `file` or its `thumbnail`. Raises NotFound while there is nothing."""
    stored = getattr(material, purpose)
    if not stored:
        raise NotFound(_("没有找到该材料。"))
    picture = stored.name.endswith(".jpg")
    content_type = "image/jpeg" if picture else material.content_type
    answer = FileResponse(
        stored.open("rb"),
        as_attachment=not picture,
        filename=intake.download_name(material.filename, content_type),
        content_type=content_type,
    )
    return kept_private(answer)


def kept_private(answer: FileResponse) -> FileResponse:
    """What is stored stays with whoever asked, and is nothing but what it says it is."""
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Content-Encoding"] = "identity"  # pictures and PDFs are compressed: the gzip middleware keeps off
    return answer


class LinkView(APIView):
    """Hands out what is stored, to whoever follows a fresh link and may still see the case."""

    authentication_classes = []
    permission_classes = [AllowAny]
    content_negotiation_class = WhateverIsAccepted
    purpose: ClassVar[str]

    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        signature = request.query_params.get("sig", "")
        owner = materials.account_of(signature, material_id=id, purpose=self.purpose)
        account = Account.objects.filter(id=owner, is_active=True).first()
        if account is None:
            raise NotFound(_("没有找到该材料。"))
        return hand_out(_visible(id, account), self.purpose)


class FileView(LinkView):
    purpose = "file"

    @_described("材料原件")
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        return super().get(request, id)


class ThumbnailView(LinkView):
    purpose = "thumbnail"

    @_described("材料缩略图")
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        return super().get(request, id)
