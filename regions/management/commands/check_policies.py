"""`manage.py check_policies`: are these policy files well written?"""

import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from regions.policy.loader import SHIPPED, Report, policy_files, read_reports
from regions.policy.problems import Problem

HELP = """Validates policy files; no argument: all that the project ships. Folders are searched for .yaml and .yml files.

Prints a line for each thing wrong (file, line, key, what is expected) and ends with "N passed, N failed" alone on a line,
counting files. The exit status is 1 if anything failed. Reads no database. Examples are checked for their facts, costs and
amounts; they are not yet calculated, because that takes the settlement engine."""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = check_paths(options["paths"] or [SHIPPED])
        failed = sum(bool(report.problems) for report in reports)
        for report in reports:
            for problem in report.problems:
                self.stdout.write(str(problem))
        self.stdout.write(f"{len(reports) - failed} passed, {failed} failed")
        if failed:
            sys.exit(1)


def check_paths(paths: list[Path]) -> list[Report]:
    """A report for every file named or found below a folder; a folder without files is a failure of its own."""
    empty = [path for path in paths if path.is_dir() and not policy_files(path)]
    files = [file for path in paths for file in (policy_files(path) if path.is_dir() else [path])]
    reports = read_reports(dict.fromkeys(files))
    nothing = [Report(path, None, (Problem(str(path), 1, "", "folder_empty", "没有政策文件"),)) for path in empty]
    return reports + nothing
