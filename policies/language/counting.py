"""How much the shipped files know: the table of README.md between `<!-- counts -->` and `<!-- /counts -->`; `make counts` writes it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from policies.language.completeness import pays
from policies.language.figures import figures
from policies.language.loader import NATIONAL, SHIPPED, load_path, policy_files
from policies.language.schema import PolicyFile
from policies.language.text import read_text

PAGE = Path(__file__).resolve().parents[2] / "README.md"
GRADES = {"A": "official", "B": "press, mirrors of official texts", "C": "portals", "D": "not reliable"}
_TABLE = re.compile(r"(<!-- counts -->\n).*?(<!-- /counts -->)", re.DOTALL)


def refreshed(page: str) -> str:
    """The page with the table as the files are."""
    return _TABLE.sub(lambda table: f"{table[1]}{counted(policy_files(SHIPPED))}{table[2]}", page)


def counted(paths: Iterable[Path]) -> str:
    """Areas, benefits, and figures by the grade of their sources."""
    files = {path: load_path(path) for path in paths}
    local = [policy for policy in files.values() if policy.area != NATIONAL]
    paying = {policy.area for policy in local if policy.benefits is not None}
    benefits = sum(pays(benefit) for policy in local for benefit in policy.benefits or ())
    grades = Counter(grade for path, policy in files.items() for grade in _grades(path, policy))
    rows = [
        ("areas whose benefits are known in part or in whole", len(paying)),
        ("areas and provinces with filing rules of their own", len({p.area for p in local if p.filing is not None})),
        ("benefits that pay", benefits),
        ("figures of benefits, each with its source", grades.total()),
        *((f"of grade {grade} ({meaning})", grades[grade]) for grade, meaning in GRADES.items()),
    ]
    return "\n".join(
        ("| the policy files hold | |", "|---|--:|", *(f"| {name} | {count} |" for name, count in rows), "")
    )


def _grades(path: Path, policy: PolicyFile) -> Iterator[str]:
    """The grade of each figure of a file."""
    root, _ = read_text(path.read_text("utf-8-sig"), path.name)
    grade = {source.id: source.grade for source in policy.sources}
    for name in ("benefits", "supplements"):
        listed = (root.mapping or {}).get(name)
        for figure in figures(listed, name) if listed else ():
            if figure.source is not None:
                yield grade[figure.source]


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text("utf-8")), "utf-8")
