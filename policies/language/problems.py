"""What is wrong with a policy file: where, which key, and what was expected."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One refusal; `code` is stable, `expected` is for people."""

    file: str
    line: int
    key: str
    code: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key or '(文件)'}: {self.expected} [{self.code}]"


class PolicyError(ValueError):
    """Everything that is wrong with one or several policy files, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RefusedError(Exception):
    """A reader's answer to a value it does not take."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected
