"""Sentences in the reader's language: whole from the catalogue, by their template, or by their parts.

A sentence may have been composed (`f"请选择到{area}"`) and stored long ago, by a worker or for another reader. The template that made it
is in the catalogue with names for what it was filled with, so that the finished sentence can be read back: what stands in the gaps is
put into the reader's language in turn. Whatever nobody has translated (a hospital's name, what a person wrote) stays as it is.
"""

from __future__ import annotations

import gettext
import re
from calendar import month_name
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import to_locale

from core.languages import SOURCE

HAN = re.compile(r"[\u3400-\u9fff]")
GAP = re.compile(r"\{(\w*)(?:![rsa])?(?::[^{}]*)?\}|%\((\w+)\)[sd]|%[sd]")
LEAST_HAN, LEAST_AFTER_A_NAME, LEAST_AMONG_TYPED = 1, 4, 12
STOPS = {
    "。": ". ", "；": "; ", "，": ", ", "：": ": ", "、": ", ", "\n": "\n", "（": " (", "）": ")", "“": "“", "”": "”", " ": " ",
}  # fmt: skip
_STOP = re.compile("([。；，：、\n（）“” ])")
_STRENGTHS = ("[。\n]", "；", "，", "、", "：", "[（）“” ]")
_KNOWN = 20_000
QUOTED = frozenset({"title", "publisher"})
"""Gaps that hold the title of a text and who published it: quoted as they are."""
AS_WRITTEN = QUOTED | {"typed"}
"""Gaps whose words are nobody's of ours: those, and what a person typed."""
FIGURES = {
    "checked_on": r"[\d年月日-]+",
    "yuan": r"[\d.,]+元?",
    "percent": r"[\d.]+%",
    "digits": r"[\d.]+",
    "count": r"\d+",
    "points": r"[\d.]+",
}
REMARK = re.compile("([^（）]+)（([^（）]*)）")
YEARS = frozenset({"%d年", "{year}年", "{slice}年"})
_DAY = frozenset({"year", "month", "day"})
LAST_MONTH = 12
_ONE = re.compile(r"\b1 (working )?(day|month|year|hospital|item|file)s\b")
LONGEST, DEEPEST = 300, 8
"""A longer text is read by its parts alone, and no part of a part of … deeper than so: what people typed costs no more."""


class Template(NamedTuple):
    """A composed sentence: how it is recognised, and what it becomes; `anchor` is its longest fixed piece, `begins`: it does not begin with a gap.

    `anything`: whatever stands between its pieces fits; `several`: it is more than one sentence.
    """

    weight: int
    anchor: str
    begins: bool
    pattern: re.Pattern[str]
    translation: str
    anything: bool
    several: bool


def translated(text: str, language: str, depth: int = 0) -> str:
    """The text in a language of ours; itself where it is Chinese that is asked for, or nobody has translated it."""
    return text if language == SOURCE or not HAN.search(text) else _translated(text, language, depth)


@lru_cache(_KNOWN)
def _translated(text: str, language: str, depth: int) -> str:
    if depth > DEEPEST:
        return catalogue(language).get(text, text)
    told = _whole(text, language, depth)
    if told is None and text.endswith("。") and (known := catalogue(language).get(text[:-1])):
        told = known + ("。" if language.startswith("zh") else ".")
    return told or _by_parts(text, language, depth + 1)


def _whole(text: str, language: str, depth: int) -> str | None:
    """A text of the catalogue, or one that a template of it made."""
    if known := catalogue(language).get(text):
        return known
    if len(text) > LONGEST:
        return None
    if "。" in text[:-1] and (told := _several(text, language, depth)):
        return told
    told = _made(text, templates(language), language, depth)
    return (
        told
        or _remarked(text, language, depth + 1)
        or _either(text, language, depth + 1)
        or _after_a_name(text, language, depth + 1)
    )


def note_in(text: str, language: str) -> str:
    """A note that a person typed stays as it is; one of ours (an automatic return) is known by nearly all of its words."""
    if language == SOURCE:
        return text
    sure = (each for each in templates(language) if each.begins and each.weight >= LEAST_AMONG_TYPED)
    return catalogue(language).get(text) or _made(text, sure, language, 0) or text


def _made(text: str, known: Iterable[Template], language: str, depth: int) -> str | None:
    """By the first template that made it."""
    for template in known:
        if template.anchor in text and (found := template.pattern.fullmatch(text)):
            return _filled(template.translation, found, language, depth + 1)
    return None


def _several(text: str, language: str, depth: int) -> str | None:
    """Several sentences, by a template of several, else each by its own: one of one sentence would take the others for what stands in its gap."""
    if told := _made(text, (each for each in templates(language) if each.several), language, depth):
        return told
    parts = [_whole(f"{part}。", language, depth + 1) for part in text.split("。") if part]
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    return joined([*(part.rstrip("。. ") for part in known), ""], "。", language)


def _remarked(text: str, language: str, depth: int) -> str | None:
    """A text and what follows it in brackets: 统筹支付（1000.00 至 5000.00）."""
    found = REMARK.fullmatch(text)
    if found is None:
        return None
    return remark_on(translated(found[1], language, depth), translated(found[2], language, depth), language)


def _either(text: str, language: str, depth: int) -> str | None:
    """Values of which one is enough (一级医院或二级医院), where each is known; a name that has 或 in it (支气管或肺恶性肿瘤) stays whole."""
    parts = text.split("或")
    known = [told for part in parts if len(parts) > 1 and (told := _whole(part, language, depth))]
    if len(known) < len(parts):
        return None
    return ("或" if language.startswith("zh") else " or ").join(known)


