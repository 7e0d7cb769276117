"""`make drill` in short: destroyed and brought back to a moment, everything is as it was then, and opens with the keys alone."""

from tests.chaos.drill import drilled


def test_what_was_destroyed_comes_back_as_it_was_at_the_moment():
    shown = dict(drilled(turns=2))

    assert shown["names and files opened"].split()[1] == "4"  # two before the backup, two between it and the moment
    assert shown["without DATA_KEYS"].startswith("nothing opens")
