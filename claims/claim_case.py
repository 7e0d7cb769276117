"""What the automatic checks of a claim ask for, gathered once (`claims.facts`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chronic.standing import Standing
from core.errors import Problem
from filings.filing_case import Insured
from policies.language.filing_rules import claim_deadline
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Document
from reviews.checks import STATEMENT, Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An entry of the person's that stands: `institution` is a code, empty for one outside the network."""

    number: str
    direct: bool
    institution: str
    care: str
    first: date
    last: date
    bill_number: str
    total: Decimal

    def meets(self, first: date, last: date) -> bool:
        """Whether the days overlap; a stay may begin on the day on which another ends."""
        return self.first == first or (self.first < last and first < self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A live claim of the same invoice; `number` is empty where it is another person's."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCase:
    """Everything the checks ask for.

    `filed_on`: the day it was handed in, or today for a draft. `institution` is a code, empty where the hospital is in no
    list; `placed`: it is known where it lies. `unpaid`: why the policy pays nothing of this care, or cannot be found.
    """

    rules: FilingRules
    insured: Insured
    filed_on: date
    under_review: bool
    care: str
    injury: bool = False
    newborn: bool = False
    born_on: date | None = None
    newborn_late: bool = False
    maternity: bool = False
    disease: str = ""
    disease_name: str = ""
    recognition: Standing | None = None
    institution: str = ""
    institution_name: str = ""
    placed: bool = False
    admitted_on: date | None = None
    discharged_on: date | None = None
    invoice: str = ""
    invoice_number: str = ""
    total: Decimal | None = None
    wrong_cost: Problem | None = None
    materials: tuple[Material, ...] = ()
    bank_account: str = ""
    bank_holder: str = ""
    explained: bool = False
    rival: Rival | None = None
    invoice_paid: bool = False
    paid: tuple[Paid, ...] = ()
    unpaid: Problem | None = None

    @property
    def ended_on(self) -> date | None:
        """The last day of the care, from which the time to claim runs."""
        return self.discharged_on or self.admitted_on

    @property
    def deadline(self) -> date | None:
        """The last day to claim; None: the care is not dated yet."""
        return claim_deadline(self.rules, self.ended_on) if self.ended_on else None

    @property
    def documents(self) -> tuple[Document, ...]:
        return documents(self.rules, injury=self.injury)


def documents(rules: FilingRules, *, injury: bool) -> tuple[Document, ...]:
    """The materials of a claim; the bank account is written into it. An injury adds its statement where the area asks for one."""
    papers = tuple(document for document in rules.claim.documents if document.kind != "bank_account")
    return (*papers, STATEMENT) if injury and rules.injury.statement else papers
