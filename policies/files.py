"""Policy files on disk: checked with their examples, published (POLICY.md §4), and what they know and do not know, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from unicodedata import east_asian_width

from core.errors import WrongState
from policies import publishing
from policies.engine.proof import ExampleRun, run_examples
from policies.language.completeness import ANSWERED_LABELS, answered
from policies.language.loader import Report, policy_files, read_reports
from policies.language.questions import QUESTION_LABELS
from policies.language.schema import PolicyFile
from policies.language.terms import Span, due_on
from policies.language.text import Problem
from policies.models import PolicyVersion


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was read: what is wrong with it, and how its examples came out. An invalid file counts as one failed."""

    report: Report
    runs: tuple[ExampleRun, ...] = ()

    @property
    def passed(self) -> int:
        return sum(not run.mismatches for run in self.runs)

    @property
    def failed(self) -> int:
        return bool(self.report.problems) + len(self.runs) - self.passed

    @property
    def lines(self) -> list[str]:
        wrong = [str(mismatch) for run in self.runs for mismatch in run.mismatches]
        return [*map(str, self.report.problems), *wrong]


def check_paths(paths: Iterable[Path]) -> list[CheckedFile]:
    """Every file named or found below a folder, with its examples run."""
    return [check(report) for report in read_paths(paths)]


def read_paths(paths: Iterable[Path]) -> list[Report]:
    """Every file named or found below a folder; a folder without files is a failure of its own."""
    named = list(paths)
    files = [file for path in named for file in (policy_files(path) if path.is_dir() else [path])]
    empty = [path for path in named if path.is_dir() and not policy_files(path)]
    nothing = [Report(path, None, (Problem(str(path), 1, "", "folder_empty", "没有政策文件"),)) for path in empty]
    return [*read_reports(dict.fromkeys(files)), *nothing]


def check(report: Report) -> CheckedFile:
    return CheckedFile(report, run_examples(report.policy) if report.policy is not None else ())


def publish(files: Iterable[CheckedFile]) -> tuple[list[CheckedFile], list[PolicyVersion]]:
    """Publish what passed, earlier days first; one that overlaps with what is published fails. Returns all, and the new versions."""
    done: list[CheckedFile] = []
    versions: list[PolicyVersion] = []
    for file in sorted(files, key=_by_time):
        try:
            version = _publish(file)
        except WrongState as refused:
            problem = Problem(str(file.report.path), 1, "effective_from", "period_overlaps", refused.detail)
            done.append(CheckedFile(replace(file.report, problems=(problem,))))
        else:
            done.append(file)
            versions += [version] if version is not None else []
    return done, versions


def _by_time(file: CheckedFile) -> tuple[str, str]:
    policy = file.report.policy
    return (policy.area, policy.effective_from.isoformat()) if policy is not None else ("", str(file.report.path))


def _publish(file: CheckedFile) -> PolicyVersion | None:
    if file.report.policy is None or file.failed:
        return None
    return publishing.publish_file(file.report.policy, file.report.path.read_bytes().decode("utf-8-sig"))


def summary(checked: Iterable[CheckedFile]) -> str:
    """`N passed, N failed`, counting examples."""
    counts = [(file.passed, file.failed) for file in checked]
    return f"{sum(passed for passed, _ in counts)} passed, {sum(failed for _, failed in counts)} failed"


COLUMN = 5
"""An answer is two Chinese characters wide."""


def questions_table(files: Sequence[PolicyFile]) -> Iterator[str]:
    """One line a file, one column a question; the questions' names stand upright above the columns."""
    names = max((wide(policy.file) for policy in files), default=0) + 1
    for characters in zip_longest(*QUESTION_LABELS.values(), fillvalue=""):
        yield _line("", characters, names)
    for policy in files:
        yield _line(policy.file, [ANSWERED_LABELS[answered(policy, question)] for question in QUESTION_LABELS], names)


def questions_counted(files: Sequence[PolicyFile]) -> Iterator[str]:
    """One line a question: how many files know it, say that it is not known, and say nothing."""
    shown = [label for state, label in ANSWERED_LABELS.items() if state != "not_asked"]
    yield _line("", shown, 40)
    for question, label in QUESTION_LABELS.items():
        counted = Counter(ANSWERED_LABELS[answered(policy, question)] for policy in files)
        yield _line(f"{padded(question, 20)}{label}", [f"{counted[state]:4}" for state in shown], 40)


def stale(files: Sequence[PolicyFile], *, months: int, today: date) -> Iterator[str]:
    """One line a file that was last compared with its sources more than so many months ago, or nobody says when."""
    for policy in files:
        if policy.checked_on is None:
            yield f"{policy.file}: 没有写核对日期"
        elif due_on(policy.checked_on, Span(months, "months")) < today:
            yield f"{policy.file}: {policy.checked_on}"


def wide(text: str) -> int:
    """How many columns a text takes: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, columns: int) -> str:
    """The text with the blanks that make it so wide."""
    return text + " " * (columns - wide(text))


def _line(head: str, cells: Sequence[str], width: int) -> str:
    return (padded(head, width) + "".join(padded(cell, COLUMN) for cell in cells)).rstrip()
