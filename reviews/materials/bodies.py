"""What is sent and answered about materials, with the example of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from core.http.bodies import Body
from core.http.values import OneOf, Otherwise, SentFile, Upload
from reviews import models

# Why a material cannot be used: stable codes, and for each a sentence that says what to do instead.
SENTENCES = {
    "file_damaged": _("文件已损坏或不完整，请重新拍摄或导出后上传。"),
    "file_too_complex": _("文件内容过于复杂，无法处理，请改用拍照或普通扫描件上传。"),
    "file_infected": _("安全扫描在文件中发现了恶意代码，未予保存。请用安全的设备重新拍摄或扫描后上传。"),
    "image_too_large": _(
        "图片像素过大（JPEG、HEIC 上限 1.2 亿像素，PNG、WebP 上限 6000 万像素），请降低分辨率后重新上传。"
    ),
    "pdf_encrypted": _("PDF 设有打开密码，请去除密码后重新上传。"),
    "pdf_too_many_pages": _("PDF 超过 20 页，请只上传需要的页面。"),
    "pdf_page_too_large": _("PDF 页面尺寸过大，请按 A4 纸导出后重新上传。"),
    "processing_failed": _("文件多次处理失败，请换一种格式或重新拍摄后上传。"),
}

NO_FILE = _("请选择要上传的文件。")


class UploadInput(Body):
    """What is sent: the file, and which document of the area's list it is."""

    component: ClassVar[str] = "Upload"
    sentences = {
        **Body.sentences,
        "missing.file": ("required", NO_FILE),
        "missing.kind": ("required", _("请说明材料种类。")),
    }

    file: Annotated[SentFile, Upload(NO_FILE)]
    kind: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$"), Otherwise("invalid", _("材料种类不正确，请按材料清单选择。"))
    ] = Field(description="A document kind of `filing-options`")


class Material(TypedDict):
    """How a material is shown; links are null until it is ready, and end after ten minutes."""

    id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    kind: str
    status: Annotated[str, OneOf(models.Material.State)]
    filename: str
    size: int
    content_type: str
    pages: int
    thumbnail: str | None
    url: str | None
    problem: Annotated[str, OneOf([*sorted(SENTENCES), ""])]
    detail: Annotated[str, Field(description="Refused: what to do about it")]
    created_at: datetime


EXAMPLE: dict[str, Any] = {
    "id": "019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10",
    "kind": "residence_permit",
    "status": "ready",
    "filename": "居住证.jpg",
    "size": 482133,
    "content_type": "image/jpeg",
    "pages": 1,
    "thumbnail": "/api/v1/materials/019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10/thumbnail/?sig=…",
    "url": "/api/v1/materials/019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10/file/?sig=…",
    "problem": "",
    "detail": "",
    "created_at": "2026-11-21T10:00:00+08:00",
}
