"""What an area has and its file does not know, as an answer lists it and as people read it."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias, get_args

from policies.language.terms import Fund
from policies.language.wording import FUND_LABELS

OmissionKind: TypeAlias = Literal["fund", "cap", "rule"]
OMISSIONS: tuple[OmissionKind, ...] = get_args(OmissionKind)


class Omission(NamedTuple):
    """A fund, a cap or a rule that was not applied. `fund`: which, or whose cap (None: the pooled fund's, or no fund's)."""

    kind: OmissionKind
    fund: Fund | None
    reason: str


def omission_label(omission: Omission) -> str:
    """What was not applied: 大病保险, 统筹基金年度封顶线, 部分规定."""
    fund = FUND_LABELS[omission.fund] if omission.fund else "统筹基金"
    return {"fund": fund, "cap": f"{fund}年度封顶线", "rule": "部分规定"}[omission.kind]


def omissions_text(omissions: Sequence[Omission]) -> str:
    """One sentence, and what it means for the person: 未计入：大病保险（没有找到…）。实际个人负担可能更低。 Empty for none."""
    if not omissions:
        return ""
    named = "；".join(f"{omission_label(omission)}（{omission.reason}）" for omission in omissions)
    return f"未计入：{named}。实际个人负担{_effect(omissions)}。"


def _effect(omissions: Iterable[Omission]) -> str:
    """A fund that is missing would pay more, a cap less; of a rule nobody knows."""
    kinds = {omission.kind for omission in omissions}
    return "可能更低" if kinds == {"fund"} else "可能更高" if kinds == {"cap"} else "可能与此不同"


def each_once(lists: Iterable[Iterable[Omission]]) -> tuple[Omission, ...]:
    """All that several answers list, each once, in the order in which they come."""
    return tuple(dict.fromkeys(omission for one in lists for omission in one))
