"""Texts as people type and paste them (`core.text`), by the table that the phone's pages are tested with too."""

import json
import re
from pathlib import Path
from typing import Annotated

import pytest

from core import text
from core.http.bodies import Body
from core.http.values import Text

TABLE = json.loads((Path(__file__).parent / "typed_texts.json").read_text("utf-8"))
CASES = [(kind, typed, mended) for kind, cases in TABLE.items() for typed, mended in cases]
FORMS = {
    "line": text.LINE, "prose": text.PROSE, "person_name": text.NAME, "number": text.NUMBER, "identity": text.IDENTITY,
    "digits": text.DIGITS, "phone": text.PHONE,
}  # fmt: skip
EVERY_UNSEEN = [chr(code) for code in range(0x110000) if chr(code) != "\0" and text._visible[code] is None]


class Sent(Body):
    name: Annotated[str, Text(6, form=text.NAME)]
    number: Annotated[str, Text(18, form=text.IDENTITY)] = ""


@pytest.mark.parametrize(("kind", "typed", "mended"), CASES)
def test_what_is_typed_is_mended(kind, typed, mended):
    found = getattr(text, kind)(typed)

    assert found == mended
    assert getattr(text, kind)(found) == found


@pytest.mark.parametrize("kind", FORMS)
def test_what_is_called_tidy_needs_no_mending(kind):
    """The pattern that spares a call may not let through what the function would change."""
    tidy = [typed for _kind, *pair in CASES for typed in pair if re.fullmatch(FORMS[kind].tidy, typed)]

    assert tidy
    assert [getattr(text, kind)(typed) for typed in tidy] == tidy


def test_no_character_that_cannot_be_seen_gets_into_a_name_or_a_number():
    assert len(EVERY_UNSEEN) > 500

    for letter in EVERY_UNSEEN:
        assert text.person_name(f"王{letter}兰") == "王兰", hex(ord(letter))
        assert text.identity(f"1{letter}2") == "12", hex(ord(letter))


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\t", "\v", "\x85", "\u2028", "\u2029", "\u00a0", "\u3000", "\u2003"])
def test_a_break_in_a_latin_name_is_a_blank(blank):
    assert text.person_name(f"Mary{blank}Watson") == "Mary Watson"


def test_the_length_counts_after_the_mending():
    """Pasted with blanks, or with an invisible character between any two, a number of eighteen is not too long."""
    sent = Sent.of({"name": "\u200b".join("买买提·阿不"), "number": " ".join("110101195503070028")})

    assert (sent.name, sent.number) == ("买买提·阿不", "110101195503070028")


def test_two_ways_of_writing_a_name_are_one():
    assert text.plain_name("MARY\u00a0watson") == text.plain_name("Mary Watson")
    assert text.plain_name("买买提.阿不都") == text.plain_name("买买提 ∙ 阿不都")
