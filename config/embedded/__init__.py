"""A real PostgreSQL and a real Redis for machines that have none (DESIGN.md §10, STACK.md §1).

Whoever needs them takes a `Lease`. The first one starts a small keeper process, which runs both as its children and stops
them when the last lease is gone, however its holder ended: a lease is a file lock, and the kernel drops it.
Data, ports and passwords stay in the data folder, so that copies with folders of their own run side by side.
"""

from config.embedded.leases import Lease, keeper_runs, lent, take
from config.embedded.state import Unavailable, urls

__all__ = ["Lease", "Unavailable", "keeper_runs", "lent", "take", "urls"]
