"""The tables of docs/policy-language.md, made from the schema: what keys and facts there are, and what each may be.

A table stands between `<!-- table: Name -->` and `<!-- /table -->`. Its first three columns are written by `refreshed`; the
last, the meaning, is written by people and kept, by key. `make reference` writes the page.
"""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from policies.language import examples, filing_schema, filing_types, questions, schema, values
from policies.language.binding import OneOrMany, hints_of, keys_of
from policies.language.facts import FACTS, Fact, When
from policies.language.terms import DOCUMENT_LABELS, DocumentKind, Span

SECTIONS: tuple[type, ...] = (
    schema.Head, filing_types.Source, schema.Benefit, schema.RefusalRule, schema.LevelRule, schema.RatioRule,
    schema.AmountRule, schema.NotIncluded, questions.Answer,
    schema.Deductible, schema.DeductibleRule, schema.DeductibleAdjustment, schema.Share, schema.Band, schema.RatioAdjustment,
    schema.Limit, schema.Cap, schema.FundCap, schema.Supplement, examples.Example, examples.Cost, examples.Item, filing_schema.FilingRules,
    filing_types.TypeRules, filing_types.Lane, filing_types.Document, filing_types.Alternative, filing_types.Validity,
    filing_types.LongerValidity, filing_types.Lock, filing_types.Starts, filing_types.Residence, filing_types.Exclusion,
    filing_schema.Emergency, filing_schema.EmergencyReport, filing_schema.Commitment, filing_schema.DestinationRules,
    filing_schema.Exemption, filing_schema.Vacation, filing_schema.Injury, filing_schema.Newborns, filing_schema.Maternity,
    filing_schema.DualBenefit, filing_schema.MakeUp, filing_schema.ReferralRules,
    filing_schema.ChronicRules, filing_schema.DiseaseDocuments, filing_schema.ClaimRules, filing_schema.ReviewRules,
    filing_schema.ReviewDays,
)  # fmt: skip
"""Every kind of section a file may have, in the order of the page."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-language.md"
LISTS: Mapping[str, Mapping[Any, str]] = {"documents": DOCUMENT_LABELS, "questions": questions.QUESTION_LABELS}
"""Tables that only name what there is."""
_INHERITED = {
    "FilingRules", "TypeRules", "Emergency", "Commitment", "DestinationRules", "DualBenefit", "MakeUp", "ReferralRules",
    "ChronicRules", "ClaimRules", "ReviewRules",
}  # fmt: skip
"""Sections whose keys, left out, are as the province's file or the national one has them."""

_SCALARS: tuple[tuple[Any, str], ...] = (
    (When, "conditions"),
    (questions.Question, "one of the questions below"),
    (DocumentKind, "a [kind of document](#kinds-of-document)"),
    (values.Money, "a number, 0 or more"),
    (values.Ratio, "0 to 1"),
    (values.Points, "−100 to 100"),
    (values.Signed, "a number"),
    (values.Whole, "a whole number"),
    (values.AnySpan, "a span"),
    (values.CalendarSpan, "a span"),
    (values.SpanOrNone, "a span, or `none`"),
    (values.Term, "a span, `open_ended` or `single_visit`"),
    (values.ClaimTerm, "a span, or `end_of_next_year`"),
    (values.AreaCode, "a quoted area code"),
    (values.Place, "a quoted area code, `same_province` or `country`"),
    (values.DiseaseCode, "a disease code (`M03900`)"),
    (values.Identifier, "a name in lower case"),
    (values.Level, "`0` `1` `2` `3`"),
    (values.Clock, 'a quoted time (`"17:00"`)'),
    (values.MonthDay, 'a quoted day (`"01-01"`)'),
    (values.DiagnosisPrefix, "how an ICD-10 code begins (`C`, `N18`)"),
    (values.Reason, "a reason in Chinese"),
    (str, "text"),
    (bool, "`true` or `false`"),
    (int, "a whole number"),
    (date, "a date"),
)
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n)(.*?)(<!-- /table -->)", re.DOTALL)


def refreshed(page: str) -> str:
    """The page with every table as the schema has it; meanings are kept by key, a new key has none yet."""
    return _TABLE.sub(lambda table: f"{table[1]}{_table(table[2], _meanings(table[3]))}{table[4]}", page)


def tables_of(page: str) -> dict[str, dict[str, str]]:
    """The meanings of a page by table and key."""
    return {table[2]: _meanings(table[3]) for table in _TABLE.finditer(page)}


def rows(name: str) -> Iterator[tuple[str, str, str]]:
    """Key, value and what holds where it is left out: of a section, of the `facts` of a case, of a list."""
    if name == "facts":
        yield from ((fact, _fact(spec), _unstated(spec)) for fact, spec in FACTS.items())
    elif name in LISTS:
        yield from ((key, label, "") for key, label in LISTS[name].items())
    else:
        (section,) = [section for section in SECTIONS if section.__name__ == name]
        yield from _keys(section)


def _keys(section: type) -> Iterator[tuple[str, str, str]]:
    """The keys of a section; `source`, which any may have, and the `when` of a rule are said once on the page."""
    everywhere = {"source", "when"} if issubclass(section, schema.Rule) else {"source"}
    missing = "inherited" if section.__name__ in _INHERITED else "must stand"
    for key, field in keys_of(section).items():
        factory = field.default_factory
        default = field.default if factory is MISSING else factory()
        if key not in everywhere:
            yield key, _value(hints_of(section)[field.name]), missing if default is MISSING else _shown(default)


def _table(name: str, meanings: Mapping[str, str]) -> str:
    if name == "documents":
        return "\n".join(
            ("| kind | document |", "|---|---|", *(f"| `{kind}` | {label} |" for kind, label, _ in rows(name)), "")
        )
    head = "| fact | values | left out | meaning |" if name == "facts" else "| key | value | left out | meaning |"
    lines = [f"| `{key}` | {value} | {default} | {meanings.get(key, '')} |" for key, value, default in rows(name)]
    return "\n".join((head, "|---|---|---|---|", *lines, ""))


def _meanings(table: str) -> dict[str, str]:
    cells = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return {row[0].strip("` "): row[3] for row in cells if len(row) == 4}


def _unstated(fact: Fact) -> str:
    if fact.stated:
        return "must stand"
    return "unstated" if fact.default is None else f"`{fact.default}`"


def _fact(fact: Fact) -> str:
    if fact.kind == "flag":
        return "`true` `false`"
    if fact.values:
        return " ".join(f"`{value}`" for value in fact.values)
    return f"text like `{fact.pattern}`" if fact.kind == "code" else f"a whole number from {fact.least}"


def _value(hint: Any) -> str:
    for known, words in _SCALARS:
        if hint == known:
            return words
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        many = isinstance(hint.__metadata__[0], OneOrMany)
        return f"{_value(inner[0])}, or one" if many else "see above"
    if origin in (Union, types.UnionType):
        return f"{_value(next(option for option in inner if option is not type(None)))}, or `null`"
    if origin is Literal:
        return " ".join(f"`{option}`" for option in inner)
    if origin is tuple:
        return f"list of {_value(inner[0])}"
    if origin is Mapping:
        return f"by {_value(inner[0])}: {_value(inner[1])}"
    return _section(hint)


def _section(kind: Any) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


def _shown(default: Any) -> str:
    if default is None:
        return "`null`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple) and default:
        return " ".join(f"`{value}`" for value in default)
    if isinstance(default, str | int | Decimal | Span) and default not in ("", ()):
        return f"`{default}`"
    return "–"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
