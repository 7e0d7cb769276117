"""The engine against the second implementation of the policy language: the same amounts to the fen, or the same refusal."""

from random import Random

import pytest

from policies.engine import compile_policy
from policies.language.loader import SHIPPED, load_path, policy_files
from tests.policies.comparing import bills_for, difference, generated
from tests.policies.naive import naive_settle
from tests.policies.small import case, inpatient


@pytest.mark.parametrize("seed", range(48))
def test_random_policies(seed):
    """Given 125 policies of all features and 20 bills for each, then both answer the same."""
    for policy, compiled, bill in generated(seed):
        assert difference(policy, compiled, bill) == ""


@pytest.mark.parametrize("path", policy_files(SHIPPED), ids=lambda path: path.stem)
def test_shipped_policies(path):
    """Given random bills under a policy that the project ships, then both answer the same."""
    policy = load_path(path)

    for _, compiled, bill in bills_for(policy, Random(path.name), 500):
        assert difference(policy, compiled, bill) == ""


@pytest.mark.parametrize("path", policy_files(SHIPPED), ids=lambda path: path.stem)
def test_examples_of_shipped_policies(path):
    """Given the hand-checked examples, then the naive settlement is right about every one of them."""
    policy = load_path(path)
    for example in policy.examples:
        answer = naive_settle(policy, example.given)
        assert answer.refused == example.expect.refused, example.name
        assert {name: answer.amounts[name] for name in example.expect.amounts} == example.expect.amounts, example.name


EDGE = """
share: {bands: [{upto: 1000, ratios: [{ratio: 0.8}]}, {upto: null, ratios: [{ratio: 0}]}]}
annual_cap: {of: pooled, amount: 800}
"""


def test_cap_used_up_exactly_at_the_edge_of_a_band_that_pays_nothing_more():
    """Given 1000 × 80% = 800, the whole cap, then the 500 above the edge are beyond: random bills seldom meet this."""
    policy, bill = inpatient(EDGE), case(1500)

    answer = naive_settle(policy, bill)

    assert (answer.amounts["pooled"], answer.amounts["beyond"]) == (800, 500)
    assert difference(policy, compile_policy(policy), bill) == ""
