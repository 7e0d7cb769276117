"""What the gateway keeps: calls with their answers, signature keys, whom each hospital knows, files."""

from gateway.models.calls import GatewayCall, RecalledCall
from gateway.models.files import GatewayFile
from gateway.models.keys import GatewayKey
from gateway.models.persons import KnownPerson

__all__ = ["GatewayCall", "GatewayFile", "GatewayKey", "KnownPerson", "RecalledCall"]
