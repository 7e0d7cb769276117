"""Writes `locale/`: `python -m tests.core.catalogues` (make messages).

English keeps what was translated, gets new texts untranslated, and loses what no source says any more. Traditional Chinese is made whole
from the source: the glossary's terms as the field writes them, all else by OpenCC. Both are compiled, with the admin theme's Chinese.
Sorted by text and without line numbers, so that moved code changes nothing here. Needs what tests need (polib, OpenCC).
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import django
import opencc
import polib
from django.utils.translation import override

from core.http.bodies import SENTENCES
from core.languages import SOURCE, harvest
from policies.language.filing_rules import shipped
from policies.language.loader import SHIPPED, load_path, policy_files
from policies.readable.words import names_and_reasons, own_words

LOCALE = harvest.ROOT / "locale"
GLOSSARY = harvest.ROOT / "core" / "languages" / "glossary.csv"
_HEADER = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
VARIANT = "s2hk"


class Term(NamedTuple):
    """A term of the field: what it is in traditional Chinese, and in English where that must be said (any of several)."""

    simplified: str
    traditional: str
    english: tuple[str, ...]


@cache
def glossary() -> tuple[Term, ...]:
    """The reviewed terms, the longest first."""
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        terms = [
            Term(row["simplified"], row["traditional"], tuple(filter(None, row["english"].split("|"))))
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(terms, key=lambda term: -len(term.simplified)))


def terms_in(text: str) -> Iterator[Term]:
    """The terms of the glossary that stand in a text, each place read once, by the longest that fits."""
    known = {term.simplified: term for term in glossary()}
    yield from (known[found] for found in _terms().findall(text))


@cache
def _terms() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(term.simplified) for term in glossary()) or r"(?!)")


def traditional(text: str) -> str:
    """The text in traditional Chinese."""
    known = {term.simplified: term.traditional for term in glossary()}
    pieces = re.split(f"({_terms().pattern})", text)
    return "".join(known.get(piece) or _converter().convert(piece) for piece in pieces)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC(VARIANT)


def path_of(locale: str, ending: str = "po") -> Path:
    """Where a catalogue lies."""
    return LOCALE / locale / "LC_MESSAGES" / f"django.{ending}"


def write(locale: str, translations: dict[str, str]) -> None:
    """Write a catalogue, sorted, and compile it."""
    book = polib.POFile(wrapwidth=0)
    book.metadata = {"Language": locale, **_HEADER}
    for text in sorted(translations):
        book.append(polib.POEntry(msgid=text, msgstr=translations[text]))
    path_of(locale).parent.mkdir(parents=True, exist_ok=True)
    book.save(str(path_of(locale)))
    compile_(locale)


def compile_(locale: str) -> None:
    """Compile what stands in a catalogue."""
    polib.pofile(str(path_of(locale)), wrapwidth=0).save_as_mofile(str(path_of(locale, "mo")))


def msgids() -> set[str]:
    """Every text that needs a translation: what the sources say, and what the shipped policy files say in their own words."""
    policies = (load_path(path) for path in policy_files(SHIPPED))
    with override(SOURCE):  # what the framework says is refused in its words
        refusals = {str(sentence) for _, sentence in SENTENCES.values()}
    return harvest.msgids() | own_words(shipped().all_rules()) | names_and_reasons(policies) | refusals


def english() -> dict[str, str]:
    """What has been translated so far."""
    if not path_of("en").exists():
        return {}
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(path_of("en")))}


def main() -> int:
    """Bring all catalogues up to date; 1 where an English text is missing."""
    texts, known = msgids(), english()
    write("en", {text: known.get(text, "") for text in texts})
    write("zh_Hant", {text: traditional(text) for text in texts})
    compile_("zh_Hans")
    missing = sorted(text for text in texts if not known.get(text))
    for text in missing:
        print("untranslated:", text.replace("\n", "\\n"))
    print(f"{len(texts)} texts, {len(missing)} untranslated, {len(known.keys() - texts)} gone")
    return 1 if missing else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main())
