"""`manage.py load_policies`: checks policy files like `check_policies`, and publishes what passed."""

import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from policies.files import check_paths, publish, summary
from policies.language.loader import SHIPPED

HELP = """Checks policy files like check_policies (no argument: all that the project ships) and publishes what passed, all or nothing
per file: a text that was published before is left alone, one that changed becomes a revision of its period, a later file closes
an open-ended predecessor. A file whose days overlap with what is published counts as one failed.

Prints a line for each thing wrong and for each version published, and ends with "N passed, N failed" alone on a line, counting
examples. The exit status is 1 if anything failed."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        checked, versions = publish(check_paths(options["paths"] or [SHIPPED]))
        for line in (line for one in checked for line in one.lines):
            self.stdout.write(line)
        if options["verbosity"]:
            for version in versions:
                self.stdout.write(f"published {version.slug}")
            self.stdout.write(summary(checked))
        if any(one.failed for one in checked):
            sys.exit(1)
