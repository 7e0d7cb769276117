"""An agent (代办人: employer or other, RULES.md S-15, S-22) files once without a mandate: who they are, their authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, id_hash
from accounts.services import find_insured
from core import clock
from core.errors import Invalid
from filings.models import Filing, FilingAgent
from filings.services import blank, hand_in, write_draft
from reviews.case import Actor
from reviews.models import Material

AUTHORITY = "letter_of_authority"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The insured person an agent names: found in the register, or not at all."""

    name: str
    id_number: str
    insured_area: str
    insurance: str


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The agent's own identity, as they state it; `authority` is the uploaded letter (授权委托书)."""

    name: str
    id_number: str
    phone: str
    relation: str
    authority: Any


def file_as_agent(
    account: Account,
    principal: Principal,
    agent: Agent,
    asked: dict[str, Any],
    *,
    draft: bool = False,
    address: str = "",
) -> Filing:
    """File once for someone else, without a mandate. The agent sees this filing and nothing more.

    Raises NotFound `not_registered`, TooMany (guessing), Invalid (`agent_is_the_person`, what filing itself raises).
    """
    enrollment = _enrollment(account, principal, asked.get("starts_on") or clock.today(), address)
    if agent.id_number == principal.id_number:
        said = _("代办人不能是参保人本人；本人办理请先绑定后备案。")
        raise Invalid(said, code="agent_is_the_person", attr="agent.id_number")
    actor = Actor(account)
    papers = [*asked.get("materials", ()), agent.authority]
    with transaction.atomic():
        row = blank(enrollment, asked)
        filing = write_draft(row, {**asked, "materials": papers}, actor, note_checks=draft)
        _put_on_record(filing, agent)
        return filing if draft else hand_in(filing, actor=actor)


def _enrollment(account: Account, principal: Principal, on: date, address: str) -> Enrollment:
    """The enrolment the agent names. A wrong name, number, area or insurance all get the same answer, and count."""
    said = (principal.name, principal.id_number, principal.insured_area, principal.insurance)
    return find_insured(*said, account=account, on=on, address=address, attr="for")


def _put_on_record(filing: Filing, agent: Agent) -> None:
    authority = Material.objects.filter(pk=agent.authority, submission=filing).first()
    if authority is None or authority.kind != AUTHORITY:
        raise Invalid(_("请上传参保人签署的授权委托书。"), code="authority_missing", attr="agent.authority")
    FilingAgent.objects.create(
        filing=filing,
        relation=agent.relation,
        name=agent.name,
        id_number=agent.id_number,
        id_hash=id_hash(agent.id_number),
        phone=agent.phone,
        authority=authority,
    )
