"""Policy files on disk, checked with their examples: what `check_policies` says and `load_policies` publishes (POLICY.md §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import WrongState
from policies import publishing
from policies.engine.proof import ExampleRun, run_examples
from policies.language.loader import Report, policy_files, read_reports
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
