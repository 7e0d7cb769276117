"""Reading policy files: one, or a folder laid along time."""

from collections.abc import Mapping
from pathlib import Path

from regions.policy.binding import Binder
from regions.policy.merging import cut
from regions.policy.problems import PolicyError
from regions.policy.schema import Head, PolicyFile
from regions.policy.text import Node, read_text
from regions.policy.timeline import Timeline, lay_out

NATIONAL = "000000"
SHIPPED = Path(__file__).resolve().parents[2] / "policies"


def load_file(path: Path) -> PolicyFile:
    root = read_text(path.read_text("utf-8"), path.name)
    given = root.mapping or {}
    binder = Binder()
    head = binder.bind(Head, Node({k: v for k, v in given.items() if k in Head.__dataclass_fields__}, 1, path.name), "")
    if binder.problems:
        raise PolicyError(binder.problems)
    filing = cut(given["filing"], {s.id: s for s in head.sources}) if "filing" in given else None
    return PolicyFile(
        file=path.name,
        area=head.area,
        name=head.name,
        effective_from=head.effective_from,
        effective_until=head.effective_until,
        sources=head.sources,
        filing=filing,
    )


def load_folder(folder: Path) -> Mapping[str, Timeline[PolicyFile]]:
    by_area: dict[str, list[PolicyFile]] = {}
    for path in sorted(folder.glob("*.yaml")):
        policy = load_file(path)
        by_area.setdefault(policy.area, []).append(policy)
    laid = {area: lay_out(policies) for area, policies in by_area.items()}
    problems = [problem for _, found in laid.values() for problem in found]
    if problems:
        raise PolicyError(problems)
    return {area: timeline for area, (timeline, _) in laid.items()}
