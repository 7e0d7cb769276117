"""An example of a file in words: who was treated how, what it cost, what the year had brought, and what must come out."""

from collections.abc import Iterator

from policies.language.examples import Amount, Cost, Expected, Given, Item, YearKey
from policies.language.wording import AMOUNT_LABELS, percent
from policies.readable.pieces import Names
from policies.readable.words import fact_words, yuan

_YEAR: dict[YearKey, str] = {
    "month_scope": "本月政策范围内费用",
    "month_deductible": "本月起付线",
    "month_pooled": "本月统筹支付",
    "chronic_scope": "本病种政策范围内费用",
    "chronic_pooled": "本病种统筹支付",
    "linked_deductible": "前次住院已扣起付线",
}


def case_words(given: Given, names: Names) -> str:
    """The case of an example in one line."""
    facts = [fact_words(name, value, names) for name, value in given.facts.items()]
    return "；".join(["，".join(facts), *_costs(given.cost), *_so_far(given)])


def expected_words(expect: Expected) -> list[tuple[Amount, str, str]]:
    """What must come out, by amount: (name, label, figure); empty for a refusal."""
    return [(name, AMOUNT_LABELS[name], yuan(value)) for name, value in expect.amounts.items()]


def _costs(cost: Cost) -> Iterator[str]:
    sums: tuple[Amount, ...] = ("total", "excluded", "over_limit", "first_copay")
    given = {AMOUNT_LABELS[name]: getattr(cost, name) for name in sums}
    yield from (f"{label}{yuan(value)}" for label, value in given.items() if value is not None)
    yield from map(_item, cost.items)


def _item(item: Item) -> str:
    first = f"先自付{percent(item.first_copay_ratio)}" if item.first_copay_ratio else ""
    limit = f"限价{yuan(item.limit)}" if item.limit is not None else ""
    kind = {"A": "甲类", "B": "乙类", "C": "丙类"}[item.catalogue]
    return "，".join(word for word in (f"{item.name or '项目'}（{kind}）{yuan(item.amount)}", first, limit) if word)


def _so_far(given: Given) -> Iterator[str]:
    for name, value in given.year_to_date.items():
        if value:
            yield f"{_YEAR.get(name) or '本年度已计' + AMOUNT_LABELS[name]}{yuan(value)}"
    if given.account_balance:
        yield f"个人账户余额{yuan(given.account_balance)}"
