"""What is to be done when something happens in an app below.

An app below cannot import the one above. It names what happens (`closed = Hook[[Account]]("account closed")`) and says
so (`closed(account)`); an app above adds what follows when Django starts (`closed.follow(services.end_drafts_of)`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec

Facts = ParamSpec("Facts")

followers: dict[str, list[Callable[..., Any]]] = defaultdict(list)
"""By the name of what happens, what is done then."""


@dataclass(frozen=True)
class Hook(Generic[Facts]):
    """Something that happens, by its name."""

    name: str

    def follow(self, act: Callable[Facts, Any]) -> None:
        """Have `act` done whenever this happens, after what follows already."""
        followers[self.name].append(act)

    def __call__(self, *args: Facts.args, **kwargs: Facts.kwargs) -> list[Any]:
        """It happens: do all that follows, in order; return what each gave."""
        return [act(*args, **kwargs) for act in followers[self.name]]
