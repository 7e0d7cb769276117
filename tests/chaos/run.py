"""`make chaos`: ten thousand writes over HTTP from clients that retry, while everything breaks; then a table that says what was kept.

`make chaos ARGS=--control`: the same with the locks taken away (tests/chaos/entry.py), which must fail; its exit code says
whether it did. Both end by themselves: after `--writes` different things were asked for, or `--minutes`.
"""

from __future__ import annotations

import argparse
import platform
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg

from tests.chaos import reckoning
from tests.chaos.calling import Clients
from tests.chaos.faults import FAULTS, Trouble
from tests.chaos.house import COMMAND, House
from tests.chaos.people import NAME, Town, settle_in
from tests.chaos.reckoning import Line
from tests.chaos.script import play
from tests.privacy.allowed import ALLOWED
from tests.privacy.watch import Watch

COMMANDS = ("verify_events", "verify_settlements", "replay_settlements")
COLUMNS = ("asked", "acknowledged", "refused", "unknown", "lost", "doubled", "contradicted")


@dataclass
class Outcome:
    """What a run has shown."""

    lines: list[Line]
    late: int
    books: dict[str, str]
    struck: Counter[str]
    seen: Counter[str]
    calls: int
    seconds: float
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wrong = [line.kind for line in self.lines if not line.holds]
        self.wrong += ["late"] if self.late else []
        self.wrong += [name for name, said in self.books.items() if said]


def chaos(house: House, faults: Sequence[str], *, writes: int, minutes: float, seed: int, threads: int, patience: float,
          pause: float, people: int, places: int) -> Outcome:  # fmt: skip
    """Play, break, wait until all is well again, let the clock run to the last deadline, reckon. `house` runs."""
    town = settle_in(house, people=people, places=places, seed=seed)
    clients, began = Clients(house.port, patience), time.monotonic()
    trouble = Trouble(house, seed=seed, token=town.people[0].token)
    over = threading.Event()

    def go_on() -> bool:
        """Until as much was asked for and each fault has come at least once; no longer than the minutes."""
        enough = len(clients.subjects) >= writes and trouble.rounds
        return not (over.is_set() or enough) and house.stands() and time.monotonic() < began + 60 * minutes

    playing = play(town, clients, seed=seed, threads=threads, go_on=go_on)
    breaking = threading.Thread(
        target=trouble.goes_on, args=(faults,), kwargs={"pause": pause, "go_on": go_on}, daemon=True
    )
    breaking.start()
    for each in playing:
        each.join()
    over.set()
    breaking.join()
    seconds = time.monotonic() - began
    house.wait_until_ready()
    now = to_the_last_deadline(house)
    return Outcome(
        lines=reckoning.lines(house.database, clients.deeds),
        late=reckoning.late(house.database, now),
        books={**reckoning.books(house.database, clients.deeds), **proved(house), **overheard(house, town)},
        struck=trouble.struck, seen=clients.seen, calls=clients.seen.total(), seconds=seconds,
    )  # fmt: skip


def to_the_last_deadline(house: House) -> str:
    """Move the clock until nothing waits for a decision any more; the business time then."""
    for _stage in range(4):
        with psycopg.connect(house.database) as connection:
            row = connection.execute("SELECT max(due_at) FROM reviews_submission WHERE status = 'submitted'").fetchone()
        last = row[0] if row else None
        if last is None:
            break
        house.run("clock", "--to", str(last + timedelta(minutes=1)))
    return house.run("clock").partition("：")[2].partition("（")[0] + "+08"


def proved(house: House) -> dict[str, str]:
    """The product's own proofs, by its commands."""
    said = {}
    for command in COMMANDS:
        try:
            house.run(command)
            said[command] = ""
        except AssertionError as wrong:
            said[command] = str(wrong)[:400]
    return said


def overheard(house: House, town: Town) -> dict[str, str]:
    """What its processes have logged of those who take part: nothing."""
    tokens = [*(person.token for person in town.people), *town.tills, *town.reviewers]
    watch = Watch(names={NAME}, secrets=dict.fromkeys(tokens, "a bearer token"), allowed=ALLOWED)
    watch.folder("chaos", house.folder)
    return {"its logs name nobody": "; ".join(sorted({str(leak) for leak in watch.leaks}))[:400]}


def tell(outcome: Outcome) -> None:
    """The table."""
    print(f"\n{'':14}" + "".join(f"{name:>14}" for name in COLUMNS))
    for line in outcome.lines:
        print(f"{line.kind:14}" + "".join(f"{getattr(line, name):14}" for name in COLUMNS))
    total = {name: sum(getattr(line, name) for line in outcome.lines) for name in COLUMNS}
    print(f"{'all':14}" + "".join(f"{total[name]:14}" for name in COLUMNS))
    for line in outcome.lines:
        for said in line.wrong[:10]:
            print(f"{line.kind}, wrong: {said}")
    print(f"\nlate: {outcome.late}")
    for name, said in outcome.books.items():
        print(f"{name}: {said or 'holds'}")
    print("\n" + "\n".join(f"{outcome.struck[name]:5} × {name}" for name in FAULTS))
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(outcome.seen.items()))
    print(f"\n{outcome.calls} calls in {outcome.seconds:.0f} s ({answers})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--writes", type=int, default=0, help="how many different things are asked for (10000; control: 2000)"
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--pause", type=float, default=10, help="seconds between two faults, on average")
    parser.add_argument("--control", action="store_true", help="without locks and keys: must fail")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the product ends with us
    command = (sys.executable, "-m", "tests.chaos.entry", "unguarded") if given.control else COMMAND
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {platform.platform()}, {psutil.cpu_count()} cores, seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="yidi-chaos-") as folder:
        Path(folder).chmod(0o755)
        house = House(Path(folder), command=command)
        with house.running():
            outcome = chaos(
                house, list(FAULTS), writes=given.writes or (2_000 if given.control else 10_000), minutes=given.minutes,
                seed=given.seed, threads=given.threads, patience=300, pause=given.pause, people=80, places=150,
            )  # fmt: skip
    tell(outcome)
    return _verdict(outcome, control=given.control)


def _verdict(outcome: Outcome, *, control: bool) -> int:
    if control:
        print("\nWithout locks it breaks, as it must: " + ", ".join(outcome.wrong) if outcome.wrong else "\nNothing broke without locks: this run shows nothing.")  # fmt: skip
        return 0 if outcome.wrong else 1
    print("\nDoes not hold: " + ", ".join(outcome.wrong) if outcome.wrong else "\nEverything acknowledged is there, once, in time; the books balance.")  # fmt: skip
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
