"""How the explanation writes figures: yuan with two places, ratios as percentages, all of them exact."""

from decimal import Decimal

from policies.language.wording import exact


def yuan(amount: Decimal) -> str:
    """An amount with at least two places; more where it is not yet rounded."""
    text = f"{amount:f}"
    _, _, places = text.partition(".")
    if len(places) <= 2:
        return f"{amount:.2f}"
    whole, _, places = exact(amount).partition(".")
    return f"{whole}.{places:0<2}"


def factor(times: Decimal) -> str:
    """1.05 → 1.05."""
    return exact(times)


def points(value: Decimal) -> str:
    """−5 → ` − 5个百分点`."""
    return f" {'−' if value < 0 else '+'} {exact(abs(value))}个百分点"
