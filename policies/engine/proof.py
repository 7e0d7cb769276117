"""The proof that a policy file carries: its examples, settled by the engine and compared (POLICY.md §4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from policies.engine import Compiled, Result, WrongInput, compile_policy, settle
from policies.language.examples import Example
from policies.language.schema import PolicyFile
from policies.language.wording import AMOUNT_LABELS

_LABELS = {"refused": "结论", **AMOUNT_LABELS}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An amount of an example that came out wrong; `amount` is `refused` where it is about a refusal."""

    file: str
    line: int
    example: str
    amount: str
    expected: str
    got: str

    @property
    def label(self) -> str:
        """The amount as people call it."""
        return _LABELS[self.amount]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.example}: {self.amount}: 应为 {self.expected}，算得 {self.got} [example_wrong]"


@dataclass(frozen=True, slots=True)
class ExampleRun:
    """An example that was settled: what came out (None: the bill contradicts itself), and what of it is wrong."""

    example: Example
    result: Result | None
    mismatches: tuple[Mismatch, ...]


def run_examples(policy: PolicyFile) -> tuple[ExampleRun, ...]:
    """Settle every example of a file, in its order."""
    compiled = compile_policy(policy)
    return tuple(_run(policy.file, compiled, example) for example in policy.examples)


def _run(file: str, compiled: Compiled, example: Example) -> ExampleRun:
    try:
        result = settle(compiled, example.given)
    except WrongInput as wrong:
        contradiction = f"{wrong} [{wrong.code}]"
        expected = _expected(example)
        mismatches = [_mismatch(file, example, name, value, contradiction) for name, value in expected]
        return ExampleRun(example, None, tuple(mismatches))
    return ExampleRun(example, result, tuple(_compare(file, example, result)))


def _compare(file: str, example: Example, result: Result) -> Iterator[Mismatch]:
    refusal = f"{result.refused}（{result.reason}）" if result.reason else str(result.refused)
    if example.expect.refused is not None:
        if result.refused != example.expect.refused:
            got = refusal if result.refused else f"fund {result.amounts['fund']}"
            yield _mismatch(file, example, "refused", example.expect.refused, got)
        return
    for name, expected in example.expect.amounts.items():
        amount = result.amounts.get(name)
        if amount != expected:
            yield _mismatch(file, example, name, expected, refusal if amount is None else str(amount))


def _expected(example: Example) -> Iterator[tuple[str, Decimal | str]]:
    if example.expect.refused is not None:
        yield "refused", example.expect.refused
    yield from example.expect.amounts.items()


def _mismatch(file: str, example: Example, amount: str, expected: Decimal | str, got: str) -> Mismatch:
    return Mismatch(file, example.line, example.name, amount, str(expected), got)
