"""The engine against the second implementation of the policy language: the same amounts to the fen, or the same refusal."""

from random import Random

import pytest

from regions.policy.loader import SHIPPED, load_path
from tests.settlements.comparing import bills_for, difference, generated, shipped
from tests.settlements.naive import naive_settle


@pytest.mark.parametrize("seed", range(48))
def test_random_policies(seed):
    """Given 125 policies of all features and 20 bills for each, then both answer the same."""
    for policy, compiled, case in generated(seed):
        assert difference(policy, compiled, case) == ""


@pytest.mark.parametrize("name", shipped())
def test_shipped_policies(name):
    """Given random bills under a policy that the project ships, then both answer the same."""
    policy = load_path(SHIPPED / name)
    for _, compiled, case in bills_for(policy, Random(name), 500):
        assert difference(policy, compiled, case) == ""


@pytest.mark.parametrize("name", shipped())
def test_examples_of_shipped_policies(name):
    """Given the hand-checked examples, then the naive settlement is right about every one of them."""
    policy = load_path(SHIPPED / name)
    for example in policy.examples:
        answer = naive_settle(policy, example.given)
        assert answer.refused == example.expect.refused, example.name
        assert {name: answer.amounts[name] for name in example.expect.amounts} == example.expect.amounts, example.name
