"""One bill: what is given of it, its exact arithmetic, the amounts and lines so far, and its first step: the costs (POLICY.md §2).

Money is yuan as exact decimals; results have two places.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

from policies.engine.plan import Ceiling, Plan
from policies.language.examples import Cost, Item, Refusal, YearKey
from policies.language.omissions import Omission
from policies.language.wording import AMOUNT_LABELS

ZERO, FEN = Decimal(0), Decimal("0.01")
NOTHING = Decimal("0.00")
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


class WrongInput(ValueError):
    """The bill contradicts itself. `code`: scope_negative, items_total."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Line(NamedTuple):
    """One step of the explanation: the formula shows the figures that were used; `source` is an id of the file's sources."""

    step: str
    label: str
    formula: str
    amount: Decimal
    source: str | None


_new_line = tuple.__new__  # Line(…) costs twice as much


class Result(NamedTuple):
    """All amounts of the calculation (every name of `examples.Amount`, zero where nothing applies), and the lines behind them.

    `burden` is scope − pooled, before the supplements: what the year's burden grows by. A refusal (`refused`:
    not_covered or not_known) carries its reason and no amounts. `not_included` is what the area has and the file does
    not know, for these facts.
    """

    amounts: Mapping[str, Decimal]
    lines: tuple[Line, ...]
    benefit: str | None = None
    refused: Refusal | None = None
    reason: str = ""
    not_included: tuple[Omission, ...] = ()


def exact() -> AbstractContextManager[Context]:
    """Sixty digits, half-up: products of amounts and ratios are exact, and a quotient's sixtieth digit is no fen."""
    return localcontext(EXACT)


def fen(amount: Decimal) -> Decimal:
    """Rounded half-up to the fen."""
    return amount.quantize(FEN)


def yuan(amount: Decimal) -> str:
    """An amount with at least two places; more where it is not yet rounded."""
    text = str(amount)  # format() costs three times as much
    if text[-3:-2] == ".":
        return text
    if "E" in text:
        text = f"{amount:f}"
    if "." not in text:
        return f"{text}.00"
    text = text.rstrip("0")
    return text.ljust(text.index(".") + 3, "0")


class Bill:
    """One bill on its way through the steps: the named amounts so far, and the lines."""

    __slots__ = (
        "account", "beyond", "burden", "cash", "deductible", "eligible", "excluded", "first_copay", "fund", "funds",
        "lines", "over_limit", "own", "payable", "plan", "pooled", "scope", "total", "travel_first_pay", "year",
    )  # fmt: skip
    total: Decimal
    excluded: Decimal
    over_limit: Decimal
    first_copay: Decimal
    scope: Decimal
    travel_first_pay: Decimal
    eligible: Decimal
    deductible: Decimal
    payable: Decimal
    pooled: Decimal
    beyond: Decimal
    burden: Decimal
    funds: dict[str, Decimal]
    fund: Decimal
    own: Decimal
    account: Decimal
    cash: Decimal

    def __init__(self, plan: Plan, year: Mapping[YearKey, Decimal]) -> None:
        self.plan, self.year = plan, year
        self.lines: list[Line] = []

    def add_line(self, step: str, formula: str, amount: Decimal, source: str | None = None, label: str = "") -> None:
        self.lines.append(_new_line(Line, (step, label or AMOUNT_LABELS[step], formula, amount, source)))

    def remaining(self, ceiling: Ceiling) -> Decimal:
        """What remains of a cap or limit after the year (or month) so far."""
        rest = ceiling.amount - self.year.get(ceiling.used, ZERO)
        return rest if rest > ZERO else ZERO


def take_costs(bill: Bill, cost: Cost) -> None:
    """Step 1: the bill, what the catalogue leaves to the patient, and the scope (符合政策范围).

    Raises WrongInput `items_total` (items do not add up to the total or to a sum given beside them), `scope_negative`.
    """
    if cost.items:
        _take_items(bill, cost)
    else:
        bill.total = fen(cost.total or ZERO)
        bill.excluded = fen(cost.excluded) if cost.excluded else NOTHING
        bill.over_limit = fen(cost.over_limit) if cost.over_limit else NOTHING
        bill.first_copay = fen(cost.first_copay) if cost.first_copay else NOTHING
    bill.scope = bill.total - bill.excluded - bill.over_limit - bill.first_copay
    if bill.scope < ZERO:
        raise WrongInput("scope_negative", "全自费、超限价与先行自付之和超过费用总额，请核对。")
    formula = str(bill.total)
    bill.add_line("total", formula, bill.total)
    for step in ("excluded", "over_limit", "first_copay"):
        if amount := getattr(bill, step):
            bill.add_line(step, "按就医地目录", amount)
            formula += f" − {amount!s}"
    bill.add_line("scope", formula, bill.scope)


def _take_items(bill: Bill, cost: Cost) -> None:
    total = excluded = over_limit = first_copay = ZERO
    for item in cost.items:
        of_item = item_parts(item)
        total += item.amount
        if of_item is not NO_PARTS:
            excluded += of_item.excluded
            over_limit += of_item.over_limit
            first_copay += of_item.first_copay
    bill.total, bill.excluded, bill.over_limit, bill.first_copay = map(fen, (total, excluded, over_limit, first_copay))
    for stated, summed in (
        (cost.total, total),
        (cost.excluded, excluded),
        (cost.over_limit, over_limit),
        (cost.first_copay, first_copay),
    ):
        if stated is not None and stated != summed:
            raise WrongInput("items_total", f"明细合计 {yuan(summed)} 与填写的 {yuan(stated)} 不一致，请核对。")


class ItemParts(NamedTuple):
    """What of one item the catalogue leaves to the patient."""

    excluded: Decimal
    over_limit: Decimal
    first_copay: Decimal


NO_PARTS = ItemParts(ZERO, ZERO, ZERO)


def item_parts(item: Item) -> ItemParts:
    """全自费 of class C; else what is over the price limit, and of the rest of class B the first copay, to the fen.

    What a refund gives back (a negative amount) is parted as it was when it was charged, so that both come to nothing.
    """
    amount, limit = item.amount, item.limit
    if amount < ZERO:
        return ItemParts(*(-part for part in item_parts(replace(item, amount=-amount))))
    if item.catalogue == "C":
        return ItemParts(amount, ZERO, ZERO)
    over = amount - limit if limit is not None and amount > limit else ZERO
    if item.catalogue == "B":
        return ItemParts(ZERO, over, fen((amount - over) * item.first_copay_ratio))
    return ItemParts(ZERO, over, ZERO) if over else NO_PARTS
