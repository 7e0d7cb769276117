"""How the explanation writes figures: yuan with two places, ratios as percentages, all of them exact."""

from decimal import Decimal

from regions.policy.schema import Fund

FUND_LABELS: dict[Fund, str] = {
    "large_amount": "职工大额医疗补助",
    "serious_illness": "居民大病保险",
    "assistance": "医疗救助",
    "civil_servant": "公务员医疗补助",
    "enterprise": "企业补充医疗保险",
}


def exact(value: Decimal) -> str:
    """All digits that count, no exponent: 0.85, 1200, 15260.805."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan(amount: Decimal) -> str:
    """An amount with at least two places; more where it is not yet rounded."""
    text = f"{amount:f}"
    _, _, places = text.partition(".")
    if len(places) <= 2:
        return f"{amount:.2f}"
    whole, _, places = exact(amount).partition(".")
    return f"{whole}.{places:0<2}"


def percent(ratio: Decimal) -> str:
    """0.85 → 85%."""
    return f"{exact(ratio * 100)}%"


def factor(times: Decimal) -> str:
    """1.05 → 1.05."""
    return exact(times)


def points(value: Decimal) -> str:
    """−5 → ` − 5个百分点`."""
    return f" {'−' if value < 0 else '+'} {exact(abs(value))}个百分点"
