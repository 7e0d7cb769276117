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
from reviews.materials.processing import SENTENCES

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
