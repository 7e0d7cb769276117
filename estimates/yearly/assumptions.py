"""What nobody can state of care that is still to come: a figure that depends on it is not known.

The level of the hospital is told apart in the answer itself. Of the rest one thing at a time is taken to be otherwise, and
what comes out otherwise is said to depend on it (POLICY.md §1, "Conditions").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from policies.engine import Compiled
from policies.language.facts import FactValue
from policies.language.terms import FILED_BY, SPECIALTIES

Facts = Mapping[str, FactValue]
FILED = ("long_term", "referral", "other")
USUAL: Facts = {"specialty": "general", "referred": False}


def expected(facts: Facts, home: str) -> dict[str, FactValue]:
    """The facts of a next visit as far as its travel status and the usual case give them; `home` is the insured area."""
    travel = facts["travel"]
    where: Facts = {"distance": "other_province"}
    if travel == "local":
        where = {"distance": "same_area", "destination": f"{home[:2]}0000"}
    filed: Facts = {"filed_by": "document"} if travel in FILED else {}
    manual = "manual" if travel == "unfiled" else "direct"
    return {**USUAL, **where, **filed, "settlement": manual, **facts}


def otherwise(policy: Compiled, facts: Facts) -> Iterator[tuple[str, Facts]]:
    """The same visit with one thing otherwise that the policy's rules tell apart, and what that thing is called."""
    for name, (label, values) in _open(policy, facts).items():
        if policy.asks(name):
            for value in values:
                if value != facts.get(name):
                    yield label, {**facts, name: value}


def _open(policy: Compiled, facts: Facts) -> dict[str, tuple[str, tuple[FactValue, ...]]]:
    """What may be otherwise, with its values."""
    found: dict[str, tuple[str, tuple[FactValue, ...]]] = {
        "class": (_("医院类别"), policy.named("class")),
        "specialty": (_("医院的专科类别"), SPECIALTIES),
        "referred": (_("是否经基层首诊转诊"), (True, False)),
    }
    if facts["care"] == "inpatient":
        found["disease"] = (_("病种"), policy.named("disease"))
    if facts["travel"] != "local":
        found["distance"] = (_("就医地"), ("same_province",))
        found["destination"] = (_("就医地"), policy.named("destination"))
    if facts["travel"] in FILED:
        found["filed_by"] = (_("备案方式"), FILED_BY)
    return found
