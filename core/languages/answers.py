"""Answers of the API in the reader's language: every sentence of ours, nothing that a person typed or that names a person or place."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponseBase

from core.languages.sentences import STOPS, note_in, translated

KEPT = frozenset({
    "address", "bank_account", "bank_holder", "contact_name", "contact_phone", "filename", "holder", "id_number", "invoice_code",
    "invoice_number", "name", "nickname", "opinion", "patient", "phone", "place", "publisher", "receiver", "signed_name", "url", "verification_code", "whom",
})  # fmt: skip
"""Fields that hold what people typed, or the names of people, places, hospitals, diseases: they come back as they went in."""
TYPED = {
    "reason": {"outcome", "submission_kind", "invoice_number", "at", "id_number"},
    "summary": {"verification_code"},
    "title": {"translation", "publisher"},
    "text": {"translation", "sha256"},
}
"""Fields that people type where one of these stands beside them (a decision, a message, a claim, a reversal; a referral), and what is quoted: a notice, which
is acknowledged in Chinese, a source, a policy's file."""
ORIGINALS = frozenset({"content", "readable", "translation", "spec", "original"})
"""Whole texts that are the source itself, or were put into the language where they are made: a policy's file and its readable form, a notice's translation."""


def in_language(answer: HttpResponseBase, language: str) -> None:
    """Put the sentences of a JSON answer into a language."""
    content = getattr(answer, "content", b"")
    if not content or not answer.get("Content-Type", "").startswith("application/json"):
        return
    answer.content = orjson.dumps(_told(orjson.loads(content), language))  # type: ignore[attr-defined]
    if answer.has_header("Content-Length"):
        answer["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]


def _told(value: Any, language: str) -> Any:
    if isinstance(value, str):
        return translated(value, language)
    if isinstance(value, list):
        return [_told(each, language) for each in value]
    if isinstance(value, dict):
        return {name: _field(name, each, value, language) for name, each in value.items()}
    return value


def _field(name: str, value: Any, beside: dict[str, Any], language: str) -> Any:
    if _kept(name, value, beside):
        return value
    if name == "detail" and "verb" in beside:
        return _event(value, language)
    return _told(value, language)


def _event(detail: str, language: str) -> str:
    """What happened (退回补正), and what somebody wrote to it, which stays as it is unless it is a text of ours."""
    happened, stop, note = detail.partition("：")
    if not stop:
        return translated(detail, language)
    stop = stop if language.startswith("zh") else STOPS[stop]
    return f"{translated(happened, language)}{stop}{note_in(note, language)}"


def _kept(name: str, value: Any, beside: dict[str, Any]) -> bool:
    if name in ORIGINALS:
        return True
    if name == "name" and "effective_from" in beside:  # a policy's, which is ours
        return False
    typed = name in KEPT or name.endswith("_name") or not TYPED.get(name, frozenset()).isdisjoint(beside)
    return isinstance(value, str) and typed
