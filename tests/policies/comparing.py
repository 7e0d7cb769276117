"""Engine and naive settlement side by side: one answer of each, in the same words."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from policies.engine import Case, WrongInput, compile_policy, settle
from policies.language.schema import PolicyFile
from tests.policies.naive import naive_settle
from tests.policies.strategies import ground, make_case, make_policy

POLICIES, BILLS = 125, 20


def by_engine(compiled: Any, case: Case) -> tuple[Any, ...]:
    """Amounts as text (so that two places are two places), refusal, benefit, what is not included; or the code of a wrong input."""
    try:
        result = settle(compiled, case)
    except WrongInput as wrong:
        return (wrong.code,)
    return _answer(result.amounts, result.refused, result.benefit, result.not_included)


def by_hand(policy: PolicyFile, case: Case) -> tuple[Any, ...]:
    try:
        answer = naive_settle(policy, case)
    except WrongInput as wrong:
        return (wrong.code,)
    return _answer(answer.amounts, answer.refused, answer.benefit, answer.not_included)


def _answer(amounts: Any, refused: str | None, benefit: str | None, not_included: Any) -> tuple[Any, ...]:
    named = {name: str(amount) for name, amount in amounts.items()}
    return named, refused, None if refused else benefit, tuple(map(tuple, not_included))


def generated(seed: int, policies: int = POLICIES, bills: int = BILLS) -> Iterator[tuple[PolicyFile, Any, Case]]:
    """Random policies, each compiled once, and random bills for them."""
    random = Random(seed)
    for _ in range(policies):
        policy = make_policy(random)
        yield from bills_for(policy, random, bills)


def bills_for(policy: PolicyFile, random: Random, bills: int) -> Iterator[tuple[PolicyFile, Any, Case]]:
    compiled, made_from = compile_policy(policy), ground(policy)
    for _ in range(bills):
        yield policy, compiled, make_case(random, made_from)


def difference(policy: PolicyFile, compiled: Any, case: Case) -> str:
    """What a person needs to look into a case on which the two differ; empty when they agree."""
    engine, naive = by_engine(compiled, case), by_hand(policy, case)
    if engine == naive:
        return ""
    outcomes: dict[str, Any] = {"engine": engine, "naive": naive}
    if len(engine) == len(naive) == 4:
        outcomes = {"not included": (engine[3], naive[3])} | {
            name: (amount, naive[0].get(name)) for name, amount in engine[0].items() if amount != naive[0].get(name)
        }
    return (
        f"{json.dumps(outcomes, default=str)}\n{case}\n{policy.benefits}\n{policy.supplements}\n{policy.not_included}"
    )
