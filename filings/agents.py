"""An agent (代办人: employer or other, RULES.md S-15, S-22) files once without a mandate: who they are, their authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, id_hash
from accounts.services import find_insured
from core import clock
from core.errors import Invalid
from filings.models import FilingAgent
from filings.services import blank, write_down
from reviews.lifecycle import Actor, Case
from reviews.services import check_draft, drafted, enter

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
    fields: dict[str, Any],
    *,
    draft: bool = False,
    address: str = "",
) -> Case:
    """File once for someone else, without a mandate. The agent sees this filing and nothing more.

    Raises NotFound `not_registered`, TooMany (guessing), Invalid (`agent_is_the_person`, what filing itself raises).
    """
    enrollment = _enrollment(account, principal, fields.get("starts_on") or clock.today(), address)
    if agent.id_number == principal.id_number:
        message = _("代办人不能是参保人本人；本人办理请先绑定后备案。")
        raise Invalid(message, code="agent_is_the_person", attr="agent.id_number")
    actor, fields = Actor(account), {**fields, "materials": [*fields.get("materials", ()), agent.authority]}
    with drafted(blank(enrollment, fields), actor=actor) as case:
        write_down(case, fields, actor=actor)
        _put_on_record(case, agent)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def _enrollment(account: Account, principal: Principal, on: date, address: str) -> Enrollment:
    """The enrolment the agent names. A wrong name, number, area or insurance all get the same answer, and count."""
    message = (principal.name, principal.id_number, principal.insured_area, principal.insurance)
    return find_insured(*message, account=account, on=on, address=address, attr="for")


def _put_on_record(case: Case, agent: Agent) -> None:
    authority = next((row for row in case.materials or () if str(row.pk) == str(agent.authority)), None)
    if authority is None or authority.kind != AUTHORITY:
        raise Invalid(_("请上传参保人签署的授权委托书。"), code="authority_missing", attr="agent.authority")
    case.add(
        FilingAgent(
            filing=case.submission,
            relation=agent.relation,
            name=agent.name,
            id_number=agent.id_number,
            id_hash=id_hash(agent.id_number),
            phone=agent.phone,
            authority=authority,
        )
    )
