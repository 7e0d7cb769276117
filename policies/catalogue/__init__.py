"""The national catalogues as files: drugs of the list with their class, products and services with their national codes. Pure.

They are facts of the nation, no policy of an area, and so stand beside `policies/data/` and not in it. Loading them into the
database is done by whoever settles by them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


class Drug(NamedTuple):
    """A line of the national drug list: `ref` is its number (empty for herbs); `repeat` marks another form of a number."""

    ref: str
    part: str
    name: str
    form: str
    drug_class: str
    repeat: bool
    category: str


class Product(NamedTuple):
    """A product on the market by its national code; the class is that of the list's line `list_ref`, both empty if none fits."""

    code: str
    name: str
    drug_class: str
    list_ref: str
    matched_by: str


class Service(NamedTuple):
    """A medical service by its national code; `surcharge`: added to another one. Classes and prices are the provinces'."""

    code: str
    name: str
    category: str
    fee_type: str
    surcharge: bool
    source: str


def drug_list() -> Iterator[Drug]:
    """The national list, and after it the herbs."""
    for row in _rows("drug_list"):
        yield Drug(
            row["ref"], row["part"], row["name"], row["form"], row["class"], row["repeat"] == "1", row["category"]
        )


def products() -> Iterator[Product]:
    """The products, by code."""
    for row in _rows("products"):
        yield Product(row["code"], row["name"], row["class"], row["list_ref"], row["matched_by"])


def services() -> Iterator[Service]:
    """The services, by code."""
    for row in _rows("services"):
        yield Service(
            row["code"], row["name"], row["category"], row["fee_type"], row["surcharge"] == "1", row["source"]
        )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
