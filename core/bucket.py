"""Files in an S3-compatible store (`MATERIALS_URL`), with requirements-s3.txt; what lies there is sealed (`core.sealed_files`).

It is asked for whole files alone, and never for an address to hand out: who may see a file is decided here. One that does not
answer, or has no room, raises FilesGone: whoever asked is told to come again, a worker tries later, nothing counts as deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

from core.errors import FilesGone

LIMITS: dict[str, Any] = {
    "connect_timeout": 2,
    "read_timeout": 10,
    "retries": {"mode": "standard", "total_max_attempts": 2},
    "request_checksum_calculation": "when_required",  # not every store knows the newer ones
    "response_checksum_validation": "when_required",
}
MISSING = {"NoSuchKey", "404"}


@contextmanager
def _reached(name: str = "") -> Iterator[None]:
    """Raises FileNotFoundError for what is not there, FilesGone for a store that does not do what it is asked."""
    try:
        yield
    except ClientError as refusal:
        code = str(refusal.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise FileNotFoundError(name) from refusal
        raise FilesGone(f"refused: {code}") from refusal
    except BotoCoreError as failure:
        raise FilesGone(type(failure).__name__) from failure


class Bucket(S3Storage):  # type: ignore[misc]
    """A bucket of a store, by its address `https://KEY:SECRET@HOST/BUCKET?region=REGION`. What is saved takes the place of what was there."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        super().__init__(
            access_key=unquote(parts.username or ""),
            secret_key=unquote(parts.password or ""),
            endpoint_url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            bucket_name=parts.path.strip("/"),
            region_name=asked.get("region", "us-east-1"),
            client_config=Config(s3={"addressing_style": asked.get("addressing", "path")}, **LIMITS),
            file_overwrite=True,
        )

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with _reached(name):
            return ContentFile(self.bucket.Object(name).get()["Body"].read(), name=name)

    def _save(self, name: str, content: File[Any]) -> str:
        with _reached(name):
            self.bucket.Object(name).put(Body=content.read(), ContentType="application/octet-stream")
        return name

    def exists(self, name: str) -> bool:
        with _reached(name):
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with _reached(name):
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _reached(name):
            folders, files = super().listdir(name)
        return list(folders), list(files)

    def get_modified_time(self, name: str) -> datetime:
        with _reached(name):
            found: datetime = super().get_modified_time(name)
        return found
