"""Papers as PDFs: a template of Typst's, set in a font that knows rare characters; and the QR codes on them and on phones.

Typst is imported by the first paper: a process that prints none does without its memory.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import segno
from django.http import HttpResponse


@cache
def _fonts() -> Any:
    """Noto Sans CJK from its wheel: the same on every machine, whatever fonts that has."""
    import typst

    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def set_in_type(template: Path, data: Mapping[str, Any]) -> bytes:
    """Set a template, which reads the texts as `json(bytes(sys.inputs.data))`."""
    import typst

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    pdf: bytes = typst.compile(template, root=template.parent, sys_inputs=inputs, font_paths=_fonts())
    return pdf


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF to look at, to be kept by nobody on the way; `name` is what it is saved as."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def qr(text: str) -> str:
    """A QR code as an SVG document, of which a data URL can be made; never the micro kind, which few scanners read."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, nl=False)
    return out.getvalue().decode()
