"""A backup is worth what comes back from it: restored on a standby's host, beside its own database, and read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from tests.hosts.site import Site

PORT = 5433
PG_CTL = "/usr/lib/postgresql/15/bin/pg_ctl"
APART = (
    f"-p {PORT} -c listen_addresses=* -c unix_socket_directories= -c archive_mode=off -c synchronous_standby_names="
    " -c cluster_name=restored"
)


@contextmanager
def restored(site: Site) -> Iterator[str]:
    """The newest backup with all that was archived since, as a database of its own; its address, as the administrator."""
    host = site.hosts[site.synchronous()]
    folder = host.folder / "restored"
    folder.mkdir(0o700)
    shutil.chown(folder, "postgres", "postgres")
    site.pgbackrest(f"--pg1-path={folder}", "restore", on=host)
    running = (PG_CTL, "-D", str(folder), "-l", str(host.folder / "restored.log"), "-w", "-t", "300")
    site.on(host, *running, "-o", APART, "start", user="postgres")
    try:
        address = site.topology.direct("postgres", f"{host.address}:{PORT}")
        site.wait_until("the backup is a database", lambda: _writes(address))
        yield address
    finally:
        site.on(host, *running, "-m", "fast", "stop", user="postgres")


def _writes(address: str) -> bool:
    """Everything archived is replayed, and it goes on by itself."""
    with suppress(psycopg.OperationalError), psycopg.connect(address) as line:
        return line.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
    return False
