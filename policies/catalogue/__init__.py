"""The national catalogues as files: drugs of the list with their class, products and services with their national codes. Pure.

They are facts of the nation, no policy of an area, and so stand beside `policies/data/` and not in it. `manage.py
load_catalogue --national` publishes those with a code as rows of all areas, with the classes that are known (`as_rows`).
"""

from __future__ import annotations

import csv
import io
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


IN_FORCE = "2026-01-01"
_LETTERS = {"甲": "A", "乙": "B"}


def as_rows() -> str:
    """What has a national code, as a catalogue file of all areas: names, and the classes that are known; no ratio, no price."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["area", "code", "name", "class", "first_copay_ratio", "price_limit", "effective_from"])
    for product in products():
        writer.writerow(["", product.code, product.name, _LETTERS.get(product.drug_class, ""), "", "", IN_FORCE])
    for service in services():
        writer.writerow(["", service.code, service.name, "", "", "", IN_FORCE])
    return file.getvalue()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
