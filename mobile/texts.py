"""What the phone's scripts say in other languages: fetched once, and only by who reads another language than Chinese."""

import hashlib
from functools import cache
from pathlib import Path

import orjson
from django.urls import reverse

from core.languages import SOURCE, harvest
from core.languages.sentences import catalogue

SCRIPTS = Path(__file__).parent / "static" / "mobile"


def address(language: str) -> str:
    """Where a phone finds them; empty for Chinese, of which the scripts are written."""
    if language == SOURCE:
        return ""
    digest = hashlib.sha256(script(language)).hexdigest()[:12]
    return reverse("mobile:texts", kwargs={"language": language, "digest": digest})


@cache
def script(language: str) -> bytes:
    """A classic script that lays the texts down before the modules run."""
    sources = (path.read_text("utf-8") for path in sorted(SCRIPTS.rglob("*.js")) if path.parent.name != "vendor")
    said = {text for source in sources for text in harvest.of_script(source)}
    known = catalogue(language)
    return b"globalThis.yidiTexts=" + orjson.dumps({text: known[text] for text in sorted(said) if text in known}) + b";"
