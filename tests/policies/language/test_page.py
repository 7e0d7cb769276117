"""docs/policy-language.md: its tables are the schema's, every key has a meaning and an example, and every example comes out."""

import re
from datetime import date

import pytest

from policies.engine.proof import run_examples
from policies.language.binding import keys_of
from policies.language.facts import FACTS
from policies.language.filing_rules import exemption, validity_end
from policies.language.loader import load_text, national_filing
from policies.language.merging import resolve
from policies.language.reference import LISTS, PAGE, SECTIONS, refreshed, tables_of
from policies.language.schema import PolicyFile
from policies.language.terms import Span

HEAD = """
area: "510100"
name: 示例市基本医疗保险
effective_from: 2026-01-01
sources: [{id: S1, title: 示例文件, publisher: 示例市医疗保障局, year: 2026, grade: A}]
"""
TEXT = PAGE.read_text()
BLOCKS = re.findall(r"```yaml[^\n]*\n(.*?)```", TEXT, re.DOTALL)


def read(block: str) -> PolicyFile:
    """The file of a block; what begins with `area` is whole, the others are given a head."""
    return load_text(block if block.startswith("area:") else HEAD + block, "page.yaml")


def test_the_tables_are_as_the_schema_has_them():
    assert refreshed(TEXT) == TEXT, "make reference writes them"


def test_every_section_has_its_table():
    assert {section.__name__ for section in SECTIONS} | {"facts", *LISTS} == tables_of(TEXT).keys()


def test_every_key_has_a_meaning():
    tables = {name: keys for name, keys in tables_of(TEXT).items() if name not in LISTS}

    without = [f"{name}.{key}" for name, keys in tables.items() for key, meaning in keys.items() if not meaning]

    assert without == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if "examples:" in block])
def test_every_example_comes_out(block):
    runs = run_examples(read(block))

    assert runs
    assert [str(mismatch) for run in runs for mismatch in run.mismatches] == []


def test_every_key_and_fact_stands_in_an_example():
    written = {key for block in BLOCKS for key in re.findall(r"(\w+):", block)}
    asked = {re.sub(r"_(from|below)$", "", key) for key in written}
    keys = {key for section in SECTIONS for key in keys_of(section)}

    assert keys - written == set()
    assert FACTS.keys() - asked == set()


def test_the_filing_rules_of_the_page_hold():
    [block] = [block for block in BLOCKS if block.startswith("filing:")]
    filing = read(block).filing

    rules = resolve("510100", (national_filing(), filing))

    assert rules.types["other"].needed is False
    assert rules.types["worker"].lock.change == Span(3, "months")
    assert rules.types["worker"].lock.cancel is None
    assert rules.types["worker"].excludes("minor", "resident")
    assert rules.types["emergency"].validity.label == "当次有效", "as the national file has it"
    assert validity_end(rules.types["referral"], date(2026, 3, 15), disease="M00500") == date(2027, 3, 14)
    assert validity_end(rules.types["referral"], date(2026, 3, 15)) == date(2026, 9, 14)
    assert exemption(rules, "510700", "510000", None, date(2026, 1, 1)).travel == "other"
    assert exemption(rules, "120000", "120000", None, date(2026, 3, 31)) is None
    assert exemption(rules, "120000", "120000", None, date(2026, 4, 1)).travel == "local"
    assert rules.claim.deadline == "end_of_next_year"
    assert rules.review.working_days("recognition", 2) == 10
    assert rules.commitment.bar == Span(24, "months")
