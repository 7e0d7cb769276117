"""`manage.py load_catalogue FILE …`: publishes catalogue files, each whole or not at all."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from policies.catalogue import as_rows
from policies.catalogue.publishing import load
from policies.catalogue.reading import COLUMNS, CatalogueError, decoded

MOST_SHOWN = 200
HELP = f"""Publishes catalogue files (医保目录): CSV with the columns {",".join(COLUMNS)}.

An empty area means all areas; class is 甲, 乙, 丙 or A, B, C, empty where it is not known; price_limit is yuan for one unit. A
row counts from its first day; a later file corrects it by another row of the same area, code and day. Of a file with anything
wrong nothing is loaded: a line is printed for each thing wrong, and the exit status is 1. Rows that count already are left
alone, so that a whole list can be handed in again.

--national loads the lists that the project ships: names of all areas with the classes that are known. Class B has no ratio in
them, and services no class: such items are refused at a bill (item_not_known) until an area says more of them. Rows that somebody has completed stay as they are."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--national", action="store_true", help="the lists that the project ships")

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        if not paths and not options["national"]:
            self.stderr.write("no file given; see --help")
            sys.exit(2)
        good = [self._load(path.read_bytes(), path.name) for path in paths if self._is_there(path)]
        if options["national"]:
            good.append(self._load(as_rows().encode(), "national.csv", only_new=True))
        if len(good) < len(paths) + options["national"] or not all(good):
            sys.exit(1)

    def _is_there(self, path: Path) -> bool:
        if not path.is_file():
            self.stdout.write(f"{path}: no such file")
        return path.is_file()

    def _load(self, content: bytes, name: str, *, only_new: bool = False) -> bool:
        try:
            _version, changes = load(decoded(content), name, only_new=only_new)
        except CatalogueError as refused:
            for problem in refused.problems[:MOST_SHOWN]:
                self.stdout.write(f"{name}:{problem.line}: {problem.detail}")
            self.stdout.write(f"{name}: {len(refused.problems)} wrong, nothing loaded")
            return False
        self.stdout.write(
            f"{name}: {len(changes.added)} added, {len(changes.changed)} changed, {changes.unchanged} unchanged,"
            f" {changes.incomplete} without a class or ratio"
        )
        return True