def remark_on(said: str, remark: str, language: str) -> str:
    """A text with a remark in brackets, as the language writes them."""
    return f"{said}（{remark}）" if language.startswith("zh") else f"{said} ({remark})"


def _filled(translation: str, found: re.Match[str], language: str, depth: int) -> str:
    values = {
        name: value if name in AS_WRITTEN else translated(value, language, depth)
        for name, value in found.groupdict().items()
    }
    return filling(translation, values, language)


def filling(translation: str, values: dict[str, str], language: str) -> str:
    """A translated template with what stands in its gaps; dates as 1 March 2026, as on the phone's pages, one of a thing as one."""
    if not language.startswith("zh"):
        values = {name: unread(value) for name, value in values.items()}
        values |= _day_in_words(values) if values.keys() >= _DAY else {}
    names = (name for _, name in gaps(translation))
    told = _ONE.sub(r"1 \1\2", GAP.sub(lambda _: values[next(names)], translation))
    return told if translation.startswith(" ") else told.lstrip()


def _day_in_words(values: dict[str, str]) -> dict[str, str]:
    """1 March 2026 from 2026年03月01日; what is no month stays."""
    month = int(values["month"])
    return {"month": month_name[month] if month <= LAST_MONTH else values["month"], "day": values["day"].lstrip("0")}


def unread(text: str) -> str:
    """A text without Chinese, such as figures, with its stops as others write them."""
    return text if HAN.search(text) else "".join(STOPS.get(letter, letter) for letter in text)


def gaps(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """The gaps of a template with their names; those without one (%s) are called by their place."""
    for place, gap in enumerate(GAP.finditer(text)):
        yield gap, gap[1] or gap[2] or f"_{place}"


def _after_a_name(text: str, language: str, depth: int) -> str | None:
    """Who it is about stands in front (王*兰 到成都市的异地就医备案): the name stays, what follows is a template."""
    for template in templates(language):
        if template.weight < LEAST_AFTER_A_NAME or template.anchor not in text or not template.begins:
            continue
        found = re.search(f"(?:{template.pattern.pattern})\\Z", text, re.DOTALL)
        if found and not _STOP.search(text[: found.start()]):
            between = "" if language.startswith("zh") else " "
            return text[: found.start()] + between + _filled(template.translation, found, language, depth)
    return None


def _by_parts(text: str, language: str, depth: int) -> str:
    """Sentence by sentence, then clause by clause; each part is read on its own. One of which nothing is known stays whole."""
    stop = split(text)
    if stop is None:
        return text
    parts = text.split(stop)
    told_parts = [
        _sentence(part, language, depth) if stop == "。" else translated(part, language, depth) for part in parts
    ]
    return text if told_parts == parts else joined(told_parts, stop, language)


def _sentence(text: str, language: str, depth: int) -> str:
    """One of several sentences, whose stop was taken off: the catalogue may have it with its stop."""
    told = _whole(f"{text}。", language, depth) if HAN.search(text) else None
    return told.rstrip("。. ") if told else translated(text, language, depth)


def split(text: str) -> str | None:
    """The strongest stop that a text has."""
    return next((found[0] for stops in _STRENGTHS if (found := re.search(stops, text))), None)


def joined(parts: list[str], stop: str, language: str) -> str:
    """Parts with the stop between them as the language writes it."""
    told = (stop if language.startswith("zh") else STOPS[stop]).join(parts)
    return told if language.startswith("zh") else re.sub(" {2,}", " ", told).strip()


@cache
def catalogue(language: str) -> dict[str, str]:
    """Chinese → translation, of everything that has one; from the compiled catalogue of the project."""
    found = gettext.translation("django", settings.BASE_DIR / "locale", [to_locale(language)], fallback=True)
    texts: dict[str, str] = getattr(found, "_catalog", {})
    return {text: translation for text, translation in texts.items() if text and translation and "\x04" not in text}


@cache
def templates(language: str) -> tuple[Template, ...]:
    """The most specific first, so that 备案（受理编号{number}） is not taken for {text}）."""
    found = (_template(text, translation) for text, translation in catalogue(language).items() if GAP.search(text))
    return tuple(sorted((each for each in found if each), key=lambda each: (-each.weight, each.anything)))


def _holding(names: set[str]) -> dict[str, str]:
    """What the gaps of a template can hold where anything at all would be too much: a date, a number, a source."""
    if names >= QUOTED:
        return {"title": ".*", "publisher": "(?:[^（）]|（[^（）]*）)*"}
    dated = dict.fromkeys(_DAY, r"\d+") if names >= _DAY else {}
    return dated | {name: FIGURES[kind] for name in names if (kind := name.rstrip("0123456789")) in FIGURES}


def _template(text: str, translation: str) -> Template | None:
    pieces: list[str] = []
    pattern, end, names = "", 0, set[str]()
    special = _holding({name for _, name in gaps(text)})
    for gap, name in gaps(text):
        pieces.append(text[end : gap.start()])
        what = r"\d{4}" if text[gap.start() :] in YEARS else special.get(name, ".*?")
        pattern += re.escape(pieces[-1]) + (f"(?P={name})" if name in names else f"(?P<{name}>{what})")
        names.add(name)
        end = gap.end()
    pieces.append(text[end:])
    weight = sum(len(HAN.findall(piece)) for piece in pieces)
    if weight < LEAST_HAN:
        return None
    whole = re.compile(pattern + re.escape(pieces[-1]), re.DOTALL)
    return Template(
        weight,
        max(pieces, key=len),
        bool(HAN.match(pieces[0])),
        whole,
        translation,
        r"\d" not in pattern,
        "。" in text[:-1],
    )
