"""The submissions (or settlements) an account may see, as the API reads them: one, or a list that is asked for its pages.

The queries are kept (`core.prepared`): by role, kind and which filters are used, never by the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from accounts.models import Account, Person
from core.http.paging import COUNT_CAP
from core.prepared import Param, PreparedQuery
from regions.models import Area, Institution
from reviews.lifecycle import LIFECYCLES
from reviews.models import Submission
from reviews.models.submission import visible_with

NAMED: dict[Any, set[str]] = {Person: {"name"}, Area: {"name"}, Institution: {"name", "level"}}
"""What a list shows of them beside their keys."""


@dataclass(frozen=True)
class Visible(Sequence[Any]):
    """Rows of a model that `account` may see, narrowed by `filters` (lookups with their values).

    The model's manager knows `visible_as`, `answered` and `in_full`, as that of submissions does. `joins` are read beside the person and the area. Like a list, it has a length (no further than the pages count) and
    slices; each costs one query.
    """

    account: Account
    model: Any
    joins: tuple[str, ...]
    filters: dict[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    in_full: bool = False

    def __getitem__(self, part: Any) -> Any:
        page = _page(*self._narrowed, self.joins, self.order, part.start, part.stop, self.in_full)
        return page(**self._values)

    def __len__(self) -> int:
        return _keys(*self._narrowed).count(**self._values)

    def first(self) -> Any:
        """The first of them; None without one."""
        return next(iter(self[0:1]), None)

    @property
    def _narrowed(self) -> tuple[str, Any, frozenset[str]]:
        return self.account.role, self.model, frozenset(self.filters)

    @property
    def _values(self) -> dict[str, Any]:
        return visible_with(self.account) | self.filters


@lru_cache(maxsize=1024)
def _page(
    role: str,
    model: Any,
    names: frozenset[str],
    joins: tuple[str, ...],
    order: tuple[str, ...],
    start: int,
    stop: int,
    in_full: bool,
) -> PreparedQuery[Any]:
    """Of a list first the keys of the page, so that what is put in order is narrow, then the rows by them."""
    rows = _rows(role, model, names)
    if in_full:
        page = rows.in_full().select_related("person", "area", *joins).order_by(*order)[start:stop]
        return PreparedQuery(lambda: page)
    keys = rows.answered().order_by(*order).values("pk")[start:stop]
    shown = model.objects.filter(pk__in=keys).answered().select_related("person", "area", *joins)
    return PreparedQuery(lambda: _named(shown, model, ("person", "area", *joins)).order_by(*order))


def _named(rows: Any, model: Any, joins: tuple[str, ...]) -> Any:
    """Without the columns of a person, an area, a hospital that no list shows: they are named, nothing more."""
    related = {join: model._meta.get_field(join).related_model for join in joins if "__" not in join}
    return rows.defer(
        *(
            f"{join}__{column.name}"
            for join, of in related.items()
            if of in NAMED
            for column in of._meta.concrete_fields
            if not column.primary_key and column.name not in NAMED[of]
        )
    )


@lru_cache(maxsize=1024)
def _keys(role: str, model: Any, names: frozenset[str]) -> PreparedQuery[Any]:
    rows = _rows(role, model, names).order_by().values("pk")
    return PreparedQuery(lambda: rows[: COUNT_CAP + 1])


def _rows(role: str, model: Any, names: frozenset[str]) -> Any:
    who = {name: Param(name) for name in ("area", "institution", "applicant", "reached")}
    return model.objects.visible_as(role, **who).filter(**{name: Param(name) for name in sorted(names)})


def children() -> list[str]:
    """Of a submission of any kind, the row of its kind, with what that is named by: to be read together with it."""
    kinds = [(str(kind), lifecycle.named_by) for kind, lifecycle in LIFECYCLES.items()]
    return [path for kind, names in kinds for path in (kind, *(f"{kind}__{name}" for name in names))]


def child_of(row: Submission) -> Any:
    """The row of its kind beside a submission that was read with `children`."""
    return getattr(row, row.kind)
