"""What policy files know and do not know, as text: the table of files and questions, and the files nobody looked at lately."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest
from unicodedata import east_asian_width

from policies.language.completeness import ANSWERED_LABELS, answered
from policies.language.questions import QUESTION_LABELS
from policies.language.schema import PolicyFile
from policies.language.terms import Span, due_on

COLUMN = 5
"""An answer is two Chinese characters wide."""


def table(files: Sequence[PolicyFile]) -> Iterator[str]:
    """One line a file, one column a question; the questions' names stand upright above the columns."""
    names = max((wide(policy.file) for policy in files), default=0) + 1
    for characters in zip_longest(*QUESTION_LABELS.values(), fillvalue=""):
        yield _line("", characters, names)
    for policy in files:
        yield _line(policy.file, [ANSWERED_LABELS[answered(policy, question)] for question in QUESTION_LABELS], names)


def counts(files: Sequence[PolicyFile]) -> Iterator[str]:
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
