"""What the gateway keeps: calls with their answers, signature keys, whom each hospital knows, visits with their lines."""

from gateway.models.calls import GatewayCall, GatewayFile, GatewayKey, RecalledCall
from gateway.models.visits import FeeLine, KnownPerson, Visit, VisitBill, VisitStatus

__all__ = [
    "FeeLine", "GatewayCall", "GatewayFile", "GatewayKey", "KnownPerson", "RecalledCall", "Visit", "VisitBill",
    "VisitStatus",
]  # fmt: skip
