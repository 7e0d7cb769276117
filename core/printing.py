"""Papers as PDFs: a template of Typst's, set in a font that knows rare characters; and the QR codes on them and on phones.

What a paper says is Chinese. In another language it is put into words here, as it is printed; names stay as they are (`Kept`), and the
Chinese stands beside the English (`core/paper.typ`). Typst is imported by the first paper: a process that prints none does without its memory.
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
from django.conf import settings
from django.http import HttpResponse

from core.languages import SOURCE, TAGS
from core.languages.harvest import of_paper
from core.languages.sentences import translated

SHARED = Path(__file__).parent / "paper.typ"


class Kept(str):
    """The name of somebody or something, or what a person typed: it stands on every paper as it was written."""


class Joined(str):
    """A text that names stand in: 示范医院（三级医院）. Each piece is told on its own."""

    pieces: tuple[str, ...]

    def __new__(cls, *pieces: str) -> Joined:
        text = super().__new__(cls, "".join(pieces))
        text.pieces = pieces
        return text


def as_text(value: object) -> str:
    """The text of a value; a name stays marked as one."""
    return value if isinstance(value, str) else str(value)


def told(value: Any, language: str) -> Any:
    """What stands on a paper, in the reader's language."""
    if isinstance(value, Joined):
        between = "" if language.startswith("zh") else " "
        return between.join(told(piece, language) for piece in value.pieces)
    if isinstance(value, str):
        return value if isinstance(value, Kept) else translated(value, language)
    if isinstance(value, Mapping):
        return {name: told(each, language) for name, each in value.items()}
    return [told(each, language) for each in value] if isinstance(value, list | tuple) else value


@cache
def _fonts() -> Any:
    """Noto Sans CJK from its wheel: the same on every machine, whatever fonts that has."""
    import typst

    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def set_in_type(template: Path, data: Mapping[str, Any], language: str = SOURCE) -> bytes:
    """Set a template in a language. It reads its texts by `core/paper.typ`, or as `json(bytes(sys.inputs.data))` where it is Chinese only."""
    import typst

    inputs = {"language": language} | {
        name: json.dumps(texts, ensure_ascii=False)
        for name, texts in (("data", told(data, language)), ("original", data), ("words", _words(template, language)))
    }
    pdf: bytes = typst.compile(template, root=settings.BASE_DIR, sys_inputs=inputs, font_paths=_fonts())
    return pdf


@cache
def _words(template: Path, language: str) -> dict[str, str]:
    """What the template itself says (`t("…")`), by the Chinese."""
    said = (text for path in (SHARED, template) for text in of_paper(path.read_text("utf-8")))
    return {text: translated(text, language) for text in said}


def pdf_answer(content: bytes, name: str, language: str = SOURCE) -> HttpResponse:
    """A PDF to look at, to be kept by nobody on the way; `name` is what it is saved as."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Language"] = TAGS[language]
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def qr(text: str) -> str:
    """A QR code as an SVG document, of which a data URL can be made; never the micro kind, which few scanners read."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, nl=False)
    return out.getvalue().decode()
