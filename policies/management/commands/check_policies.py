"""`manage.py check_policies`: are these policy files well written, and do they pay what their examples say?"""

import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from policies.files import check_paths, summary
from policies.language.loader import SHIPPED

HELP = """Validates policy files and runs their examples; no argument: all that the project ships. Folders are searched for .yaml
and .yml files.

Prints a line for each thing wrong (file, line, key, what is expected) and for each wrong amount (file, line, example, amount,
expected, got), and ends with "N passed, N failed" alone on a line, counting examples, an invalid file as one failed. The exit
status is 1 if anything failed. Reads no database."""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        checked = check_paths(options["paths"] or [SHIPPED])
        for line in (line for one in checked for line in one.lines):
            self.stdout.write(line)
        self.stdout.write(summary(checked))
        if any(one.failed for one in checked):
            sys.exit(1)
