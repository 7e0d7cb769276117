"""What is said of a visit beside the care and the place: a vacation, an injury, a newborn, childbirth (POLICY.md §1).

A till, an eligibility question and a claim say it in the same words; how an area takes it stands in its filing rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field

from core.errors import Problem
from filings.models import Filing
from policies.language.facts import FactValue
from reviews.models import Material

STATED = ("vacation", "injury", "newborn", "maternity")
VACATION, INJURY = "学生假期在外就医。", "外伤。"
NEWBORN, MATERNITY = "尚无本人编号的新生儿，随母亲就医（参保关系为母亲的）。", "生育住院。"


class VisitFacts(BaseModel):
    """What the patient says of a visit."""

    vacation: bool = Field(False, description=VACATION)
    injury: bool = Field(False, description=INJURY)
    newborn: bool = Field(False, description=NEWBORN)
    maternity: bool = Field(False, description=MATERNITY)


def facts_stated(said: Any) -> dict[str, FactValue]:
    """The facts that a body, a query or a claim states; a newborn is no year old, whatever the age of its mother."""
    named = (*STATED, "no_third_party")
    facts: dict[str, FactValue] = {name: True for name in named if getattr(said, name, False)}
    return {**facts, "age": 0} if said.newborn else facts


def childbirth_is_a_stay(said: Any) -> Iterator[Problem]:
    """What is said of maternity is said of inpatient care alone."""
    if said.care != "inpatient":
        yield Problem("maternity_inpatient", str(_("生育住院请选择住院（care=inpatient）。")), "maternity")


def with_statement(stated: dict[str, FactValue], filing: Filing | None) -> dict[str, FactValue]:
    """The facts of an injury with `no_third_party`, where the statement was handed in with the filing for this trip."""
    if stated.get("no_third_party") or filing is None or filing.long_term:
        return stated
    return {**stated, "no_third_party": True} if holds_statement(filing) else stated


def holds_statement(submission: Any) -> bool:
    """Whether the statement that no third party is liable (无第三方责任承诺) was handed in with a submission."""
    attached = Material.objects.attached_to([submission.pk])
    return any(each.kind == "injury_statement" and each.status == Material.State.READY for each in attached)
