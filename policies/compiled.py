"""The policies by which bills are settled, compiled once per process for each text (its sha256)."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from core.errors import NotFound
from policies.engine import Compiled, compile_policy
from policies.language.filing_types import Source
from policies.published import Published, in_force

MOST = 500

_compiled: dict[str, Compiled] = {}


def compiled(policy: Published) -> Compiled:
    """The policy ready to settle by; a text never changes, so what was compiled from it stays true."""
    found = _compiled.get(policy.file.sha256)
    if found is None:
        if len(_compiled) >= MOST:
            _compiled.clear()
        found = _compiled[policy.file.sha256] = compile_policy(policy.file)
    return found


def policy_of(area: str, on: date) -> Published:
    """What an area's insurance pays by on a day. Raises NotFound `policy_unknown`."""
    found = in_force(area, on)
    if found is None:
        said = _("没有查到该参保地在这一天的待遇政策。请核对参保地和日期；如无误，请致电参保地经办机构或12393询问。")
        raise NotFound(said, code="policy_unknown", attr="area")
    return found


def source_named(policy: Published, name: str | None) -> Source | None:
    """The source of a policy file by its id."""
    return next((source for source in policy.file.sources if source.id == name), None)
