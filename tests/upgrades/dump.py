"""A database of before, as text: one block a table, `-- table column …`, its rows as PostgreSQL's COPY writes them, `\\.`.

`redesign.copy.xz` was written on the schema of the twelve `0001_initial` (`redesign.sha256`), by the code of that day: the demo,
filings in every state, recognitions, claims up to a file of payments that was paid and one that was not, somebody signed in.
Its personal data open with `redesign.env`.
"""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from pathlib import Path

import psycopg

FOLDER = Path(__file__).parent
SEQUENCES = "sequences"


@dataclass(frozen=True)
class Table:
    """A table's rows, as COPY writes them, by these columns."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]

    def only(self, columns: list[str]) -> list[str]:
        """The rows by some of the columns, sorted."""
        places = [self.columns.index(column) for column in columns]
        return sorted("\t".join(row.split("\t")[place] for place in places) for row in self.rows)


def read(name: str) -> dict[str, Table]:
    """Every table of a dump, by its name; the numbers sequences stood at under `sequences`."""
    tables: dict[str, Table] = {}
    for block in lzma.decompress((FOLDER / name).read_bytes()).decode().split("\\.\n"):
        if head := block.partition("\n")[0].removeprefix("-- ").split():
            tables[head[0]] = Table(head[0], tuple(head[1:]), tuple(block.splitlines()[1:]))
    return tables


def restore(database: str, tables: dict[str, Table]) -> None:
    """Put the rows in the place of what migrations left in the tables."""
    with psycopg.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")
        rows = [table for name, table in tables.items() if name != SEQUENCES]
        connection.execute("TRUNCATE " + ", ".join(f'"{table.name}"' for table in rows) + " CASCADE")
        for table in rows:
            columns = ", ".join(f'"{column}"' for column in table.columns)
            with connection.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
                copy.write("".join(f"{row}\n" for row in table.rows))
        for line in tables[SEQUENCES].rows:
            if (
                "django_migrations" not in line
            ):  # its rows are this database's own, more than there were with a new library
                connection.execute("SELECT setval(%s, %s)", line.split("\t"))


def columns_of(connection: psycopg.Connection, table: str) -> set[str]:
    names = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
    return {name for (name,) in connection.execute(names, [table])}


def rows_of(connection: psycopg.Connection, table: str, columns: list[str]) -> list[str]:
    """What a table holds now, by these columns, as COPY writes it, sorted."""
    quoted = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor().copy(f'COPY "{table}" ({quoted}) TO STDOUT') as copy:
        return sorted(b"".join(copy).decode().splitlines())
