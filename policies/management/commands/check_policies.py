"""`manage.py check_policies`: are these policy files well written, do they pay what their examples say, what do they not know?"""

import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from policies.files import check_paths, questions_counted, questions_table, read_paths, stale, summary
from policies.language.completeness import unsaid
from policies.language.loader import SHIPPED, Report
from policies.language.schema import PolicyFile

HELP = """Validates policy files and runs their examples; no argument: all that the project ships. Folders are searched for .yaml
and .yml files.

Prints a line for each thing wrong (file, line, key, what is expected) and for each wrong amount (file, line, example, amount,
expected, got), and ends with "N passed, N failed" alone on a line, counting examples, an invalid file as one failed. The exit
status is 1 if anything failed. Reads no database.

--questions shows instead which questions each file answers, and a line for each thing left unsaid: a question without an
answer, no day of the last check, a stay without its annual cap, a fund nobody wrote a word about. The exit status is 1 if
there is any. --stale MONTHS lists the files that were last checked longer ago than that."""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER")
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--questions", action="store_true", help="which questions each file answers")
        instead.add_argument("--stale", type=int, metavar="MONTHS", help="files not checked for so many months")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = options["paths"] or [SHIPPED]
        if options["questions"]:
            failed = self._questions(read_paths(paths))
        elif options["stale"] is not None:
            failed = self._stale(read_paths(paths), options["stale"])
        else:
            failed = self._check(paths)
        if failed:
            sys.exit(1)

    def _check(self, paths: Sequence[Path]) -> bool:
        checked = check_paths(paths)
        self._print(line for one in checked for line in one.lines)
        self.stdout.write(summary(checked))
        return any(one.failed for one in checked)

    def _questions(self, reports: Sequence[Report]) -> bool:
        files = _read(reports)
        problems = [*_problems(reports), *(str(problem) for policy in files for problem in unsaid(policy))]
        self._print(questions_table(files))
        self._print(["", *questions_counted(files), ""])
        self._print([*problems, f"{len(reports)} files, {len(problems)} left unsaid"])
        return bool(problems)

    def _stale(self, reports: Sequence[Report], months: int) -> bool:
        """By the machine's clock: a simulated one tells nothing of how old a file is."""
        problems = _problems(reports)
        self._print([*stale(_read(reports), months=months, today=timezone.localdate()), *problems])
        return bool(problems)

    def _print(self, lines: Any) -> None:
        for line in lines:
            self.stdout.write(line)


def _read(reports: Sequence[Report]) -> list[PolicyFile]:
    return [report.policy for report in reports if report.policy is not None]


def _problems(reports: Sequence[Report]) -> list[str]:
    return [str(problem) for report in reports for problem in report.problems]
