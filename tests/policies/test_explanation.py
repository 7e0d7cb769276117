"""The lines that explain a settlement: a reader who recomputes each formula comes to its amount, and the lines to the result."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

import pytest

from policies.engine import Line, Result, WrongInput, settle
from tests.policies.comparing import generated
from tests.policies.strategies import FUNDS

ZERO, FEN = Decimal(0), Decimal("0.01")
NUMBER = r"(-?\d+(?:\.\d+)?)(%?)"
STATED = ("excluded", "over_limit", "first_copay")
SHOWN = ("total", "scope", "deductible", "pooled", "fund", "own", "cash")
ONLY_IF_ANY = (*STATED, "travel_first_pay", "beyond", "account", *FUNDS)


def fen(amount: Decimal) -> Decimal:
    return amount.quantize(FEN, ROUND_HALF_UP)


def brackets(text: str) -> tuple[str, list[str]]:
    """The text without its （…）, and what stood in the outer ones."""
    outside, inside, depth = "", [], 0
    for letter in text:
        depth -= letter == "）"
        if depth == 0 and letter not in "（）":
            outside += letter
        elif depth == 0 and letter == "（":
            inside.append("")
        elif depth > 0:
            inside[-1] += letter
        depth += letter == "（"
    return outside, inside


def number(match: re.Match[str]) -> Decimal:
    return Decimal(match[1]) / (100 if match[2] else 1)


def sum_of_products(text: str) -> Decimal:
    """`A × B + C × D − E`, words among them left aside."""
    total = ZERO
    for sign, term in re.findall(r"(^|[+−] )([^+−]*)", text):
        factors = [number(match) for match in re.finditer(NUMBER, term)]
        product = Decimal(1)
        for factor in factors:
            product *= factor
        total += -product if sign.startswith("−") else product
    return total


def in_order(text: str) -> Decimal:
    """Applied one after the other, as adjustments are: `A × B + C × D` is (A × B + C) × D; bounds (最低 … 还剩 …) where they stand."""
    value = ZERO
    text = text.replace("，个人负担部分 × ", "!")
    for sign, word, figure, percent in re.findall(r"(^|[+−×，!]) ?([^\d+−×，!]*?)" + NUMBER, text):
        operand = Decimal(figure) / (100 if percent else 1)
        if sign == "!":
            value = 1 - (1 - value) * operand
        elif word.startswith(("最低", "最高", "限为")) or sign == "":
            value = operand
        elif sign == "，":
            value = value if word.startswith("全年累计不超过") else min(value, operand)
        elif sign == "×":
            value *= operand
        else:
            value += operand if sign == "+" else -operand
    return value


def recomputed(line: Line) -> Decimal | None:
    """What the formula of a line comes to; None: it only says where the amount is from."""
    text, inside = brackets(line.formula)
    if line.step in STATED:
        return None
    if line.step == "account":
        return min(number(match) for match in re.finditer(NUMBER, text))
    if line.step == "deductible":
        return in_order(text)
    if line.step == "band":
        assert_ratio_follows(text, inside)
    left, _, right = text.rpartition("：")[2].partition(" = ")
    first, *bounds = left.split("，")
    value = max(ZERO, sum_of_products(first))
    for bound in bounds:
        if not bound.startswith("年度最高"):  # said before what is left of it
            value = min(value, sum_of_products(bound))
    assert not right or value == Decimal(right), line
    return value


def assert_ratio_follows(text: str, inside: list[str]) -> None:
    """A band's ratio is what its bracket makes of the one in the file: `85.5%（90% × 0.95）`."""
    ratio = sum_of_products(re.findall(r"× (.*%)", text)[0])
    chain = brackets(inside[0])[0] if inside else ""
    if "%" in chain:
        chain = re.sub(r"(\d+(?:\.\d+)?)个百分点", r"\1%", chain)
        assert ratio == min(Decimal(1), max(ZERO, in_order(chain))), (text, inside)


def settlements(seed: int) -> Iterator[Result]:
    for _, compiled, case in generated(seed, policies=50):
        try:
            yield settle(compiled, case)
        except WrongInput:
            continue


@pytest.mark.parametrize("seed", range(2000, 2004))
def test_every_formula_comes_to_its_amount(seed):
    """Given the lines of random settlements, then each formula, recomputed and rounded to the fen, is the line's amount."""
    for result in settlements(seed):
        for line in result.lines:
            value = recomputed(line)
            # where a cap is used up is a quotient, which the formula can only show to the fen
            rounded = FEN if "封顶前已用" in line.formula else ZERO
            assert value is None or abs(fen(max(ZERO, value)) - line.amount) <= rounded, line
            assert not line.amount.is_signed(), line


@pytest.mark.parametrize("seed", range(2000, 2004))
def test_lines_of_a_step_add_up_to_the_amount_of_the_result(seed):
    """Given the lines of random settlements, then every amount is the sum of its lines; one without a line follows from others."""
    for result in settlements(seed):
        if result.refused:
            assert result.lines == ()
            continue
        shown, amounts = defaultdict(Decimal), result.amounts
        for line in result.lines:
            shown[line.step] += line.amount
        for name in (*SHOWN, *ONLY_IF_ANY):
            assert shown[name] == amounts[name], name
            assert name in shown or name in ONLY_IF_ANY, name
        assert shown.get("eligible", amounts["scope"]) == amounts["eligible"]


@pytest.mark.parametrize("seed", range(2000, 2004))
def test_bands_add_up_to_what_is_payable_and_to_pooled(seed):
    """Given a benefit without floor, limits and caps, then the bands take all that is payable and come to pooled."""
    for policy, compiled, case in generated(seed, policies=50):
        try:
            result = settle(compiled, case)
        except WrongInput:
            continue
        bands = [line for line in result.lines if line.step == "band"]
        lengths = [Decimal(re.match(r"[\d.]+", line.formula)[0]) for line in bands]
        assert sum(lengths, ZERO) == result.amounts.get("payable", ZERO)
        benefit = next((benefit for benefit in policy.benefits if benefit.id == result.benefit), None)
        if benefit and not result.refused and not (benefit.floor or benefit.limits or benefit.annual_cap):
            exact = sum((Decimal(line.formula.rpartition(" = ")[2]) for line in bands), ZERO)
            assert fen(exact) == result.amounts["pooled"]
