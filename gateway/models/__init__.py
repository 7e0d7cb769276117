"""What the gateway keeps: calls with their answers, signature keys, whom each hospital knows, visits with their lines."""

from gateway.models.calls import GatewayCall, RecalledCall
from gateway.models.files import GatewayFile
from gateway.models.keys import GatewayKey
from gateway.models.persons import KnownPerson
from gateway.models.visits import FeeLine, Visit, VisitBill, VisitStatus

__all__ = [
    "FeeLine", "GatewayCall", "GatewayFile", "GatewayKey", "KnownPerson", "RecalledCall", "Visit", "VisitBill",
    "VisitStatus",
]  # fmt: skip
