"""What is assumed of care that is still to come, and what nobody can know of it: a figure that depends on that is not stated.

The answer gives the figures for each level of hospital. Of the rest one assumption at a time is changed, and a figure that
comes out otherwise depends on it (POLICY.md §1, "Conditions").
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
    for name, (label, values) in _uncertain(policy, facts).items():
        if policy.asks(name):
            for value in values:
                if value != facts.get(name):
                    yield label, {**facts, name: value}


def _uncertain(policy: Compiled, facts: Facts) -> dict[str, tuple[str, tuple[FactValue, ...]]]:
    """What may be otherwise, with its values."""
    uncertain: dict[str, tuple[str, tuple[FactValue, ...]]] = {
        "class": (_("医院类别"), policy.named("class")),
        "specialty": (_("医院的专科类别"), SPECIALTIES),
        "referred": (_("是否经基层首诊转诊"), (True, False)),
    }
    if facts.get("person") == "retired" and "retired_year" not in facts:
        uncertain["retired_year"] = (_("退休年份"), policy.named("retired_year"))
    if facts["care"] == "inpatient":
        uncertain["disease"] = (_("病种"), policy.named("disease"))
    if facts["travel"] != "local":
        uncertain["distance"] = (_("就医地"), ("same_province",))
        uncertain["destination"] = (_("就医地"), policy.named("destination"))
    if facts["travel"] in FILED:
        uncertain["filed_by"] = (_("备案方式"), FILED_BY)
    return uncertain
