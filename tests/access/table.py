"""How the tables of who may what are written: one line an entry, one answer for each kind of caller, in one order."""

from __future__ import annotations

import re

CALLERS = (
    "nobody", "owner", "relative", "agent", "stranger", "hospital", "hospital_b",
    "reviewer", "reviewer_b", "supervisor", "supervisor_b", "finance", "finance_b", "admin",
)  # fmt: skip
"""Owner: the insured person; relative: holds a mandate over them; agent: made their own entry for somebody without a mandate;
hospital: issued the referral and settled the bill. The others (`_b`) are of another hospital or another area."""


def answers(written: str, callers: tuple[str, ...] = CALLERS) -> dict[str, str]:
    """What each caller is answered: as many words as there are callers, parted by blanks; bars only help the eye."""
    words = written.replace("|", " ").split()
    assert len(words) == len(callers), f"{len(words)} answers for {len(callers)} callers: {written}"
    return dict(zip(callers, words, strict=True))


def shape(route: str) -> str:
    """An address without its query, with every parameter blanked out, however Django, DRF or a table writes it."""
    plain = re.sub(r"\(\?P<\w+>(\[[^\]]*\])?[^)]*\)", "{}", route.split("?{")[0] if "?{" in route else route)
    plain = re.sub(r"<[^>]+>|\{\w*\}", "{}", plain)
    return plain.replace("^", "").replace("$", "").split("?")[0]
