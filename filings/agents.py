"""An agent (代办人: employer or other, RULES.md S-15, S-22) files once without a mandate: who they are, their authority."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Mandate, Message, Relation, id_hash
from accounts.services import find_insured
from core import clock
from core.errors import Invalid
from filings.bodies import AgentInput, FilingFields, PrincipalInput
from filings.models import Filing, FilingAgent
from filings.services import blank, fill
from reviews.lifecycle import Actor, Case
from reviews.presenting import about
from reviews.services import check_draft, drafted, enter

AUTHORITY = "letter_of_authority"


def file_as_agent(
    account: Account,
    principal: PrincipalInput,
    agent: AgentInput,
    content: FilingFields,
    *,
    draft: bool = False,
    address: str = "",
) -> Case:
    """File once for someone else, without a mandate. The agent sees this filing and nothing more.

    Raises NotFound `not_registered`, TooMany (guessing), Invalid (`agent_is_the_person`, what filing itself raises).
    """
    enrollment = _enrollment(account, principal, content.starts_on or clock.today(), address)
    if agent.identity == principal.identity:
        message = _("代办人不能是参保人本人；本人办理请先绑定后备案。")
        raise Invalid(
            message, code="agent_is_the_person", attr=f"agent.{'certificate' if agent.certificate else 'id_number'}"
        )
    actor, content = Actor(account), content.model_copy(update={"materials": [*content.materials, agent.authority]})
    with drafted(blank(enrollment, content), actor=actor) as case:
        fill(case, content, actor=actor)
        _put_on_record(case, agent)
        check_draft(case) if draft else enter(case, actor=actor)
    return case


def _enrollment(account: Account, principal: PrincipalInput, on: date, address: str) -> Enrollment:
    """The enrolment the agent names. A wrong name, number, area or insurance all get the same answer, and count."""
    named = (principal.name, principal.identity, principal.insured_area, principal.insurance)
    return find_insured(*named, account=account, on=on, address=address, attr="for")


def _put_on_record(case: Case, agent: AgentInput) -> None:
    authority = next((row for row in case.materials or () if str(row.pk) == str(agent.authority)), None)
    if authority is None or authority.kind != AUTHORITY:
        raise Invalid(_("请上传参保人签署的授权委托书。"), code="authority_missing", attr="agent.authority")
    row = FilingAgent(
        filing=case.submission,
        relation=agent.relation,
        name=agent.name,
        id_hash=id_hash(agent.identity.key),
        phone=agent.phone,
        authority=authority,
    )
    row.certificate = agent.identity
    case.add(row)


def tell_the_person(case: Case) -> None:
    """The insured person learns of it in their own account, if they have one."""
    filing: Filing = case.submission
    own = Mandate.objects.active().filter(person=filing.person_id, relation=Relation.SELF)
    text = _("%s由代办人为您提交。如非您本人委托，请撤回或联系经办机构。") % about(case)
    for account in own.values_list("account_id", flat=True):
        case.add(
            Message(
                account_id=account,
                key=f"agent_filed:{filing.pk.hex}",
                kind="agent_filed",
                title=_("有人代您办理备案"),
                text=text,
                submission=filing.pk,
                submission_kind=filing.kind,
                created_at=clock.now(),
            )
        )
