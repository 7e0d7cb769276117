"""Which rules can never be reached: against a plain search through every case of a small world."""

import random
from itertools import product

import pytest

from policies.language.facts import Condition
from policies.language.reach import never_matching, never_reached

LEVEL_3 = (Condition("level", (3,)),)
LEVEL_LOW = (Condition("level", below=3),)
ANY = ()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([LEVEL_3, ANY], []),
        ([ANY, LEVEL_3], [1]),
        ([LEVEL_3, LEVEL_LOW, ANY], []),  # the last: cases that do not state the level
        ([LEVEL_3, LEVEL_LOW, (Condition("level", (1, 3)),)], [2]),
        ([(Condition("age", at_least=60),), (Condition("age", at_least=60), *LEVEL_3)], [1]),
        ([(Condition("age", at_least=60),), (Condition("age", at_least=50),)], []),
        ([(Condition("age", at_least=60),), (Condition("age", below=60),), (Condition("age", (59, 60)),)], [2]),
        ([(Condition("visit", (1,)),), (Condition("visit", at_least=2),), ANY], [2]),  # a visit is always known
        ([(Condition("identity", ("none",)),), (Condition("identity", ("low_income",)),), ANY], []),
        (
            [
                (Condition("referred", (True,)),),
                (Condition("referred", (False,)),),
                (Condition("referred", (True, False)),),
            ],
            [2],
        ),
        ([(Condition("age", at_least=60), Condition("age", below=50))], [0]),
    ],
)
def test_never_reached(rules, expected):
    assert never_reached(rules, ANY) == expected


def test_the_surroundings_count():
    inpatient = (Condition("care", ("inpatient",)),)

    assert never_reached([(Condition("care", ("outpatient",)),)], inpatient) == [0]
    assert never_matching([(Condition("care", ("outpatient",)),), LEVEL_3], inpatient) == [0]
    assert never_reached([inpatient, LEVEL_3], inpatient) == [1]


WORLD = {
    "level": [None, 0, 1, 2, 3],
    "age": [None, 0, 39, 40, 59, 60, 61],
    "travel": [None, "local", "long_term", "referral", "emergency", "other", "unfiled"],
}


def random_condition(chance: random.Random) -> Condition:
    fact = chance.choice(list(WORLD))
    if fact == "age":
        return chance.choice(
            [Condition("age", at_least=chance.choice([40, 60])), Condition("age", below=chance.choice([40, 60]))]
        )
    values = [value for value in WORLD[fact] if value is not None]
    return Condition(fact, tuple(chance.sample(values, chance.randint(1, len(values)))))


@pytest.mark.parametrize("seed", range(200))
def test_like_a_search_through_every_case(seed):
    chance = random.Random(seed)
    rules = [tuple(random_condition(chance) for _ in range(chance.randint(0, 3))) for _ in range(chance.randint(1, 6))]
    cases = [dict(zip(WORLD, values, strict=True)) for values in product(*WORLD.values())]

    def first(case):
        return next((i for i, rule in enumerate(rules) if all(c.holds(case[c.fact]) for c in rule)), None)

    reached = {first(case) for case in cases}

    assert never_reached(rules, ANY) == [i for i in range(len(rules)) if i not in reached]


def test_an_entangled_list_is_given_the_benefit_of_the_doubt():
    chance = random.Random(7)
    numbers = ["age", "visit_at_level", "months_insured", "years_contributed", "diseases_recognised"]

    rules = [
        tuple(Condition(fact, (chance.randint(0, 9), chance.randint(10, 99))) for fact in numbers) for _ in range(60)
    ]

    assert never_reached([*rules, ANY], ANY) == []
